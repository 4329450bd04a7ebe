"""``ssd-studio import``: photographs with their boxes, from a folder or a zip archive."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from app.commands.console import ProgressLine, complain, say_json
from app.commands.import_report import say_preview, say_report
from app.commands.opening import open_for
from app.services.reports import import_report_shape, preview_shape
from data.records import FORMATS


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Describe the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "import",
        help="bring a folder of images and boxes into a project",
        description="Import images with their annotations. What cannot be used is listed with its remedy; "
        "the rest enters. Importing the same folder twice adds nothing.",
    )
    parser.add_argument("path", type=Path, help="the folder, or a .zip of it")
    parser.add_argument("--project", required=True, metavar="NAME", help="project to add to; made if missing")
    parser.add_argument(
        "--format", choices=FORMATS, default="auto", help="how the boxes are written (default: auto)"
    )
    parser.add_argument(
        "--split",
        choices=("train", "val", "test"),
        help="put the images into this split (default: as the data set says, else chosen later)",
    )
    parser.add_argument(
        "--voc-base",
        choices=("auto", "0", "1"),
        default="auto",
        help="what pixels of Pascal VOC count from (default: auto, 1 unless a box starts at 0)",
    )
    parser.add_argument(
        "--on-existing",
        choices=("keep", "replace"),
        default="keep",
        help="what becomes of boxes that are here and differ (default: keep)",
    )
    parser.add_argument(
        "--class-map",
        action="append",
        type=_class_map,
        default=[],
        metavar="OLD=NEW",
        help="give a class of the data set another name; OLD= leaves it out; may be repeated",
    )
    parser.add_argument("--preview", action="store_true", help="only tell what would come in")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Import the folder and report; fails if nothing of it could be used."""
    if not arguments.path.exists():
        complain(f"there is no {arguments.path} here: name a folder or a .zip file.")
        return 2
    names = dict(arguments.class_map)
    with open_for(arguments) as studio, ProgressLine() as line:
        if arguments.preview:
            preview = studio.exchange.preview(
                arguments.path,
                arguments.project,
                arguments.format,
                arguments.split,
                voc_base=arguments.voc_base,
                class_map=names,
                on_progress=lambda done, total: line.count("Looking at", done, total),
            )
        else:
            report = studio.exchange.import_folder(
                arguments.path,
                arguments.project,
                arguments.format,
                arguments.split,
                voc_base=arguments.voc_base,
                on_existing=arguments.on_existing,
                class_map=names,
                on_progress=lambda done, total: line.count("Importing", done, total),
            )
    if arguments.preview:
        if arguments.json:
            say_json(preview_shape(preview))
        else:
            say_preview(preview, arguments.project)
        return 0
    if arguments.json:
        say_json(import_report_shape(report))
    else:
        say_report(report, arguments.project)
    return 0 if report.added or report.existing or not report.rejected else 1


def _class_map(text: str) -> tuple[str, str | None]:
    """Read OLD=NEW; the last sign counts, so that OLD may have some."""
    old, sign, new = text.rpartition("=")
    if not sign or not old.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form OLD=NEW")
    return old, new.strip() or None
