"""Workers: whether one trains on a device of this machine, and how to have one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from app.jobs.keeper import Keeper, ensure_worker
from app.jobs.locks import is_held
from app.settings import Settings
from app.workspace import Workspace
from data import runs
from data.database import Database


class Workers:
    """The worker of this process's device, and of those that runs ask for by name."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self._kept: ExitStack | None = None
        self._devices: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def keep(self) -> Iterator[None]:
        """Keep a worker running for as long as the ``with`` block lasts; it outlives this process.

        So it is with the workers of other devices that runs wait for, now or later.
        """
        with ExitStack() as kept:
            self._kept, self._devices = kept, {self._settings.device}
            kept.enter_context(Keeper(self._settings))
            with self._database.read() as session:
                wanted = {run.device for run in runs.unfinished(session)}
            for device in wanted:
                self.want(device)
            try:
                yield
            finally:
                with self._lock:
                    self._kept = None

    def want(self, device: str | None) -> None:
        """Keep a worker of this device too, as long as workers are kept; None is that of this process."""
        with self._lock:
            if self._kept is not None and device is not None and device not in self._devices:
                self._devices.add(device)
                self._kept.enter_context(Keeper(self._on(device)))

    def ensure(self, device: str | None = None) -> bool:
        """Start a worker that leaves when the queue is empty, unless there is one; tells whether it did."""
        return ensure_worker(self._on(device))

    def _on(self, device: str | None) -> Settings:
        return self._settings.model_copy(update={"device": device or self._settings.device})

    def is_alive(self, device: str | None = None) -> bool:
        """Tell whether a device has a worker; None for that of this process."""
        return is_held(Workspace(self._settings.workspace).worker_lock(device or self._settings.device))
