"""YOLO: a text file per image, a line per box: class number, then centre and size as fractions of the image.

Labels lie where ``images`` in the image's path is replaced by ``labels``, or beside the image. Lines of more
numbers are outlines: those of four corners are Ultralytics' rotated boxes, others its segments.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from pathlib import Path, PurePosixPath
from typing import Any

from data.errors import AnnotationRejected
from data.formats.annotated import Labels, NamedBox, Reading
from data.formats.corners import checked_box, number
from data.formats.dataset import Dataset, PlacedImage, WrittenFile
from data.formats.folder import list_files
from data.formats.gathering import Gathering
from data.formats.image_index import composed
from data.formats.json_text import shown
from data.formats.outlines import Corners, is_upright, of_points
from data.formats.sizes import Size, upright_size
from data.formats.splits import UNASSIGNED
from data.formats.text_file import read_text
from data.formats.written_names import Layout
from data.formats.yaml_text import dump_yaml
from data.formats.yolo_config import CLASS_FILES, MOST_CLASSES, YoloConfig, read_config, splits_of

IMAGES, LABELS = "images", "labels"
CONFIG = "data.yaml"
LAYOUT = Layout(prefix=lambda split: f"{IMAGES}/{split or UNASSIGNED}/", by_stem=True)
_LIMIT = 16 * 1024 * 1024
_CLASS = re.compile(r"([0-9]{1,6})(\.0*)?")
# Fractions may end a little outside of the image by rounding.
_LOWEST, _HIGHEST = -0.01, 1.01


def read_folder(folder: Path) -> Reading:
    """Read a data set: every image below the folder, with the label file that belongs to it."""
    found = Gathering(folder)
    config = read_config(found)
    files = LabelFiles(folder, list_files(folder, {".txt"}), found.images)
    nameless: set[int] = set()
    without = 0
    for image in found.images:
        path = files.of(image)
        if path is None:
            without += 1
            continue
        name, size = found.name_of(path), upright_size(image)
        try:
            lines = _lines(read_text(path, _LIMIT))
        except AnnotationRejected as error:
            found.refuse(name, error)
            continue
        # An image that cannot be read has no size; the import tells what is wrong with it.
        labels = (
            _labels(lines, name, size, config, found, nameless)
            if size
            else Labels((), None, len(lines), name)
        )
        found.give(image, labels)
    for path in files.unused():
        problem = AnnotationRejected(f"No image is named {path.stem!r}.", "Put it there, or delete the file.")
        found.refuse(found.name_of(path), problem)
    splits = splits_of(config, found) if config else {}
    for image, split in splits.items():
        found.split(image, split)
    if nameless:
        found.notes.append(f"{len(nameless)} classes have no name in the data set, and got their numbers.")
    if without and without < len(found.images):
        found.notes.append(f"{without} images have no label file, and stay unlabelled.")
    classes = [config.names[number] for number in sorted(config.names)] if config else []
    return found.reading(classes, splits_stated=bool(splits))


def _lines(text: str) -> list[tuple[int, list[str]]]:
    """Cut a text into the words of its lines, each with its number, without blank ones."""
    return [(line, words) for line, words in enumerate(map(str.split, text.split("\n")), 1) if words]


def _labels(
    lines: Sequence[tuple[int, list[str]]],
    file: str,
    size: Size,
    config: YoloConfig | None,
    found: Gathering,
    nameless: set[int],
) -> Labels:
    boxes: list[NamedBox] = []
    for line, words in lines:
        try:
            name = _class_name(words[0], config, nameless, line)
            key_points = config is not None and config.has_key_points
            values = [number(word, f"A number of the {name!r}", line) for word in words[1:]]
            fractions, became = _fractions(values[:4] if key_points else values, name, line)
            width, height = size
            x0, y0, x1, y1 = fractions
            corners = (x0 * width, y0 * height, x1 * width, y1 * height)
            boxes.append(checked_box(name, corners, line=line))
        except AnnotationRejected as error:
            found.refuse(file, error)
            continue
        found.shapes.update([became] if became else [])
    return Labels(tuple(boxes), size, len(lines), file)


def _class_name(word: str, config: YoloConfig | None, nameless: set[int], line: int) -> str:
    match = _CLASS.fullmatch(word)
    if match is None or int(match[1]) >= MOST_CLASSES:
        raise AnnotationRejected(
            f"The line begins with {shown(word)}, which is no class number.", "Correct the line.", line
        )
    class_number = int(match[1])
    names: Mapping[int, str] = config.names if config else {}
    if class_number in names:
        return names[class_number]
    if names:
        raise AnnotationRejected(
            f"There is no class {class_number}: {len(names)} are named.",
            f"Name it in {CONFIG}, or correct the line.",
            line,
        )
    nameless.add(class_number)
    return f"class {class_number}"


def _fractions(values: Sequence[float], name: str, line: int) -> tuple[Corners, str]:
    """Give the bounding box in fractions, and the shape it stands for unless that is an upright rectangle."""
    if values and not _LOWEST <= min(values) <= max(values) <= _HIGHEST:
        worst = min(values) if min(values) < _LOWEST else max(values)
        raise AnnotationRejected(
            f"The {name!r} has a number {worst:g}: YOLO's are fractions of the image, from 0 to 1.",
            "Divide pixels by the image's width and height.",
            line,
        )
    if len(values) in (4, 5):  # A fifth is the confidence of a detector.
        x, y, width, height = values[:4]
        return (x - width / 2, y - height / 2, x + width / 2, y + height / 2), ""
    if len(values) < 6 or len(values) % 2:
        raise AnnotationRejected(
            f"The {name!r} has {len(values)} numbers; a box has 4, an outline an even number from 6 on.",
            "Correct the line.",
            line,
        )
    points = list(zip(values[::2], values[1::2], strict=True))
    if is_upright(points):
        return of_points(points), ""
    return of_points(points), "rotated box" if len(points) == 4 else "polygon"


class LabelFiles:
    """The text files of a data set, to be found by the image they belong to.

    Args:
        folder: the data set.
        texts: its text files.
        images: its images.
    """

    def __init__(self, folder: Path, texts: Sequence[Path], images: Sequence[Path]) -> None:
        self._folder = folder
        self._texts = {self._key(path): path for path in texts if path.name not in CLASS_FILES}
        self._by_stem: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        for key in self._texts:
            if LABELS in map(str.casefold, key[:-1]):
                self._by_stem[key[-1]].append(key)
        self._images_named = Counter(composed(f"{image.stem}.txt") for image in images)
        self._used: set[tuple[str, ...]] = set()

    def of(self, image: Path) -> Path | None:
        """Give the label file of an image, None if it has none."""
        parts = self._key(image)
        name = composed(f"{image.stem}.txt")
        key = next((place for place in _places(parts, name) if place in self._texts), None)
        if key is None:
            alike = self._by_stem.get(name, [])
            key = alike[0] if len(alike) == self._images_named[name] == 1 else None
        if key is None:
            return None
        self._used.add(key)
        return self._texts[key]

    def unused(self) -> list[Path]:
        """Give the files that lie among labels and belong to no image that was asked for."""
        return [self._texts[key] for keys in self._by_stem.values() for key in keys if key not in self._used]

    def _key(self, path: Path) -> tuple[str, ...]:
        return tuple(map(composed, path.relative_to(self._folder).parts))


def _places(parts: Sequence[str], name: str) -> Iterator[tuple[str, ...]]:
    """Give where an image's labels may lie: Ultralytics replaces the last folder ``images`` by ``labels``."""
    exact = [position for position, part in enumerate(parts[:-1]) if part == IMAGES]
    alike = [position for position, part in enumerate(parts[:-1]) if part.casefold() == IMAGES]
    for position in (*reversed(exact), *reversed(alike)):
        yield (*parts[:position], LABELS, *parts[position + 1 : -1], name)
    yield (*parts[:-1], name)


