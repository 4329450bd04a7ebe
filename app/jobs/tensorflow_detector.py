"""The process that detects on TensorFlow, on a GPU where there is one.

Started as ``python -m app.jobs.tensorflow_detector``. It talks in frames (`app.jobs.frames`) on its standard
input and output, and ends when its input does: whoever asked is gone. What libraries print goes to the error
output. Pictures that wait at the same time for the same model go through the network together, and a model is
loaded while others answer.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
import threading
from collections import OrderedDict, deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from app import logs
from app.jobs.frames import packed, picture_of, read_frame, write_frame
from ssd_core.errors import SSDError

if TYPE_CHECKING:
    from ssd_core.runtime import Detector, Prepared

# Not __name__: this module runs as __main__, whose lines would be filtered with those of libraries.
log = logging.getLogger("app.jobs.tensorflow_detector")

#: Models kept ready; of ten million weights, each holds 40 MB of a GPU.
MODELS_KEPT = 3
#: So many pictures go through the network together: few numbers, as a GPU chooses its way for each anew.
TOGETHER = (8, 4, 2, 1)
#: Looks at one picture, of which the fastest says how long one takes.
TIMED = 5
#: Pictures decoded at the same time.
DECODERS = min(4, os.cpu_count() or 1)
#: Without a picture for so long it ends, and others can have the GPU's memory.
SECONDS_IDLE = 600.0


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A picture that is ready for the network."""

    number: int
    detector: Detector
    prepared: Prepared


class TensorFlowDetector:
    """Answers frames of one stream on another.

    Args:
        answers: where answers are written.
    """

    def __init__(self, answers: BinaryIO) -> None:
        self._answers = answers
        self._writing = threading.Lock()
        self._changed = threading.Condition()
        self._waiting: deque[_Waiting] = deque()
        self._models: OrderedDict[str, Detector] = OrderedDict()
        self._at_work = 0
        # One after the other: each takes seconds of one core, and Keras is not made for more.
        self._loader = ThreadPoolExecutor(1, thread_name_prefix="load")
        self._decoders = ThreadPoolExecutor(DECODERS, thread_name_prefix="decode")

    def take(self, header: dict[str, Any], body: bytes) -> None:
        """Begin what a frame asks for."""
        with self._changed:
            self._at_work += 1
        if "load" in header:
            self._loader.submit(self._load, header["load"])
        else:
            self._decoders.submit(self._prepare, header, body)

    def work(self) -> None:
        """Answer pictures until there has been none for long."""
        while batch := self._next():
            self._look(batch)

    def _say(self, header: dict[str, Any], body: bytes = b"") -> None:
        with self._writing:
            write_frame(self._answers, header, body)

    def _load(self, folder: str) -> None:
        try:
            known = self._models.get(folder)
            detector, times = (known, {}) if known is not None else _loaded(Path(folder))
        except Exception as error:
            log.exception("The model in %s could not be loaded.", folder)
            self._say({"failed": folder, "error": str(error)})
        else:
            with self._changed:
                self._models[folder] = detector
                self._models.move_to_end(folder)
                while len(self._models) > MODELS_KEPT:
                    self._models.popitem(last=False)
            self._say({"loaded": folder, "milliseconds": times})
        self._done()

    def _prepare(self, header: dict[str, Any], body: bytes) -> None:
        number, folder = header["id"], header["folder"]
        with self._changed:
            detector = self._models.get(folder)
            if detector is not None:
                self._models.move_to_end(folder)
        refusal: dict[str, Any]
        try:
            if detector is not None:
                prepared = detector.prepare(picture_of(header, body))
                with self._changed:
                    self._waiting.append(_Waiting(number, detector, prepared))
                    self._changed.notify()
                return
            refusal = {"unable": "The model is not loaded any more."}
        except SSDError as error:
            refusal = {"error": str(error)}
        except Exception as error:
            log.exception("A picture could not be decoded.")
            refusal = {"unable": str(error)}
        self._say({"id": number, **refusal})
        self._done()

    def _done(self, pieces: int = 1) -> None:
        with self._changed:
            self._at_work -= pieces
            self._changed.notify()

    def _next(self) -> list[_Waiting]:
        """Wait for pictures of one model, so many as go together; none at the end."""
        with self._changed:
            while not self._waiting:
                if not self._changed.wait(SECONDS_IDLE) and not self._at_work:
                    return []
            first = self._waiting[0].detector
            same = [each for each in self._waiting if each.detector is first]
            batch = same[: next(size for size in TOGETHER if size <= len(same))]
            for each in batch:
                self._waiting.remove(each)
            return batch

    def _look(self, batch: Sequence[_Waiting]) -> None:
        try:
            found, took = batch[0].detector.candidates_together([each.prepared for each in batch])
        except Exception as error:
            # Too little memory, mostly: a training may have the GPU.
            log.exception("%d pictures could not be looked at.", len(batch))
            for each in batch:
                self._say({"id": each.number, "unable": str(error)})
        else:
            for each, candidates in zip(batch, found, strict=True):
                header = {
                    "id": each.number,
                    "size_hw": list(each.prepared.image_size_hw),
                    "decode": each.prepared.milliseconds,
                    "network": took,
                }
                self._say(header, packed(candidates))
        self._done(len(batch))


def _loaded(folder: Path) -> tuple[Detector, dict[str, float]]:
    """Load a model, and run it once with each number of pictures, so that no picture pays for it.

    Returns:
        The detector, and how long its network takes for one picture here and on LiteRT.
    """
    import numpy as np
    import tensorflow as tf

    from ssd_core.runtime import Detector

    # With ten bits instead of 23, as is usual on newer GPUs, boxes would differ from those of LiteRT.
    tf.config.experimental.enable_tensor_float_32_execution(False)
    detector = Detector.load(folder, backend="tensorflow")
    nothing = detector.prepare(np.zeros((*detector.config.input_size_hw, 3), np.uint8))
    for size in TOGETHER:
        detector.candidates_together([nothing] * size)
    rivals = {"tensorflow": detector, "litert": Detector.load(folder, backend="litert")}
    times = dict.fromkeys(rivals, float("inf"))
    # In turns, and the least of several: what else this machine does shall not decide.
    for _ in range(TIMED):
        for name, rival in rivals.items():
            times[name] = min(times[name], rival.candidates_together([nothing])[1])
    return detector, times


def main() -> int:
    """Answer until the input ends; returns the exit code."""
    logs.configure(level=logs.QUIET)
    faulthandler.enable()
    answers = os.fdopen(os.dup(1), "wb")
    # From here on, what libraries print cannot get among the frames.
    os.dup2(2, 1)
    detector = TensorFlowDetector(answers)
    threading.Thread(target=_listen, args=(detector,), daemon=True).start()
    detector.work()
    return 0


def _listen(detector: TensorFlowDetector) -> None:
    try:
        while (frame := read_frame(sys.stdin.buffer)) is not None:
            detector.take(*frame)
    except Exception:
        log.exception("What was asked for cannot be read.")
        os._exit(1)
    # Whatever the other threads are in the midst of: nobody waits for it.
    os._exit(0)


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    # TensorFlow's threads have been seen to hang or crash in an orderly exit.
    os._exit(code)
