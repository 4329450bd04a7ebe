"""Tasks: work that outlasts a request, in a few threads, with its progress, its end and a way to stop it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Generic, Literal, TypeVar

from data.blobs import NO_ROOM
from data.errors import DataError, NotFound

log = logging.getLogger(__name__)

TaskState = Literal["uploading", "ready", "running", "done", "failed", "cancelled"]
#: Called with the number of images done and their total; where the task was stopped it does not return.
OnProgress = Callable[[int, int], None]
#: Tasks of one kind carried out at the same time, where nothing else is said.
WORKERS = 2
#: Tasks of one kind that are remembered, and that may wait for something at the same time.
MOST_TASKS = 50
DAY_SECONDS = 24 * 3600.0


class Busy(DataError):
    """A task's state does not allow what was asked."""


class Stopped(Exception):
    """Somebody stopped the task, or asked it for something else meanwhile."""


class Task:
    """One piece of work and how far it is; its ``lock`` is held by whoever works on it.

    Args:
        id: an id that is not to be guessed.
        state: where it begins.
    """

    def __init__(self, id: str, state: TaskState) -> None:
        self.id = id
        self.state: TaskState = state
        self.done = 0
        self.total = 0
        self.report: dict[str, Any] | None = None
        self.error: str | None = None
        self.project_id: int | None = None
        self.touched = time.time()
        self.lock = threading.Lock()
        self.stop = threading.Event()
        #: Its turn, once it shall be carried out.
        self.turn: Future[None] | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing will change about it any more."""
        return self.state in ("done", "failed", "cancelled")

    def touch(self) -> None:
        """Note that somebody still wants it."""
        self.touched = time.time()

    def begin(self) -> OnProgress:
        """Begin a piece of work whose progress is counted from nothing, and can be stopped."""
        stop = self.stop = threading.Event()
        self.done = self.total = 0

        def progress(done: int, total: int) -> None:
            if stop.is_set():
                raise Stopped
            self.done, self.total = done, total
            self.touch()

        return progress

    def clear(self) -> None:
        """Remove what it has on the disk; does nothing by itself."""

    def settle(self, ended: TaskState) -> None:
        """Remove what it needs no more, now that it ends like this; does nothing by itself."""


T = TypeVar("T", bound=Task)


class Tasks(Generic[T]):
    """The tasks of one kind; those that ended longest ago are forgotten.

    Args:
        what: what one is called in sentences (``import``).
        workers: how many are carried out at the same time.
    """

    def __init__(self, what: str, workers: int = WORKERS) -> None:
        self._what = what
        self._workers = workers
        self._tasks: dict[str, T] = {}
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._closed = False

    def add(self, task: T) -> T:
        """Take a task in.

        Raises:
            Busy: too many others have not ended.
        """
        with self._lock:
            old = time.time() - DAY_SECONDS
            ended = [each for each in self._tasks.values() if each.ended]
            surplus = ended[: max(0, len(ended) + 1 - MOST_TASKS)]
            stale = [each for each in self._tasks.values() if each.touched < old and each.state != "running"]
            forgotten = {each.id: each for each in (*surplus, *stale)}
            for task_id in forgotten:
                del self._tasks[task_id]
            if sum(not each.ended for each in self._tasks.values()) >= MOST_TASKS:
                raise Busy(f"{MOST_TASKS} {self._what}s have not ended. Finish or cancel some of them first.")
            self._tasks[task.id] = task
        for each in forgotten.values():
            each.clear()
        return task

    def all(self) -> tuple[T, ...]:
        """Those that are known, in the order in which they were taken in."""
        with self._lock:
            return tuple(self._tasks.values())

    def find(self, task_id: str) -> T | None:
        """Give a task, or None if there is none with this id."""
        with self._lock:
            return self._tasks.get(task_id)

    def get(self, task_id: str) -> T:
        """Give a task.

        Raises:
            NotFound: there is none with this id, or it was forgotten.
        """
        task = self.find(task_id)
        if task is None:
            raise NotFound(f"There is no {self._what} of this id any more. Begin it again.")
        return task

    def run(self, task: T, work: Callable[[OnProgress], dict[str, Any]]) -> None:
        """Carry a task out as soon as a thread is free; its state, report and error tell how it ended.

        Args:
            task: the task; whatever it does now is stopped.
            work: is given the progress to tell of, and gives the report.

        Raises:
            Busy: it runs already, or this process is about to end.
        """
        with self._lock:
            if self._closed:
                raise Busy("The studio is being closed.")
            if task.state == "running":
                raise Busy(f"The {self._what} is running already.")
            task.stop.set()
            task.state, task.error, task.report = "running", None, None
            self._pool = self._pool or ThreadPoolExecutor(self._workers, thread_name_prefix=self._what)
            task.turn = self._pool.submit(_carry_out, task, task.begin(), work)

    def run_anew(self, task: T, work: Callable[[OnProgress], dict[str, Any]]) -> None:
        """Take a task in, in the place of the one of its id that has ended, and `run` it."""
        if self.find(task.id) is not None:
            self.discard(task.id)
        self.run(self.add(task), work)

    def discard(self, task_id: str) -> None:
        """Stop a task, or forget one that does not run and clear up behind it; raises NotFound."""
        task = self.get(task_id)
        task.stop.set()
        if task.state == "running":
            # One that waits for others, perhaps for hours, ends at once.
            if task.turn is not None and task.turn.cancel():
                with task.lock:
                    _end(task, "cancelled")
            return
        with self._lock:
            self._tasks.pop(task_id, None)
        with task.lock:
            task.clear()

    def close(self) -> None:
        """Stop every task, and wait until each has noticed."""
        with self._lock:
            self._closed = True
            for task in self._tasks.values():
                task.stop.set()
        if self._pool is not None:
            self._pool.shutdown(wait=True)


def _carry_out(task: Task, progress: OnProgress, work: Callable[[OnProgress], dict[str, Any]]) -> None:
    with task.lock:
        ended: TaskState = "failed"
        try:
            progress(0, 0)
            task.report = work(progress)
            ended = "done"
        except Stopped:
            ended = "cancelled"
        except Exception as error:  # noqa: BLE001 - nobody else would hear of it
            task.error = sentence_of(error)
        _end(task, ended)


def _end(task: Task, ended: TaskState) -> None:
    try:
        task.settle(ended)
    except Exception as error:  # noqa: BLE001 - it would be told to run for ever
        ended, task.error, task.report = "failed", sentence_of(error), None
        with suppress(Exception):
            task.settle(ended)
    # Last: whoever sees that it has ended may look for what it left.
    task.state = ended


def sentence_of(error: Exception) -> str:
    """Say what ended a task, for whoever began it; what nobody foresaw goes into the log."""
    if isinstance(error, DataError):
        return str(error)
    if isinstance(error, OSError):
        if error.errno in NO_ROOM:
            return "The disk is full: free some space and try again. What was saved before is safe."
        log.error("A file could not be read or written.", exc_info=error)
        return f"A file could not be read or written ({error.strerror or error}). The log says which."
    log.error("A task failed unexpectedly.", exc_info=error)
    return f"It failed unexpectedly ({type(error).__name__}). The log says why."
