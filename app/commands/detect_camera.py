"""``ssd-studio detect MODEL --camera …``: what comes into a camera's sight, line by line."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.commands import numbers
from app.commands.console import note, say
from app.commands.interrupt import Interrupt
from app.commands.opening import open_for

if TYPE_CHECKING:
    from ssd_core.thresholds import Thresholds


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the options of a camera."""
    group = parser.add_argument_group(
        "cameras", "A line is printed when a class comes into sight and when it has left, not for each frame."
    )
    group.add_argument(
        "--camera", metavar="CAMERA", help="a camera's number, 0 for the first, or its address (rtsp, http)"
    )
    group.add_argument("--watch", action="append", metavar="CLASS", help="tell of this class only; repeat it")
    group.add_argument("--log", type=Path, metavar="FILE", help="append each as a line of JSON, too")
    group.add_argument("--webhook", metavar="URL", help="post each as JSON to this http(s) address, too")
    group.add_argument("--seconds", type=numbers.duration, metavar="S", help="end after so many seconds")
    group.add_argument("--frames", type=numbers.count, metavar="N", help="end after so many frames")


def run(arguments: argparse.Namespace, thresholds: Thresholds) -> int:
    """Watch a camera until the time is up, or somebody presses Ctrl-C."""
    from app.services.camera_watch import CameraWatch
    from app.services.webhook import Webhook

    with ExitStack() as stack:
        studio = stack.enter_context(open_for(arguments))
        # So that what is in sight then is told to be gone, too.
        interrupt = stack.enter_context(Interrupt())
        log = None
        if arguments.log is not None:
            arguments.log.parent.mkdir(parents=True, exist_ok=True)
            log = stack.enter_context(arguments.log.open("a", encoding="utf-8"))
        webhook = None
        if arguments.webhook is not None:
            webhook = Webhook(arguments.webhook)
            stack.callback(webhook.close)
        watch = CameraWatch(
            studio.detection,
            studio.models.named(arguments.model),
            thresholds,
            None if arguments.watch is None else tuple(arguments.watch),
            arguments.tiles,
            arguments.seconds,
            arguments.frames,
            lambda: interrupt.pressed,
        )
        begun = time.monotonic()
        for news in watch.news(arguments.camera, note):
            text = json.dumps(news, ensure_ascii=False, allow_nan=False)
            say(text if arguments.json else _words(news))
            if log is not None:
                log.write(f"{text}\n")
                log.flush()
            if webhook is not None:
                webhook.post(news)
        took = time.monotonic() - begun
    note(f"Looked at {watch.frames} frames, {watch.frames / max(took, 1e-9):.1f} a second.")
    if webhook is not None and webhook.lost:
        note(f"{webhook.lost} of the news did not reach the webhook.")
    return 0


def _words(news: Mapping[str, Any]) -> str:
    if news["event"] == "gone":
        return f"{news['time']} {news['class']} is gone after {news['seconds']:.1f} s"
    best = max(found["score"] for found in news["detections"])
    several = f" ({news['most']} of them)" if news["most"] > 1 else ""
    return f"{news['time']} {news['class']} appears{several}, score {best:.2f}"
