"""Finding out the format of a folder."""

from __future__ import annotations

import pytest

from data.errors import AmbiguousFormat
from data.formats import detect as module
from data.formats.detect import detect
from tests.data.formats.folders import write

COCO = {"images": [], "annotations": [], "categories": []}
LABELME = {"shapes": [], "imagePath": "a.jpg"}
STUDIO = [{"id": 1, "data": {"image": "a.jpg"}, "annotations": []}]
SHORT = [{"id": 1, "image": "a.jpg", "annotator": 1}]
OPEN_IMAGES = "ImageID,LabelName,XMin,XMax,YMin,YMax\na,nut,0,1,0,1\n"
FILES = {
    "voc": [
        {"x.xml": "<annotation/>"},
        {"x.xml": '<?xml version="1.0"?>\n<!-- by hand -->\n<annotation verified="yes">'},
    ],
    "cvat": [{"x.xml": "<annotations><version>1.1</version></annotations>"}],
    "coco": [{"x.json": COCO}, {"annotations/instances_train.json": COCO}],
    "labelme": [{"a.json": LABELME}],
    "label-studio": [{"x.json": STUDIO}, {"x.json": SHORT}],
    "yolo": [
        {"data.yaml": "names: [a]"},
        {"a.txt": "0 .5 .5 1 1\n"},
        {"images/b.jpg": (4, 3), "labels/b.txt": "\n3 0.5 0.5 1e-1 1 0 0 1\n", "labels/classes.txt": "a\n"},
    ],
    "open-images": [{"x.csv": OPEN_IMAGES}],
    "csv": [
        {"x.csv": "filename,class,xmin,ymin,xmax,ymax\n"},
        {"x.csv": "a.jpg,1,2,3,4,nut\n"},
        {"x.csv": "a.jpg,,,,,\n"},
    ],
    "images": [
        {},
        {"notes.json": {"categories": [], "info": {}}, "README.txt": "hello", "package.json": {"name": "x"}},
        {
            "table.csv": "name,age\nann,5\n",
            "icon.xml": "<svg/>",
            "conf.yaml": "a: 1",
            "a.txt": "a photograph\n",
        },
        {"feed.xml": "<annotations>of another kind</annotations>"},
    ],
}


@pytest.mark.parametrize(
    ("kind", "files"), [(kind, files) for kind, cases in FILES.items() for files in cases], ids=str
)
def test_the_format_is_found_by_what_the_files_hold(tmp_path, kind, files):
    found = detect(write(tmp_path, {"a.jpg": (4, 3), **files}))
    assert (found.format, found.unreadable) == (kind, ())
    assert found.why == "" if kind == "images" else found.why.startswith(f"Read as {kind}: ")


def test_what_it_saw_is_told(tmp_path):
    found = detect(write(tmp_path, {"a.jpg": (4, 3), "annotations/x.json": COCO}))
    assert found.why == "Read as coco: annotations/x.json holds images, annotations and categories."


def test_several_formats_are_named_with_an_example_of_each(tmp_path):
    with pytest.raises(AmbiguousFormat) as caught:
        detect(write(tmp_path, {"a.jpg": (4, 3), "a.xml": "<annotation/>", "x.json": COCO}))
    assert caught.value.candidates == ("coco", "voc")
    assert "coco (x.json holds images" in str(caught.value)
    assert "voc (a.xml holds <annotation>)" in str(caught.value)


def test_large_json_is_known_by_its_beginning_and_its_end(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_PARSED_BYTES", 100)
    monkeypatch.setattr(module, "_PART", 80)
    long = [{"id": number} for number in range(50)]
    for name, document, kind in (
        ("coco", {"images": long, "annotations": long, "categories": []}, "coco"),
        ("labelme", {"imagePath": "a.jpg", "imageData": "x" * 500, "shapes": []}, "labelme"),
        ("studio", STUDIO * 20, "label-studio"),
        ("other", {"images": long}, "images"),
    ):
        folder = write(tmp_path / name, {"a.jpg": (4, 3), "x.json": document})
        assert detect(folder).format == kind


def test_annotations_that_cannot_be_read_are_told_where_nothing_else_is_there(tmp_path):
    found = detect(write(tmp_path, {"a.jpg": (4, 3), "x.json": b'{"images":\n', "y.yaml": b"a: ["}))
    assert found.format == "images"
    assert [(problem.file, problem.line is not None) for problem in found.unreadable] == [
        ("x.json", True),
        ("y.yaml", True),
    ]


def test_broken_xml_is_taken_for_voc_whose_reader_names_every_such_file(tmp_path):
    assert detect(write(tmp_path, {"a.jpg": (4, 3), "a.xml": b"nonsense"})).format == "voc"


def test_of_many_files_some_are_looked_into_from_first_to_last(tmp_path, monkeypatch):
    looked = []
    monkeypatch.setitem(module._LOOKS, ".xml", lambda path: looked.append(path.name))
    monkeypatch.setattr(module, "LOOKED_INTO", 5)
    detect(write(tmp_path, {f"{number:02d}.xml": "<annotation/>" for number in range(40)}))
    assert 3 <= len(looked) <= 5
    assert (looked[0], int(looked[-1][:2]) > 30) == ("00.xml", True)
