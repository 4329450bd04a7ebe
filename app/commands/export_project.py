"""``ssd-studio export``: a project as a data set for other programs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from app.commands.console import ProgressLine, counted, say, say_json
from app.commands.import_report import say_problems
from app.commands.opening import open_for
from app.services.reports import export_report_shape
from data.records import EXPORT_FORMATS


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Describe the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "export",
        help="write a project as a data set for other programs",
        description="Write the labelled images of a project, and those checked to be empty, with their "
        "boxes. Exporting the same content twice gives the same bytes.",
    )
    parser.add_argument("path", type=Path, help="the folder to make, or a .zip")
    parser.add_argument("--project", required=True, metavar="NAME", help="the project")
    parser.add_argument(
        "--format", choices=EXPORT_FORMATS, default="coco", help="how to write the boxes (default: coco)"
    )
    parser.add_argument("--split", choices=("train", "val", "test"), help="only the images of this split")
    parser.add_argument(
        "--no-images", action="store_true", help="write the annotations alone, without the image files"
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Export the project and report."""
    with open_for(arguments) as studio, ProgressLine() as line:
        report = studio.exchange.export(
            arguments.project,
            arguments.path,
            arguments.format,
            with_images=not arguments.no_images,
            split=arguments.split,
            on_progress=lambda done, total: line.count("Exporting", done, total),
        )
    if arguments.json:
        say_json({"path": report.target, **export_report_shape(report)})
        return 0
    parts = (("image", report.images), ("box", report.boxes), ("class", len(report.classes)))
    say(f"{report.target}: {', '.join(counted(number, word) for word, number in parts)}.")
    for sentence in (*report.lost, *report.notes):
        say(f"Note: {sentence}")
    say_problems("Left out:", report.problems)
    return 0
