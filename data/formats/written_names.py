"""The paths images are written to: safe on every system, no two alike, and the way back to their names."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from data.errors import AnnotationRejected
from data.formats.annotated import Reading
from data.formats.folder import is_passed_over
from data.formats.json_text import as_object, as_text, dump, read_json
from data.records import IMAGE_ENDINGS, Problem, Split

#: The file that tells the names of images whose path in the data set is another.
NAMES_FILE = "ssd-studio-names.json"
_MAX_BYTES = 128 * 1024 * 1024
#: Bytes of a part of a path that every file system takes, with room for another ending.
_LONGEST_PART = 180
# What Windows forbids, and what ends a line in a list of names.
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f-\x9f\u2028\u2029<>:"|?*\\]')
_BAD_END = re.compile(r"[.\s]+$")
# What Windows takes for devices, and what annotations and their lists of classes are called.
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?|classes|labels", re.IGNORECASE)
# Folders of images that data sets come with; formats put their own around the names.
_IMAGE_FOLDERS = {"images", "jpegimages"}
# A folder with such an ending could be taken for a file that another image needs.
_FILE_ENDINGS = {*IMAGE_ENDINGS, ".xml", ".json", ".txt", ".csv", ".yaml", ".yml"}
#: Endings that every tool takes, by the one that names the kind.
_ENDINGS = {
    ".jpg": {".jpg", ".jpeg"},
    ".png": {".png"},
    ".webp": {".webp"},
    ".bmp": {".bmp"},
    ".gif": {".gif"},
}


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a format keeps its images.

    ``prefix`` gives the folder for images of a split, with a slash behind, or nothing. ``by_stem`` says that
    annotations are named like the image without its ending, so that no two may differ in that alone,
    ``one_namespace`` that they leave out the prefix too.
    """

    prefix: Callable[[Split | None], str]
    by_stem: bool = False
    one_namespace: bool = False


def place(images: Sequence[tuple[str, Split | None, str]], layout: Layout) -> list[str]:
    """Give each image a path: its own name where that can be, below the folder that the format wants.

    Args:
        images: name, split, and the ending that fits the file's kind.
        layout: the format's.
    """
    taken: set[str] = {PurePosixPath(NAMES_FILE).stem if layout.by_stem else NAMES_FILE}
    paths: list[str] = []
    for name, split, ending in images:
        stem, ending = _safe(name, ending)
        prefix = layout.prefix(split)
        wanted, number = stem, 1
        while (key := _key(prefix, wanted, ending, layout)) in taken:
            number += 1
            wanted = f"{stem}-{number}"
        taken.add(key)
        paths.append(prefix + wanted + ending)
    return paths


def names_file(images: Iterable[tuple[str, str]]) -> bytes | None:
    """Write down the names of images whose path is another; None if there are none.

    Args:
        images: path and name of each.
    """
    other = {path: name for path, name in images if path != name}
    return dump(dict(sorted(other.items()))) if other else None


def restore_names(folder: Path, reading: Reading) -> Reading:
    """Give images back the names that an export wrote down; without such a file, paths are the names."""
    path = folder / NAMES_FILE
    if not path.is_file():
        return reading
    try:
        known = as_object(read_json(path))
    except AnnotationRejected as error:
        problem = Problem(NAMES_FILE, error.problem, error.remedy, error.line)
        return replace(reading, problems=(*reading.problems, problem))
    files = tuple(replace(file, name=as_text(known.get(file.name)) or file.name) for file in reading.files)
    return replace(reading, files=files)


def _key(prefix: str, stem: str, ending: str, layout: Layout) -> str:
    # Upper and lower case are one on many systems.
    return (("" if layout.one_namespace else prefix) + stem + ("" if layout.by_stem else ending)).casefold()


def _safe(name: str, ending: str) -> tuple[str, str]:
    """Give the path of a name without its ending, and the ending to write."""
    *folders, last = name.split("/")
    if folders and folders[0].casefold() in _IMAGE_FOLDERS:
        del folders[0]
    written = PurePosixPath(last).suffix
    stem = last[: len(last) - len(written)] if written.lower() in IMAGE_ENDINGS else last
    if written.lower() in _ENDINGS.get(ending, {ending}):
        ending = written
    parts = [*(_safe_folder(part) for part in folders), _safe_part(stem)]
    return "/".join(parts), ending


def _safe_folder(part: str) -> str:
    safe = _safe_part(part)
    suffix = PurePosixPath(safe).suffix
    if suffix.lower() in _FILE_ENDINGS:
        safe = f"{safe[: -len(suffix)]}_{suffix[1:]}"
    return f"_{safe}" if is_passed_over(safe) else safe


def _safe_part(part: str) -> str:
    safe = _BAD_END.sub("_", _FORBIDDEN.sub("_", part))
    if safe.startswith(".") or safe[:1].isspace() or _RESERVED.fullmatch(safe):
        safe = f"_{safe}"
    encoded = safe.encode()
    if len(encoded) > _LONGEST_PART:
        digest = hashlib.sha256(encoded).hexdigest()[:8]
        safe = f"{encoded[: _LONGEST_PART - 9].decode(errors='ignore')}~{digest}"
    return safe
