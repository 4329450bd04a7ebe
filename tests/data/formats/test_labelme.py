"""LabelMe, as LabelMe and X-AnyLabeling write it."""

from __future__ import annotations

import json

import pytest

from data.formats import labelme
from data.formats.annotated import NamedBox
from data.formats.dataset import LabelledImage, arranged
from tests.data.formats.folders import boxes_of, file_of, told, write


def document(*shapes: dict, path="a.jpg", **more: object) -> dict:
    return {
        "version": "5.4.1",
        "flags": {},
        "shapes": [
            {"label": "nut", "shape_type": "rectangle", "group_id": None, "flags": {}, **shape}
            for shape in shapes
        ],
        "imagePath": path,
        "imageData": None,
        "imageHeight": 30,
        "imageWidth": 40,
        **more,
    }


def read(folder, *shapes: dict, **more: object):
    return labelme.read_folder(write(folder, {"a.jpg": (40, 30), "a.json": document(*shapes, **more)}))


@pytest.mark.parametrize(
    "points", [[[1, 2], [11, 22]], [[11, 22], [1, 2]], [[11, 2], [1, 22]], [[1, 22], [11, 2]]]
)
def test_the_corners_of_a_rectangle_come_in_any_order(tmp_path, points):
    reading = read(tmp_path, {"points": points})
    assert boxes_of(reading, "a.jpg") == [("nut", (1, 2, 11, 22))]
    assert (file_of(reading, "a.jpg").labels.size, reading.notes) == ((40, 30), ())


def test_a_rectangle_of_four_corners_is_a_rectangle_unless_it_is_turned(tmp_path):
    upright = [[1, 2], [11, 2], [11, 22], [1, 22]]
    turned = [[10, 0], [20, 10], [10, 20], [0, 10]]
    reading = read(tmp_path, {"points": upright}, {"points": turned, "shape_type": "rotation"})
    assert boxes_of(reading, "a.jpg") == [("nut", (1, 2, 11, 22)), ("nut", (0, 0, 20, 20))]
    assert reading.notes == ("1 rotated box became its bounding box.",)


def test_polygons_circles_and_masks_become_their_bounding_boxes_and_are_counted(tmp_path):
    reading = read(
        tmp_path,
        {"shape_type": "polygon", "points": [[1, 2], [11, 4], [6, 22]]},
        {"shape_type": "circle", "points": [[20, 15], [23, 19]]},
        {"shape_type": "mask", "points": [[3, 4], [9, 8]], "mask": "aGk="},
    )
    assert [corners for _, corners in boxes_of(reading, "a.jpg")] == [
        (1, 2, 11, 22),
        (15, 10, 25, 20),
        (3, 4, 9, 8),
    ]
    assert reading.notes == ("1 circle, 1 mask and 1 polygon became their bounding boxes.",)


def test_the_image_inside_the_file_is_ignored(tmp_path):
    assert read(tmp_path, imageData="not even base64 " * 1000).problems == ()


def test_the_path_of_another_system_finds_the_image_and_else_the_name_of_the_file_does(tmp_path):
    write(tmp_path, {"images/a.jpg": (40, 30), "images/b.jpg": (40, 30)})
    write(
        tmp_path,
        {"labels/a.json": document(path="..\\images\\a.jpg"), "labels/b.json": document(path="gone.jpg")},
    )
    reading = labelme.read_folder(tmp_path)
    assert [file.labels.file for file in reading.files] == ["labels/a.json", "labels/b.json"]


def test_a_file_without_shapes_is_a_checked_negative(tmp_path):
    assert file_of(read(tmp_path), "a.jpg").labels.empty


def test_difficult_and_crowd_are_read_from_flags_and_from_x_anylabelings_own_field(tmp_path):
    points = [[1, 2], [11, 22]]
    reading = read(
        tmp_path,
        {"points": points, "flags": {"difficult": True}},
        {"points": points, "difficult": True},
        {"points": points, "flags": {"crowd": True}},
        {"points": points, "flags": None},
    )
    boxes = file_of(reading, "a.jpg").labels.boxes
    assert [(box.difficult, box.crowd) for box in boxes] == [
        (True, False),
        (True, False),
        (False, True),
        (False,) * 2,
    ]


def test_classes_come_in_the_order_of_the_list_beside(tmp_path):
    write(tmp_path, {"labels.txt": "__ignore__\n_background_\nzebra\nant\n"})
    assert read(tmp_path).classes == ("zebra", "ant")


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ({"shape_type": "point", "points": [[1, 2]]}, "point of 'nut' has no area"),
        ({"shape_type": "linestrip", "points": [[1, 2], [3, 4]]}, "linestrip of 'nut' has no area"),
        ({"shape_type": "polygon", "points": [[1, 2], [3, 4]]}, "polygon of 2 points"),
        ({"shape_type": "circle", "points": [[1, 2]]}, "A circle needs"),
        ({"points": []}, "no area"),
        ({}, "no area"),
        ({"points": [[1, 2], [1, 9]]}, "holds nothing"),
        ({"points": [[1, 2], [3]]}, "no pair of numbers"),
        ({"points": [[1, 2], [3, "x"]]}, "'x', which is no finite number"),
        ({"points": [[1, 2], [3, float("inf")]]}, "no finite number"),
        ({"label": None, "points": [[1, 2], [3, 4]]}, "None, which is no text"),
        ({"label": "  ", "points": [[1, 2], [3, 4]]}, "needs a name"),
    ],
)
def test_a_wrong_shape_is_reported_and_the_others_are_kept(tmp_path, shape, said):
    reading = read(tmp_path, {"points": [[0, 0], [5, 5]]}, shape)
    assert boxes_of(reading, "a.jpg") == [("nut", (0, 0, 5, 5))]
    assert told(reading).startswith("a.json:None: Shape 2: ")
    assert said in told(reading)


def test_what_is_written_opens_in_labelme():
    box = NamedBox("nut", 1, 2.5, 11, 22, difficult=True)
    images = [LabelledImage("sub/a.jpg", 40, 30, (box,), "train")]
    files = labelme.write(arranged(("nut", "bolt"), images, labelme.layout(images)))
    found = {file.path: file.data for file in files}
    assert found.pop("labels.txt") == b"nut\nbolt\n"
    assert {path: json.loads(data) for path, data in found.items()} == {
        "train/sub/a.json": {
            "version": "5.5.0",
            "flags": {},
            "shapes": [
                {
                    "label": "nut",
                    "points": [[1, 2.5], [11, 22]],
                    "group_id": None,
                    "description": "",
                    "shape_type": "rectangle",
                    "flags": {"difficult": True},
                    "mask": None,
                }
            ],
            "imagePath": "a.jpg",
            "imageData": None,
            "imageHeight": 30,
            "imageWidth": 40,
        }
    }


def test_images_stay_where_their_names_say_where_no_split_asks_for_a_folder():
    images = [LabelledImage("sub/a.jpg", 40, 30)]
    assert arranged((), images, labelme.layout(images)).images[0].path == "sub/a.jpg"
    images = [LabelledImage("train/a.jpg", 40, 30)]
    assert arranged((), images, labelme.layout(images)).images[0].path == "unassigned/train/a.jpg"
