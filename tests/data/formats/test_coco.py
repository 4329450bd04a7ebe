"""COCO, as the tools that write it write it."""

from __future__ import annotations

import json

import pytest
from pycocotools import mask as pycocotools_mask

from data.formats import coco
from data.formats.annotated import NamedBox
from data.formats.dataset import LabelledImage, arranged
from tests.data.formats.folders import boxes_of, file_of, told, write

IMAGE = {"id": 7, "file_name": "a.jpg", "width": 40, "height": 30}


def document(*annotations: dict, images=(IMAGE,), categories=None) -> dict:
    return {
        "info": {"description": "cups"},
        "licenses": [],
        "images": list(images),
        "annotations": [
            {"id": number, "image_id": 7, "category_id": 3, "iscrowd": 0, **annotation}
            for number, annotation in enumerate(annotations, start=1)
        ],
        "categories": categories or [{"id": 3, "name": "nut", "supercategory": "part"}],
    }


def read(folder, *annotations, **parts):
    return coco.read_folder(write(folder, {"a.jpg": (40, 30), "coco.json": document(*annotations, **parts)}))


def test_a_box_of_x_y_width_and_height_becomes_corners(tmp_path):
    reading = read(tmp_path, {"bbox": [1.5, 2, 10, 20]})
    assert boxes_of(reading, "a.jpg") == [("nut", (1.5, 2, 11.5, 22))]
    labels = file_of(reading, "a.jpg").labels
    assert (labels.size, labels.listed, labels.file) == ((40, 30), 1, "coco.json")
    assert (reading.problems, reading.notes, reading.splits_stated) == ((), (), False)


def test_category_ids_may_have_gaps_and_the_lists_order_is_the_classes_order(tmp_path):
    categories = [{"id": 90, "name": "washer"}, {"id": 3, "name": "nut"}, {"id": 17, "name": "bolt"}]
    reading = read(tmp_path, {"bbox": [0, 0, 5, 5], "category_id": 17}, categories=categories)
    assert reading.classes == ("washer", "nut", "bolt")
    assert boxes_of(reading, "a.jpg") == [("bolt", (0, 0, 5, 5))]


def test_a_crowd_is_kept_as_a_crowd_and_its_mask_counted(tmp_path):
    mask = {"size": [30, 40], "counts": [0, 1200]}
    reading = read(tmp_path, {"bbox": [0, 0, 40, 30], "iscrowd": 1, "segmentation": mask})
    assert file_of(reading, "a.jpg").labels.boxes == (NamedBox("nut", 0, 0, 40, 30, crowd=True),)
    assert reading.notes == ("1 mask became its bounding box.",)


def test_difficult_is_read_from_the_attributes_that_cvat_writes(tmp_path):
    reading = read(tmp_path, {"bbox": [0, 0, 4, 3], "attributes": {"difficult": True, "occluded": False}})
    assert file_of(reading, "a.jpg").labels.boxes[0].difficult


@pytest.mark.parametrize(
    ("segmentation", "corners"),
    [
        ([[1, 2, 11, 4, 6, 22]], (1, 2, 11, 22)),
        ([[1, 2, 5, 2, 5, 9], [7, 1, 8, 1, 8, 3]], (1, 1, 8, 9)),
        ({"size": [3, 4], "counts": [4, 2, 1, 1, 4]}, (1, 1, 3, 3)),
    ],
)
def test_without_a_box_the_outline_gives_it_and_is_counted(tmp_path, segmentation, corners):
    reading = read(tmp_path, {"segmentation": segmentation})
    assert boxes_of(reading, "a.jpg") == [("nut", corners)]
    assert "became its bounding box" in reading.notes[0]


def test_compressed_masks_are_measured_like_the_reference_does(tmp_path):
    plain = {"size": [30, 40], "counts": [95, 3, 27, 3, 400, 60, 612]}
    packed = pycocotools_mask.frPyObjects(plain, 30, 40)
    x, y, width, height = pycocotools_mask.toBbox(packed)
    reading = read(tmp_path, {"segmentation": {"size": [30, 40], "counts": packed["counts"].decode()}})
    assert boxes_of(reading, "a.jpg") == [("nut", (x, y, x + width, y + height))]


def test_a_rectangle_written_as_a_polygon_is_no_polygon(tmp_path):
    reading = read(tmp_path, {"bbox": [1, 2, 3, 4], "segmentation": [[1, 2, 4, 2, 4, 6, 1, 6]]})
    assert reading.notes == ()


