"""Sights: read back by the picture's hash, also after a crash in the middle of a line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.services.sights import Sights

FIRST, SECOND, THIRD = ("0a" * 32, "0b" * 32, "0c" * 32)
ROW = [1.0, 2.0, 11.0, 12.0, 0.9, 1]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "review" / "m0.jsonl"


def test_what_was_seen_is_read_back_in_the_order_asked_for(file: Path) -> None:
    seen = Sights(file)
    assert FIRST not in seen
    seen.add(FIRST, [ROW])
    seen.add(SECOND, [])
    for again in (seen, Sights(file)):
        assert FIRST in again
        nothing, one = again.of([SECOND, FIRST])
        assert len(nothing) == 0
        assert one.rows() == [pytest.approx(ROW)]


def test_two_servers_that_look_at_the_same_pictures_do_not_take_one_sight_for_another(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, theirs = Sights(file), Sights(file)
    opened = Path.open

    def opened_as_they_write(path: Path, *how: Any, **more: Any) -> Any:
        stream = opened(path, *how, **more)
        monkeypatch.undo()
        theirs.add(SECOND, [ROW])
        return stream

    monkeypatch.setattr(Path, "open", opened_as_they_write)
    mine.add(FIRST, [])
    assert [len(sight) for sight in mine.of([FIRST])] == [0]
    assert [len(sight) for sight in Sights(file).of([FIRST, SECOND])] == [0, 1]


def test_a_line_that_was_cut_off_is_as_if_it_had_never_been(file: Path) -> None:
    seen = Sights(file)
    seen.add(FIRST, [ROW])
    seen.add(SECOND, [ROW, [50, 50, 60, 60, 0.5, 0]])
    written = file.read_bytes()
    # Without its last bracket, the line looks like one that is complete.
    file.write_bytes(written[:-1])
    after = Sights(file)
    assert (FIRST in after, SECOND in after) == (True, False)
    after.add(THIRD, [ROW])
    for again in (after, Sights(file)):
        assert [len(sight) for sight in again.of([THIRD, FIRST])] == [1, 1]
        assert SECOND not in again
    file.write_bytes(b"\n17\n\xff\n" + file.read_bytes())
    assert [len(sight) for sight in Sights(file).of([FIRST])] == [1]
