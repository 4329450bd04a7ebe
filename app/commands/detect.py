"""``ssd-studio detect``: what a model sees in pictures, in a video, or through a camera."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.commands import detect_camera, detect_video, numbers
from app.commands.console import ProgressLine, complain, counted, note, say, say_json
from app.commands.interrupt import Interrupt
from app.commands.opening import open_for
from data.names import printable
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
    return _wrong_target(arguments)


def _wrong_target(arguments: argparse.Namespace) -> str:
    """What is wrong with the files that are to be written, or ""."""
    named = {name: getattr(arguments, name) for name in ("coco", "csv", "video")}
    targets = {name: path for name, path in named.items() if path is not None}
    if len({os.path.realpath(path) for path in targets.values()}) < len(targets):
        return f"{' and '.join(f'--{name}' for name in targets)} need files of their own."
    given = [os.path.realpath(text) for text in arguments.paths]
    for name, path in targets.items():
        if os.path.realpath(path) in given:
            return f"--{name}: {path} is what is looked at. Give another name."
        # A shell that spells "--csv *.jpg" out names a photograph.
        if name != "video" and (detect_video.is_video(path) or path.suffix.lower() in IMAGE_ENDINGS):
            return f"--{name}: {path} is no name for what is written. Name that file before the pictures."
    return ""


def _look_at_pictures(arguments: argparse.Namespace) -> int:
    from app.services.detection_files import DetectionFiles

    paths, readable = _pictures(arguments.paths)
    looked_through = {path.parent.resolve() for path in paths}
    if arguments.images is not None and arguments.images.resolve() in looked_through:
        complain(f"--images: {arguments.images} has photographs that are looked at. Name another folder.")
        return 2
    found: list[dict[str, Any]] = []
    with open_for(arguments) as studio:
        thresholds = _thresholds(arguments)
        model = studio.models.named(arguments.model)
        class_names = studio.detection.classes(model, thresholds)
        files = DetectionFiles(class_names, arguments.coco, arguments.csv, arguments.images)
        files.make_room()

        def look(path: Path) -> dict[str, Any]:
            return studio.detection.detect(model, path, thresholds, tiles=arguments.tiles)

        try:
            done = _look_at_each(paths, look, files, found, as_json=arguments.json)
        finally:
            # Whatever ended it: what was found until then may have taken hours.
            if arguments.json:
                say_json(found)
            for path in files.write():
                note(f"Wrote {path}")
    return 0 if done and readable else 1


def _look_at_each(
    paths: Sequence[Path],
    look: Callable[[Path], dict[str, Any]],
    files: DetectionFiles,
    found: list[dict[str, Any]],
    *,
    as_json: bool,
) -> bool:
    """Look at pictures until the last or Ctrl-C, and gather in ``found``; gives whether all went well."""
    from data.errors import DataError
    from ssd_core.errors import SSDError

    good = True
    with ProgressLine() as line, Interrupt() as interrupt:
        for number, path in enumerate(paths, start=1):
            if interrupt.pressed:
                complain(f"stopped after {number - 1} of {counted(len(paths), 'picture')}.")
                return False
            if len(paths) > 1 and as_json:
                line.count("Looking at picture", number, len(paths))
            try:
                seen = look(path)
            except (DataError, SSDError, OSError) as error:
                _complain_of(path, error)
                good = False
                continue
            result = {
                "image": printable(path),
                **{key: seen[key] for key in ("width", "height", "detections")},
            }
            found.append(result)
            if not as_json:
                _say_detections(result)
            try:
                files.add(path, result)
            except (SSDError, OSError) as error:
                _complain_of(path, error)
                good = False
    return good


def _complain_of(path: Path, error: Exception) -> None:
    """Name what a picture, or the file that it was to be drawn into, lacks."""
    if isinstance(error, OSError) and error.strerror:
        complain(f"{printable(error.filename or path)}: {error.strerror}")
    else:
        complain(f"{printable(path)}: {error}")


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


def _pictures(given: Sequence[str]) -> tuple[list[Path], bool]:
    """The pictures that are meant, and whether every folder could be looked into."""
    readable = True

    def unreadable(error: OSError) -> None:
        nonlocal readable
        readable = False
        complain(f"{printable(error.filename)}: {error.strerror}")

    paths: list[Path] = []
    for text in given:
        path = Path(text)
        if path.is_dir():
            meant = _pictures_below(path, unreadable)
        elif path.exists() or not any(letter in text for letter in "*?["):
            meant = [path]
        else:
            meant = [match for match in _matches(path) if match.suffix.lower() in IMAGE_ENDINGS]
        # Where there is no picture, that is said as of a file that is missing.
        paths += meant or [path]
    return paths, readable


def _matches(pattern: Path) -> list[Path]:
    """What a pattern means that no shell has spelled out: it was quoted, or the shell is that of Windows."""
    try:
        return sorted(Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor))))
    except ValueError:  # Two stars that are a part of a name are none before Python 3.13.
        return []


def _pictures_below(folder: Path, unreadable: Callable[[OSError], None]) -> list[Path]:
    """Pictures in a folder and in those below; what is hidden is passed over, and links are not followed."""
    paths: list[Path] = []
    for place, folders, names in os.walk(folder, onerror=unreadable):
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths += [Path(place, name) for name in names if not name.startswith(".")]
    return sorted(path for path in paths if path.suffix.lower() in IMAGE_ENDINGS)


def _say_detections(result: dict[str, Any]) -> None:
    if not result["detections"]:
        say(f"{result['image']}: nothing found")
    for found in result["detections"]:
        box = " ".join(f"{value:.0f}" for value in found["box"])
        say(f"{result['image']}: {found['class']} {found['score']:.2f} [{box}]")