def test_a_rotated_box_of_cvat_becomes_the_box_around_it(tmp_path):
    reading = read(tmp_path, {"bbox": [10, 5, 10, 20], "attributes": {"rotation": 90}})
    assert boxes_of(reading, "a.jpg") == [("nut", (5, 10, 25, 20))]
    assert reading.notes == ("1 rotated box became its bounding box.",)


def test_an_image_without_annotations_is_a_checked_negative_and_an_unlisted_one_unlabelled(tmp_path):
    write(tmp_path, {"b.jpg": (40, 30)})
    reading = read(tmp_path)
    assert file_of(reading, "a.jpg").labels.empty
    assert file_of(reading, "b.jpg").labels is None


@pytest.mark.parametrize(
    "reference",
    ["shots\\a.jpg", "C:\\data\\shots\\a.jpg", "/home/me/shots/a.jpg", "./shots/a.jpg", "SHOTS/A.JPG"],
)
def test_paths_of_other_systems_find_their_image(tmp_path, reference):
    images = [{**IMAGE, "file_name": reference}]
    write(tmp_path, {"images/shots/a.jpg": (40, 30), "images/other/a.jpg": (40, 30)})
    write(tmp_path, {"annotations/x.json": document({"bbox": [0, 0, 5, 5]}, images=images)})
    reading = coco.read_folder(tmp_path)
    assert (boxes_of(reading, "images/shots/a.jpg"), reading.problems) == ([("nut", (0, 0, 5, 5))], ())


def test_a_path_that_climbs_out_of_the_folder_finds_nothing_there(tmp_path):
    write(tmp_path, {"secret.jpg": (40, 30)})
    reading = coco.read_folder(
        write(
            tmp_path / "inside",
            {"a.jpg": (40, 30), "x.json": document(images=[{**IMAGE, "file_name": "../secret.jpg"}])},
        )
    )
    assert "no image for '../secret.jpg'" in told(reading)


def test_splits_are_read_from_the_names_of_the_files(tmp_path):
    files = {}
    for split in ("train2017", "val2017", "test-dev"):
        files[f"{split}/{split}.jpg"] = (40, 30)
        image = {**IMAGE, "file_name": f"{split}.jpg"}
        files[f"annotations/instances_{split}.json"] = document(images=[image])
    reading = coco.read_folder(write(tmp_path, files))
    assert {file.name: file.split for file in reading.files} == {
        "train2017/train2017.jpg": "train",
        "val2017/val2017.jpg": "val",
        "test-dev/test-dev.jpg": "test",
    }
    assert reading.splits_stated


def test_roboflows_folders_give_equal_names_their_own_boxes_and_splits(tmp_path):
    files = {}
    for number, split in enumerate(("train", "valid"), start=1):
        files[f"{split}/a.jpg"] = (40, 30)
        files[f"{split}/_annotations.coco.json"] = document({"bbox": [0, 0, number, 5]})
    reading = coco.read_folder(write(tmp_path, files))
    assert boxes_of(reading, "train/a.jpg") == [("nut", (0, 0, 1, 5))]
    assert boxes_of(reading, "valid/a.jpg") == [("nut", (0, 0, 2, 5))]
    assert [file.split for file in reading.files] == ["train", "val"]


def test_a_data_set_that_is_all_train_gets_no_splits_since_nothing_would_be_left_to_validate_on(tmp_path):
    reading = coco.read_folder(write(tmp_path, {"a.jpg": (40, 30), "train.json": document()}))
    assert file_of(reading, "a.jpg").split is None


def test_key_points_and_captions_of_the_same_images_do_not_count_twice(tmp_path):
    write(tmp_path, {"captions.json": {"images": [IMAGE], "annotations": [{"caption": "a nut"}]}})
    write(tmp_path, {"annotations/person_keypoints.json": document({"bbox": [9, 9, 9, 9]})})
    write(tmp_path, {"a.jpg": (40, 30), "annotations/instances.json": document({"bbox": [0, 0, 5, 5]})})
    reading = coco.read_folder(tmp_path)
    assert boxes_of(reading, "a.jpg") == [("nut", (0, 0, 5, 5))]
    assert "annotations/instances.json describes a.jpg as well" in told(reading)
    assert "captions.json has no COCO" in reading.notes[0]


