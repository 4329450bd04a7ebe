"""Splits that names tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.formats.annotated import AnnotatedFile, Reading
from data.formats.splits import by_folders, settled, split_of_file, split_of_word


@pytest.mark.parametrize(
    ("word", "split"),
    [
        ("train", "train"),
        ("Valid", "val"),
        ("VALIDATION", "val"),
        ("test2017", "test"),
        ("contest", None),
        ("", None),
    ],
)
def test_words_for_splits(word, split):
    assert split_of_word(word) == split


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("annotations/instances_val2017.json", "val"),
        ("test/_annotations.coco.json", "test"),
        ("oidv6-train-annotations-bbox.csv", "train"),
        ("instances_default.json", "none"),
        ("latest.json", None),
        ("train/test.json", "test"),
    ],
)
def test_names_of_annotation_files(name, split):
    assert split_of_file(name) == split


def reading(*names: str, **more) -> Reading:
    return Reading(tuple(AnnotatedFile(name, Path("/x", name)) for name in names), **more)


def splits(found: Reading) -> list[str | None]:
    return [file.split for file in found.files]


def test_folders_named_like_splits_give_them():
    found = by_folders(reading("train/images/a.jpg", "valid/images/a.jpg", "c.jpg"))
    assert splits(found) == ["train", "val", None]
    assert found.notes == ("Splits were taken from the folders' names: train, val.",)


def test_a_single_folder_test_among_others_is_no_split():
    assert splits(by_folders(reading("test/a.jpg", "b.jpg"))) == [None, None]


def test_all_images_in_a_folder_test_are_test_images_and_all_in_train_none():
    assert splits(by_folders(reading("x/test/a.jpg", "x/test/b.jpg"))) == ["test", "test"]
    assert splits(by_folders(reading("train/a.jpg", "train/b.jpg"))) == [None, None]


def test_what_the_files_state_is_left_alone():
    assert splits(by_folders(reading("train/a.jpg", "val/b.jpg", splits_stated=True))) == [None, None]


def test_a_data_set_all_of_train_says_nothing():
    a, b = Path("a"), Path("b")
    assert settled({a: "train", b: "train"}) == {a: None, b: None}
    assert settled({a: "train", b: None}) == {a: "train", b: None}
    assert settled({a: "test"}) == {a: "test"}
