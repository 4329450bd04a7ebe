"""One warm process that detects on TensorFlow, started when it is wanted and started anew when it dies."""

from __future__ import annotations

import itertools
import logging
import subprocess
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.jobs.children import python_command, trainer_environment
from app.jobs.frames import picture_frame, read_frame, unpacked, write_frame
from app.services.devices import Devices
from app.settings import Settings

if TYPE_CHECKING:
    from ssd_core.candidates import Candidates
    from ssd_core.preprocess import ImageSource
    from ssd_core.runtime import Milliseconds

log = logging.getLogger(__name__)

#: A process that does not answer a picture for so long hangs, and is ended.
SECONDS_FOR_ANSWER = 30.0
SECONDS_BETWEEN_LOOKS = 1.0
SECONDS_TO_LEAVE = 2.0
#: Processes that end one after the other without having answered, until no other is started.
TRIES = 3


class Unable(Exception):
    """The process cannot answer now; LiteRT can."""


@dataclass(eq=False)
class _Child:
    """A process that runs: the models that it has, and the pictures that it holds."""

    process: subprocess.Popen[bytes]
    asked: set[Path] = field(default_factory=set)
    ready: set[Path] = field(default_factory=set)
    held: dict[int, tuple[float, Future[Any]]] = field(default_factory=dict)
    writing: threading.Lock = field(default_factory=threading.Lock)
    answered: bool = False

    def send(self, header: dict[str, Any], body: bytes = b"") -> None:
        assert self.process.stdin is not None
        with self.writing:
            if self.process.stdin.closed:
                raise BrokenPipeError("The process is gone.")
            write_frame(self.process.stdin, header, body)

    def tell_to_leave(self) -> None:
        """End its input, unless it is in the midst of taking a frame and does not go on."""
        if self.writing.acquire(timeout=SECONDS_TO_LEAVE):
            assert self.process.stdin is not None
            with suppress(OSError):
                self.process.stdin.close()
            self.writing.release()


