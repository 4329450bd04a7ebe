"""YOLO, as Ultralytics, Roboflow, Darknet, CVAT, labelImg and Label Studio write it."""

from __future__ import annotations

import pytest
import yaml
from PIL import Image

from data.formats import yolo
from data.formats.annotated import NamedBox
from data.formats.dataset import LabelledImage, arranged
from tests.data.formats.folders import boxes_of, file_of, jpeg, told, write

DATA = "names: [nut, bolt]\n"


def read(folder, label: str, config: str = DATA, name: str = "a"):
    files = {f"images/{name}.jpg": (40, 20), f"labels/{name}.txt": label, "data.yaml": config}
    return yolo.read_folder(write(folder, files))


def test_fractions_become_pixels_of_the_image_whose_size_its_file_tells(tmp_path):
    reading = read(tmp_path, "1 0.5 0.5 0.5 0.25\n0 0.25 0.5 0.5 1.0\n")
    assert boxes_of(reading, "images/a.jpg") == [("bolt", (10, 7.5, 30, 12.5)), ("nut", (0, 0, 20, 20))]
    labels = file_of(reading, "images/a.jpg").labels
    assert ([box.line for box in labels.boxes], labels.size, labels.file) == (
        [1, 2],
        (40, 20),
        "labels/a.txt",
    )
    assert (reading.problems, reading.notes, reading.classes) == ((), (), ("nut", "bolt"))


