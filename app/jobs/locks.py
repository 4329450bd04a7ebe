"""Who is alive: locks that the kernel frees when their process ends, even by ``kill -9``."""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from app.workspace import host_in_names

#: A presence file younger than this may belong to a process that is about to lock it.
SECONDS_BEFORE_CLEARING = 60.0
#: One host has no more GPUs than this.
MOST_GPUS = 16
_SECONDS_BETWEEN_TRIES = 0.5


def try_lock(path: Path, wait_seconds: float = 0.0) -> FileLock | None:
    """Take a lock if nobody holds it within a time; None if somebody does.

    The lock is held until it is released or this process ends.
    """
    lock = FileLock(path, thread_local=False)
    try:
        lock.acquire(timeout=wait_seconds, poll_interval=0.05)
    except Timeout:
        return None
    return lock


def is_held(path: Path) -> bool:
    """Tell whether a process holds the lock."""
    lock = try_lock(path)
    if lock is None:
        return True
    lock.release()
    return False


class Presence:
    """Says to the workers of a workspace: somebody here wants you; ends with the process at the latest."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"present-{os.getpid()}-{uuid.uuid4().hex[:8]}.lock"
        self._lock = try_lock(self._path, wait_seconds=10.0)

    def end(self) -> None:
        """Withdraw; a second call does nothing."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None
            self._path.unlink(missing_ok=True)


def somebody_present(folder: Path) -> bool:
    """Tell whether any process is present, and clear away what dead ones left."""
    present = False
    for path in folder.glob("present-*.lock"):
        lock = try_lock(path)
        if lock is None:
            present = True
            continue
        try:
            if time.time() - path.stat().st_mtime > SECONDS_BEFORE_CLEARING:
                path.unlink(missing_ok=True)
        except FileNotFoundError:
            pass
        finally:
            lock.release()
    return present


class DeviceLocks:
    """What a worker holds while it trains: its GPU, or all of this host's; the CPU may be shared.

    Args:
        folder: of the locks.
        device: the index of a GPU, ``all`` or ``cpu``.
    """

    def __init__(self, folder: Path, device: str) -> None:
        gpus = {"cpu": [], "all": [str(number) for number in range(MOST_GPUS)]}.get(device, [device])
        self._paths = [folder / f"device-{host_in_names()}-{gpu}.lock" for gpu in gpus]

    def are_free(self) -> bool:
        """Tell whether nobody trains on the device now."""
        return not any(is_held(path) for path in self._paths)

    @contextmanager
    def held(self, leave: threading.Event) -> Iterator[bool]:
        """Wait until the device is free and hold it inside ``with``; False if told to leave before."""
        with ExitStack() as stack:
            while not self._take_all(stack):
                if leave.wait(_SECONDS_BETWEEN_TRIES):
                    yield False
                    return
            yield True

    def _take_all(self, stack: ExitStack) -> bool:
        with ExitStack() as taken:
            for path in self._paths:
                lock = try_lock(path)
                if lock is None:
                    return False
                taken.callback(lock.release)
            stack.enter_context(taken.pop_all())
        return True
