"""What must happen before any test module is imported."""

from __future__ import annotations

from contextlib import suppress

# TensorFlow carries an SQLite of its own, with public symbols. Whichever is loaded first is the one
# that pysqlite3 calls, so ours comes before any test of the detector, as it does in the trainer.
with suppress(ImportError):
    import pysqlite3.dbapi2  # noqa: F401
