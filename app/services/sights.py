"""Sights: what a model saw on pictures, kept in a file that grows by a line with each picture."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ssd_core.candidates import Candidates

#: Of a pixel and of a score: as many as matter, in a file of a hundred thousand pictures.
_DECIMALS = 4


class Sights:
    """What one model saw, by the hash of the picture.

    So a look that was ended goes on where it was, also after a restart, and one at the same pictures with
    other labels takes no time. A line that was cut off is passed over.

    Args:
        file: where it is kept; made with the first sight.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._tables = dict(self._read())

    def __contains__(self, sha256: str) -> bool:
        return sha256 in self._tables

    def add(self, sha256: str, rows: Sequence[Sequence[float]]) -> None:
        """Keep what is needed of what was seen.

        Args:
            sha256: of the picture.
            rows: ``[x0, y0, x1, y1, score, class index]``, best first; float pixels of the upright picture.
        """
        from ssd_core.candidates import Candidates
        from ssd_core.label_errors import condensed

        kept = [
            [*(round(number, _DECIMALS) for number in numbers), class_id]
            for *numbers, class_id in condensed(Candidates.from_rows(rows)).rows()
        ]
        self._tables[sha256] = _table(kept)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a", encoding="utf-8") as stream:
            # The line's end comes first: the last line may have been cut off.
            stream.write(f"\n{json.dumps([sha256, kept], separators=(',', ':'))}")

    def of(self, sha256: str) -> Candidates:
        """What was seen on a picture that was looked at."""
        from ssd_core.candidates import Candidates

        return Candidates.from_rows(self._tables[sha256])

    def _read(self) -> Iterator[tuple[str, NDArray[np.float32]]]:
        with suppress(OSError), self._file.open(encoding="utf-8", errors="replace") as stream:
            for line in stream:
                with suppress(ValueError):
                    sha256, rows = json.loads(line)
                    yield sha256, _table(rows)


def _table(rows: Sequence[Sequence[float]]) -> NDArray[np.float32]:
    return np.array(rows, np.float32).reshape(-1, 6)
