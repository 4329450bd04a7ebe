"""Reading YAML that may be anything."""

from __future__ import annotations

import pytest

from data.errors import AnnotationRejected
from data.formats.yaml_text import dump_yaml, read_yaml
from tests.data.formats.folders import write


def read(folder, text: str | bytes):
    return read_yaml(write(folder, {"x.yaml": text}) / "x.yaml")


def test_every_value_stays_a_text(tmp_path):
    assert read(tmp_path, "nc: 2\nnames: [no, 2001-01-01]\n0: 1e3") == {
        "nc": "2",
        "names": ["no", "2001-01-01"],
        "0": "1e3",
    }


def test_what_is_written_is_read_again_in_its_order(tmp_path):
    document = {"z": "1", "names": {"0": "no", "1": "ü\u2028", "2": "- x: #"}}
    assert list(read(tmp_path, dump_yaml(document)).items()) == list(document.items())


@pytest.mark.parametrize(
    ("text", "said", "line"),
    [
        ("a: &x [1]\nb: [*x, *x]", "anchors or aliases", 1),
        ("a: 1\nb: *x", "anchors or aliases", 2),
        ("a: [1\nb: 2", "broken", 2),
        ("\n" + "[" * 1000 + "]" * 1000, "nested too deep", 2),
        ("? [a, b]\n: 1", "broken", 1),
        (b"a: \xff", "not UTF-8", 1),
        ("a: 1\n---\nb: 2", "broken", 2),
    ],
)
def test_what_could_grow_or_is_broken_is_refused_with_its_line(tmp_path, text, said, line):
    with pytest.raises(AnnotationRejected, match=said) as caught:
        read(tmp_path, text)
    assert caught.value.line == line


def test_nothing_in_it_is_ever_built_or_called(tmp_path):
    assert read(tmp_path, "a: !!python/object/apply:os.getcwd []") == {"a": []}


def test_size_is_limited(tmp_path):
    with pytest.raises(AnnotationRejected, match="more than"):
        read(tmp_path, "a: " + "x" * 600_000)
