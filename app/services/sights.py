"""Sights: what a model saw on pictures, kept in a file that grows by a line with each picture."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ssd_core.candidates import Candidates

#: Of a pixel and of a score: as many as matter, in a file of a hundred thousand pictures.
_DECIMALS = 4


class Sights:
    """What one model saw, by the hash of the picture.

    So a look that was ended goes on where it was, also after a restart, and one at the same pictures with
    other labels takes no time. A line that was cut off is passed over. Of a picture only the place of its
    line is kept in memory.

    Args:
        file: where it is kept; made with the first sight.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._places: dict[bytes, int] = {}
        self._find_lines()

    def __contains__(self, sha256: str) -> bool:
        return bytes.fromhex(sha256) in self._places

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
        line = json.dumps([sha256, kept], separators=(",", ":")).encode()
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("ab") as stream:
            # The line's end comes first: the last line may have been cut off.
            stream.write(b"\n" + line)
            stream.flush()
            # Known only now: another server may have written since the file was opened.
            self._places[bytes.fromhex(sha256)] = stream.tell() - len(line)

    def of(self, sha256s: Sequence[str]) -> list[Candidates]:
        """What was seen on pictures that were looked at, in their order."""
        from ssd_core.candidates import Candidates

        found = []
        with self._file.open("rb") as stream:
            for sha256 in sha256s:
                stream.seek(self._places[bytes.fromhex(sha256)])
                found.append(Candidates.from_rows(json.loads(stream.readline())[1]))
        return found

    def _find_lines(self) -> None:
        place = 0
        with suppress(OSError), self._file.open("rb") as stream:
            for line in stream:
                with suppress(ValueError, TypeError):
                    sha256, _rows = json.loads(line)
                    self._places[bytes.fromhex(sha256)] = place
                place += len(line)
