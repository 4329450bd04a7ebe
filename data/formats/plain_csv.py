"""Plain CSV: a row per box, columns known by their headings; without headings, RetinaNet's six columns.

A row without class and corners says that its image has no boxes. Corners are pixels from 0, half-open.
Classes in their order come from ``classes.csv`` (name, number), which RetinaNet needs as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from data.errors import AnnotationRejected
from data.formats.annotated import Labels, NamedBox, Reading
from data.formats.corners import checked_box, class_name, number, pixel_text, yes
from data.formats.csv_rows import Row, point_for_comma, read_rows, write_rows
from data.formats.dataset import Dataset, PlacedImage, WrittenFile
from data.formats.folder import list_files
from data.formats.gathering import Gathering
from data.formats.sizes import Size, stated_size
from data.formats.splits import split_of_file, split_of_word
from data.formats.text_file import read_text
from data.formats.written_names import Layout
from data.records import Split

ENDINGS = frozenset({".csv"})
IMAGES = "images/"
LAYOUT = Layout(prefix=lambda _split: IMAGES)
CLASSES = "classes.csv"
ANNOTATIONS = "annotations.csv"

_FILE = ("filename", "file_name", "image_path", "image_name", "file", "path", "image", "img")
_CLASS = ("class", "class_name", "label", "label_name", "category")
# Top left and bottom right corner; the last is the top left corner with width and height.
_CORNERS = (
    ("xmin", "ymin", "xmax", "ymax"),
    ("x_min", "y_min", "x_max", "y_max"),
    ("x0", "y0", "x1", "y1"),
    ("x1", "y1", "x2", "y2"),
    ("left", "top", "right", "bottom"),
    ("bbox_x", "bbox_y", "bbox_width", "bbox_height"),
)
_SIZES = (("width", "height"), ("image_width", "image_height"))
_HEADER = (
    "filename", "width", "height", "class", "xmin", "ymin", "xmax", "ymax", "split", "difficult", "crowd",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Columns:
    """Where in a row everything stands; -1 for what a table does not have."""

    file: int
    class_name: int
    corners: tuple[int, int, int, int]
    size: tuple[int, int] = (-1, -1)
    split: int = -1
    difficult: int = -1
    crowd: int = -1
    measures: bool = False
    headings: bool = True


@dataclass(slots=True)
class _Entry:
    """What the rows of an image say so far."""

    line: int
    boxes: list[NamedBox] = field(default_factory=list)
    listed: int = 0
    size: Size | None = None
    split: Split | None = None


def columns_of(rows: Sequence[Row]) -> Columns | None:
    """Find the columns of a table of boxes by its first rows; None if it is another kind of table."""
    if not rows:
        return None
    headings = {cell.casefold(): position for position, cell in reversed(list(enumerate(rows[0].cells)))}
    corners = next((keys for keys in _CORNERS if headings.keys() >= set(keys)), None)
    file, name = _first(headings, _FILE), _first(headings, _CLASS)
    if corners is None or file < 0 or name < 0:
        return _headless(rows)
    first, second, third, fourth = (headings[key] for key in corners)
    size = next((keys for keys in _SIZES if headings.keys() >= set(keys)), None)
    return Columns(
        file,
        name,
        (first, second, third, fourth),
        size=(headings[size[0]], headings[size[1]]) if size else (-1, -1),
        split=_first(headings, ("split",)),
        difficult=_first(headings, ("difficult",)),
        crowd=_first(headings, ("crowd", "iscrowd")),
        measures=corners is _CORNERS[-1],
    )


def _first(headings: Mapping[str, int], names: Sequence[str]) -> int:
    return next((headings[name] for name in names if name in headings), -1)


def _headless(rows: Sequence[Row]) -> Columns | None:
    """Recognise path, x1, y1, x2, y2, class without headings: corners are numbers, or all are blank."""
    for row in rows[:5]:
        if len(row.cells) != 6 or not row.cells[0]:
            return None
        corners = row.cells[1:5]
        if any(row.cells[1:]) and not all(map(_is_number, corners)):
            return None
    return Columns(0, 5, (1, 2, 3, 4), headings=False)


def _is_number(cell: str) -> bool:
    try:
        number(point_for_comma(cell), "It")
    except AnnotationRejected:
        return False
    return True


def read_folder(folder: Path) -> Reading:
    """Read a data set: every image below the folder, with what the tables of boxes say of it."""
    found = Gathering(folder)
    classes: dict[str, None] = {}
    names: set[Split | Literal["none"] | None] = set()
    stated = False
    for path in list_files(folder, ENDINGS):
        name = found.name_of(path)
        try:
            rows = read_rows(read_text(path))
        except AnnotationRejected as error:
            found.refuse(name, error)
            continue
        columns = columns_of(rows)
        if columns is not None:
            stated |= columns.split >= 0
            split = split_of_file(name)
            names.add(split)
            body = rows[1:] if columns.headings else rows
            _read_table(body, columns, path, None if split == "none" else split, found)
        elif _is_class_list(rows):
            classes |= dict.fromkeys(_class_list(rows))
        else:
            found.notes.append(f"{name} has no columns of boxes, and was passed over.")
    by_name = bool(names - {None})
    return found.reading(classes, splits_stated=stated or by_name, by_name=by_name and not stated)


def _is_class_list(rows: Sequence[Row]) -> bool:
    return bool(rows) and all(len(row.cells) == 2 and row.cells[1].isdecimal() for row in rows)


def _class_list(rows: Sequence[Row]) -> Iterator[str]:
    for row in sorted(rows, key=lambda row: float(row.cells[1])):
        try:
            yield class_name(row.cells[0])
        except AnnotationRejected:
            continue


def _read_table(
    rows: Sequence[Row], columns: Columns, path: Path, split: Split | None, found: Gathering
) -> None:
    name = found.name_of(path)
    entries: dict[str, _Entry] = {}
    for row in rows:
        reference = _cell(row, columns.file)
        if not reference:
            found.refuse(name, AnnotationRejected("The row names no image.", "Name it.", row.line))
            continue
        entry = entries.setdefault(reference, _Entry(row.line))
        size = stated_size(*(point_for_comma(_cell(row, position)) for position in columns.size))
        entry.size = entry.size or size
        entry.split = entry.split or (
            split_of_word(_cell(row, columns.split)) if columns.split >= 0 else split
        )
        if any(_cell(row, position) for position in (columns.class_name, *columns.corners)):
            entry.listed += 1
            try:
                entry.boxes.append(_box(row, columns))
            except AnnotationRejected as error:
                found.refuse(name, error)
    for reference, entry in entries.items():
        image = found.find([reference], path, line=entry.line, split=entry.split)
        if image is not None:
            found.give(image, Labels(tuple(entry.boxes), entry.size, entry.listed, name), entry.split)


def _box(row: Row, columns: Columns) -> NamedBox:
    first, second, third, fourth = (
        number(point_for_comma(_cell(row, position)), "A corner of the box", row.line)
        for position in columns.corners
    )
    if columns.measures:
        third, fourth = first + third, second + fourth
    return checked_box(
        class_name(_cell(row, columns.class_name), row.line),
        (first, second, third, fourth),
        difficult=yes(_cell(row, columns.difficult)),
        crowd=yes(_cell(row, columns.crowd)),
        line=row.line,
    )


def _cell(row: Row, position: int) -> str:
    return row.cells[position] if 0 <= position < len(row.cells) else ""


def write(dataset: Dataset) -> Iterator[WrittenFile]:
    """Write the annotation files of a data set; an image without boxes gets a row of its own."""
    rows = [row for placed in dataset.images for row in _rows(placed)]
    yield WrittenFile(ANNOTATIONS, write_rows([_HEADER, *rows]))
    listed = [(name, str(number)) for number, name in enumerate(dataset.classes)]
    yield WrittenFile(CLASSES, write_rows(listed))


def _rows(placed: PlacedImage) -> Iterator[tuple[str, ...]]:
    image = placed.image
    start = (placed.path.removeprefix(IMAGES), str(image.width), str(image.height))
    split = image.split or ""
    for box in image.boxes:
        corners = map(pixel_text, (box.x0, box.y0, box.x1, box.y1))
        yield (*start, box.class_name, *corners, split, str(int(box.difficult)), str(int(box.crowd)))
    if not image.boxes:
        yield (*start, "", "", "", "", "", split, "0", "0")
