"""Plain text logs: one line per event, with the run it belongs to."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

#: A log larger than this is set aside, once, when its process starts.
LARGEST_BYTES = 5_000_000
#: Level for commands whose own output is what people read.
QUIET = logging.WARNING

_run: ContextVar[str | None] = ContextVar("run", default=None)


class _RunFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        run_id = _run.get()
        record.run = f" [run {run_id}]" if run_id else ""
        return True


@contextmanager
def about_run(run_id: str) -> Iterator[None]:
    """Name a run in every line logged inside, by this thread."""
    token = _run.set(run_id)
    try:
        yield
    finally:
        _run.reset(token)


def set_aside_if_large(path: Path) -> None:
    """Rename a log that grew too large to ``<name>.1``, in place of the one set aside before."""
    if path.exists() and path.stat().st_size > LARGEST_BYTES:
        path.replace(path.with_name(path.name + ".1"))


def configure(file: Path | None = None, *, to_stderr: bool = True, level: int = logging.INFO) -> None:
    """Send this process's log lines to stderr, to a file, or to both.

    Args:
        file: appended to; its folder must exist.
        to_stderr: False where stderr already is that file, or a person reads it.
        level: of this program's own lines; libraries speak from WARNING on.
    """
    handlers: list[logging.Handler] = []
    if to_stderr:
        handlers.append(logging.StreamHandler(sys.stderr))
    if file is not None:
        handlers.append(logging.FileHandler(file, encoding="utf-8"))
    for handler in handlers:
        handler.addFilter(_RunFilter())
        handler.setFormatter(
            logging.Formatter("%(asctime)s %(levelname)s %(process)d %(name)s%(run)s: %(message)s")
        )
    logging.basicConfig(level=logging.WARNING, handlers=handlers, force=True)
    for name in ("app", "data", "ssd_core"):
        logging.getLogger(name).setLevel(level)
