"""Finding the files of a dataset folder, in natural order."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection
from pathlib import Path

from data.formats.annotated import AnnotatedFile, Reading
from data.names import printable
from data.natural_order import natural_key
from data.records import IMAGE_ENDINGS

# Pascal VOC keeps masks under these names; they have the photographs' base names.
_MASK_FOLDERS = {"segmentationclass", "segmentationobject"}


def list_files(folder: Path, endings: Collection[str]) -> list[Path]:
    """List the files with one of these endings (lower case, with dot) below a folder, in natural order.

    Hidden files and folders, VOC's mask folders and what is no file (a pipe, say) are passed over; links to
    folders are not followed.
    """
    found: list[Path] = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not is_passed_over(name)]
        found += [
            Path(place, name)
            for name in names
            if not name.startswith(".") and Path(name).suffix.lower() in endings
            if not _blocks(Path(place, name))
        ]
    return sorted(found, key=lambda path: (natural_key(relative_name(folder, path)), str(path)))


def relative_name(folder: Path, path: Path) -> str:
    """Give a path relative to the dataset's folder, with forward slashes on every system, fit to be shown."""
    return printable(path.relative_to(folder).as_posix())


def read_images(folder: Path) -> Reading:
    """Read a folder of photographs without annotations."""
    images = list_files(folder, IMAGE_ENDINGS)
    return Reading(tuple(AnnotatedFile(relative_name(folder, path), path) for path in images))


def _blocks(path: Path) -> bool:
    """Tell whether opening a path could wait for ever, as it does on a pipe; a broken link does not."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def is_passed_over(name: str) -> bool:
    """Tell whether folders of this name are not looked into."""
    return name.startswith(".") or name == "__MACOSX" or name.lower() in _MASK_FOLDERS
