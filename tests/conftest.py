"""What must happen before any test module is imported, and how tests share the cores."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

# TensorFlow carries an SQLite of its own, with public symbols. Whichever is loaded first is the one
# that pysqlite3 calls, so ours comes before any test of the detector, as it does in the trainer.
with suppress(ImportError):
    import pysqlite3.dbapi2  # noqa: F401

JOURNEYS = Path(__file__).parent / "journeys"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a file's tests together, and the journeys too: they share one server and one browser.

    The journeys take longest, so that one process begins with them while the others do the rest.
    """
    for item in items:
        place = JOURNEYS if JOURNEYS in item.path.parents else item.path
        item.add_marker(pytest.mark.xdist_group(str(place)))
    items.sort(key=lambda item: JOURNEYS not in item.path.parents)
