"""``ssd-studio import-model``: take in a model of another workspace."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from app.commands.console import ProgressLine, say, say_json
from app.commands.models import as_json
from app.commands.opening import open_for


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Describe the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "import-model",
        help="take in a model of another workspace",
        description="Check a model of another workspace (its card, configuration, weights and checksums) and "
        "take it in. Nothing of it is executed.",
    )
    parser.add_argument("path", type=Path, help="model folder, or a zip made by export-model --format folder")
    parser.add_argument(
        "--project", metavar="NAME", help="where it goes (default: the project that it comes from)"
    )
    parser.add_argument("--name", help="its name here (default: the one it has)")
    parser.add_argument("--json", action="store_true", help="print the model as JSON")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Check, take in, and say what it is called."""
    with open_for(arguments) as studio, ProgressLine() as line:
        project = studio.labelling.project_by_name(arguments.project) if arguments.project else None
        line.show(f"Checking {arguments.path}", kind="check")
        model = studio.model_imports.take(arguments.path, project.id if project else None, arguments.name)
        home = studio.labelling.project(model.project_id).name
    if arguments.json:
        say_json(as_json(model, home))
    else:
        say(f"{model.name!r} is a model of {home!r} now, with the id {model.id}.")
    return 0
