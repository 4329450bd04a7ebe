"""What we write, other people's readers read as we mean it: globox, supervision and Datumaro.

They pin too much to live in our environment; ``make test-oracles`` gives them one of their own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from data.formats.annotated import NamedBox
from data.formats.dataset import LabelledImage
from data.formats.registry import WRITTEN, read
from data.formats.writing import write_dataset

Found = dict[str, list[tuple[str, float, float, float, float]]]

CLASSES = ("washer", "nut", "bolt")
BOXES: Found = {
    "a": [("bolt", 0, 0, 40, 30), ("nut", 1, 2, 30, 30)],
    "b c": [("bolt", 3, 4.5, 20, 25)],
    "sub.x": [],
}
SPLITS = {"a": "train", "b c": "train", "sub.x": "val"}

pytestmark = pytest.mark.filterwarnings("ignore")


def images(folder: Path, *, splits: bool = True) -> list[LabelledImage]:
    made = []
    for number, (stem, boxes) in enumerate(BOXES.items()):
        source = folder / f"{number}.jpg"
        source.parent.mkdir(exist_ok=True)
        Image.new("RGB", (40 + number, 30), (number * 90, 60, 60)).save(source)
        named = tuple(NamedBox(*box) for box in boxes)
        split: Any = SPLITS[stem] if splits else None
        made.append(LabelledImage(f"{stem}.jpg", 40 + number, 30, named, split, source))
    return made


@pytest.fixture
def written(tmp_path: Path) -> Any:
    """Writes the data set in a format and gives its folder."""

    def write(name: str, *, splits: bool = True) -> Path:
        target = tmp_path / name
        write_dataset(WRITTEN[name], CLASSES, images(tmp_path / "sources", splits=splits), target)
        return target

    return write


def tidy(found: dict[str, list[tuple[str, Any, Any, Any, Any]]]) -> Found:
    return {
        Path(name).name.removesuffix(".jpg"): sorted(
            (label, *(round(float(v), 3) for v in box)) for label, *box in boxes
        )
        for name, boxes in found.items()
    }


def only(*stems: str) -> Found:
    return {stem: BOXES[stem] for stem in stems}


def counted_from_one(found: Found) -> Found:
    """What a reader makes of VOC's numbers that takes them as they stand."""
    return {
        stem: [(label, x0 + 1, y0 + 1, x1, y1) for label, x0, y0, x1, y1 in boxes]
        for stem, boxes in found.items()
    }


# globox


def by_globox(annotations: Any, names: dict[str, str] | None = None) -> Found:
    return tidy(
        {
            each.image_id: [
                ((names or {}).get(box.label, box.label), box.xmin, box.ymin, box.xmax, box.ymax)
                for box in each.boxes
            ]
            for each in annotations
        }
    )


@pytest.fixture
def annotation_set() -> Any:
    return pytest.importorskip("globox").AnnotationSet


def test_globox_reads_our_coco(written: Any, annotation_set: Any) -> None:
    file = written("coco") / "annotations" / "instances_train.json"
    assert by_globox(annotation_set.from_coco(file)) == only("a", "b c")


def test_globox_reads_our_voc_from_one(written: Any, annotation_set: Any) -> None:
    found = by_globox(annotation_set.from_pascal_voc(written("voc") / "Annotations"))
    assert found == counted_from_one(BOXES)


def test_globox_reads_our_yolo(written: Any, annotation_set: Any) -> None:
    folder = written("yolo")
    labels, pictures = folder / "labels" / "train", folder / "images" / "train"
    names = {str(number): name for number, name in enumerate(CLASSES)}
    assert by_globox(annotation_set.from_yolo_v5(labels, image_folder=pictures), names) == only("a", "b c")


def test_globox_reads_our_labelme(written: Any, annotation_set: Any) -> None:
    assert by_globox(annotation_set.from_labelme(written("labelme") / "train")) == only("a", "b c")


def test_globox_reads_our_cvat(written: Any, annotation_set: Any) -> None:
    assert by_globox(annotation_set.from_cvat(written("cvat") / "annotations.xml")) == BOXES


def test_we_read_what_globox_writes(written: Any, annotation_set: Any, tmp_path: Path) -> None:
    annotations = annotation_set.from_coco(
        written("coco", splits=False) / "annotations" / "instances_default.json"
    )
    for name, write in (
        ("coco", lambda folder: annotations.save_coco(folder / "coco.json", auto_ids=True)),
        ("labelme", lambda folder: annotations.save_labelme(folder)),
        ("cvat", lambda folder: annotations.save_cvat(folder / "cvat.xml")),
    ):
        folder = tmp_path / f"globox {name}"
        folder.mkdir()
        for image in images(folder):
            assert image.source is not None
            image.source.rename(folder / image.name)
        write(folder)
        assert ours(read(folder)) == BOXES


def ours(reading: Any) -> Found:
    assert reading.problems == ()
    return tidy(
        {
            file.name: [(box.class_name, box.x0, box.y0, box.x1, box.y1) for box in file.labels.boxes]
            for file in reading.files
            if file.labels is not None
        }
    )