def write(dataset: Dataset) -> Iterator[WrittenFile]:
    """Write the annotation files of a data set; classes are numbered in their order, and never sorted."""
    numbers = {name: position for position, name in enumerate(dataset.classes)}
    used = {placed.image.split or UNASSIGNED for placed in dataset.images}
    for placed in dataset.images:
        text = "".join(_line(box, numbers, placed) for box in placed.image.boxes)
        path = PurePosixPath(placed.path)
        name = f"{path.name.removesuffix(path.suffix)}.txt"
        yield WrittenFile("/".join(next(_places(path.parts, name))), text.encode())
    yield WrittenFile(CONFIG, dump_yaml(_config(used, dataset.classes)))


def _line(box: NamedBox, numbers: Mapping[str, int], placed: PlacedImage) -> str:
    width, height = placed.image.width, placed.image.height
    fractions = (
        (box.x0 + box.x1) / 2 / width,
        (box.y0 + box.y1) / 2 / height,
        (box.x1 - box.x0) / width,
        (box.y1 - box.y0) / height,
    )
    return f"{numbers[box.class_name]} {' '.join(map(repr, fractions))}\n"


def _config(used: Set[str], classes: Sequence[str]) -> dict[str, Any]:
    """Say where the splits are.

    Ultralytics wants train and val; images without split are in both where nothing else can validate.
    """
    free = (f"{IMAGES}/{UNASSIGNED}",) if UNASSIGNED in used else ()
    train, val, test = (f"{IMAGES}/{split}" for split in ("train", "val", "test"))
    config: dict[str, Any] = {
        "train": [train, *free] if "train" in used else list(free or (train,)),
        "val": [val] if "val" in used else list(free or (val,)),
    }
    if "test" in used:
        config["test"] = [test]
    if free:
        config[UNASSIGNED] = list(free)
    return config | {"nc": len(classes), "names": dict(enumerate(classes))}
