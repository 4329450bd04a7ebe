"""An import's report, for people and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.commands.console import say

if TYPE_CHECKING:
    from data.records import ImportReport, Problem

MOST_REJECTS_SHOWN = 20


def as_json(report: ImportReport) -> dict[str, Any]:
    """The report in its fixed shape."""
    return {
        "added": report.added,
        "existing": report.existing,
        "rejected": [
            {"file": item.file, "line": item.line, "problem": item.problem, "remedy": item.remedy}
            for item in report.rejected
        ],
        "boxes": report.boxes,
        "classes": list(report.classes),
    }


def say_report(report: ImportReport, project: str) -> None:
    """Write the report as a few lines to stdout."""
    classes = ", ".join(report.classes) or "none"
    say(f"{project}: {report.added} images added, {report.existing} already there, {report.boxes} boxes.")
    say(f"Classes: {classes}")
    for sentence in report.notes:
        say(f"Note: {sentence}")
    if report.rejected:
        count = len(report.rejected)
        say(f"\n{count} {'thing was' if count == 1 else 'things were'} refused; everything else is in:")
        for problem in report.rejected[:MOST_REJECTS_SHOWN]:
            say(f"  {_place(problem)}: {problem.problem} → {problem.remedy}")
        if count > MOST_REJECTS_SHOWN:
            say(f"  … and {count - MOST_REJECTS_SHOWN} more; --json lists them all.")


def _place(problem: Problem) -> str:
    return problem.file if problem.line is None else f"{problem.file}:{problem.line}"
