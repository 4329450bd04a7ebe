"""The XML reader: line numbers, and hostile files."""

from __future__ import annotations

import pytest

from data.errors import AnnotationRejected
from data.formats import xml_tree
from data.formats.xml_tree import parse_xml


def test_elements_know_their_line_and_text():
    root = parse_xml(b"<a>\n  <b> one </b>\n  <b>two</b>\n</a>")
    assert (root.tag, root.line) == ("a", 1)
    assert [(node.line, node.text) for node in root.all("b")] == [(2, " one "), (3, "two")]
    assert root.value("b") == "one"
    assert root.value("missing") == ""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_encodings_and_byte_order_marks_are_understood(encoding):
    declared = "iso-8859-1" if encoding == "latin-1" else encoding.removesuffix("-sig")
    data = f'<?xml version="1.0" encoding="{declared}"?><name>Mütter</name>'.encode(encoding)
    assert parse_xml(data).text == "Mütter"


def test_text_in_millions_of_pieces_is_read_whole():
    root = parse_xml(b"<a>" + b"\n" * 2_000_000 + b"<b/>end</a>")
    assert (root.text.count("\n"), root.text[-3:], root.first("b").line) == (2_000_000, "end", 2_000_001)


def test_pieces_of_text_are_put_together_once_at_the_end():
    class Piece(str):
        __slots__ = ()

        def __radd__(self, before: str) -> str:
            raise AssertionError("what was read before was copied for one piece more")

    builder = xml_tree._Builder(max_nodes=10)
    builder.startElement("a", {})
    for _ in range(3):
        builder.characters(Piece("x"))
    builder.endElement("a")
    assert builder.root.text == "xxx"


def test_elements_have_their_attributes():
    assert parse_xml(b'<box label="a &amp; b" xtl="1.5"/>').attributes == {"label": "a & b", "xtl": "1.5"}


def test_escaped_markup_is_text():
    assert parse_xml(b"<name>&lt;script&gt;</name>").text == "<script>"


def test_broken_xml_is_rejected_with_its_line():
    with pytest.raises(AnnotationRejected) as caught:
        parse_xml(b"<a>\n<b>\n</a>")
    assert caught.value.line == 3
    assert "mismatched tag" in caught.value.problem


BILLION_LAUGHS = b"""<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>"""
OUTSIDE_FILE = b"""<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>"""
OUTSIDE_DTD = b"""<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><x/>"""


@pytest.mark.parametrize("data", [BILLION_LAUGHS, OUTSIDE_FILE, OUTSIDE_DTD])
def test_entities_are_refused_before_they_are_expanded(data):
    with pytest.raises(AnnotationRejected, match="DOCTYPE"):
        parse_xml(data)


@pytest.mark.parametrize(
    "data", [b"", b" \n", b"not xml", b"<?xml version='1.0'?>", b"\xff\xfe\x00", b"<a>\xc3</a>"]
)
def test_what_is_no_xml_is_rejected(data):
    with pytest.raises(AnnotationRejected):
        parse_xml(data)


def test_an_unknown_encoding_is_rejected():
    with pytest.raises(AnnotationRejected):
        parse_xml(b"<?xml version='1.0' encoding='klingon'?><a/>")


def test_depth_count_and_size_are_limited(monkeypatch):
    with pytest.raises(AnnotationRejected, match="levels"):
        parse_xml(b"<a>" * 1000 + b"</a>" * 1000)
    monkeypatch.setattr(xml_tree, "MAX_NODES", 10)
    with pytest.raises(AnnotationRejected, match="too many"):
        parse_xml(b"<r>" + b"<a/>" * 10 + b"</r>")
    monkeypatch.setattr(xml_tree, "MAX_BYTES", 5)
    with pytest.raises(AnnotationRejected, match="at most 5"):
        parse_xml(b"<aaaa/>")
