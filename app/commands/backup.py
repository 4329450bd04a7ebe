"""``ssd-studio backup``: save a workspace while it is in use, check what was saved, and bring it back."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from app.commands.console import ProgressLine, note, say, say_json
from app.commands.opening import open_for, settings_of


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Describe the command and its three parts."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "backup",
        help="save the workspace, check a backup, bring one back",
        description="Save everything a workspace holds, while it is in use: database, images, models, runs.",
    )
    parts = parser.add_subparsers(dest="part", metavar="PART", required=True)
    create = parts.add_parser(
        "create",
        help="make a backup",
        description="Make a backup. On one disk image files are linked, which takes no room; for safety from "
        "a broken disk, name a folder on another one.",
    )
    create.add_argument(
        "target",
        type=Path,
        nargs="?",
        help="new folder (default: backups/ in the workspace, named by the time)",
    )
    create.add_argument(
        "--rows",
        action="store_true",
        help="write the database as lines of JSON, which fit SQLite and PostgreSQL alike",
    )
    verify = parts.add_parser(
        "verify", help="check a backup", description="Read a backup through and compare every file's sum."
    )
    verify.add_argument("path", type=Path, help="the backup's folder")
    restore = parts.add_parser(
        "restore",
        help="bring a backup into an empty workspace",
        description="Check a backup and bring it into an empty workspace. Runs that were under way are "
        "marked as interrupted, to be resumed.",
    )
    restore.add_argument("path", type=Path, help="the backup's folder")
    for part in (create, verify, restore):
        part.add_argument("--json", action="store_true", help="print the result as JSON")
        # The same option as before the part's name; without a default, so that it does not undo that one.
        part.add_argument(
            "--workspace", type=Path, metavar="DIR", default=argparse.SUPPRESS, help="folder of all your data"
        )
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Do the part that was asked for."""
    return {"create": _create, "verify": _verify, "restore": _restore}[arguments.part](arguments)


def _create(arguments: argparse.Namespace) -> int:
    with open_for(arguments) as studio, ProgressLine() as line:
        made = studio.upkeep.back_up(
            arguments.target,
            rows=arguments.rows,
            on_progress=lambda done, total: line.count("Saving", done, total),
        )
    manifest = made.manifest
    if arguments.json:
        say_json(
            {
                "backup": str(made.path),
                "files": len(manifest.files),
                "bytes": manifest.bytes,
                "database": manifest.database,
                "schema": manifest.schema,
                "missing": list(manifest.missing),
                "notes": list(made.notes),
            }
        )
    else:
        say(f"{made.path}: {len(manifest.files)} files, {manifest.bytes / 1e6:.1f} MB.")
        for sentence in made.notes:
            say(f"Note: {sentence}")
    if manifest.missing:
        note(
            f"{len(manifest.missing)} image files are missing or damaged and could not be saved. "
            "ssd-studio doctor --repair says which."
        )
    return 1 if manifest.missing else 0


def _verify(arguments: argparse.Namespace) -> int:
    from app.services.upkeep import verify_backup

    with ProgressLine() as line:
        faults = verify_backup(arguments.path, lambda done, total: line.count("Checking", done, total))
    if arguments.json:
        say_json({"backup": str(arguments.path), "ok": not faults, "faults": list(faults)})
    elif faults:
        for fault in faults:
            say(fault)
    else:
        say(f"{arguments.path}: every file is as it was saved.")
    return 1 if faults else 0


def _restore(arguments: argparse.Namespace) -> int:
    from app import logs
    from app.services.upkeep import restore_backup

    logs.configure(level=logs.QUIET)
    settings = settings_of(arguments)
    with ProgressLine() as line:
        restored = restore_backup(
            settings, arguments.path, lambda done, total: line.count("Restoring", done, total)
        )
    manifest = restored.manifest
    if arguments.json:
        say_json(
            {
                "workspace": str(settings.workspace),
                "files": len(manifest.files),
                "bytes": manifest.bytes,
                "interrupted": restored.interrupted,
                "missing": list(manifest.missing),
            }
        )
    else:
        made = manifest.created.astimezone()
        say(f"{settings.workspace}: {len(manifest.files)} files of {made:%Y-%m-%d %H:%M} are back.")
        if restored.interrupted:
            runs = "1 run was" if restored.interrupted == 1 else f"{restored.interrupted} runs were"
            say(f"{runs} under way then and can be resumed on the Train page.")
        if manifest.missing:
            say(f"{len(manifest.missing)} image files were missing already when the backup was made.")
    return 0