def test_the_size_is_that_of_the_photograph_as_people_see_it(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    files = {"images/a.jpg": jpeg(40, 20, exif=exif), "labels/a.txt": "0 0.5 0.5 1 1", "data.yaml": DATA}
    reading = yolo.read_folder(write(tmp_path, files))
    assert boxes_of(reading, "images/a.jpg") == [("nut", (0, 0, 20, 40))]


@pytest.mark.parametrize(
    "names",
    [
        "names: [zebra, ant]",
        "names:\n  0: zebra\n  1: ant",
        "names:\n- zebra\n- ant",
        "names: {1: ant, 0: zebra}",
    ],
)
def test_names_are_a_list_or_a_map_and_keep_their_numbers(tmp_path, names):
    reading = read(tmp_path, "1 0.5 0.5 0.5 0.5", names)
    assert (reading.classes, boxes_of(reading, "images/a.jpg")[0][0]) == (("zebra", "ant"), "ant")


def test_numbers_of_names_may_have_gaps(tmp_path):
    reading = read(tmp_path, "7 0.5 0.5 0.5 0.5", "names: {7: ant, 2: zebra}")
    assert (reading.classes, boxes_of(reading, "images/a.jpg")[0][0]) == (("zebra", "ant"), "ant")


def test_names_that_other_readers_take_for_values_stay_names(tmp_path):
    assert read(tmp_path, "", "names: [no, 1, null, 2001-01-01, 1e3, ~]").classes == (
        "no", "1", "null", "2001-01-01", "1e3", "~",
    )  # fmt: skip


def test_a_file_name_with_dots_keeps_them(tmp_path):
    reading = read(tmp_path, "0 0.5 0.5 1 1", name="photo.2024.01.final")
    assert boxes_of(reading, "images/photo.2024.01.final.jpg") == [("nut", (0, 0, 40, 20))]


@pytest.mark.parametrize(
    ("image", "label"),
    [
        ("images/a.jpg", "labels/a.txt"),
        ("train/images/a.jpg", "train/labels/a.txt"),
        ("images/train/deep/a.jpg", "labels/train/deep/a.txt"),
        ("images/x/images/a.jpg", "images/x/labels/a.txt"),
        ("obj_train_data/a.jpg", "obj_train_data/a.txt"),
        ("a.JPG", "a.txt"),
        ("pictures/a.jpg", "labels/a.txt"),
        ("images/Mu\u0308ll.jpg", "labels/M\u00fcll.txt"),
    ],
)
def test_images_and_labels_find_each_other(tmp_path, image, label):
    reading = yolo.read_folder(write(tmp_path, {image: (40, 20), label: "0 .5 .5 1 1", "data.yaml": DATA}))
    assert (reading.problems, boxes_of(reading, image)) == ((), [("nut", (0, 0, 40, 20))])


def test_an_empty_label_file_is_a_checked_negative_and_a_missing_one_is_none(tmp_path):
    write(tmp_path, {"images/b.jpg": (40, 20)})
    reading = read(tmp_path, "\n \n")
    assert file_of(reading, "images/a.jpg").labels.empty
    assert file_of(reading, "images/b.jpg").labels is None
    assert reading.notes == ("1 images have no label file, and stay unlabelled.",)


@pytest.mark.parametrize(
    ("line", "corners", "note"),
    [
        ("0 0.1 0.1 0.5 0.2 0.3 0.9", (4, 2, 20, 18), "1 polygon became its bounding box."),
        ("0 0.5 0 1 0.5 0.5 1 0 0.5", (0, 0, 40, 20), "1 rotated box became its bounding box."),
        ("0 0 0 .5 0 .5 1 0 1", (0, 0, 20, 20), None),
    ],
)
def test_outlines_become_their_bounding_boxes_and_are_counted(tmp_path, line, corners, note):
    reading = read(tmp_path, line)
    assert boxes_of(reading, "images/a.jpg") == [("nut", corners)]
    assert reading.notes == ((note,) if note else ())


def test_key_points_behind_the_box_are_left_out(tmp_path):
    reading = read(tmp_path, "0 .5 .5 1 1 .1 .1 2 .2 .2 2", "kpt_shape: [2, 3]\nnames: [nut]")
    assert boxes_of(reading, "images/a.jpg") == [("nut", (0, 0, 40, 20))]


def test_a_detectors_confidence_behind_the_box_is_left_out(tmp_path):
    assert boxes_of(read(tmp_path, "0 .5 .5 1 1 .93"), "images/a.jpg") == [("nut", (0, 0, 40, 20))]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("0 0.5 0.5 0 0.5", "holds nothing"),
        ("0 0.5 0.5 -.2 0.5", "a number -0.2"),
        ("0 20 10 40 20", "a number 40: YOLO's are fractions"),
        ("0 0,5 0,5 1 1", "'0,5', which is no finite number"),
        ("0 nan 0.5 1 1", "no finite number"),
        ("0 0.5 0.5 1e999 1", "no finite number"),
        ("0 0.5 0.5 1", "3 numbers"),
        ("0 .1 .1 .2 .2 .3 .3 .4", "7 numbers"),
        ("0", "0 numbers"),
        ("2 0.5 0.5 1 1", "no class 2: 2 are named"),
        ("-1 0.5 0.5 1 1", "'-1', which is no class number"),
        ("nut 0.5 0.5 1 1", "'nut', which is no class number"),
        ("9999999999999 0.5 0.5 1 1", "no class number"),
    ],
)
def test_a_wrong_line_is_reported_with_its_number_and_the_others_are_kept(tmp_path, line, said):
    reading = read(tmp_path, f"1 .5 .5 1 1\n{line}\n")
    assert boxes_of(reading, "images/a.jpg") == [("bolt", (0, 0, 40, 20))]
    (problem,) = reading.problems
    assert (problem.file, problem.line, said in problem.problem) == ("labels/a.txt", 2, True)


def test_an_image_whose_only_line_is_wrong_is_no_checked_negative(tmp_path):
    assert not file_of(read(tmp_path, "0 5 5 5 5"), "images/a.jpg").labels.empty


def test_a_label_file_without_its_image_is_reported(tmp_path):
    write(tmp_path, {"labels/ghost.txt": "0 .5 .5 1 1"})
    assert told(read(tmp_path, "")) == "labels/ghost.txt:None: No image is named 'ghost'."


def splits(folder, config: str, *images: str) -> dict[str, str | None]:
    write(folder, dict.fromkeys(images, (40, 20)))
    reading = yolo.read_folder(write(folder, {"data.yaml": f"{config}\nnames: [nut]"}))
    return {file.name: file.split for file in reading.files}


@pytest.mark.parametrize(
    "config",
    [
        "train: images/train\nval: images/val",
        "path: /content/datasets/cups\ntrain: images/train\nval: images/val",
        "path: .\ntrain: images/train/\nval: [images/val]",
        "train: ../images/train\nval: ../images/val",
        "train: C:\\data\\images\\train\nval: C:\\data\\images\\val",
    ],
)
def test_splits_are_the_folders_that_the_config_names_wherever_they_lay(tmp_path, config):
    found = splits(tmp_path, config, "images/train/a.jpg", "images/val/b.jpg", "images/c.jpg")
    assert found == {"images/train/a.jpg": "train", "images/val/b.jpg": "val", "images/c.jpg": None}


