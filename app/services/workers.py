"""Workers: whether one trains on this device, and how to have one."""

from __future__ import annotations

from app.jobs.keeper import Keeper, ensure_worker
from app.jobs.locks import is_held
from app.settings import Settings
from app.workspace import Workspace


class Workers:
    """The worker of this process's device."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def keep(self) -> Keeper:
        """Keep a worker running for as long as the ``with`` block lasts; it outlives this process."""
        return Keeper(self._settings)

    def ensure(self) -> bool:
        """Start a worker that leaves when the queue is empty, if there is none; tells whether it did."""
        return ensure_worker(self._settings)

    def is_alive(self) -> bool:
        """Tell whether the device has a worker."""
        return is_held(Workspace(self._settings.workspace).worker_lock(self._settings.device))
