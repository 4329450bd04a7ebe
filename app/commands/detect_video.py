"""``ssd-studio detect MODEL clip.mp4``: what a model sees in a whole video."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.commands import numbers
from app.commands.console import ProgressLine, complain, counted, duration, note, say
from app.commands.opening import open_for

if TYPE_CHECKING:
    from ssd_core.thresholds import Thresholds

#: Endings of files that are taken for videos.
ENDINGS = frozenset(
    {".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi", ".mpg", ".mpeg", ".ogv", ".ts", ".mts", ".m2ts", ".wmv"}
    | {".flv", ".3gp"}
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the options of a video."""
    group = parser.add_argument_group(
        "videos", "A video is looked at frame by frame; its sound is left out. Give one at a time."
    )
    group.add_argument(
        "--video", type=Path, metavar="FILE", help="write the video with boxes drawn into it (MP4), too"
    )
    group.add_argument(
        "--every", type=numbers.count, metavar="N", help="look at each frame of so many (default: 1)"
    )


def is_video(path: Path) -> bool:
    """Tell whether a path is a video, by its name."""
    return path.suffix.lower() in ENDINGS


def run(arguments: argparse.Namespace, path: Path, thresholds: Thresholds) -> int:
    """Look at a video and write what is wanted of it."""
    from app.services.video_jobs import COCO, DETECTIONS, TABLE, VIDEO

    if not path.is_file():
        complain(f"{path}: There is no such file.")
        return 1
    if arguments.video is not None and arguments.video.resolve() == path.resolve():
        complain(f"--video: {arguments.video} is the video that is looked at. Give another name.")
        return 2
    with open_for(arguments) as studio, ProgressLine() as line:
        model = studio.models.named(arguments.model)
        studio.detection.classes(model, thresholds)
        with studio.videos.scratch() as scratch:
            report = studio.videos.process_here(
                model,
                path,
                scratch,
                thresholds,
                every=arguments.every or 1,
                tiles=arguments.tiles,
                draws=arguments.video is not None,
                on_frame=lambda done, total: line.count("Looking at frame", done, max(done, total)),
            )
            wanted = ((arguments.video, VIDEO), (arguments.csv, TABLE), (arguments.coco, COCO))
            for target, kind in wanted:
                if target is not None:
                    _put(scratch / kind, target)
            if arguments.json:
                with (scratch / DETECTIONS).open(encoding="utf-8") as document:
                    for text in document:
                        say(text.rstrip("\n"))
    if not arguments.json:
        say(f"{path}: {_summary(report)}")
    for sentence in report["notes"]:
        note(sentence)
    return 0


def _put(made: Path, target: Path) -> None:
    """Put a file where it is wanted, whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f"{target.name}.part")
    try:
        shutil.copyfile(made, beside)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
    note(f"Wrote {target}")


def _summary(report: dict[str, Any]) -> str:
    boxes = ", ".join(f"{count} × {name}" for name, count in report["boxes"].items() if count)
    return (
        f"{counted(report['frames'], 'frame')} of {duration(report['seconds'])}: {boxes or 'nothing found'}"
    )
