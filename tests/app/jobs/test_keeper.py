"""The keeper: a worker for as long as somebody is here, and no longer."""

from __future__ import annotations

from collections.abc import Callable

import psutil

from app.jobs.keeper import Keeper
from app.jobs.locks import is_held
from app.settings import Settings
from app.workspace import Workspace

Until = Callable[[Callable[[], bool]], None]


def workers() -> list[psutil.Process]:
    """Those that live; one that has ended stays a child until it is waited for."""
    children = psutil.Process().children()
    living = [child for child in children if child.status() != psutil.STATUS_ZOMBIE]
    return [child for child in living if "worker" in child.cmdline()]


def test_a_worker_is_kept_alive_and_leaves_after_its_keeper(settings: Settings, until: Until) -> None:
    lock = Workspace(settings.workspace).prepare().worker_lock(settings.device)
    with Keeper(settings, idle_seconds=0.5):
        until(lambda: is_held(lock))
        (first,) = workers()
        first.kill()
        until(lambda: is_held(lock) and any(worker.pid != first.pid for worker in workers()))
        (second,) = workers()
    assert second.is_running()
    until(lambda: not is_held(lock))
