"""Reading JSON that may be anything."""

from __future__ import annotations

import pytest

from data.errors import AnnotationRejected
from data.formats.json_text import as_list, as_object, as_text, dump, dump_rows, parse_json, shown


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_encodings_and_byte_order_marks_are_understood(encoding):
    assert parse_json('{"name": "Müller"}'.encode(encoding)) == {"name": "Müller"}


def test_what_is_broken_is_told_with_its_line():
    with pytest.raises(AnnotationRejected, match="broken") as caught:
        parse_json(b'{"a": 1,\n"b": }')
    assert caught.value.line == 2


@pytest.mark.parametrize(
    "data", [b"", b" \n", b"\xff\xfa{}", b'{"a": "\xe9"}', b"{", b"nope", b"[" * 100_000]
)
def test_what_is_no_json_is_refused(data):
    with pytest.raises(AnnotationRejected):
        parse_json(data)


def test_very_long_numbers_become_floats_that_can_be_told():
    huge, small = parse_json(b"[" + b"9" * 5000 + b", 12345678901234567]")
    assert (huge, small) == (float("inf"), 12345678901234567)
    assert shown(huge) == "inf"


def test_values_of_another_kind_count_as_empty():
    assert (as_list({}), as_object([]), as_text(5)) == ([], {}, "")
    assert as_text("\ud800x") == "?x"


def test_values_are_shown_short_and_on_one_line():
    assert shown("a\nb\x1b[31m") == r"'a\nb\x1b[31m'"
    assert shown("ü") == "'ü'"
    assert len(shown("x" * 1000)) < 70


def test_what_is_written_is_read_again_and_has_a_line_per_item():
    document = {"images": [{"name": "ü"}], "none": []}
    assert parse_json(dump(document)) == parse_json(dump_rows(document)) == document
    assert dump_rows(document).decode().splitlines()[2] == '{"name": "ü"}'