def test_an_image_listed_twice_is_told(tmp_path):
    images = [IMAGE, {**IMAGE, "id": 8}, {**IMAGE, "file_name": "b.jpg"}]
    assert "Image 3 has no file_name, or no id of its own" in told(read(tmp_path, images=images))
    assert "describes a.jpg twice" in told(read(tmp_path, images=images))


@pytest.mark.parametrize(
    ("annotation", "said"),
    [
        ({"bbox": [1, 2, 0, 4]}, "holds nothing"),
        ({"bbox": [1, 2, -3, 4]}, "holds nothing"),
        ({"bbox": [1, 2, 3]}, "not four numbers"),
        ({"bbox": "1 2 3 4"}, "not four numbers"),
        ({"bbox": [1, 2, "x", 4]}, "'x', which is no finite number"),
        ({"bbox": [1, 2, True, 4]}, "True, which is no finite number"),
        ({"bbox": [1, 2, float("nan"), 4]}, "nan, which is no finite number"),
        ({"bbox": [1, 2, float("inf"), 4]}, "inf, which is no finite number"),
        ({}, "not four numbers"),
        ({"segmentation": [[1, 2, 3]]}, "a polygon of 3 numbers"),
        ({"segmentation": {"size": [3, 4], "counts": [5, 99]}}, "do not fit its size"),
        ({"segmentation": {"size": [3, 4], "counts": "\u00ff"}}, "damaged"),
        ({"segmentation": {"size": [3, 4], "counts": [12]}}, "empty"),
        ({"segmentation": {"size": [3]}}, "no size or no counts"),
        ({"bbox": [1, 2, 3, 4], "category_id": 4}, "category 4 is not among"),
        ({"bbox": [1, 2, 3, 4], "category_id": [3]}, "not among"),
        ({"bbox": [1, 2, 3, 4], "image_id": 99}, "image 99, which is not listed"),
        ({"bbox": [1, 2, 3, 4], "image_id": {}}, "no usable image_id"),
    ],
)
def test_a_wrong_annotation_is_reported_and_the_others_are_kept(tmp_path, annotation, said):
    reading = read(tmp_path, {"bbox": [0, 0, 5, 5]}, annotation)
    assert boxes_of(reading, "a.jpg") == [("nut", (0, 0, 5, 5))]
    (problem,) = reading.problems
    assert (problem.file, said in problem.problem, bool(problem.remedy)) == ("coco.json", True, True)


def test_a_wrong_category_is_reported(tmp_path):
    categories = [
        {"id": 3, "name": "nut"},
        {"id": 3, "name": "bolt"},
        {"id": 4},
        {"id": 5, "name": " "},
        None,
    ]
    reading = read(tmp_path, {"bbox": [0, 0, 5, 5]}, categories=categories)
    assert reading.classes == ("nut",)
    assert [problem.problem[:10] for problem in reading.problems] == [f"Category {n}" for n in (2, 3, 4, 5)]


def written(*images: LabelledImage, classes=("washer", "nut")) -> dict:
    files = coco.write(arranged(classes, images, coco.LAYOUT))
    return {file.path: json.loads(file.data) for file in files}


def test_annotation_ids_are_unique_across_the_files_of_all_splits():
    box = NamedBox("nut", 1, 2, 3, 5)
    files = written(
        LabelledImage("a.jpg", 40, 30, (box, box), "train"), LabelledImage("b.jpg", 40, 30, (box,), "val")
    )
    ids = [item["id"] for file in files.values() for item in file["annotations"]]
    assert sorted(files) == ["annotations/instances_train.json", "annotations/instances_val.json"]
    assert sorted(ids) == [1, 2, 3]


def test_what_is_written_is_plain_coco():
    box = NamedBox("nut", 1, 2, 3.5, 5, crowd=True)
    (file,) = written(LabelledImage("sub/a.jpg", 40, 30, (box,))).values()
    assert file == {
        "images": [{"id": 1, "file_name": "sub/a.jpg", "width": 40, "height": 30}],
        "annotations": [
            {
                "id": 1,
                "image_id": 1,
                "category_id": 2,
                "bbox": [1, 2, 2.5, 3],
                "area": 7.5,
                "segmentation": [],
                "iscrowd": 1,
            }
        ],
        "categories": [{"id": 1, "name": "washer"}, {"id": 2, "name": "nut"}],
    }