# supervision


def by_supervision(dataset: Any) -> Found:
    return tidy(
        {
            path: [
                (dataset.classes[number], *corners)
                for number, corners in zip(found.class_id, found.xyxy, strict=True)
            ]
            for path, _, found in dataset
        }
    )


@pytest.fixture
def detection_dataset() -> Any:
    return pytest.importorskip("supervision").DetectionDataset


def test_supervision_reads_our_coco(written: Any, detection_dataset: Any) -> None:
    folder = written("coco")
    file = folder / "annotations" / "instances_train.json"
    dataset = detection_dataset.from_coco(str(folder / "images"), str(file))
    assert by_supervision(dataset) == only("a", "b c")
    assert tuple(dataset.classes) == CLASSES


def test_supervision_reads_our_voc(written: Any, detection_dataset: Any) -> None:
    folder = written("voc")
    dataset = detection_dataset.from_pascal_voc(str(folder / "JPEGImages"), str(folder / "Annotations"))
    assert by_supervision(dataset) == BOXES


def test_supervision_reads_our_yolo(written: Any, detection_dataset: Any) -> None:
    folder = written("yolo")
    dataset = detection_dataset.from_yolo(
        str(folder / "images" / "train"), str(folder / "labels" / "train"), str(folder / "data.yaml")
    )
    assert by_supervision(dataset) == only("a", "b c")
    assert tuple(dataset.classes) == CLASSES


def test_supervision_reads_our_labelme(written: Any, detection_dataset: Any) -> None:
    folder = str(written("labelme") / "train")
    assert by_supervision(detection_dataset.from_labelme(folder, folder)) == only("a", "b c")


@pytest.mark.parametrize("name", ["coco", "voc", "yolo"])
def test_we_read_what_supervision_writes(
    name: str, written: Any, detection_dataset: Any, tmp_path: Path
) -> None:
    source = written("coco", splits=False)
    dataset = detection_dataset.from_coco(
        str(source / "images"), str(source / "annotations" / "instances_default.json")
    )
    folder = tmp_path / "theirs"
    pictures = str(folder / "images")
    if name == "coco":
        dataset.as_coco(pictures, str(folder / "coco.json"))
    elif name == "voc":
        dataset.as_pascal_voc(pictures, str(folder / "annotations"))
    else:
        dataset.as_yolo(pictures, str(folder / "labels"), str(folder / "data.yaml"))
    found = ours(read(folder))
    for stem, boxes in BOXES.items():
        for (label, *corners), (wanted, *expected) in zip(found[stem], boxes, strict=True):
            assert label == wanted
            # YOLO is written with five decimals, VOC with whole pixels.
            assert corners == pytest.approx(expected, abs=1 if name == "voc" else 0.01)


# Datumaro


def by_datumaro(dataset: Any, kinds: Any) -> Found:
    names = [category.name for category in dataset.categories()[kinds.label].items]
    return tidy(
        {item.id: [(names[found.label], *found.points) for found in item.annotations] for item in dataset}
    )


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("coco", "coco_instances"),
        ("voc", "voc_detection"),
        ("yolo", "yolo"),
        ("open-images", "open_images"),
        ("cvat", "cvat"),
    ],
)
def test_datumaro_reads_what_we_write(name: str, theirs: str, written: Any) -> None:
    datumaro = pytest.importorskip("datumaro")
    # Of a CVAT file it takes only the subset that is named like the file.
    dataset = datumaro.Dataset.import_from(str(written(name, splits=name != "cvat")), theirs)
    found = by_datumaro(dataset, datumaro.AnnotationType)
    assert found == (counted_from_one(BOXES) if name == "voc" else BOXES)
    if name != "cvat":
        splits = {item.id: item.subset.replace("validation", "val") for item in dataset}
        assert splits == SPLITS


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("coco", "coco_instances"),
        ("voc", "voc_detection"),
        ("yolo", "yolo"),
        ("open-images", "open_images"),
        ("cvat", "cvat"),
    ],
)
def test_we_read_what_datumaro_writes(name: str, theirs: str, written: Any, tmp_path: Path) -> None:
    datumaro = pytest.importorskip("datumaro")
    dataset = datumaro.Dataset.import_from(str(written("coco")), "coco_instances")
    dataset.export(str(tmp_path / "theirs"), theirs, save_media=True)
    reading = read(tmp_path / "theirs", voc_base="0")
    found = ours(reading)
    # It writes no XML for an image without boxes, so that nothing says that somebody looked.
    assert found.keys() == BOXES.keys() - ({"sub.x"} if name == "voc" else set())
    for stem in found:
        for (label, *corners), (wanted, *expected) in zip(found[stem], BOXES[stem], strict=True):
            assert (label, corners) == (wanted, pytest.approx(expected, abs=0.01))
    if name != "cvat":
        splits = {Path(file.name).name.removesuffix(".jpg"): file.split for file in reading.files}
        assert splits == SPLITS
