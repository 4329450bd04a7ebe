"""``ssd-studio import``: photographs with their boxes, from a folder."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from app.commands.console import ProgressLine, complain, say_json
from app.commands.import_report import as_json, say_report
from app.commands.opening import open_for


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Describe the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "import",
        help="bring a folder of images and boxes into a project",
        description="Import images with their annotations. What cannot be used is listed with its remedy; "
        "the rest enters. Importing the same folder twice adds nothing.",
    )
    parser.add_argument("path", type=Path, help="the folder")
    parser.add_argument("--project", required=True, metavar="NAME", help="project to add to; made if missing")
    parser.add_argument(
        "--format", choices=("auto", "voc"), default="auto", help="how the boxes are written (default: auto)"
    )
    parser.add_argument(
        "--split",
        choices=("train", "val", "test"),
        help="put the images into this split (default: chosen later)",
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Import the folder and report; fails if nothing of it could be used."""
    if not arguments.path.is_dir():
        complain(f"{arguments.path} is not a folder.")
        return 2
    with open_for(arguments) as studio, ProgressLine() as line:
        report = studio.exchange.import_folder(
            arguments.path,
            arguments.project,
            arguments.format,
            arguments.split,
            on_progress=lambda done, total: line.count("Importing", done, total),
        )
    if arguments.json:
        say_json(as_json(report))
    else:
        say_report(report, arguments.project)
    return 0 if report.added or report.existing or not report.rejected else 1
