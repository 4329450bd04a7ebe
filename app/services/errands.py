"""Errands: work on models that takes seconds or loads TensorFlow, each in a child process, one at a time."""

from __future__ import annotations

import json
import logging
import subprocess
import tempfile
import threading
import uuid
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import ssd_core.errors
from app.jobs.children import python_command, trainer_environment
from app.jobs.errand import PROGRESS
from app.settings import Settings
from data import errors

log = logging.getLogger(__name__)

State = Literal["running", "done", "failed"]
#: Errands that have ended and are remembered, so that their result can still be fetched.
KEPT = 200
#: Lines of what a child said to its error output that are kept, the last ones: it may say much.
LINES_KEPT = 40
OnProgress = Callable[[int, int], None]


@dataclass(slots=True)
class Errand:
    """A piece of work and how far it is; ``total`` is 0 until it is known.

    ``waiting`` until other work on models is done.
    """

    id: str
    key: str
    state: State = "running"
    waiting: bool = False
    done: int = 0
    total: int = 0
    result: dict[str, Any] = field(default_factory=dict)
    error: Exception | None = None


class Errands:
    """Starts children for work on models and knows what became of it. Threads may share it.

    Args:
        settings: handed to the children.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known: dict[str, Errand] = {}
        self._lock = threading.Lock()
        # One child at a time: each may take a gigabyte, and people label and train meanwhile.
        self._turn = threading.Lock()
        self._child: subprocess.Popen[str] | None = None
        self._closed = False

    def start(self, key: str, name: str, arguments: dict[str, Any]) -> Errand:
        """Begin an errand, or give the one with this key that is under way."""
        with self._lock:
            working = self._working(key)
            if working is not None:
                return working
            errand = Errand(uuid.uuid4().hex, key)
            self._known[errand.id] = errand
            while len(self._known) > KEPT:
                oldest = next((each for each in self._known.values() if each.state != "running"), None)
                if oldest is None:
                    break
                del self._known[oldest.id]
        threading.Thread(target=self._work, args=(errand, name, arguments), daemon=True).start()
        return errand

    def working(self, key: str) -> Errand | None:
        """The errand with this key that is under way, or None."""
        with self._lock:
            return self._working(key)

    def _working(self, key: str) -> Errand | None:
        known = self._known.values()
        return next((each for each in known if each.key == key and each.state == "running"), None)

    def remember(self, key: str, result: dict[str, Any]) -> Errand:
        """Give an errand that is done already, for work that need not be repeated."""
        errand = Errand(uuid.uuid4().hex, key, "done", result=result)
        with self._lock:
            self._known[errand.id] = errand
        return errand

    def get(self, errand_id: str) -> Errand:
        """The errand with an id; raises NotFound for one that was never started, or long ago."""
        with self._lock:
            if errand_id not in self._known:
                raise errors.NotFound(f"There is no task {errand_id!r} any more. Start it again.")
            return self._known[errand_id]

    def take_failure(self, key: str) -> Exception | None:
        """The error of the last errand with this key, if it failed; it is forgotten then."""
        with self._lock:
            for errand in list(self._known.values()):
                if errand.key == key and errand.state == "failed":
                    del self._known[errand.id]
                    return errand.error
        return None

    def run(
        self, name: str, arguments: dict[str, Any], on_progress: OnProgress | None = None
    ) -> dict[str, Any]:
        """Do an errand now and give its result; raises what it failed with."""
        with self._turn:
            return self._run(name, arguments, on_progress)

    def _run(self, name: str, arguments: dict[str, Any], on_progress: OnProgress | None) -> dict[str, Any]:
        with tempfile.TemporaryDirectory(prefix="ssd-studio-") as scratch:
            return self._in_child(name, arguments, Path(scratch) / "result.json", on_progress)

    def close(self) -> None:
        """End the child that works, if any, and start no other."""
        with self._lock:
            self._closed = True
            child = self._child
        if child is not None:
            child.kill()

    def _work(self, errand: Errand, name: str, arguments: dict[str, Any]) -> None:
        def progress(done: int, total: int) -> None:
            errand.done, errand.total = done, total

        try:
            errand.waiting = self._turn.locked()
            with self._turn:
                errand.waiting = False
                errand.result = self._run(name, arguments, progress)
        except Exception as error:  # noqa: BLE001
            errand.error = error
            errand.state = "failed"
        else:
            errand.state = "done"

    def _in_child(
        self, name: str, arguments: dict[str, Any], target: Path, on_progress: OnProgress | None
    ) -> dict[str, Any]:
        # Off the GPU, where a training may be.
        environment = trainer_environment(self._settings.model_copy(update={"device": "cpu"}))
        with self._lock:
            if self._closed:
                raise errors.DataError("The program is about to end.")
            child = self._child = subprocess.Popen(
                python_command("app.jobs.errand", name, str(target)),
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
            )
        try:
            said = _converse(child, json.dumps(arguments), on_progress)
        finally:
            child.kill()
            child.wait()
            for stream in (child.stdin, child.stdout, child.stderr):
                # What a child that was killed never read cannot be handed over any more.
                with suppress(OSError):
                    if stream is not None:
                        stream.close()
            with self._lock:
                self._child = None
        return _answer(name, target, child.returncode, said)


def _converse(child: subprocess.Popen[str], arguments: str, on_progress: OnProgress | None) -> str:
    """Hand over the arguments, listen until the child ends, and give what it wrote to its error output."""
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stderr is not None
    complaints: deque[str] = deque(maxlen=LINES_KEPT)
    listener = threading.Thread(target=lambda stream: complaints.extend(stream), args=(child.stderr,))
    listener.start()
    try:
        child.stdin.write(f"{arguments}\n")
        child.stdin.flush()
    except OSError:  # A broken pipe; Windows calls it an invalid argument.
        log.warning("The child ended before it was told what to do.")
    for line in child.stdout:
        if line.startswith(PROGRESS) and on_progress is not None:
            done, total = line.removeprefix(PROGRESS).split()
            on_progress(int(done), int(total))
    child.wait()
    listener.join()
    return "".join(complaints)


def _answer(name: str, target: Path, code: int, said: str) -> dict[str, Any]:
    if code != 0 or not target.exists():
        log.error("The errand %s ended with %s and said: %s", name, code, said)
        how = f"by signal {-code}" if code < 0 else f"with code {code}"
        raise errors.DataError(
            f"The work on the model ended unexpectedly ({how}), perhaps for lack of memory. See the log."
        )
    answer = json.loads(target.read_bytes())
    if "error" in answer:
        raise _error_of(answer["kind"])(answer["error"])
    result: dict[str, Any] = answer["result"]
    return result


def _error_of(kind: str) -> type[Exception]:
    """The class of that name whose errors are one sentence; for others the base of all."""
    simple = (
        errors.NotFound,
        errors.AlreadyExists,
        errors.DiskFull,
        errors.DatabaseUnusable,
        ssd_core.errors.InvalidArtifact,
        ssd_core.errors.InvalidExample,
        ssd_core.errors.InvalidConfig,
    )
    return next((known for known in simple if known.__name__ == kind), errors.DataError)