def test_splits_may_be_lists_of_images(tmp_path):
    write(tmp_path, {"val.txt": "./images/b.jpg\n", "train.txt": "images/a.jpg\r\n/home/me/images/c.jpg"})
    found = splits(tmp_path, "train: train.txt\nval: val.txt", *(f"images/{n}.jpg" for n in "abc"))
    assert found == {"images/a.jpg": "train", "images/b.jpg": "val", "images/c.jpg": "train"}


def test_a_folder_that_trains_and_validates_alike_is_no_split(tmp_path):
    found = splits(tmp_path, "train: images\nval: images\ntest: proof", "images/a.jpg", "proof/b.jpg")
    assert found == {"images/a.jpg": None, "proof/b.jpg": "test"}


def test_darknets_data_file_names_classes_and_splits(tmp_path):
    reading = yolo.read_folder(
        write(
            tmp_path,
            {
                "obj.data": "classes=2\ntrain = data/train.txt\nvalid=data/valid.txt\nnames = data/obj.names",
                "obj.names": "zebra\nant\n",
                "train.txt": "data/obj_train_data/a.jpg\n",
                "valid.txt": "data/obj_valid_data/b.jpg\n",
                "obj_train_data/a.jpg": (40, 20),
                "obj_train_data/a.txt": "1 .5 .5 1 1",
                "obj_valid_data/b.jpg": (40, 20),
                "obj_valid_data/b.txt": "",
            },
        )
    )
    assert (reading.classes, reading.problems) == (("zebra", "ant"), ())
    assert boxes_of(reading, "obj_train_data/a.jpg") == [("ant", (0, 0, 40, 20))]
    assert [file.split for file in reading.files] == ["train", "val"]


def test_classes_beside_the_labels_name_the_numbers_in_their_order(tmp_path):
    files = {"images/a.jpg": (40, 20), "labels/a.txt": "1 .5 .5 1 1", "labels/classes.txt": "zebra\nant\n"}
    reading = yolo.read_folder(write(tmp_path, files))
    assert (reading.classes, boxes_of(reading, "images/a.jpg")[0][0]) == (("zebra", "ant"), "ant")
    assert reading.problems == ()


def test_classes_without_names_get_their_numbers(tmp_path):
    reading = yolo.read_folder(write(tmp_path, {"a.jpg": (40, 20), "a.txt": "3 .5 .5 1 1"}))
    assert boxes_of(reading, "a.jpg") == [("class 3", (0, 0, 40, 20))]
    assert "1 classes have no name" in reading.notes[0]


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("a: &a [x]\nb: *a\nnames: [nut]", "anchors or aliases"),
        (f"names: {'[' * 50}{']' * 50}", "nested too deep"),
        ("names: [nut", "The YAML is broken"),
        ("names: {x: nut}", "no whole number"),
        ("names: {9999999: nut}", "no whole number"),
        ("names: [[nut]]", "which is no text"),
        ("names: ['']", "needs a name"),
    ],
)
def test_a_wrong_config_is_reported(tmp_path, config, said):
    assert said in told(read(tmp_path, "", config))


def written(*images: LabelledImage, classes=("zebra", "ant")) -> dict[str, str]:
    files = yolo.write(arranged(classes, images, yolo.LAYOUT))
    return {file.path: file.data.decode() for file in files}


def test_what_is_written_is_plain_yolo_with_the_classes_in_their_frozen_order():
    box = NamedBox("ant", 10, 7.5, 30, 12.5)
    files = written(
        LabelledImage("a.b.jpg", 40, 20, (box,), "train"), LabelledImage("sub/a.jpg", 40, 20, (), "val")
    )
    config = yaml.safe_load(files.pop("data.yaml"))
    assert files == {"labels/train/a.b.txt": "1 0.5 0.5 0.5 0.25\n", "labels/val/sub/a.txt": ""}
    assert config == {
        "train": ["images/train"],
        "val": ["images/val"],
        "nc": 2,
        "names": {0: "zebra", 1: "ant"},
    }


def test_images_without_split_train_and_validate_until_they_are_split():
    config = yaml.safe_load(written(LabelledImage("a.jpg", 40, 20))["data.yaml"])
    assert config["train"] == config["val"] == config["unassigned"] == ["images/unassigned"]
