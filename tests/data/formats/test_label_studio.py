"""Label Studio's JSON, in its full and its short form."""

from __future__ import annotations

import json

import pytest

from data.formats import label_studio
from data.formats.annotated import NamedBox
from data.formats.dataset import LabelledImage, arranged
from tests.data.formats.folders import boxes_of, file_of, told, write


def result(**more: object) -> dict:
    """A rectangle that covers the left half of a 40×20 image."""
    value = {"x": 0, "y": 0, "width": 50, "height": 100, "rotation": 0, "rectanglelabels": ["nut"]}
    return {
        "id": "Zb1",
        "type": "rectanglelabels",
        "from_name": "label",
        "to_name": "image",
        "original_width": 40,
        "original_height": 20,
        "image_rotation": 0,
        "value": value | dict(more.pop("value", {})),  # type: ignore[call-overload]
        **more,
    }


def annotation(*results: dict, **more: object) -> dict:
    return {"id": 1, "completed_by": 1, "was_cancelled": False, "result": list(results), **more}


def task(*annotations: dict, image="/data/upload/1/1a2b3c4d-a.jpg", **data: str) -> dict:
    return {"id": 5, "data": {"image": image, **data}, "annotations": list(annotations), "predictions": []}


def read(folder, *tasks: dict):
    return label_studio.read_folder(write(folder, {"a.jpg": (40, 20), "tasks.json": list(tasks)}))


def test_per_cents_become_pixels(tmp_path):
    reading = read(tmp_path, task(annotation(result(value={"x": 25, "y": 10}))))
    assert boxes_of(reading, "a.jpg") == [("nut", (10, 2, 30, 22))]
    assert (file_of(reading, "a.jpg").labels.size, reading.problems) == ((40, 20), ())


def test_without_a_stated_size_that_of_the_file_counts(tmp_path):
    bare = result()
    del bare["original_width"]
    assert boxes_of(read(tmp_path, task(annotation(bare))), "a.jpg") == [("nut", (0, 0, 20, 20))]


def test_a_rotated_box_turns_about_its_upper_left_corner(tmp_path):
    turned = result(value={"x": 50, "y": 0, "width": 25, "height": 25, "rotation": 90})
    reading = read(tmp_path, task(annotation(turned)))
    assert boxes_of(reading, "a.jpg") == [("nut", (15, 0, 20, 10))]
    assert reading.notes == ("1 rotated box became its bounding box.",)


def test_polygons_and_ellipses_become_their_bounding_boxes(tmp_path):
    polygon = result(
        type="polygonlabels", value={"points": [[0, 0], [50, 10], [25, 90]], "polygonlabels": ["a"]}
    )
    ellipse = result(
        type="ellipselabels", value={"x": 50, "y": 50, "radiusX": 25, "radiusY": 10, "ellipselabels": ["b"]}
    )
    reading = read(tmp_path, task(annotation(polygon, ellipse)))
    assert boxes_of(reading, "a.jpg") == [("a", (0, 0, 20, 18)), ("b", (10, 8, 30, 12))]
    assert reading.notes == ("1 ellipse and 1 polygon became their bounding boxes.",)


def test_of_several_annotations_the_latest_counts_that_nobody_cancelled(tmp_path):
    def named(name: str, moment: str, **more: object) -> dict:
        return annotation(result(value={"rectanglelabels": [name]}), updated_at=moment, **more)

    reading = read(
        tmp_path,
        task(
            named("second", "2024-05-01T10:00:00.5Z"),
            named("first", "2024-05-01T10:00:00Z"),
            named("skipped", "2024-06-01T00:00:00Z", was_cancelled=True),
            named("undated", "yesterday"),
        ),
    )
    assert [name for name, _ in boxes_of(reading, "a.jpg")] == ["second"]


def test_a_task_that_nobody_finished_is_unlabelled_and_an_empty_annotation_a_checked_negative(tmp_path):
    write(tmp_path, {"b.jpg": (40, 20), "c.jpg": (40, 20)})
    reading = read(
        tmp_path,
        task(annotation()),
        task(image="/data/upload/b.jpg"),
        task(annotation(result(), was_cancelled=True), image="c.jpg"),
    )
    assert file_of(reading, "a.jpg").labels.empty
    assert file_of(reading, "b.jpg").labels is None
    assert file_of(reading, "c.jpg").labels is None


