"""Photographs that are here under another path come in once, with the boxes of the data set."""

from __future__ import annotations

import pytest

from data import annotations, exchange, images
from data.errors import NoImages, NotFound
from data.formats.borrowed_images import TOLD
from data.preview import preview_folder
from tests.data.formats.folders import jpeg, write

RED, BLUE, GREEN = (jpeg(colour=colour) for colour in ("red", "blue", "green"))
TABLE = "filename,class,xmin,ymin,xmax,ymax\n{},nut,1,2,9,9\n"


@pytest.fixture
def sent(database, blobs, project):
    """Sends photographs one by one."""

    def send(*files: tuple[str, bytes]) -> None:
        exchange.import_images(database, blobs, project.id, files)

    return send


@pytest.fixture
def brought(database, blobs, project, tmp_path):
    """Looks at a data set and imports it; gives the preview, the report, and the boxes by image's name."""

    def bring(files: dict):
        folder = write(tmp_path / "set", files)
        preview = preview_folder(database, blobs, project.name, folder)
        report = exchange.import_folder(database, blobs, project.name, folder)
        with database.read() as session:
            stored = images.page(session, project.id).images
            boxes = {image.name: len(annotations.read(session, image.id)) for image in stored}
        assert report.added == preview.images - preview.existing
        return preview, report, boxes

    return bring


def voc(number: int) -> str:
    corners = f"<xmin>1</xmin><ymin>2</ymin><xmax>{number}</xmax><ymax>9</ymax>"
    return f"<annotation><object><name>nut</name><bndbox>{corners}</bndbox></object></annotation>"


COCO = {
    "images": [{"id": 1, "file_name": "a.jpg", "width": 40, "height": 30}],
    "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 8, 7]}],
    "categories": [{"id": 1, "name": "nut"}],
}


@pytest.mark.parametrize(
    "files",
    [
        {"images/a.jpg": RED, "annotations/instances.json": COCO},
        {"JPEGImages/a.jpg": RED, "Annotations/a.xml": voc(9)},
        {"images/train/A.JPG": RED, "labels/train/A.txt": "0 .5 .5 .1 .1", "data.yaml": "names: [nut]"},
    ],
)
def test_boxes_go_to_the_photographs_that_were_sent_without_folders(sent, brought, files):
    sent(("a.jpg", RED), ("b.jpg", BLUE))
    path = next(iter(files))
    preview, report, boxes = brought(files)
    told = f"1 image already here under another path: {path} is a.jpg."
    assert (preview.existing, told in preview.notes, told in report.notes) == (1, True, True)
    assert (report.added, report.existing, boxes) == (0, 1, {"a.jpg": 1, "b.jpg": 0})
    assert brought({})[2] == boxes


ONLY_LABELS = [
    {"instances.json": COCO},
    {"Annotations/a.xml": voc(9)},
    {"labels/train/a.txt": "0 .5 .5 .1 .1", "data.yaml": "names: [nut]"},
]


@pytest.mark.parametrize("files", ONLY_LABELS)
def test_annotations_without_images_are_those_of_the_images_here_and_touch_no_other(sent, brought, files):
    sent(("photos/1/a.jpg", RED), ("photos/b.jpg", BLUE))
    preview, report, boxes = brought(files)
    assert (preview.images, preview.existing, preview.boxes) == (1, 1, 1)
    assert (report.existing, boxes) == (1, {"photos/1/a.jpg": 1, "photos/b.jpg": 0})
    assert TOLD in preview.notes
    assert TOLD in report.notes


def test_annotations_of_images_that_are_not_here_or_twice_are_refused_by_name(
    database, blobs, project, sent, brought, tmp_path
):
    sent(("a.jpg", RED))
    _, report, _ = brought({"a.xml": voc(9), "gone.xml": voc(9)})
    assert [problem.file for problem in report.rejected] == ["gone.xml"]
    sent(("a.jpg", BLUE), ("b.jpg", GREEN))
    with pytest.raises(NotFound, match=f"nothing of COCO in {tmp_path / 'set'}"):
        exchange.import_folder(database, blobs, project.name, tmp_path / "set", format="coco")
    with pytest.raises(NoImages, match=f"no image in {tmp_path / 'set'}, and none in the project"):
        brought({})
    (tmp_path / "set" / "a.xml").write_text("<annotation>")
    with pytest.raises(NoImages, match=r"and annotations\. a\.xml: The XML is broken"):
        exchange.import_folder(database, blobs, project.name, tmp_path / "set", format="voc")


@pytest.mark.parametrize(
    ("here", "files"),
    [
        ([("a.jpg", BLUE)], {"images/a.jpg": RED}),
        ([("1/a.jpg", RED), ("2/a.jpg", RED)], {"images/a.jpg": RED}),
        ([("a.jpg", RED)], {"1/a.jpg": RED, "2/a.jpg": RED}),
        ([("images/a.jpg", BLUE)], {"images/a.jpg": RED}),
    ],
    ids=["other bytes", "two here", "two in the data set", "other bytes under the path"],
)
def test_what_is_not_surely_the_same_comes_in_beside_it_and_is_told(sent, brought, here, files):
    sent(*here)
    preview, report, _ = brought(files)
    assert (preview.existing, report.added) == (0, len(files))
    (told,) = [note for note in preview.notes if "not surely the same" in note]
    assert told.endswith(f": {', '.join(files)}.")


def test_an_image_of_the_same_path_comes_before_those_of_its_name(sent, brought):
    sent(("images/a.jpg", RED), ("a.jpg", RED), ("images/b.jpg", GREEN), ("b.jpg", BLUE))
    preview, report, boxes = brought(
        {"images/a.jpg": RED, "b.jpg": BLUE, "images/b.jpg": GREEN, "t.csv": TABLE.format("images/a.jpg")}
    )
    assert (preview.existing, report.added) == (3, 0)
    assert boxes == {"a.jpg": 0, "images/a.jpg": 1, "b.jpg": 0, "images/b.jpg": 0}
    assert not any("another path" in note for note in (*preview.notes, *report.notes))


def test_an_import_ended_between_two_equal_photographs_goes_on_with_the_second(sent, brought):
    sent(("1/a.jpg", RED))
    _, report, boxes = brought({"1/a.jpg": RED, "2/a.jpg": RED})
    assert (report.added, sorted(boxes)) == (1, ["1/a.jpg", "2/a.jpg"])
