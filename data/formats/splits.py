"""Which split a folder or file is for, judged by its name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Literal

from data.formats.annotated import Reading
from data.records import Split

#: Folder of images that belong to no split, beside those of the splits.
UNASSIGNED = "unassigned"
_WORDS: dict[str, Split] = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
    "testing": "test",
}
_NUMBER_BEHIND = re.compile(r"[0-9_-]+$")
_LETTERS = re.compile(r"[a-z]+")
_WITHOUT = {UNASSIGNED, "default"}


def split_of_word(word: str) -> Split | None:
    """Give the split that a word means, whatever its case: ``valid``, ``Validation``, ``val2017``."""
    return _WORDS.get(_NUMBER_BEHIND.sub("", word.strip()).casefold())


def split_of_file(name: str) -> Split | Literal["none"] | None:
    """Read the split out of an annotation file's path: ``instances_val2017.json``, ``test/labels.csv``.

    Args:
        name: its path relative to the data set.

    Returns:
        The split; ``"none"`` where the name says that it is for images without one; None if it says nothing.
    """
    path = PurePosixPath(name.casefold())
    words = [word for part in (path.stem, *reversed(path.parts[:-1])) for word in _LETTERS.findall(part)]
    for word in words:
        if word in _WORDS:
            return _WORDS[word]
        if word in _WITHOUT:
            return "none"
    return None


def speaks_of_splits(name: str) -> bool:
    """Tell whether a folder in a path is named like a split, or like the place of images without one."""
    return _folder_split(PurePosixPath(name).parts[:-1]) is not None


def settled(given: Mapping[Path, Split | None]) -> dict[Path, Split | None]:
    """Take splits that only names tell: a data set that is all ``train`` says nothing, and gets none.

    Nothing would be left to validate on, while an image without split is trained or validated on anyway.
    """
    if set(given.values()) == {"train"}:
        return dict.fromkeys(given, None)
    return dict(given)


def by_folders(reading: Reading) -> Reading:
    """Give each image the split whose name one of its folders has, where all of them or two splits have one.

    A single folder ``test`` among others is no split. What the data set itself states is left alone.
    """
    if reading.splits_stated or any(file.split for file in reading.files):
        return reading
    found = {file.path: _folder_split(PurePosixPath(file.name).parts[:-1]) for file in reading.files}
    splits = {split for split in found.values() if split not in (None, "none")}
    if not splits or (None in found.values() and len(splits) < 2):
        return reading
    given = settled({path: None if split == "none" else split for path, split in found.items()})
    if not any(given.values()):
        return reading
    return replace(
        reading,
        files=tuple(replace(file, split=given[file.path]) for file in reading.files),
        notes=(*reading.notes, f"Splits were taken from the folders' names: {_listed(splits)}."),
    )


def _folder_split(parts: Sequence[str]) -> Split | Literal["none"] | None:
    for part in parts:
        split = split_of_word(part)
        if split is not None:
            return split
        if part.casefold() == UNASSIGNED:
            return "none"
    return None


def _listed(splits: Iterable[str | None]) -> str:
    return ", ".join(split for split in ("train", "val", "test") if split in splits)
