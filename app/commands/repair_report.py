"""What doctor found in a workspace's files and labels, for people and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.commands.console import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.faults import Fault
    from data.repair import MissingFile, Repaired, Survey

MOST_SHOWN = 20
SHOWN_IMAGES = 5


def survey_as_json(found: Survey, done: Repaired | None) -> dict[str, Any]:
    """The survey in its fixed shape; ``done`` is null until it was carried out."""
    return {
        "unneeded": {"files": len(found.unneeded), "bytes": sum(length for _, length in found.unneeded)},
        "unneeded_folders": [str(path) for path in found.unneeded_folders],
        "missing": [
            {
                "file": each.sha256,
                "damaged": each.damaged,
                "images": [{"id": image_id, "name": name} for image_id, name in each.images],
                "copy": str(each.copy) if each.copy else None,
            }
            for each in found.missing
        ],
        "missing_models": [{"id": model_id, "name": name} for model_id, name in found.missing_models],
        "unfinished_backups": [str(path) for path in found.unfinished_backups],
        "done": None
        if done is None
        else {
            "removed": done.removed,
            "removed_bytes": done.removed_bytes,
            "brought_back": done.brought_back,
            "removed_folders": done.removed_folders,
            "removed_backups": done.removed_backups,
        },
    }


def say_survey(found: Survey, done: Repaired | None) -> None:
    """Say what would be done, or what was."""
    lost = [each for each in found.missing if each.copy is None]
    saved = len(found.missing) - len(lost)
    size = sum(length for _, length in found.unneeded) / 1e6
    plan = [
        (len(found.unneeded), f"remove {_files(len(found.unneeded))} that nothing needs, {size:.1f} MB"),
        (
            len(found.unneeded_folders),
            f"remove {_folders(len(found.unneeded_folders))} of runs and models that are not in the database",
        ),
        (saved, f"bring back {_files(saved)} from the workspace's backups"),
        (
            len(found.unfinished_backups),
            f"remove what unfinished backups left, {len(found.unfinished_backups)}",
        ),
    ]
    told = [sentence for number, sentence in plan if number]
    if done is not None:
        say(
            f"Removed {_files(done.removed)} ({done.removed_bytes / 1e6:.1f} MB), "
            f"{_folders(done.removed_folders)} of runs and models and what "
            f"{done.removed_backups} unfinished backups had left; brought {_files(done.brought_back)} back."
        )
    elif told:
        say("Would " + "; ".join(told) + ". Add --yes to do it.")
    else:
        say("There is nothing that a repair could do." if lost else "There is nothing to repair.")
    if done is None:
        for path in found.unneeded_folders:
            say(f"  {path} belongs to nothing in the database.")
    for each in lost[:MOST_SHOWN]:
        say(f"  {_lost(each)}")
    if len(lost) > MOST_SHOWN:
        say(f"  … and {len(lost) - MOST_SHOWN} more; --json lists them all.")
    for model_id, name in found.missing_models:
        say(f"  The files of model {name!r} ({model_id}) are missing: restore a backup, or train again.")


def _files(count: int) -> str:
    return f"{count} image {'file' if count == 1 else 'files'}"


def _folders(count: int) -> str:
    return f"{count} {'folder' if count == 1 else 'folders'}"


def _lost(each: MissingFile) -> str:
    state = "is damaged" if each.damaged else "is missing"
    if not each.images:
        return f"The image file {each.sha256[:12]}… {state}; only runs of the past need it."
    names = ", ".join(name for _, name in each.images[:SHOWN_IMAGES])
    return f"The picture of {names} {state} and in no backup here: import the photograph again."


def faults_as_json(found: Sequence[Fault]) -> list[dict[str, Any]]:
    """A project's faults in their fixed shape."""
    return [
        {
            "kind": fault.kind,
            "problem": fault.problem,
            "remedy": fault.remedy,
            "count": fault.count,
            "images": [
                {"id": image.id, "name": image.name, "detail": image.detail} for image in fault.images
            ],
        }
        for fault in found
    ]


def say_faults(found: Sequence[Fault], project: str) -> None:
    """Say what is probably wrong with a project's labels."""
    if not found:
        say(f"{project}: no fault found in its labels.")
    for fault in found:
        say(f"{project}: {fault.problem} → {fault.remedy}")
        for image in fault.images[:SHOWN_IMAGES]:
            say(f"    image {image.id}  {image.name}" + (f": {image.detail}" if image.detail else ""))
        if len(fault.images) > SHOWN_IMAGES:
            say("    … --json names more")
