"""Exporting a project."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from data import annotations, classes, images
from data.errors import AlreadyExists, NotFound
from data.export import export_project
from data.formats import registry
from data.records import EXPORT_FORMATS, Box


@pytest.fixture
def labelled(database, project, bolt, add_image):
    """A project of four images: labelled to train on, empty to validate on, not labelled, and binned."""
    a, b, _c, d = (
        add_image("images/a.png", split="train"),
        add_image("b.png", split="val"),
        add_image("c.png"),
        add_image("d.png"),
    )
    with database.write() as session:
        nut = classes.add(session, project.id, "nut")
        boxes = [
            Box("1", nut.id, 1, 2.5, 9, 10, difficult=True),
            Box("2", bolt.id, 0, 0, 40, 30, crowd=True),
            Box("3", bolt.id, 0, 0, 0.5, 30),
        ]
        annotations.replace(session, a.id, boxes, 0, "op")
        annotations.mark_empty(session, b.id, 0, "op")
        annotations.replace(session, d.id, boxes[:1], 0, "op")
        images.discard(session, d.id)
    return project


def content(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("format", EXPORT_FORMATS)
def test_a_project_goes_out_whole_and_comes_back(database, blobs, labelled, tmp_path, format):
    report = export_project(database, blobs, labelled.id, tmp_path / "set", format)
    assert (report.images, report.boxes, report.classes) == (2, 3, ("bolt", "nut"))
    assert report.notes == ("1 image is not labelled yet, and was left out.",)
    reading = registry.read(tmp_path / "set", format)
    assert (reading.problems, reading.classes) == ((), ("bolt", "nut"))
    assert [(file.name, file.split, len(file.labels.boxes)) for file in reading.files] in (
        [("b.png", "val", 0), ("images/a.png", "train", 3)],
        [("images/a.png", "train", 3), ("b.png", "val", 0)],
    )


def test_exporting_twice_gives_the_same_bytes(database, blobs, labelled, tmp_path):
    for name in ("one", "two"):
        export_project(database, blobs, labelled.id, tmp_path / name, "voc")
        export_project(database, blobs, labelled.id, tmp_path / f"{name}.zip", "voc")
    assert content(tmp_path / "one") == content(tmp_path / "two")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_a_split_goes_out_alone_and_annotations_without_images(database, blobs, labelled, tmp_path):
    report = export_project(
        database, blobs, labelled.id, tmp_path / "set", "coco", with_images=False, split="val"
    )
    assert (report.images, report.boxes) == (1, 0)
    assert list(content(tmp_path / "set")) == ["annotations/instances_val.json"]
    document = json.loads((tmp_path / "set/annotations/instances_val.json").read_text())
    assert [image["file_name"] for image in document["images"]] == ["b.png"]


@pytest.mark.parametrize(
    ("format", "lost"),
    [
        ("coco", []),
        ("voc", ["1 boxes are smaller than a pixel"]),
        ("yolo", ["1 boxes are marked as difficult", "1 boxes are marked as a crowd"]),
        ("open-images", ["1 boxes are marked as difficult"]),
    ],
)
def test_what_a_format_cannot_say_is_told(database, blobs, labelled, tmp_path, format, lost):
    report = export_project(database, blobs, labelled.id, tmp_path / "set", format)
    assert [sentence.split(",")[0] for sentence in report.lost] == lost


def test_an_image_whose_file_is_missing_is_named_and_the_rest_goes_out(database, blobs, labelled, tmp_path):
    with database.read() as session:
        lost = next(image for image in images.page(session, labelled.id).images if image.name == "b.png")
    blobs.path(lost.sha256).unlink()
    report = export_project(database, blobs, labelled.id, tmp_path / "set", "yolo")
    assert [problem.file for problem in report.problems] == ["b.png"]
    assert report.images == 1


def test_a_class_put_aside_goes_out_only_with_boxes_of_it(database, blobs, labelled, tmp_path):
    with database.write() as session:
        spare = classes.add(session, labelled.id, "spare")
        (bolt, *_rest) = classes.list_all(session, labelled.id)
        for entry in (spare, bolt):
            classes.change(session, entry.id, archived=True)
    report = export_project(database, blobs, labelled.id, tmp_path / "set", "coco")
    assert report.classes == ("bolt", "nut")


def test_what_cannot_be_exported_is_said(database, blobs, labelled, tmp_path):
    def export(project_id=labelled.id, format="coco", **options):
        export_project(database, blobs, project_id, tmp_path / "set", format, **options)

    with pytest.raises(NotFound, match=r"no format 'auto' to write.*voc, coco"):
        export(format="auto")
    with pytest.raises(NotFound, match="no project 99"):
        export(99)
    with pytest.raises(NotFound, match="no labelled image in the split test"):
        export(split="test")
    export()
    with pytest.raises(AlreadyExists, match="there already"):
        export()


def test_progress_is_told_from_nothing_to_all(database, blobs, labelled, tmp_path):
    told = []
    export_project(
        database, blobs, labelled.id, tmp_path / "set", "csv",
        on_progress=lambda done, total: told.append((done, total)),
    )  # fmt: skip
    assert told == [(0, 2), (1, 2), (2, 2)]
