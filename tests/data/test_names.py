"""Names are text: kept as typed, made comparable, refused only where they cannot be stored."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import InvalidName
from data.names import tidy_name, tidy_note, tidy_path


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "${alert(1)}", "'; DROP TABLE box; --", "Müll 2 %s"]
)
def test_a_class_name_may_be_any_text(name):
    assert tidy_name(name, "class") == name


def test_outer_blanks_are_not_part_of_a_name():
    assert tidy_name("  red nut\n", "class") == "red nut"


def test_composed_and_decomposed_letters_are_one_name():
    assert tidy_name("Mu\u0308ll", "class") == "M\u00fcll"


@pytest.mark.parametrize("name", ["", "  \t", "a\nb", "x" * 201])
def test_an_unusable_name_is_refused_with_the_kind_it_was_meant_for(name):
    with pytest.raises(InvalidName, match="project"):
        tidy_name(name, "project")


@pytest.mark.parametrize(
    ("path", "stored"),
    [
        ("a\\b\\c.jpg", "a/b/c.jpg"),
        ("./a//b.jpg", "a/b.jpg"),
        ("/etc/passwd", "etc/passwd"),
        ("../../a.png", "a.png"),
        ("a/../../b.png", "a/b.png"),
        ("C:\\x\\a.png", "x/a.png"),
        ("c:a.png", "a.png"),
        ("../C:D:..\\a.png", "a.png"),
        ("\\\\server\\share\\a.png", "server/share/a.png"),
        (".. /. /a.png", "a.png"),
        ("a..b/.hidden/10:30.png", "a..b/.hidden/10:30.png"),
    ],
)
def test_a_path_is_stored_with_forward_slashes_and_relative(path, stored):
    assert tidy_path(path) == stored


@given(st.text("./\\:Cc a\x00", max_size=30))
def test_no_stored_path_climbs_out_of_its_folder_on_any_system(path):
    try:
        tidy = tidy_path(path)
    except InvalidName:
        return
    for kind in (PurePosixPath, PureWindowsPath):
        place = kind(tidy)
        assert not place.anchor
        assert not place.drive
        assert ".." not in {part.rstrip() for part in place.parts}
    assert tidy_path(tidy) == tidy


def test_a_file_name_that_is_not_utf8_and_a_nul_become_replacement_characters():
    assert tidy_path(b"caf\xe9.jpg".decode("utf-8", "surrogateescape")) == "caf\ufffd.jpg"
    assert tidy_path("a\x00b.jpg") == "a\ufffdb.jpg"
    tidy_path("lone \ud800 surrogate.jpg").encode("utf-8")


@pytest.mark.parametrize("path", ["", "/", "./", "../..", "C:\\", "a" * 501])
def test_a_path_that_names_nothing_or_is_too_long_is_refused(path):
    with pytest.raises(InvalidName):
        tidy_path(path)


def test_a_note_keeps_its_lines_and_loses_its_outer_blanks():
    assert tidy_note(" first\nsecond e\u0301 \n") == "first\nsecond \xe9"
    assert tidy_note("a\x00b") == "a\ufffdb"
    assert tidy_note("x" * 2000) == "x" * 2000
    with pytest.raises(InvalidName, match="2001 characters"):
        tidy_note("x" * 2001)