class TensorFlowProcess:
    """Looks at pictures in a process of its own, which has the GPU; threads may share it.

    Close it at the end.

    Args:
        settings: handed to the process; say whether there shall be one.
        devices: what this host has.
        command: starts the process.
    """

    def __init__(self, settings: Settings, devices: Devices, command: Sequence[str] | None = None) -> None:
        self._settings, self._devices = settings, devices
        self._command = command or python_command("app.jobs.tensorflow_detector")
        self._lock = threading.Lock()
        self._starting = threading.Lock()
        self._numbers = itertools.count()
        self._child: _Child | None = None
        self._coming: set[Path] = set()
        # Small networks wait for a GPU's kernels to be started longer than a CPU calculates.
        self._slower: set[Path] = set()
        self._wanted = settings.detection != "litert"
        self._failures = 0

    def has(self, folder: Path) -> bool:
        """Tell whether a model answers here now; if it does not, it is being loaded where there is a GPU.

        A model that LiteRT looks through sooner stays with that, unless TensorFlow was asked for by name.
        """
        with self._lock:
            if not self._wanted or folder in self._slower:
                return False
            child = self._child
            if child is not None and folder in child.asked:
                return folder in child.ready
            if folder in self._coming:
                return False
            self._coming.add(folder)
        # Looking for a GPU takes seconds, and so does starting a process on a busy machine.
        threading.Thread(target=self._ask_for, args=(folder,), daemon=True).start()
        return False

    def look(self, folder: Path, image: ImageSource) -> tuple[Candidates, tuple[int, int], Milliseconds]:
        """Give what `Detector.timed_candidates` gives.

        Raises:
            Unable: the model is not ready, or the process died or could not answer.
            InvalidExample: the picture cannot be decoded.
        """
        from ssd_core.errors import InvalidExample
        from ssd_core.runtime import Milliseconds

        begun = time.monotonic()
        number, answer = next(self._numbers), Future[Any]()
        with self._lock:
            child = self._child
            if child is None or folder not in child.ready:
                raise Unable
            child.held[number] = begun, answer
        try:
            more, body = picture_frame(image)
            child.send({"id": number, "folder": str(folder), **more}, body)
            header, body = answer.result()
        except OSError as error:
            raise Unable from error
        finally:
            with self._lock:
                child.held.pop(number, None)
        if "error" in header:
            raise InvalidExample(header["error"])
        if "unable" in header:
            log.warning("TensorFlow could not look at a picture: %s", header["unable"])
            with self._lock:
                # It may have had to give the model up; whoever asks next has it loaded again.
                child.ready.discard(folder)
                child.asked.discard(folder)
            raise Unable
        height, width = header["size_hw"]
        took = Milliseconds(header["decode"], header["network"], (time.monotonic() - begun) * 1000)
        return unpacked(body), (height, width), took

    def close(self) -> None:
        """End the process and start no other."""
        with self._lock:
            self._wanted = False
            child = self._child
        if child is None:
            return
        child.tell_to_leave()
        try:
            child.process.wait(SECONDS_TO_LEAVE)
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()

    def _ask_for(self, folder: Path) -> None:
        """Have a model loaded, by a process that is started first if there is none."""
        try:
            with self._starting:
                if self._child is None and not self._runs():
                    self._wanted = False
                    return
                child = self._child or self._start()
            with self._lock:
                child.asked.add(folder)
            child.send({"load": str(folder)})
        except OSError as error:
            log.warning("The process that detects on TensorFlow could not be asked: %s", error)
        finally:
            with self._lock:
                self._coming.discard(folder)

    def _runs(self) -> bool:
        """Whether there shall be a process: asked for, or the chosen GPU is one that TensorFlow can use."""
        settings = self._settings
        if settings.detection == "tensorflow":
            return True
        if settings.device == "cpu":
            return False
        wanted = "0" if settings.device == "all" else settings.device
        return any(device.id == wanted and device.usable for device in self._devices.found(wait=True).devices)

    def _start(self) -> _Child:
        # Not under the lock, which each picture takes: on a busy machine this takes a while.
        process = subprocess.Popen(
            self._command,
            env=trainer_environment(self._settings),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        child = _Child(process)
        with self._lock:
            if self._wanted:
                self._child = child
        if self._child is not child:
            process.kill()
            process.communicate()
            raise BrokenPipeError("The studio is being closed.")
        threading.Thread(target=self._listen, args=(child,), daemon=True).start()
        threading.Thread(target=self._watch, args=(child,), daemon=True).start()
        return child

    def _listen(self, child: _Child) -> None:
        """Take answers until the process is gone, and let LiteRT have what it still held."""
        assert child.process.stdout is not None
        with suppress(OSError, ValueError):
            while (frame := read_frame(child.process.stdout)) is not None:
                self._take(child, *frame)
        child.process.kill()
        code = child.process.wait()
        child.process.stdout.close()
        child.tell_to_leave()
        with self._lock:
            self._child = None
            held = [answer for _, answer in child.held.values()]
            self._failures = 0 if child.answered or code == 0 else self._failures + 1
            if self._failures == TRIES:
                self._wanted = False
                log.error("Detection stays on LiteRT: TensorFlow ended %d times without an answer.", TRIES)
        if code != 0:
            log.warning("The process that detects on TensorFlow ended with %d.", code)
        for answer in held:
            answer.set_exception(BrokenPipeError("The process is gone."))

    def _take(self, child: _Child, header: dict[str, Any], body: bytes) -> None:
        if "failed" in header:
            # Not asked for again: it stays as it is until the process is another.
            log.warning("TensorFlow cannot load the model in %s: %s", header["failed"], header["error"])
            return
        with self._lock:
            if "loaded" in header:
                folder, times = Path(header["loaded"]), header["milliseconds"]
                chosen = self._settings.detection == "tensorflow" or not times
                if not chosen and times["tensorflow"] > times["litert"]:
                    log.info("%s stays on LiteRT, which is faster here: %s ms.", folder.name, times)
                    self._slower.add(folder)
                else:
                    child.ready.add(folder)
                return
            child.answered = True
            _, answer = child.held.pop(header["id"], (0.0, None))
        if answer is not None:
            answer.set_result((header, body))

    def _watch(self, child: _Child) -> None:
        """End the process if it leaves a picture without an answer."""
        while child.process.poll() is None:
            time.sleep(SECONDS_BETWEEN_LOOKS)
            with self._lock:
                oldest = min((begun for begun, _ in child.held.values()), default=None)
            if oldest is not None and time.monotonic() - oldest > SECONDS_FOR_ANSWER:
                log.warning("The process that detects on TensorFlow does not answer, and is ended.")
                child.process.kill()
                return
