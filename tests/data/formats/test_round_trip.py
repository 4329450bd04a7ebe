"""Any data set, written in any format and read back, is the same as far as the format can carry it."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.errors import InvalidName
from data.formats.annotated import NamedBox, Reading
from data.formats.dataset import LabelledImage
from data.formats.fit import fit
from data.formats.registry import WRITTEN, Format
from data.formats.writing import write_dataset
from data.names import tidy_name, tidy_path
from tests.data.formats.folders import jpeg

ENDINGS = ["", ".jpg", ".JPG", ".jpeg", ".png", ".tiff", ".final.jpg", ".xml"]
FOLDERS = [
    "",
    "a/",
    "A/",
    "images/",
    "sub dir/",
    "train/",
    "val/x/",
    "labels/",
    "a.jpg/",
    ".git/",
    "日本/",
    "con/",
]
# Letters that XML, CSV, YAML, paths and spreadsheets each read as something else.
LETTERS = st.one_of(
    st.sampled_from("ab1 .,;:=+-@'\"<>&|#/%_[]{}!*?~$\t\\"),
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cn", "Co", "Cc"]),
)


def tidy(name: str) -> str | None:
    try:
        return tidy_name(name, "class")
    except InvalidName:
        return None


CLASS_NAMES = st.text(LETTERS, min_size=1, max_size=12).map(tidy).filter(bool)
STEMS = st.one_of(
    st.sampled_from(["a", "A", "a.b", "photo 1", "classes", "müll"]), st.text(LETTERS, min_size=1, max_size=8)
)
NAMES = st.builds(
    lambda folder, stem, ending: folder + stem + ending,
    st.sampled_from(FOLDERS),
    STEMS,
    st.sampled_from(ENDINGS),
)


@st.composite
def corners(draw: st.DrawFn, width: int, height: int) -> tuple[float, float, float, float]:
    step = draw(st.sampled_from([1, 2, 1000]))
    x0, y0 = draw(st.integers(0, width * step - 1)), draw(st.integers(0, height * step - 1))
    x1, y1 = draw(st.integers(x0 + 1, width * step)), draw(st.integers(y0 + 1, height * step))
    return x0 / step, y0 / step, x1 / step, y1 / step


@st.composite
def datasets(draw: st.DrawFn) -> tuple[tuple[str, ...], list[tuple]]:
    classes = tuple(draw(st.lists(CLASS_NAMES, min_size=1, max_size=4, unique=True)))
    images = []
    for name in draw(st.lists(NAMES, min_size=1, max_size=4, unique=True)):
        try:
            path = tidy_path(name)
        except InvalidName:
            continue
        width, height = draw(st.sampled_from([(40, 30), (30, 40), (7, 300), (33, 33)]))
        boxes = tuple(
            NamedBox(
                draw(st.sampled_from(classes)),
                *draw(corners(width, height)),
                difficult=difficult,
                crowd=crowd,
            )
            for difficult, crowd in draw(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=3))
        )
        images.append((path, width, height, boxes, draw(st.sampled_from([None, "train", "val", "test"]))))
    return classes, images


def written(folder: Path, images: list[tuple]) -> list[LabelledImage]:
    made = []
    for number, (name, width, height, boxes, split) in enumerate(images):
        source = folder / f"{number}"
        source.write_bytes(jpeg(width, height, (number, 0, 0)))
        made.append(LabelledImage(name, width, height, boxes, split, source))
    return made


def carried(format: Format, box: NamedBox, image: LabelledImage) -> list[float]:
    sides = [(box.x0, box.x1, image.width), (box.y0, box.y1, image.height)]
    if not format.carries.parts_of_pixels:
        sides = [
            (low, high, end) if high - low >= 1 else (min(low, end - 1), min(low, end - 1) + 1, end)
            for low, high, end in sides
        ]
    (x0, x1, _), (y0, y1, _) = sides
    return [round(value, 6) for value in (x0, y0, x1, y1)]


def expected(format: Format, images: list[LabelledImage]) -> Counter:
    splits = {image.split for image in images}
    by_name = format.name in ("coco", "yolo", "labelme")
    return Counter(
        (
            image.name,
            image.source.read_bytes(),
            None if by_name and splits == {"train"} else image.split,
            (image.width, image.height)
            if format.carries.sizes and (image.boxes or format.name != "label-studio")
            else None,
            tuple(
                (
                    box.class_name,
                    *carried(format, box, image),
                    box.difficult and format.carries.difficult,
                    box.crowd and format.carries.crowd,
                )
                for box in image.boxes
            ),
        )
        for image in images
    )


def found(format: Format, reading: Reading) -> Counter:
    return Counter(
        (
            file.name,
            file.path.read_bytes(),
            file.split,
            file.labels.size if format.carries.sizes else None,
            tuple(
                (box.class_name, box.x0, box.y0, box.x1, box.y1, box.difficult, box.crowd)
                for box in file.labels.boxes
            ),
        )
        for file in reading.files
        if file.labels is not None
    )


@pytest.mark.parametrize("ending", ["", ".zip"])
@pytest.mark.parametrize("format", WRITTEN.values(), ids=lambda format: format.name)
@given(dataset=datasets())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_data_set_comes_back_as_it_was_written(format, ending, dataset):
    classes, images = dataset
    if not images:
        return
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "sources").mkdir()
        labelled = written(folder / "sources", images)
        target = folder / f"out{ending}"
        write_dataset(format, classes, labelled, target)
        from data.formats.source import opened

        with opened(target) as reading:
            assert reading.problems == ()
            assert reading.notes[0].startswith(f"Read as {format.name}")
            assert found(format, reading) == expected(format, labelled)
            assert len(reading.files) == len(images)
            if not (format.name == "voc" and not reading.classes):
                assert reading.classes == classes
            for file in reading.files:
                size = {image.name: (image.width, image.height) for image in labelled}[file.name]
                fitted = fit(file.labels, *size, 1)
                assert (fitted.problems, fitted.clipped, fitted.other_size) == ((), 0, "")
