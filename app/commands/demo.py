"""``ssd-studio demo``: the sample project, and the studio around it."""

from __future__ import annotations

import argparse
from typing import Any

from app.commands.console import ProgressLine, say_json
from app.commands.import_report import say_report
from app.commands.opening import open_for
from app.commands.serve import add_address, serve
from app.services.reports import import_report_shape


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Describe the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "demo",
        help="try everything on a sample project",
        description="Make a sample project (80 pictures of workshop parts, 60 of them labelled); serve it.",
    )
    add_address(parser)
    parser.add_argument("--no-serve", action="store_true", help="only make the project")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Make the sample project and serve it."""
    with open_for(arguments, trains=not arguments.no_serve) as studio:
        with ProgressLine() as line:
            project, report = studio.exchange.load_samples(
                lambda done, total: line.count("Rendering the sample:", done, total)
            )
        if arguments.json:
            say_json(import_report_shape(report))
        else:
            say_report(report, project.name)
        return 0 if arguments.no_serve else serve(studio)
