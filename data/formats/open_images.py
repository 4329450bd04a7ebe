"""Open Images: CSV with corners as fractions of the image, which is named without its ending.

``IsGroupOf`` is a crowd; ``IsDepiction``, ``IsOccluded`` and ``IsTruncated`` are not kept. Names of classes
come from the class descriptions where there are any. ``image_ids_and_rotation.csv`` lists the images, those
without boxes too, and their splits.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from data.errors import AnnotationRejected
from data.formats.annotated import Labels, NamedBox, Reading
from data.formats.corners import checked_box, class_name, finite, number, yes
from data.formats.csv_rows import Row, point_for_comma, read_rows, write_rows
from data.formats.dataset import Dataset, PlacedImage, WrittenFile
from data.formats.folder import list_files
from data.formats.gathering import Gathering
from data.formats.sizes import Size, upright_size
from data.formats.splits import split_of_file, split_of_word
from data.formats.text_file import read_text
from data.formats.written_names import Layout
from data.records import Split

ENDINGS = frozenset({".csv"})
IMAGES = "images/"
_SUBSETS: dict[Split | None, str] = {"train": "train", "val": "validation", "test": "test", None: "default"}
LAYOUT = Layout(prefix=lambda split: f"{IMAGES}{_SUBSETS[split]}/", by_stem=True, one_namespace=True)
_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_NEEDED = {"imageid", "labelname", *_CORNERS}
_DESCRIPTIONS = "class-descriptions"
# The public data set's names of classes, whose descriptions list hundreds that a part of it does not have.
_PUBLIC = ("/m/", "/g/", "/j/", "/t/")
_HEADER = (
    "ImageID", "Source", "LabelName", "Confidence", "XMin", "XMax", "YMin", "YMax",
    "IsOccluded", "IsTruncated", "IsGroupOf", "IsDepiction", "IsInside",
)  # fmt: skip


@dataclass(slots=True)
class _Tables:
    """The tables of a data set, told apart by their headings."""

    boxes: list[tuple[Path, list[Row]]] = field(default_factory=list)
    images: list[tuple[Path, list[Row]]] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)


def is_open_images(rows: Sequence[Row]) -> bool:
    """Tell whether a table's headings are those of Open Images' boxes."""
    return bool(rows) and _headings(rows).keys() >= _NEEDED


def read_folder(folder: Path) -> Reading:
    """Read a data set: every image below the folder, with what the tables say of it."""
    found = Gathering(folder)
    tables = _tables(folder, found)
    used: dict[str, None] = {}
    seen: Counter[str] = Counter()
    by_name = False
    for path, rows in tables.boxes:
        split = split_of_file(found.name_of(path))
        by_name |= split is not None
        _read_boxes(rows, path, None if split == "none" else split, tables.names, found, used, seen)
    listed: dict[Path, tuple[str, Split | None]] = {}
    for path, rows in tables.images:
        _read_images(rows, path, found, listed)
    for image, (file, split) in listed.items():
        if not found.knows(image):
            found.give(image, Labels(file=file), split)
        found.split(image, split)
    for kind, told in (
        ("isdepiction", "depictions"),
        ("isoccluded", "occluded"),
        ("istruncated", "truncated"),
    ):
        if seen[kind]:
            found.notes.append(f"{seen[kind]} boxes are marked as {told}, which is not kept.")
    classes = [name for label, name in tables.names.items() if name in used or not label.startswith(_PUBLIC)]
    return found.reading(classes, splits_stated=by_name or bool(listed), by_name=by_name and not listed)


def _tables(folder: Path, found: Gathering) -> _Tables:
    tables = _Tables()
    for path in list_files(folder, ENDINGS):
        name = found.name_of(path)
        try:
            rows = read_rows(read_text(path))
        except AnnotationRejected as error:
            found.refuse(name, error)
            continue
        headings = _headings(rows)
        if is_open_images(rows):
            tables.boxes.append((path, rows))
        elif headings.keys() >= {"imageid", "subset"}:
            tables.images.append((path, rows))
        elif headings.keys() >= {"labelname", "displayname"} or _DESCRIPTIONS in path.name:
            _read_names(rows, name, tables.names, found)
        else:
            found.notes.append(f"{name} has no columns of Open Images, and was passed over.")
    return tables


def _headings(rows: Sequence[Row]) -> dict[str, int]:
    return {cell.casefold(): position for position, cell in enumerate(rows[0].cells)} if rows else {}


def _read_names(rows: Sequence[Row], file: str, names: dict[str, str], found: Gathering) -> None:
    for row in rows:
        if len(row.cells) < 2 or row.cells[0].casefold() == "labelname":
            continue
        try:
            names.setdefault(row.cells[0], class_name(row.cells[1], row.line))
        except AnnotationRejected as error:
            found.refuse(file, error)


def _read_boxes(
    rows: Sequence[Row],
    path: Path,
    split: Split | None,
    names: dict[str, str],
    found: Gathering,
    used: dict[str, None],
    seen: Counter[str],
) -> None:
    headings, file = _headings(rows), found.name_of(path)
    of_image: dict[str, list[Row]] = defaultdict(list)
    for row in rows[1:]:
        # A confidence of 0 says that a person looked and the thing is not there.
        if finite(_cell(row, headings, "confidence")) != 0:
            of_image[_cell(row, headings, "imageid")].append(row)
    for image_id, listed in of_image.items():
        image = _find(image_id, split, path, listed[0].line, found)
        if image is None:
            continue
        size = upright_size(image)
        if size is None:
            # An image that cannot be read has no size; the import tells what is wrong with it.
            found.give(image, Labels((), None, len(listed), file), split)
            continue
        boxes: list[NamedBox] = []
        for row in listed:
            try:
                boxes.append(_box(row, headings, names, size))
            except AnnotationRejected as error:
                found.refuse(file, error)
                continue
            used[boxes[-1].class_name] = None
            for kind in ("isdepiction", "isoccluded", "istruncated"):
                seen[kind] += yes(_cell(row, headings, kind))
        found.give(image, Labels(tuple(boxes), size, len(listed), file), split)


def _box(row: Row, headings: dict[str, int], names: dict[str, str], size: Size) -> NamedBox:
    label = _cell(row, headings, "labelname")
    name = names.get(label) or class_name(label, row.line)
    fractions = [
        number(point_for_comma(_cell(row, headings, key)), f"The {key} of {name!r}", row.line)
        for key in _CORNERS
    ]
    if max(map(abs, fractions)) > 2:
        raise AnnotationRejected(
            f"The box of {name!r} has numbers far above 1: they are no fractions of the image.",
            "Divide them by the image's width and height, or import the file as plain CSV.",
            row.line,
        )
    width, height = size
    x0, y0, x1, y1 = fractions
    corners = (x0 * width, y0 * height, x1 * width, y1 * height)
    return checked_box(name, corners, crowd=yes(_cell(row, headings, "isgroupof")), line=row.line)


def _read_images(
    rows: Sequence[Row], path: Path, found: Gathering, listed: dict[Path, tuple[str, Split | None]]
) -> None:
    headings = _headings(rows)
    for row in rows[1:]:
        split = split_of_word(_cell(row, headings, "subset"))
        image = _find(_cell(row, headings, "imageid"), split, path, row.line, found)
        if image is not None:
            listed.setdefault(image, (found.name_of(path), split))


def _find(image_id: str, split: Split | None, path: Path, line: int, found: Gathering) -> Path | None:
    # Images lie in a folder of their subset, of which the id says nothing.
    wanted = [f"{_SUBSETS[split]}/{image_id}"] if image_id else []
    return found.find(wanted, path, line=line, split=split, shown_as=image_id)


def _cell(row: Row, headings: dict[str, int], key: str) -> str:
    position = headings.get(key, -1)
    return row.cells[position] if 0 <= position < len(row.cells) else ""


def write(dataset: Dataset) -> Iterator[WrittenFile]:
    """Write the annotation files of a data set; a table of boxes for each split that has any."""
    of_split: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for placed in dataset.images:
        of_split[_SUBSETS[placed.image.split]] += _rows(placed)
    for split in sorted(of_split):
        yield WrittenFile(
            f"annotations/{split}-annotations-bbox.csv", write_rows([_HEADER, *of_split[split]])
        )
    listed = [
        (_image_id(placed), _SUBSETS[placed.image.split] if placed.image.split else "")
        for placed in dataset.images
    ]
    images = write_rows([("ImageID", "Subset"), *listed])
    yield WrittenFile("annotations/image_ids_and_rotation.csv", images)
    names = write_rows((name, name) for name in dataset.classes)
    yield WrittenFile(f"annotations/{_DESCRIPTIONS}.csv", names)


def _rows(placed: PlacedImage) -> Iterator[tuple[str, ...]]:
    image = placed.image
    for box in image.boxes:
        x0, x1 = (repr(value / image.width) for value in (box.x0, box.x1))
        y0, y1 = (repr(value / image.height) for value in (box.y0, box.y1))
        flags = ("0", "0", str(int(box.crowd)), "0", "0")
        yield (_image_id(placed), "xclick", box.class_name, "1", x0, x1, y0, y1, *flags)


def _image_id(placed: PlacedImage) -> str:
    path = PurePosixPath(placed.path)
    return placed.path.removeprefix(LAYOUT.prefix(placed.image.split)).removesuffix(path.suffix)
