"""Tables as spreadsheets write them."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import AnnotationRejected
from data.formats.csv_rows import point_for_comma, read_rows, write_rows


def cells(text: str) -> list[tuple[str, ...]]:
    return [row.cells for row in read_rows(text)]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found(separator):
    text = "\n".join(separator.join(row) for row in (("name", "x"), ("a.jpg", "1"), ("b.jpg", "2")))
    assert cells(text) == [("name", "x"), ("a.jpg", "1"), ("b.jpg", "2")]


def test_decimal_commas_do_not_count_as_separators():
    assert cells("name;x;y\na;1,5;2,5\nb;3,5;4,5\n")[1] == ("a", "1,5", "2,5")
    assert [point_for_comma(text) for text in ("1,5", "-,5", "1.5", "1,000,000", "a,5")] == [
        "1.5", "-.5", "1.5", "1,000,000", "a,5",
    ]  # fmt: skip


def test_rows_know_their_line_past_blank_ones_and_line_ends_within_cells():
    rows = read_rows('a,b\n\n,\n"x\ny",2\r\nc,3\r\n')
    assert [(row.line, row.cells) for row in rows] == [(1, ("a", "b")), (5, ("x\ny", "2")), (6, ("c", "3"))]


def test_a_cell_without_end_is_refused():
    with pytest.raises(AnnotationRejected, match="broken"):
        read_rows('a,b\n"' + "x" * 200_000)


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "'=1", "''+1", "\t=1", "plain", "it's", "'plain"]
)
def test_formulas_are_written_as_text_and_come_back(text):
    data = write_rows([("name", "x"), (text, "1")]).decode()
    (_, (written, _)) = csv.reader(io.StringIO(data))
    assert not written.startswith(("=", "+", "-", "@", "\t"))
    assert cells(data)[1] == (text, "1")


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1))
def test_any_name_comes_back(name):
    name = name.strip(" ") or "x"
    assert cells(write_rows([("name", "x"), (name, "1")]).decode())[1] == (name, "1")
