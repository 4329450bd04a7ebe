"""Open Images' tables."""

from __future__ import annotations

import pytest

from data.formats import open_images
from data.formats.annotated import NamedBox
from data.formats.dataset import LabelledImage, arranged
from tests.data.formats.folders import boxes_of, file_of, told, write

FLAGS = "IsOccluded,IsTruncated,IsGroupOf,IsDepiction,IsInside"
HEADER = f"ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,{FLAGS}"
ROW = "000a1249af2bc5f0,xclick,/m/0nut,1,0.25,0.75,0.1,0.9,0,0,0,0,0"
NAME = "000a1249af2bc5f0.jpg"


def read(folder, *rows: str, **files: str):
    table = "\n".join((HEADER, *rows))
    write(folder, {NAME: (40, 20), "oidv6-train-annotations-bbox.csv": table})
    return open_images.read_folder(
        write(folder, {name.replace("__", "-") + ".csv": text for name, text in files.items()})
    )


def test_fractions_become_pixels_and_labels_the_names_of_the_descriptions(tmp_path):
    reading = read(tmp_path, ROW, class__descriptions__boxable="/m/0nut,Nut\n/m/0bolt,Bolt\n")
    assert boxes_of(reading, NAME) == [("Nut", (10, 2, 30, 18))]
    assert file_of(reading, NAME).labels.boxes[0].line == 2
    assert reading.problems == ()


def test_of_the_public_descriptions_only_classes_that_occur_come_in(tmp_path):
    described = "LabelName,DisplayName\n/m/0bolt,Bolt\n/m/0nut,Nut\nmine,Mine\n"
    assert read(tmp_path, ROW, oidv7__class__descriptions=described).classes == ("Nut", "Mine")


def test_without_descriptions_the_label_is_the_name(tmp_path):
    assert boxes_of(read(tmp_path, ROW), NAME)[0][0] == "/m/0nut"


def test_a_group_is_a_crowd_and_a_depiction_is_told(tmp_path):
    group = ROW.replace(",0,0,0,0,0", ",1,-1,1,1,0")
    reading = read(tmp_path, ROW, group)
    assert [box.crowd for box in file_of(reading, NAME).labels.boxes] == [False, True]
    assert reading.notes == (
        "1 boxes are marked as depictions, which is not kept.",
        "1 boxes are marked as occluded, which is not kept.",
    )


def test_a_row_of_confidence_zero_says_that_the_thing_is_not_there(tmp_path):
    assert file_of(read(tmp_path, ROW.replace(",1,0.25", ",0,0.25")), NAME).labels is None


def test_columns_are_known_by_their_headings(tmp_path):
    table = "YMax,XMin,LabelName,ImageID,XMax,YMin\n0.9,0.25,nut,000a1249af2bc5f0,0.75,0.1\n"
    reading = open_images.read_folder(write(tmp_path, {NAME: (40, 20), "boxes.csv": table}))
    assert boxes_of(reading, NAME) == [("nut", (10, 2, 30, 18))]


def test_splits_come_from_the_tables_names_or_the_list_of_images(tmp_path):
    write(
        tmp_path,
        {"b.jpg": (40, 20), "validation-annotations-bbox.csv": f"{HEADER}\n{ROW.replace(NAME[:-4], 'b')}"},
    )
    assert [file.split for file in read(tmp_path, ROW).files] == ["train", "val"]
    listed = f"ImageID,Subset,OriginalURL\n{NAME[:-4]},test,http://x\nb,,http://x\n"
    assert [file.split for file in read(tmp_path, ROW, image_ids_and_rotation=listed).files] == ["test", None]


def test_an_image_that_is_listed_without_boxes_is_a_checked_negative(tmp_path):
    write(tmp_path, {"b.jpg": (40, 20), "c.jpg": (40, 20)})
    reading = read(tmp_path, ROW, images="ImageID,Subset\nb,train\n")
    assert file_of(reading, "b.jpg").labels.empty
    assert file_of(reading, "c.jpg").labels is None


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (ROW.replace("0.75", "0.25"), "holds nothing"),
        (ROW.replace("0.75", "nan"), "'nan', which is no finite number"),
        (ROW.replace("0.75", ""), "'', which is no finite number"),
        (ROW.replace("0.75", "75"), "far above 1"),
        (ROW.replace("/m/0nut", ""), "needs a name"),
        (f"{NAME[:-4]},xclick,nut", "no finite number"),
    ],
)
def test_a_wrong_row_is_reported_with_its_line_and_the_others_are_kept(tmp_path, row, said):
    reading = read(tmp_path, ROW, row)
    assert len(boxes_of(reading, NAME)) == 1
    (problem,) = reading.problems
    assert (problem.line, said in problem.problem) == (3, True)


def test_an_image_that_is_not_there_is_told_once(tmp_path):
    gone = ROW.replace(NAME[:-4], "ffff")
    assert told(read(tmp_path, gone, gone)) == (
        "oidv6-train-annotations-bbox.csv:2: There is no image for 'ffff'."
    )


def test_ids_are_unique_across_the_folders_of_the_subsets():
    images = [LabelledImage("a.jpg", 40, 20, (), split, ending=".jpg") for split in ("train", "val")]
    assert [placed.path for placed in arranged((), images, open_images.LAYOUT).images] == [
        "images/train/a.jpg",
        "images/validation/a-2.jpg",
    ]


def test_what_is_written_is_what_other_readers_expect():
    images = [LabelledImage("sub/a.jpg", 40, 20, (NamedBox("nut", 10, 2, 30, 18, crowd=True),), "val")]
    files = open_images.write(arranged(("bolt", "nut"), images, open_images.LAYOUT))
    assert {file.path: file.data.decode().splitlines()[1:] for file in files} == {
        "annotations/validation-annotations-bbox.csv": ["sub/a,xclick,nut,1,0.25,0.75,0.1,0.9,0,0,1,0,0"],
        "annotations/image_ids_and_rotation.csv": ["sub/a,validation"],
        "annotations/class-descriptions.csv": ["nut,nut"],
    }
