"""``ssd-studio detect``: what a model sees in pictures, in a video, or through a camera."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.commands import detect_camera, detect_video, numbers
from app.commands.console import ProgressLine, complain, note, say, say_json
from app.commands.opening import open_for
from data.records import IMAGE_ENDINGS

if TYPE_CHECKING:
    from app.services.detection_files import DetectionFiles
    from ssd_core.thresholds import Thresholds


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Describe the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "detect",
        help="find things in pictures, a video or a camera",
        description="Print the boxes that a model finds. A file that is no picture is named and passed over.",
    )
    parser.add_argument("model", metavar="MODEL", help="id, name or folder of a model")
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help='picture, folder of pictures, pattern such as "in/**/*.jpg", or a video',
    )
    parser.add_argument(
        "--score", type=numbers.fraction, default=0.5, help="least score of a box (default: 0.5)"
    )
    parser.add_argument(
        "--class-score",
        type=numbers.class_score,
        action="append",
        default=[],
        metavar="NAME:SCORE",
        help="least score of one class; may be repeated",
    )
    parser.add_argument(
        "--iou",
        type=numbers.fraction,
        default=0.45,
        help="overlap from which the weaker box goes (default: 0.45)",
    )
    parser.add_argument(
        "--max-boxes",
        type=numbers.count,
        default=200,
        metavar="N",
        help="most boxes of a picture (default: 200)",
    )
    parser.add_argument(
        "--class",
        dest="classes",
        action="append",
        metavar="NAME",
        help="show this class only; may be repeated",
    )
    parser.add_argument(
        "--class-agnostic", action="store_true", help="boxes of different classes suppress each other too"
    )
    parser.add_argument(
        "--tiles",
        type=numbers.tiles,
        default=1,
        metavar="N",
        help="look at N × N overlapping tiles, for small things on large photographs (default: 1)",
    )
    parser.add_argument("--json", action="store_true", help="print the boxes, or what a camera sees, as JSON")
    parser.add_argument("--coco", type=Path, metavar="FILE", help="write the boxes as COCO JSON, too")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the boxes as CSV, a row per box, too")
    parser.add_argument(
        "--images", type=Path, metavar="FOLDER", help="write the pictures with boxes drawn into them, too"
    )
    detect_video.add_arguments(parser)
    detect_camera.add_arguments(parser)
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Detect in every picture, in a video or through a camera; fails if something could not be read."""
    problem = _wrong_call(arguments)
    if problem:
        complain(problem)
        return 2
    if arguments.camera is not None:
        return detect_camera.run(arguments, _thresholds(arguments))
    if detect_video.is_video(Path(arguments.paths[0])):
        return detect_video.run(arguments, Path(arguments.paths[0]), _thresholds(arguments))
    return _look_at_pictures(arguments)


def _wrong_call(arguments: argparse.Namespace) -> str:
    """What is wrong with the combination of arguments, or ""."""
    given = [Path(text) for text in arguments.paths]
    videos = [path for path in given if detect_video.is_video(path)]
    if (arguments.camera is None) == (not given):
        return "Give either pictures, a video, or --camera."
    if videos and len(given) > 1:
        return "Give one video at a time, and no pictures beside it."
    if videos and arguments.images is not None:
        return "--images is for pictures: --video writes a video with its boxes."
    if not videos and arguments.video is not None:
        return "--video is for a video: --images writes pictures with their boxes."
    if not videos and arguments.every is not None:
        return "--every is for a video: it says which of its frames to look at."
    only_files = [name for name in ("coco", "csv", "images", "video") if getattr(arguments, name) is not None]
    if arguments.camera is not None and only_files:
        return f"--{only_files[0]} is for files: --log writes what a camera sees."
    of_cameras = ("watch", "log", "webhook", "seconds", "frames")
    only_cameras = [name for name in of_cameras if getattr(arguments, name) is not None]
    if arguments.camera is None and only_cameras:
        return f"--{only_cameras[0]} is for a camera: name it with --camera."
    return ""


def _look_at_pictures(arguments: argparse.Namespace) -> int:
    from app.services.detection_files import DetectionFiles
    from data.errors import DataError
    from ssd_core.errors import SSDError

    found: list[dict[str, Any]] = []
    failed = False
    paths = list(_pictures(arguments.paths))
    looked_through = {path.parent.resolve() for path in paths}
    if arguments.images is not None and arguments.images.resolve() in looked_through:
        complain(f"--images: {arguments.images} has photographs that are looked at. Name another folder.")
        return 2
    thresholds = _thresholds(arguments)
    with open_for(arguments) as studio, ProgressLine() as line:
        model = studio.models.named(arguments.model)
        class_names = studio.detection.classes(model, thresholds)
        files = DetectionFiles(class_names, arguments.coco, arguments.csv, arguments.images)
        for number, path in enumerate(paths, start=1):
            if len(paths) > 1 and arguments.json:
                line.count("Looking at picture", number, len(paths))
            try:
                seen = studio.detection.detect(model, path, thresholds, tiles=arguments.tiles)
                result = {"image": str(path), **{key: seen[key] for key in ("width", "height", "detections")}}
                files.add(path, result)
            except (DataError, SSDError, OSError) as error:
                reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
                complain(f"{path}: {reason}")
                failed = True
                continue
            if arguments.json:
                found.append(result)
            else:
                _say_detections(result)
        _write(files)
    if arguments.json:
        say_json(found)
    return 1 if failed else 0


def _write(files: DetectionFiles) -> None:
    for path in files.write():
        note(f"Wrote {path}")


def _thresholds(arguments: argparse.Namespace) -> Thresholds:
    from ssd_core.thresholds import Thresholds

    return Thresholds(
        arguments.score,
        arguments.iou,
        arguments.max_boxes,
        arguments.class_agnostic,
        None if arguments.classes is None else tuple(arguments.classes),
        dict(arguments.class_score),
    )


def _pictures(given: list[str]) -> Iterator[Path]:
    for text in given:
        path = Path(text)
        if path.is_dir():
            yield from _pictures_below(path)
        elif path.exists() or not any(letter in text for letter in "*?["):
            yield path
        else:
            # A pattern that no shell has spelled out: it was quoted, or the shell is that of Windows.
            pattern = str(path.relative_to(path.anchor)) if path.anchor else text
            try:
                matches = sorted(Path(path.anchor).glob(pattern))
            except ValueError:  # Two stars that are a part of a name are none before Python 3.13.
                matches = []
            yield from (match for match in matches if match.suffix.lower() in IMAGE_ENDINGS)
            if not matches:
                yield path


def _pictures_below(folder: Path) -> list[Path]:
    return sorted(item for item in folder.rglob("*") if item.suffix.lower() in IMAGE_ENDINGS)


def _say_detections(result: dict[str, Any]) -> None:
    if not result["detections"]:
        say(f"{result['image']}: nothing found")
    for found in result["detections"]:
        box = " ".join(f"{value:.0f}" for value in found["box"])
        say(f"{result['image']}: {found['class']} {found['score']:.2f} [{box}]")
