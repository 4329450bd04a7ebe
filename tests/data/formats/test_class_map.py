"""Other names for classes."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.errors import InvalidName
from data.formats.annotated import AnnotatedFile, Labels, NamedBox, Reading
from data.formats.class_map import mapped, similar

READING = Reading(
    files=(
        AnnotatedFile(
            "a.jpg",
            Path("a.jpg"),
            Labels((NamedBox("Nut", 0, 0, 1, 1), NamedBox("bolt", 0, 0, 1, 1)), listed=3),
        ),
        AnnotatedFile("b.jpg", Path("b.jpg"), Labels((NamedBox("bolt", 0, 0, 1, 1),), listed=1)),
        AnnotatedFile("c.jpg", Path("c.jpg")),
    ),
    classes=("bolt", "Nut", "spare"),
)


def names(reading: Reading) -> list[list[str] | None]:
    return [file.labels and [box.class_name for box in file.labels.boxes] for file in reading.files]


def test_without_a_map_nothing_changes():
    assert mapped(READING, {}) == READING


def test_a_class_gets_another_name_and_keeps_its_place():
    found = mapped(READING, {"Nut": " nut "})
    assert (names(found), found.classes) == ([["nut", "bolt"], ["bolt"], None], ("bolt", "nut", "spare"))


def test_two_classes_become_one():
    found = mapped(READING, {"Nut": "bolt"})
    assert (names(found), found.classes) == ([["bolt", "bolt"], ["bolt"], None], ("bolt", "spare"))


def test_a_class_is_left_out_and_images_of_it_alone_show_nothing_to_find():
    found = mapped(READING, {"bolt": None})
    assert (names(found), found.classes) == ([["Nut"], [], None], ("Nut", "spare"))
    assert [file.labels.listed for file in found.files if file.labels] == [2, 0]
    assert found.files[1].labels.empty


def test_a_name_that_nothing_has_is_told():
    assert mapped(READING, {"screw": "bolt"}).notes == ("No class is named 'screw' in the data set.",)


def test_a_name_that_cannot_be_stored_is_refused():
    with pytest.raises(InvalidName):
        mapped(READING, {"bolt": "a\nb"})


@pytest.mark.parametrize(
    ("name", "others", "found"),
    [
        ("Nut", ["nut", "bolt"], ("nut",)),
        ("wind turbine", ["Wind-Turbine", "wind_turbine"], ("Wind-Turbine", "wind_turbine")),
        ("nuts", ["nut"], ("nut",)),
        ("raccoon", ["racoon"], ("racoon",)),
        ("ｎｕｔ", ["nut"], ("nut",)),
        ("class 1", ["class 2", "class 11"], ()),
        ("cat", ["dog", "cat"], ()),
    ],
)
def test_names_that_differ_by_case_plural_or_a_typo_are_similar(name, others, found):
    assert similar(name, others) == found
