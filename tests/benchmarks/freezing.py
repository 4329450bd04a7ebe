"""What a person waits for who presses Train: the dataset is frozen, and stored with the run."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from data import project_state, snapshots
from data.database import Database

Got = TypeVar("Got")


def measure_freezing(database: Database, project_id: int) -> None:
    """Print how long each part takes; freezing is done when the Train screen opens, if anything changed."""

    def told(what: str, action: Callable[[], Got]) -> Got:
        started = time.perf_counter()
        got = action()
        print(f"{what:<48}{time.perf_counter() - started:>7.1f} s")
        return got

    def compose() -> snapshots.Composed:
        with database.read() as session:
            return snapshots.compose(session, project_id, 0)

    def state() -> str:
        with database.read() as session:
            return project_state.of(session, project_id)

    def store() -> str:
        with database.write() as session:
            return snapshots.store(session, composed)

    print("\nbefore a training")
    composed = told("freezing all, done when Train is opened", compose)
    print(f"{'its text':<48}{len(composed.text) / 1e6:>7.0f} MB")
    told("whether anything changed since", state)
    told("storing what is frozen, while nobody saves", store)
    told("the same once more, for a second run", store)