def test_the_short_form_is_read_and_the_latest_of_a_task_counts(tmp_path):
    def short(name: str, moment: str, **more: object) -> dict:
        item = {"x": 0, "y": 0, "width": 50, "height": 100, "rotation": 0, "rectanglelabels": [name]}
        return {
            "image": "/data/upload/1/1a2b3c4d-a.jpg",
            "id": 5,
            "label": [item | {"original_width": 40, "original_height": 20}],
            "annotator": 1,
            "annotation_id": 9,
            "updated_at": moment,
            **more,
        }

    write(tmp_path, {"b.jpg": (40, 20)})
    empty = {"image": "b.jpg", "id": 6, "annotator": 1, "lead_time": 3.5}
    reading = read(
        tmp_path, short("new", "2024-05-02T00:00:00Z"), short("old", "2024-05-01T00:00:00Z"), empty
    )
    assert boxes_of(reading, "a.jpg") == [("new", (0, 0, 20, 20))]
    assert file_of(reading, "b.jpg").labels.empty


def test_labels_that_stand_apart_from_their_rectangle_are_joined_to_it(tmp_path):
    shape = result(type="rectangle")
    del shape["value"]["rectanglelabels"]
    label = {"id": "Zb1", "type": "labels", "value": {"labels": ["bolt"]}}
    choice = {"id": "q", "type": "choices", "value": {"choices": ["blurred"]}}
    reading = read(tmp_path, task(annotation(shape, label, choice)))
    assert boxes_of(reading, "a.jpg") == [("bolt", (0, 0, 20, 20))]
    assert reading.problems == ()


@pytest.mark.parametrize(
    "address",
    [
        "/data/local-files/?d=shots/my%20a.jpg",
        "/data/local-files/?d=C:\\shots\\my a.jpg",
        "/data/upload/7/0f1e2d3c-my%20a.jpg",
        "http://localhost:8080/data/upload/7/my%20a.jpg",
        "s3://bucket/shots/my%20a.jpg",
        "shots/my a.jpg",
    ],
)
def test_addresses_of_every_storage_find_the_image(tmp_path, address):
    write(tmp_path, {"shots/my a.jpg": (40, 20), "tasks.json": [task(annotation(), image=address)]})
    reading = label_studio.read_folder(tmp_path)
    assert (reading.problems, file_of(reading, "shots/my a.jpg").labels is not None) == ((), True)


def test_a_task_may_state_a_split_and_the_interface_the_order_of_classes(tmp_path):
    labels = '<Label value="zebra"/><Label value="nut"/>'
    config = f'<View><RectangleLabels name="l" toName="i">{labels}</RectangleLabels></View>'
    write(tmp_path, {"label_config.xml": config})
    reading = read(tmp_path, task(annotation(result()), split="val"))
    assert (reading.classes, reading.splits_stated) == (("zebra", "nut"), True)
    assert file_of(reading, "a.jpg").split == "val"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (result(value={"width": 0}), "holds nothing"),
        (result(value={"x": "left"}), "'left', which is no finite number"),
        (result(value={"x": None}), "None, which is no finite number"),
        (result(value={"x": float("nan")}), "no finite number"),
        (result(value={"rectanglelabels": []}), "no text"),
        (result(value={"rectanglelabels": [""]}), "needs a name"),
        (result(image_rotation=90), "turned by 90°"),
        (
            result(type="brushlabels", value={"brushlabels": ["nut"], "rle": [1]}),
            "brush of 'nut' has no outline",
        ),
        (result(type="polygonlabels", value={"points": [[1, 2]], "polygonlabels": ["nut"]}), "1 points"),
        (result(type="polygonlabels", value={"points": 3, "polygonlabels": ["nut"]}), "0 points"),
        (result(type="polygonlabels", value={"points": [1, 2, 3], "polygonlabels": ["nut"]}), "no pair"),
    ],
)
def test_a_wrong_result_is_reported_and_the_others_are_kept(tmp_path, wrong, said):
    reading = read(tmp_path, task(annotation(result(), wrong)))
    assert len(boxes_of(reading, "a.jpg")) == 1
    assert "Task 1, result 'Zb1'" in told(reading)
    assert said in told(reading)


def test_an_image_that_cannot_be_read_has_no_per_cents(tmp_path):
    bare = result(original_width=0)
    write(tmp_path, {"a.jpg": b"broken", "tasks.json": [task(annotation(bare))]})
    assert "cannot be read" in told(label_studio.read_folder(tmp_path))


def test_what_is_written_can_be_imported_as_finished_tasks():
    images = [LabelledImage("my a.jpg", 40, 20, (NamedBox("nut", 10, 2, 30, 12),), "val")]
    tasks, config = label_studio.write(arranged(("bolt", "nut"), images, label_studio.LAYOUT))
    (written,) = json.loads(tasks.data)
    assert written["data"] == {"image": "/data/local-files/?d=images/my%20a.jpg", "split": "val"}
    assert written["annotations"][0]["result"][0]["value"] == {
        "x": 25,
        "y": 10,
        "width": 50,
        "height": 50,
        "rotation": 0,
        "rectanglelabels": ["nut"],
    }
    assert config.data.decode().index('"bolt"') < config.data.decode().index('"nut"')
