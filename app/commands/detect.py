"""``ssd-studio detect``: what a model sees in pictures."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.commands.console import ProgressLine, complain, say, say_json
from app.commands.opening import open_for
from data.records import IMAGE_ENDINGS


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Describe the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "detect",
        help="find things in pictures",
        description="Print the boxes that a model finds. A file that is no picture is named and passed over.",
    )
    parser.add_argument("model", help="id, name or folder of a model")
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="picture, or folder of pictures")
    parser.add_argument("--score", type=_fraction, default=0.5, help="least score of a box (default: 0.5)")
    parser.add_argument(
        "--iou", type=_fraction, default=0.45, help="overlap from which the weaker box goes (default: 0.45)"
    )
    parser.add_argument(
        "--max-boxes", type=_count, default=200, metavar="N", help="most boxes of a picture (default: 200)"
    )
    parser.add_argument("--json", action="store_true", help="print the boxes as JSON")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Detect in every picture; fails if one could not be read."""
    from data.errors import DataError
    from ssd_core.errors import SSDError

    found: list[dict[str, Any]] = []
    failed = False
    paths = list(_pictures(arguments.paths))
    with open_for(arguments) as studio, ProgressLine() as line:
        model = studio.models.named(arguments.model)
        studio.detection.detector(model)
        for number, path in enumerate(paths, start=1):
            if len(paths) > 1 and arguments.json:
                line.count("Looking at picture", number, len(paths))
            try:
                detections = studio.detection.detect(
                    model, path, arguments.score, arguments.iou, arguments.max_boxes
                )
            except (DataError, SSDError, OSError) as error:
                reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
                complain(f"{path}: {reason}")
                failed = True
                continue
            result = {"image": str(path), **detections}
            if arguments.json:
                found.append(result)
            else:
                _say_detections(result)
    if arguments.json:
        say_json(found)
    return 1 if failed else 0


def _pictures(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(item for item in path.rglob("*") if item.suffix.lower() in IMAGE_ENDINGS)
        else:
            yield path


def _say_detections(result: dict[str, Any]) -> None:
    if not result["detections"]:
        say(f"{result['image']}: nothing found")
    for found in result["detections"]:
        box = " ".join(f"{value:.0f}" for value in found["box"])
        say(f"{result['image']}: {found['class']} {found['score']:.2f} [{box}]")


def _fraction(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return value
