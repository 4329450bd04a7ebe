"""Finding the image that a file means."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.formats.image_index import ImageIndex, path_parts

FOLDER = Path("/data/set")


def find(reference: str, *images: str, near="x.json", split=None) -> list[str]:
    index = ImageIndex(FOLDER, [FOLDER / image for image in images])
    return [path.relative_to(FOLDER).as_posix() for path in index.find(reference, FOLDER / near, split)]


@pytest.mark.parametrize(
    ("reference", "parts"),
    [
        ("a/b.jpg", ["a", "b.jpg"]),
        ("..\\a\\.\\b.jpg", ["a", "b.jpg"]),
        ("C:\\a\\b.jpg", ["a", "b.jpg"]),
        ("file:///home/b.jpg", ["home", "b.jpg"]),
        ("/", []),
        ("", []),
    ],
)
def test_a_path_of_any_system_is_cut_into_parts(reference, parts):
    assert path_parts(reference) == parts


def test_the_more_of_its_end_agrees_the_better():
    images = ("images/a.jpg", "images/x/a.jpg", "images/y/x/a.jpg")
    assert find("x/a.jpg", *images) == ["images/x/a.jpg"]
    assert find("y/x/a.jpg", *images) == ["images/y/x/a.jpg"]
    assert find("a.jpg", *images) == ["images/a.jpg"]


def test_the_end_of_the_path_says_more_than_nearness():
    assert find("val/a.jpg", "train/a.jpg", "images/val/a.jpg", near="train/x.json") == ["images/val/a.jpg"]


def test_among_equals_the_nearest_wins_and_then_the_one_in_the_splits_folder():
    assert find("a.jpg", "train/a.jpg", "valid/a.jpg", near="valid/x.json") == ["valid/a.jpg"]
    assert find("a.jpg", "train/a.jpg", "valid/a.jpg", split="val") == ["valid/a.jpg"]


def test_what_nothing_tells_apart_stays_several():
    assert find("a.jpg", "x/a.jpg", "y/a.jpg") == ["x/a.jpg", "y/a.jpg"]


def test_case_decides_only_where_it_must():
    assert find("A.JPG", "a.jpg") == ["a.jpg"]
    assert find("A.jpg", "a.jpg", "A.jpg") == ["A.jpg"]
    assert find("a.jpg", "X/a.jpg", "x/a.jpg", near="x/x.json") == ["x/a.jpg"]


def test_composed_and_decomposed_letters_are_equal():
    assert find("Mu\u0308ll.jpg", "M\u00fcll.jpg") == ["M\u00fcll.jpg"]


def test_names_without_ending_find_their_image_and_keep_their_dots():
    assert find("sub/a.b", "images/sub/a.b.jpg", "images/a.b.jpg") == ["images/sub/a.b.jpg"]
    assert find("a", "a.jpg", "a.png") == ["a.jpg", "a.png"]
    assert find("a.b", "a.b.jpg", "a.b") == ["a.b"]


def test_a_path_that_climbs_finds_only_what_is_listed():
    assert find("../../etc/passwd", "a.jpg") == []
    assert find("../../etc/a.jpg", "a.jpg") == ["a.jpg"]
