"""What must happen before any test module is imported, and how tests share the cores."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

import pytest

# TensorFlow carries an SQLite of its own, with public symbols. Whichever is loaded first is the one
# that pysqlite3 calls, so ours comes before any test of the detector, as it does in the trainer.
with suppress(ImportError):
    import pysqlite3.dbapi2  # noqa: F401

JOURNEYS = "tests/journeys/"
#: Journeys that need a model take as long as all others, and are walked beside them.
WITH_A_MODEL = tuple(
    f"{JOURNEYS}test_{part}" for part in ("live", "models", "review", "suggestions", "train")
)
#: What takes longest comes first, or one process ends long after the others: journeys, then trainings.
LONGEST = (JOURNEYS, "tests/app/jobs/", "tests/ssd_core/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""

    def turn(item: pytest.Item) -> int:
        if item.nodeid.startswith(WITH_A_MODEL):
            return -1
        return next((at for at, part in enumerate(LONGEST) if item.nodeid.startswith(part)), len(LONGEST))

    items.sort(key=turn)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are cores: journeys mostly wait for their browser and their server."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """Give each file's tests to one process, all journeys to two: each has a server and a browser."""
    from xdist.scheduler import LoadScopeScheduling

    class OneServer(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            if nodeid.startswith(WITH_A_MODEL):
                return f"{JOURNEYS}with a model"
            return JOURNEYS if nodeid.startswith(JOURNEYS) else nodeid.split("::", 1)[0]

    # In the order in which they were collected, which has a reason.
    config.option.loadscopereorder = False
    return OneServer(config, log)
