"""A consistent copy of an SQLite database that others are writing to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sqlalchemy import Engine


def copy_sqlite(engine: Engine, target: Path) -> Path:
    """Copy the engine's database as it is at one moment; the file appears whole or not at all.

    Args:
        engine: of the SQLite database; what its sessions are doing is not disturbed.
        target: the new file; its folder is made.

    Raises:
        OSError: the disk is full or the folder cannot be written to.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.partial")
    partial.unlink(missing_ok=True)
    driver: Any = engine.dialect.dbapi
    # A connection of its own: the caller's may be in the midst of a transaction.
    source = driver.connect(engine.url.database)
    copy = driver.connect(str(partial))
    try:
        source.backup(copy)
        # The copy is one file that stands alone, until somebody opens it to write.
        copy.execute("PRAGMA journal_mode=DELETE")
    finally:
        copy.close()
        source.close()
    with partial.open("rb+") as stream:
        os.fsync(stream.fileno())
    return partial.replace(target)
