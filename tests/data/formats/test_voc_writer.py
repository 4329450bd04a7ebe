"""Writing Pascal VOC, its lists of splits and its list of classes."""

from __future__ import annotations

import pytest

from data.formats import voc, voc_writer
from data.formats.annotated import NamedBox
from data.formats.dataset import LabelledImage, arranged
from data.formats.label_map import label_map, read_label_map
from tests.data.formats.folders import file_of, told, write

ANNOTATION = """<annotation>
  <folder>JPEGImages</folder>
  <filename>a.jpg</filename>
  <size>
    <width>40</width>
    <height>30</height>
    <depth>3</depth>
  </size>
  <segmented>0</segmented>
  <object>
    <name>n&lt;ut</name>
    <pose>Unspecified</pose>
    <truncated>0</truncated>
    <difficult>1</difficult>
    <bndbox>
      <xmin>1</xmin>
      <ymin>3.5</ymin>
      <xmax>11</xmax>
      <ymax>22</ymax>
    </bndbox>
  </object>
</annotation>
"""


def written(*images: LabelledImage, classes=("n<ut",)) -> dict[str, str]:
    files = voc_writer.write(arranged(classes, images, voc_writer.LAYOUT))
    return {file.path: file.data.decode() for file in files}


def test_what_is_written_counts_pixels_from_one_and_keeps_parts_of_them():
    box = NamedBox("n<ut", 0, 2.5, 11, 22, difficult=True)
    files = written(LabelledImage("a.jpg", 40, 30, (box,), "train"), LabelledImage("sub/b.c.jpg", 40, 30))
    assert files["Annotations/a.xml"] == ANNOTATION
    assert set(files) == {
        "Annotations/a.xml",
        "Annotations/sub/b.c.xml",
        "ImageSets/Main/train.txt",
        "ImageSets/Main/default.txt",
        "labelmap.txt",
    }
    assert files["ImageSets/Main/default.txt"] == "sub/b.c\n"
    assert files["labelmap.txt"] == "background:0,0,0::\nn<ut:::\n"


@pytest.mark.parametrize(
    ("low", "high", "lowest", "highest"), [(3, 3.5, "4", "4"), (39.5, 40, "40", "40"), (3, 4, "4", "4")]
)
def test_a_box_narrower_than_a_pixel_is_widened_to_one_within_the_image(low, high, lowest, highest):
    text = written(LabelledImage("a.jpg", 40, 30, (NamedBox("n<ut", low, 0, high, 9),)))["Annotations/a.xml"]
    assert f"<xmin>{lowest}</xmin>" in text
    assert f"<xmax>{highest}</xmax>" in text


EMPTY = "<annotation/>"


def test_splits_are_read_from_image_sets(tmp_path):
    names = {"train": "a", "val": "b", "test": "sub/c"}
    files = {f"ImageSets/Main/{split}.txt": f"{name}\n\n" for split, name in names.items()}
    files |= {f"JPEGImages/{name}.jpg": (40, 30) for name in (*names.values(), "d")}
    # Lists of single classes end each line in whether the image shows it.
    files |= {"ImageSets/Main/nut_train.txt": "d  1\n", "ImageSets/Main/trainval.txt": "a\nb\n"}
    reading = voc.read_folder(write(tmp_path, files))
    assert {file.name: file.split for file in reading.files} == {
        "JPEGImages/a.jpg": "train",
        "JPEGImages/b.jpg": "val",
        "JPEGImages/sub/c.jpg": "test",
        "JPEGImages/d.jpg": None,
    }
    assert (reading.problems, reading.splits_stated) == ((), True)


def test_an_image_in_two_lists_belongs_to_the_one_that_keeps_it_from_training(tmp_path):
    files = {f"ImageSets/Main/{split}.txt": "a" for split in ("train", "val", "test")}
    reading = voc.read_folder(write(tmp_path, {"JPEGImages/a.jpg": (40, 30), **files}))
    assert reading.files[0].split == "test"


def test_two_years_of_the_devkit_keep_their_own_lists(tmp_path):
    files = {}
    for year, split in (("VOC2007", "train"), ("VOC2012", "val")):
        files[f"{year}/JPEGImages/000001.jpg"] = (40, 30)
        files[f"{year}/Annotations/000001.xml"] = EMPTY
        files[f"{year}/ImageSets/Main/{split}.txt"] = "000001\r\n"
    reading = voc.read_folder(write(tmp_path, files))
    assert [file.split for file in reading.files] == ["train", "val"]


def test_a_list_that_names_no_image_or_two_is_told_with_its_line(tmp_path):
    files = {"ImageSets/Main/train.txt": "a\ngone\n", "x/a.jpg": (40, 30), "y/a.jpg": (40, 30)}
    assert told(voc.read_folder(write(tmp_path, files))) == (
        "ImageSets/Main/train.txt:1: Several images could be meant by 'a': x/a.jpg, y/a.jpg.\n"
        "ImageSets/Main/train.txt:2: There is no image for 'gone'."
    )


def test_equal_names_in_sub_folders_find_the_annotation_in_the_folder_of_the_same_name(tmp_path):
    files = {}
    for number, place in enumerate(("", "x/", "y/x/"), start=1):
        files[f"JPEGImages/{place}a.jpg"] = (40, 30)
        files[f"Annotations/{place}a.xml"] = (
            f"<annotation><size><width>{number}</width><height>1</height></size></annotation>"
        )
    reading = voc.read_folder(write(tmp_path, files))
    assert reading.problems == ()
    found = [file_of(reading, f"JPEGImages/{place}a.jpg").labels.size[0] for place in ("", "x/", "y/x/")]
    assert found == [1, 2, 3]


def test_the_label_map_gives_classes_in_order_without_the_background(tmp_path):
    text = "# label:color_rgb:parts:actions\nbackground:0,0,0::\nzebra:128,0,0:head,leg:run\nant:0,128,0::\n"
    assert read_label_map(write(tmp_path, {"labelmap.txt": text}) / "labelmap.txt") == ("zebra", "ant")


@pytest.mark.parametrize("name", ["#nut", "a:1,2:b:c"])
def test_names_that_the_label_map_cannot_hold_make_it_none(name, tmp_path):
    listed = label_map(["fine", name])
    if listed is not None:
        (tmp_path / "labelmap.txt").write_bytes(listed)
        assert read_label_map(tmp_path / "labelmap.txt") == ("fine", name)
    else:
        assert name.startswith("#")


def test_a_label_map_that_is_something_else_gives_no_classes(tmp_path):
    assert read_label_map(write(tmp_path, {"labelmap.txt": b"\xff\xfe\xfa"}) / "labelmap.txt") == ()
    assert read_label_map(tmp_path / "missing.txt") == ()
