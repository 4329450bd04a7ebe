"""What a server does by itself, at its start and once a day from then on."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

log = logging.getLogger(__name__)

SECONDS_OF_A_DAY = 24 * 3600.0


class Daily:
    """Carries tasks out beside the server while inside ``with``; one that fails is logged, and tried again.

    Args:
        tasks: called one after the other, in a thread of their own.
        seconds: between one round and the next.
    """

    def __init__(self, *tasks: Callable[[], object], seconds: float = SECONDS_OF_A_DAY) -> None:
        self._tasks = tasks
        self._seconds = seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="daily-tasks", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _work(self) -> None:
        failing: set[Callable[[], object]] = set()
        while True:
            for task in self._tasks:
                try:
                    task()
                except Exception:
                    # Told once: what fails every few seconds would fill the disk with it.
                    if task not in failing:
                        log.exception("A task of the server failed; it is tried every %g s.", self._seconds)
                    failing.add(task)
                else:
                    failing.discard(task)
            if self._stop.wait(self._seconds):
                return
