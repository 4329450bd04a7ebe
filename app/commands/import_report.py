"""What came of an import, or would, in a few lines for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.commands.console import counted, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.records import ImportPreview, ImportReport, Problem

MOST_REJECTS_SHOWN = 20


def say_report(report: ImportReport, project: str) -> None:
    """Write the report as a few lines to stdout."""
    classes = ", ".join(report.classes) or "none"
    added, boxes = counted(report.added, "image"), counted(report.boxes, "box")
    say(f"{project}: {added} added, {report.existing} already there, {boxes}.")
    say(f"Classes: {classes}")
    for sentence in report.notes:
        say(f"Note: {sentence}")
    count = len(report.rejected)
    things = "thing was" if count == 1 else "things were"
    say_problems(f"{count} {things} refused; everything else is in:", report.rejected)


def say_preview(preview: ImportPreview, project: str) -> None:
    """Write the preview as a few lines to stdout."""
    say(
        f"{project}: {counted(preview.images, 'image')}, {preview.existing} of them already there; "
        f"{preview.labelled} labelled, {preview.empty} empty, {preview.unlabelled} without annotation; "
        f"{counted(preview.boxes, 'box')}."
    )
    splits = ", ".join(f"{number} {split}" for split, number in preview.by_split.items() if split and number)
    if splits:
        say(f"Splits: {splits}")
    for item in preview.classes:
        state = "here already" if item.exists else "new" if item.name else "left out"
        renamed = f" → {item.name}" if item.name not in ("", item.written) else ""
        like = f"; like {', '.join(item.similar)} (--class-map may merge them)" if item.similar else ""
        say(f"Class {item.written}{renamed}: {counted(item.boxes, 'box')}, {state}{like}")
    for sentence in preview.notes:
        say(f"Note: {sentence}")
    say_problems("These would be refused:", preview.problems)


def say_problems(heading: str, problems: Sequence[Problem]) -> None:
    """Write problems to stdout under a heading, nothing if there are none; of many only the first."""
    if problems:
        say(f"\n{heading}")
    for problem in problems[:MOST_REJECTS_SHOWN]:
        say(f"  {_place(problem)}: {problem.problem} → {problem.remedy}")
    if len(problems) > MOST_REJECTS_SHOWN:
        say(f"  … and {len(problems) - MOST_REJECTS_SHOWN} more; --json lists them all.")


def _place(problem: Problem) -> str:
    return problem.file if problem.line is None else f"{problem.file}:{problem.line}"
