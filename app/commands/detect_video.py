"""``ssd-studio detect MODEL clip.mp4``: what a model sees in a whole video."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.commands import numbers
from app.commands.console import ProgressLine, complain, counted, duration, note, say
from app.commands.interrupt import Interrupt
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
    """Look at a video and write what is wanted of it; fails if Ctrl-C ended it before the video's end."""
    from app.services.detection_files import make_room_for, write_whole
    from app.services.video_jobs import DETECTIONS, Enough

    if not path.is_file():
        complain(f"{path}: There is no such file.")
        return 1
    wanted = _wanted(arguments)
    for target in wanted:
        make_room_for(target)
    stopped = False
    with open_for(arguments) as studio, ProgressLine() as line, Interrupt() as interrupt:

        def told(done: int, total: int) -> None:
            nonlocal stopped
            line.count("Looking at frame", done, max(done, total))
            stopped = interrupt.pressed
            if stopped:
                raise Enough

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
                on_frame=told,
            )
            for target, kind in wanted.items():
                write_whole(target, scratch / kind)
                note(f"Wrote {target}")
            if arguments.json:
                with (scratch / DETECTIONS).open(encoding="utf-8") as document:
                    for text in document:
                        say(text.rstrip("\n"))
    if not arguments.json:
        say(f"{path}: {_summary(report)}")
    for sentence in report["notes"]:
        note(sentence)
    return 1 if stopped else 0


def _wanted(arguments: argparse.Namespace) -> dict[Path, str]:
    """The files to write, and which of the results goes into each."""
    from app.services.video_jobs import COCO, TABLE, VIDEO

    named = ((arguments.video, VIDEO), (arguments.csv, TABLE), (arguments.coco, COCO))
    return {target: kind for target, kind in named if target is not None}


def _summary(report: dict[str, Any]) -> str:
    boxes = ", ".join(f"{count} × {name}" for name, count in report["boxes"].items() if count)
    return (
        f"{counted(report['frames'], 'frame')} of {duration(report['seconds'])}: {boxes or 'nothing found'}"
    )
