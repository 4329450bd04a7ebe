"""Tables as text: whichever separator, number style and encoding a spreadsheet chose; safe to open in one."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from data.errors import AnnotationRejected

_SEPARATORS = ",;\t|"
# A cell that begins like this is a formula to a spreadsheet, and a formula can start programs.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_PROTECTED = re.compile(r"'+[=+\-@\t\r]")
_SPECIAL = re.compile(r'[,;\t|"\r\n]')
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+([eE][+-]?[0-9]+)?")
# Lines looked at to find the separator.
_LOOKED_AT = 20


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table: where it stands, and its cells without outer blanks."""

    line: int
    cells: tuple[str, ...]


def read_rows(text: str) -> list[Row]:
    """Read a table, without its blank lines.

    Raises:
        AnnotationRejected: it is broken; has the line.
    """
    separator = _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    rows: list[Row] = []
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return rows
        except csv.Error as error:
            raise AnnotationRejected(
                f"The table is broken: {error}.", "Mend or export it again.", reader.line_num
            ) from error
        if any(cells):
            rows.append(Row(reader.line_num, tuple(_unprotected(cell.strip(" ")) for cell in cells)))


def point_for_comma(cell: str) -> str:
    """Write a number with a point that has a comma."""
    return cell.replace(",", ".") if _DECIMAL_COMMA.fullmatch(cell) else cell


def write_rows(rows: Iterable[Sequence[str]]) -> bytes:
    """Write a table with commas; texts that a spreadsheet would take for formulas get a quote in front."""
    return "".join(f"{','.join(map(_written, row))}\n" for row in rows).encode()


def _separator(text: str) -> str:
    """Choose the separator that cuts most of the first lines into equally many cells."""

    def score(separator: str) -> tuple[int, int]:
        counts = Counter(_QUOTED.sub("", line).count(separator) for line in _first_lines(text))
        counts.pop(0, None)
        number, lines = max(counts.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
        return lines, number

    return max(_SEPARATORS, key=score)


def _first_lines(text: str) -> Iterator[str]:
    start = 0
    for _ in range(_LOOKED_AT):
        end = text.find("\n", start)
        line = text[start : end if end >= 0 else len(text)]
        if line.strip():
            yield line
        if end < 0:
            return
        start = end + 1


def _written(cell: str) -> str:
    text = f"'{cell}" if _FORMULA.match(cell) else cell
    # All separators are quoted, so that nobody who guesses one guesses wrong.
    return '"' + text.replace('"', '""') + '"' if _SPECIAL.search(text) else text


def _unprotected(cell: str) -> str:
    return cell[1:] if _PROTECTED.match(cell) else cell
