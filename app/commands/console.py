"""How commands speak: results on stdout, progress and complaints on stderr."""

from __future__ import annotations

import json
import re
import shutil
import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

SECONDS_BETWEEN_PLAIN_LINES = 10.0
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")


def say(text: str = "") -> None:
    """Write a line of the result to stdout."""
    try:
        sys.stdout.write(f"{text}\n")
    except UnicodeEncodeError:
        # On Windows a file has few letters. Written as JSON has them, for it may be JSON.
        sys.stdout.write(f"{_BEYOND_ASCII.sub(lambda letter: json.dumps(letter[0])[1:-1], text)}\n")
    sys.stdout.flush()


def say_json(value: Any) -> None:
    """Write the result as JSON to stdout, and nothing else."""
    say(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2))


def note(text: str) -> None:
    """Write a line to stderr that is no result."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def counted(number: int, word: str) -> str:
    """Say how many of something there are."""
    ending = "" if number == 1 else "es" if word.endswith(("s", "x")) else "s"
    return f"{number} {word}{ending}"


def complain(sentence: str) -> None:
    """Write to stderr what went wrong, with the program's name, as programs do."""
    note(f"ssd-studio: {sentence}")


class ProgressLine:
    """One line on stderr that is rewritten in a terminal, and repeated now and then in a file.

    Use it in ``with``: a terminal's line is cleared at the end.
    """

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._shown = ""
        self._last_kind = ""
        self._last_time = float("-inf")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live and self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def show(self, text: str, kind: str = "") -> None:
        """Show a text in place of the one before; outside a terminal a new ``kind`` is shown at once."""
        if self._live:
            if text != self._shown:
                width = shutil.get_terminal_size().columns - 1
                sys.stderr.write(f"\r\x1b[K{text[:width]}")
                sys.stderr.flush()
        elif kind != self._last_kind or (
            text != self._shown and time.monotonic() - self._last_time > SECONDS_BETWEEN_PLAIN_LINES
        ):
            note(text)
            self._last_kind, self._last_time = kind, time.monotonic()
        self._shown = text

    def count(self, what: str, done: int, total: int) -> None:
        """Show how many of how many are done."""
        self.show(f"{what} {done} of {total}", kind=what if done < total else f"{what} done")


def table(rows: Sequence[Sequence[str]]) -> str:
    """Lay rows out in columns, the first row being the headings; the last column may be of any width."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def duration(seconds: float) -> str:
    """A time for people: ``42 s``, ``3:05 min``, ``1:07 h``."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d} min"
    return f"{whole // 3600}:{whole % 3600 // 60:02d} h"
