"""What stands beside YOLO's labels: the names of the classes, and which folders are for which split.

Ultralytics and Roboflow write ``data.yaml``, Darknet and CVAT ``obj.data`` with ``obj.names``, labelImg and
Label Studio ``classes.txt``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data.errors import AnnotationRejected
from data.formats.class_list import read_class_list
from data.formats.corners import class_name
from data.formats.folder import list_files
from data.formats.gathering import Gathering
from data.formats.image_index import composed, path_parts
from data.formats.splits import UNASSIGNED, settled
from data.formats.text_file import read_text
from data.formats.yaml_text import read_yaml
from data.records import Split

CLASS_FILES = ("classes.txt", "obj.names")
#: A class of a higher number is taken for damage.
MOST_CLASSES = 100_000
_LIST_LIMIT = 64 * 1024 * 1024
_KEYS = {"train": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}
_KEYS[UNASSIGNED] = UNASSIGNED


@dataclass(slots=True)
class YoloConfig:
    """The class names by number, and folders or lists of images by split, as one file gives them."""

    file: Path
    names: dict[int, str] = field(default_factory=dict)
    entries: dict[str, list[str]] = field(default_factory=dict)
    has_key_points: bool = False


def read_config(found: Gathering) -> YoloConfig | None:
    """Read the file nearest to the top that names the classes; None where there is none."""
    yamls = list_files(found.folder, {".yaml", ".yml"})
    for path in sorted(yamls, key=lambda path: len(path.parts)):
        try:
            document = read_yaml(path)
        except AnnotationRejected as error:
            found.refuse(found.name_of(path), error)
            continue
        if is_yolo_config(document):
            return _of_yaml(path, document, found)
    return _of_darknet(found) or _of_class_file(found)


def is_yolo_config(document: Any) -> bool:
    """Tell whether a YAML document names classes as YOLO wants them."""
    return isinstance(document, dict) and isinstance(document.get("names"), list | dict)


def _of_yaml(path: Path, document: dict[str, Any], found: Gathering) -> YoloConfig:
    config = YoloConfig(path, has_key_points="kpt_shape" in document)
    names = document["names"]
    numbered = names.items() if isinstance(names, dict) else enumerate(names)
    for number, name in numbered:
        try:
            config.names[_class_number(number)] = class_name(name)
        except AnnotationRejected as error:
            found.refuse(found.name_of(path), error, f"Class {number}")
    root = document.get("path")
    for key, split in _KEYS.items():
        written = document.get(key)
        values = written if isinstance(written, list) else [written]
        texts = [value for value in values if isinstance(value, str) and value]
        # Relative to "path", which often is a folder of the machine that the file was made on.
        start = f"{root}/" if isinstance(root, str) else ""
        config.entries.setdefault(split, []).extend(f"{start}{text}" for text in texts)
    return config


def _class_number(number: Any) -> int:
    text = str(number)
    if not (text.isascii() and text.isdecimal() and len(text) <= 6 and int(text) < MOST_CLASSES):
        raise AnnotationRejected(
            "Its number is no whole number from 0.", "Number the classes from 0, or list them."
        )
    return int(text)


def _of_darknet(found: Gathering) -> YoloConfig | None:
    for path in list_files(found.folder, {".data"}):
        try:
            lines = read_text(path, _LIST_LIMIT).split("\n")
        except AnnotationRejected as error:
            found.refuse(found.name_of(path), error)
            continue
        values = {
            key.strip(): value.strip() for key, mark, value in (line.partition("=") for line in lines) if mark
        }
        named = path_parts(values.get("names", ""))[-1:]
        lists = [entry for entry in list_files(found.folder, {".names"}) if [entry.name] == named]
        if lists:
            config = YoloConfig(path, dict(enumerate(read_class_list(lists[0]))))
            for key, split in _KEYS.items():
                if values.get(key):
                    config.entries.setdefault(split, []).append(values[key])
            return config
    return None


def _of_class_file(found: Gathering) -> YoloConfig | None:
    files = [path for path in list_files(found.folder, {".txt", ".names"}) if path.name in CLASS_FILES]
    for path in sorted(files, key=lambda path: len(path.parts)):
        names = read_class_list(path)
        if names:
            return YoloConfig(path, dict(enumerate(names)))
    return None


def splits_of(config: YoloConfig, found: Gathering) -> dict[Path, Split | None]:
    """Give each image that the file's folders and lists speak of its split.

    An image that is trained and validated on alike was not split: it gets none.
    """
    said: dict[Path, set[str]] = defaultdict(set)
    folders = _Folders(found)
    for split, entries in config.entries.items():
        for entry in entries:
            listed = _listed(entry, config, found, folders)
            for image in folders.images_in(entry, config.file) if listed is None else listed:
                said[image].add(split)
    return settled({image: _decided(splits) for image, splits in said.items()})


def _decided(splits: set[str]) -> Split | None:
    if UNASSIGNED in splits or splits >= {"train", "val"}:
        return None
    order: tuple[Split, ...] = ("val", "train", "test")
    return next(split for split in order if split in splits)


def _listed(entry: str, config: YoloConfig, found: Gathering, folders: _Folders) -> list[Path] | None:
    """Give the images that a list names; None if the entry is no list."""
    if not entry.lower().endswith(".txt"):
        return None
    path = folders.list_at(entry, config.file)
    if path is None:
        return []
    try:
        lines = read_text(path, _LIST_LIMIT).split("\n")
    except AnnotationRejected as error:
        found.refuse(found.name_of(path), error)
        return []
    images = (found.find([line.strip()], path, line=n) for n, line in enumerate(lines, 1) if line.strip())
    return [image for image in images if image is not None]


class _Folders:
    """The folders of a data set, to be looked up by paths of other machines."""

    def __init__(self, found: Gathering) -> None:
        self._found = found
        self._images: dict[tuple[str, ...], list[Path]] = defaultdict(list)
        for image in found.images:
            self._images[self._parts(image.parent)].append(image)
        self._lists: Mapping[tuple[str, ...], Path] = {
            self._parts(path): path for path in list_files(found.folder, {".txt"})
        }

    def images_in(self, entry: str, config: Path) -> list[Path]:
        """Give the images below the folder that the entry's last parts lead to."""
        for place in self._places(entry, config):
            images = [
                image
                for folder, inside in self._images.items()
                if folder[: len(place)] == place
                for image in inside
            ]
            if images:
                return images
        return []

    def list_at(self, entry: str, config: Path) -> Path | None:
        """Give the list that the entry's last parts lead to."""
        places: Iterable[tuple[str, ...]] = self._places(entry, config)
        return next((self._lists[place] for place in places if place in self._lists), None)

    def _places(self, entry: str, config: Path) -> Iterable[tuple[str, ...]]:
        """Give where an entry may lead: as many of its last parts as can be, from the file's folder or up."""
        parts: Sequence[str] = path_parts(entry)
        base = self._parts(config.parent)
        for start in range(max(1, len(parts))):
            for up in range(len(base) + 1):
                yield (*base[: len(base) - up], *parts[start:])

    def _parts(self, path: Path) -> tuple[str, ...]:
        return tuple(map(composed, path.relative_to(self._found.folder).parts))
