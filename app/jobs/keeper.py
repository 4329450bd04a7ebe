"""The keeper: sees to it that the device has a worker for as long as somebody here wants one."""

from __future__ import annotations

import logging
import subprocess
import threading
import time
from types import TracebackType
from typing import Self

from app.jobs.children import child_environment, python_command
from app.jobs.locks import Presence, is_held
from app.logs import set_aside_if_large
from app.settings import Settings
from app.workspace import Workspace

log = logging.getLogger(__name__)

#: A worker started here leaves when nobody was present and nothing was unfinished for this long.
IDLE_SECONDS = 30.0
SECONDS_BETWEEN_LOOKS = 1.0
LONGEST_BACKOFF_SECONDS = 60.0

#: Workers that were started and let go; an object kept costs nothing, one collected warns of a running child.
_let_go: list[subprocess.Popen[bytes]] = []


def start_worker(settings: Settings, idle_seconds: float = IDLE_SECONDS) -> subprocess.Popen[bytes]:
    """Start a worker that outlives this process; if the device has one already, the new one leaves at once.

    Args:
        settings: workspace, database and device of the worker.
        idle_seconds: how long it stays when there is nothing to stay for.
    """
    workspace = Workspace(settings.workspace).prepare()
    log_file = workspace.worker_log(settings.device)
    set_aside_if_large(log_file)
    with log_file.open("ab") as output:
        return subprocess.Popen(
            python_command("app", "worker", "--idle-exit", str(idle_seconds)),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=workspace.root,
            env=child_environment(settings),
            start_new_session=True,
        )


def ensure_worker(settings: Settings) -> bool:
    """Start a worker if the device has none; tells whether one was started."""
    if is_held(Workspace(settings.workspace).prepare().worker_lock(settings.device)):
        return False
    _let_go.append(start_worker(settings))
    return True


class Keeper:
    """Keeps the device's worker running while inside ``with``: starts one if none lives, again if it dies.

    The worker is nobody's child in effect: it outlives this process, finishes what was queued and leaves.
    """

    def __init__(self, settings: Settings, idle_seconds: float = IDLE_SECONDS) -> None:
        self._settings = settings
        self._idle_seconds = idle_seconds
        self._workspace = Workspace(settings.workspace).prepare()
        self._stop = threading.Event()
        self._presence: Presence | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._presence = Presence(self._workspace.locks)
        self._thread = threading.Thread(target=self._keep, name="worker-keeper", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        if self._presence is not None:
            self._presence.end()

    def _keep(self) -> None:
        delay = SECONDS_BETWEEN_LOOKS
        while not self._stop.is_set():
            if is_held(self._workspace.worker_lock(self._settings.device)):
                delay = SECONDS_BETWEEN_LOOKS
            else:
                began = time.monotonic()
                code = self._run_worker()
                if code is None:
                    return
                lived = time.monotonic() - began
                delay = SECONDS_BETWEEN_LOOKS if lived > 30 else min(2 * delay, LONGEST_BACKOFF_SECONDS)
                if code != 0:
                    log.warning(
                        "The worker of device %s ended with code %d; its log is %s. The next starts in %g s.",
                        self._settings.device,
                        code,
                        self._workspace.worker_log(self._settings.device),
                        delay,
                    )
            self._stop.wait(delay)

    def _run_worker(self) -> int | None:
        """Start a worker and wait for its end; None if the keeper is told to stop meanwhile."""
        try:
            worker = start_worker(self._settings, self._idle_seconds)
        except OSError:
            log.exception("The worker of device %s could not be started.", self._settings.device)
            return -1
        # Not worker.wait(timeout), which looks twenty times a second.
        while not self._stop.wait(SECONDS_BETWEEN_LOOKS):
            if (code := worker.poll()) is not None:
                return code
        _let_go.append(worker)
        return None
