"""``ssd-studio evaluate``: how good a model is on a split of its project."""

from __future__ import annotations

import argparse
from typing import Any

from app.commands.console import ProgressLine, complain, say, say_json, table
from app.commands.opening import open_for


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Describe the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "evaluate",
        help="measure a model on images it was not trained on",
        description="Measure average precision on the images of a split of the model's project.",
    )
    parser.add_argument("model", help="id or name of a model")
    parser.add_argument(
        "--split", choices=("train", "val", "test"), default="test", help="which images (default: test)"
    )
    parser.add_argument("--json", action="store_true", help="print the values as JSON")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Measure and print."""
    with open_for(arguments) as studio, ProgressLine() as line:
        values = studio.detection.evaluate(
            studio.models.named(arguments.model),
            arguments.split,
            on_progress=lambda done, total: line.count("Looking at image", done, total),
        )
    if not values["images"]:
        complain(
            f"the model's project has no labelled {arguments.split} images. "
            f"Import some with --split {arguments.split}, or choose another split."
        )
        return 1
    if arguments.json:
        say_json(values)
        return 0
    say(f"On {values['images']} {values['split']} images with {values['boxes']} boxes:")
    say(
        "  ".join(
            f"{name} {_shown(values[name])}" for name in ("AP", "AP50", "AP75", "AR100") if name in values
        )
    )
    say()
    rows = [["class", "AP", "AP50"]]
    rows += [[name, _shown(of["AP"]), _shown(of["AP50"])] for name, of in values["per_class"].items()]
    say(table(rows))
    return 0


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
