"""An errand: one piece of work on models in a process of its own, so that the server stays quick and small.

Started as ``python -m app.jobs.errand NAME RESULT-FILE`` with its arguments as a line of JSON on standard
input. That input stays open: its end means that whoever asked is gone, and the errand ends too. Lines on
standard output that begin with ``progress`` tell how far it is; the result file gets ``{"result"}`` or
``{"error", "kind"}``. Exit codes: 0 the file is written, else it is not.
"""

from __future__ import annotations

import faulthandler
import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from app import logs
from app.examples import example_of
from app.jobs import comparison, evaluation, model_images
from app.jobs.evaluation import OnImage, write_json
from app.jobs.variations import make_variations
from app.settings import Settings
from app.workspace import Workspace
from data import classes, models, snapshots
from data.blobs import Blobs
from data.database import Database
from data.errors import DataError
from data.records import Model
from ssd_core.errors import SSDError

log = logging.getLogger("app.jobs.errand")

#: What a line that tells progress begins with; libraries write to standard output too.
PROGRESS = "progress "
SECONDS_BETWEEN_LINES = 0.2
#: How much further an errand that nobody waits for gives way, on a scale of 40.
NICENESS = 10
#: Other images of the project from which a variation may show parts.
PARTNERS = 8


class _Desk:
    """What an errand works with."""

    def __init__(self, settings: Settings) -> None:
        self.workspace = Workspace(settings.workspace)
        # Before TensorFlow is loaded: it carries an older SQLite that would take the place of ours.
        self.database = Database.open(settings.database_url, self.workspace.root)
        self.blobs = Blobs(self.workspace.blobs)

    def model(self, model_id: str) -> Model:
        with self.database.read() as session:
            return models.get(session, model_id)


def _evaluate(desk: _Desk, arguments: dict[str, Any], on_image: OnImage) -> dict[str, Any]:
    model, split = desk.model(arguments["model"]), arguments["split"]
    with desk.database.read() as session:
        labelled = model_images.of_model(session, model, split)
    evaluation.measure_and_store(desk.workspace.model(model.id), split, labelled, desk.blobs, on_image)
    # The report is in its file, which may be large.
    return {}


def _compare(desk: _Desk, arguments: dict[str, Any], on_image: OnImage) -> dict[str, Any]:
    a, b = desk.model(arguments["a"]), desk.model(arguments["b"])
    with desk.database.read() as session:
        labelled = model_images.of_both(session, a, b, arguments["split"])
    folders = desk.workspace.model(a.id), desk.workspace.model(b.id)
    made = comparison.compare(*folders, labelled, desk.blobs, on_image)
    write_json(Path(arguments["target"]), made)
    return {}


def _export(desk: _Desk, arguments: dict[str, Any], on_image: OnImage) -> dict[str, Any]:
    from ssd_core.export_bundle import Material, export_bundle
    from ssd_core.parity import parity_examples

    model = desk.model(arguments["model"])
    with desk.database.read() as session:
        train, val = (model_images.of_model(session, model, split) for split in ("train", "val"))
    teaching, kept = (labelled.examples(model.classes, desk.blobs) for labelled in (train, val))
    compared = parity_examples(teaching, kept)
    done = -1

    def on_next() -> None:
        nonlocal done
        done += 1
        on_image(min(done, len(compared)), len(compared))

    material = Material(compared, teaching, on_next)
    folder, target = desk.workspace.model(model.id), Path(arguments["target"])
    return export_bundle(folder, arguments["format"], target, material, model.name)


def _check(_: _Desk, arguments: dict[str, Any], on_image: OnImage) -> dict[str, Any]:
    from ssd_core.model_check import check_model

    return check_model(Path(arguments["folder"]))


def _vary(desk: _Desk, arguments: dict[str, Any], on_image: OnImage) -> dict[str, Any]:
    with desk.database.read() as session:
        label_classes = classes.list_all(session, arguments["project"])
        frozen = snapshots.some_images(session, arguments["project"], arguments["image"], PARTNERS)
    names = {item.id: item.name for item in label_classes}
    known = [item.name for item in label_classes]
    example, *others = (example_of(image, names, known, desk.blobs) for image in frozen)
    ids = [item.id for item in label_classes]
    make_variations(Path(arguments["folder"]), example, others, ids, int(arguments["side"]))
    return {}


def _video(_: _Desk, arguments: dict[str, Any], on_frame: OnImage) -> dict[str, Any]:
    from app.jobs.video_detection import process_video
    from app.jobs.video_work import VideoWork, thresholds_of
    from ssd_core.runtime import Detector

    _yield_to_others()
    work = VideoWork(
        source=Path(arguments["source"]),
        name=arguments["name"],
        folder=Path(arguments["folder"]),
        model=arguments["model"],
        thresholds=thresholds_of(arguments["thresholds"]),
        every=int(arguments["every"]),
        tiles=int(arguments["tiles"]),
    )
    detector = Detector.load(Path(arguments["model_folder"]), threads=1)
    return process_video(work, detector, on_frame)


def _yield_to_others() -> None:
    """Let whoever works with the studio come first: a video takes minutes, and nobody watches it."""
    if sys.platform == "win32":
        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        os.nice(NICENESS)


ERRANDS: dict[str, Callable[[_Desk, dict[str, Any], OnImage], dict[str, Any]]] = {
    "evaluate": _evaluate,
    "compare": _compare,
    "export": _export,
    "check": _check,
    "vary": _vary,
    "video": _video,
}


def main(arguments: list[str]) -> int:
    """Do an errand; the arguments are its name and the file for its result.

    Returns:
        The exit code.
    """
    name, target = arguments[0], Path(arguments[1])
    logs.configure(level=logs.QUIET)
    faulthandler.enable()
    # Ctrl-C and the end of a service reach whoever asked, too, who knows what shall become of this.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    given = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_who_asked, daemon=True).start()
    answer: dict[str, Any]
    try:
        answer = {"result": ERRANDS[name](_Desk(Settings()), given, _teller())}
    except (DataError, SSDError) as error:
        answer = {"error": str(error), "kind": type(error).__name__}
    except MemoryError:
        answer = {"error": "There was not enough memory. Close other programs and try again.", "kind": ""}
    except OSError as error:
        log.exception("The errand %s failed.", name)
        answer = {"error": f"A file could not be read or written: {error.strerror or error}.", "kind": ""}
    write_json(target, answer)
    return 0


def _teller() -> OnImage:
    told = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told > SECONDS_BETWEEN_LINES:
            told = time.monotonic()
            sys.stdout.write(f"\n{PROGRESS}{done} {total}\n")
            sys.stdout.flush()

    return tell


def _end_with_who_asked() -> None:
    with suppress(OSError, ValueError):
        while sys.stdin.read(4096):
            pass
    os._exit(1)


if __name__ == "__main__":
    # Those who label and train come first.
    with suppress(OSError, AttributeError):
        os.nice(5)
    code = main(sys.argv[1:])
    logging.shutdown()
    sys.stdout.flush()
    # TensorFlow's threads have been seen to hang or crash in an orderly exit; everything is written by now.
    os._exit(code)
