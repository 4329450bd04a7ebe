"""What imports and exports report, as the JSON that programs read: the same at a terminal and over REST."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from data.records import ExportReport, ImportPreview, ImportReport, Problem


def import_report_shape(report: ImportReport) -> dict[str, Any]:
    """What an import did."""
    return {
        "added": report.added,
        "existing": report.existing,
        "boxes": report.boxes,
        "classes": list(report.classes),
        "rejected": problem_shapes(report.rejected),
        "notes": list(report.notes),
    }


def preview_shape(preview: ImportPreview) -> dict[str, Any]:
    """What an import would find; images without a split stand under ``none``."""
    return {
        "format": preview.format,
        "images": preview.images,
        "existing": preview.existing,
        "labelled": preview.labelled,
        "empty": preview.empty,
        "unlabelled": preview.unlabelled,
        "boxes": preview.boxes,
        "by_split": {split or "none": number for split, number in preview.by_split.items()},
        "classes": [
            {
                "written": item.written,
                "name": item.name or None,
                "boxes": item.boxes,
                "exists": item.exists,
                "similar": list(item.similar),
            }
            for item in preview.classes
        ],
        "problems": problem_shapes(preview.problems),
        "notes": list(preview.notes),
        "base_in_doubt": preview.base_in_doubt,
    }


def export_report_shape(report: ExportReport) -> dict[str, Any]:
    """What an export wrote; where to is known to whoever asked for it."""
    return {
        "format": report.format,
        "images": report.images,
        "boxes": report.boxes,
        "classes": list(report.classes),
        "lost": list(report.lost),
        "problems": problem_shapes(report.problems),
        "notes": list(report.notes),
    }


def problem_shapes(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """Problems, each with its file, its line if one is known, and what to do about it."""
    return [
        {"file": item.file, "line": item.line, "problem": item.problem, "remedy": item.remedy}
        for item in problems
    ]
