"""Finding the files of a dataset folder, in natural order."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from data.formats.annotated import AnnotatedFile, Reading
from data.natural_order import natural_key
from data.records import IMAGE_ENDINGS

# Pascal VOC keeps masks under these names; they have the photographs' base names.
_MASK_FOLDERS = {"segmentationclass", "segmentationobject"}


def list_files(folder: Path, endings: Collection[str]) -> list[Path]:
    """List the files with one of these endings (lower case, with dot) below a folder, in natural order.

    Hidden files and folders and VOC's mask folders are passed over; links to folders are not followed.
    """
    found: list[Path] = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not _passed_over(name)]
        found += [
            Path(place, name)
            for name in names
            if not name.startswith(".") and Path(name).suffix.lower() in endings
        ]
    return sorted(found, key=lambda path: (natural_key(relative_name(folder, path)), str(path)))


def relative_name(folder: Path, path: Path) -> str:
    """Give a path relative to the dataset's folder, with forward slashes on every system."""
    return path.relative_to(folder).as_posix()


def read_images(folder: Path) -> Reading:
    """Read a folder of photographs without annotations."""
    images = list_files(folder, IMAGE_ENDINGS)
    return Reading(tuple(AnnotatedFile(relative_name(folder, path), path) for path in images))


def _passed_over(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX" or name.lower() in _MASK_FOLDERS
