"""Plain CSV: with headings as TensorFlow's and MakeSense's, without as RetinaNet's."""

from __future__ import annotations

import pytest

from data.formats import plain_csv
from data.formats.annotated import NamedBox
from data.formats.dataset import LabelledImage, arranged
from tests.data.formats.folders import boxes_of, file_of, told, write

TENSORFLOW = "filename,width,height,class,xmin,ymin,xmax,ymax"


def read(folder, text: str | bytes, name="labels.csv"):
    return plain_csv.read_folder(write(folder, {"a.jpg": (40, 30), "b.jpg": (40, 30), name: text}))


@pytest.mark.parametrize(
    "text",
    [
        f"{TENSORFLOW}\na.jpg,40,30,nut,1,2.5,11,22\n",
        "filename,x0,y0,x1,y1,class\na.jpg,1,2.5,11,22,nut\n",
        "path,x1,y1,x2,y2,class\n/home/me/a.jpg,1,2.5,11,22,nut\n",
        "/home/me/a.jpg,1,2.5,11,22,nut\n",
        "label_name,bbox_x,bbox_y,bbox_width,bbox_height,image_name,image_width,image_height\n"
        "nut,1,2.5,10,19.5,a.jpg,40,30\n",
        "Class;XMin;YMin;XMax;YMax;Filename\nnut;1;2,5;11;22;a.jpg\n",
        "class\tfile\tleft\ttop\tright\tbottom\nnut\ta.jpg\t1\t2.5\t11\t22\n",
        '"filename","class","xmin","ymin","xmax","ymax"\r\n"a.jpg","nut","1","2.5","11","22"\r\n',
        "\ufefffilename,class,xmin,ymin,xmax,ymax\na.jpg,nut,1,2.5,11,22\n",
    ],
)
def test_every_kind_of_table_is_understood(tmp_path, text):
    reading = read(tmp_path, text)
    assert (boxes_of(reading, "a.jpg"), reading.problems) == ([("nut", (1, 2.5, 11, 22))], ())


def test_a_spreadsheets_unicode_text_is_understood(tmp_path):
    text = f"{TENSORFLOW}\na.jpg,40,30,Müller,1,2,11,22\n".replace(",", "\t").encode("utf-16")
    assert boxes_of(read(tmp_path, text), "a.jpg") == [("Müller", (1, 2, 11, 22))]


def test_a_blank_row_is_a_checked_negative_as_retinanet_writes_it(tmp_path):
    reading = read(tmp_path, "a.jpg,1,2,11,22,nut\nb.jpg,,,,,\n")
    assert file_of(reading, "b.jpg").labels.empty
    reading = read(tmp_path, "b.jpg,,,,,\na.jpg,1,2,11,22,nut\n")
    assert file_of(reading, "b.jpg").labels.empty


def test_an_image_that_the_table_does_not_name_is_unlabelled(tmp_path):
    assert file_of(read(tmp_path, f"{TENSORFLOW}\na.jpg,40,30,nut,1,2,11,22\n"), "b.jpg").labels is None


def test_rows_of_an_image_belong_together_with_their_lines_and_the_stated_size(tmp_path):
    reading = read(
        tmp_path,
        f"{TENSORFLOW}\na.jpg,40,30,nut,1,2,11,22\nb.jpg,40,30,nut,0,0,1,1\na.jpg,40,30,bolt,3,4,5,6\n",
    )
    labels = file_of(reading, "a.jpg").labels
    assert [(box.class_name, box.line) for box in labels.boxes] == [("nut", 2), ("bolt", 4)]
    assert labels.size == (40, 30)


def test_classes_come_in_the_order_of_retinanets_list(tmp_path):
    write(tmp_path, {"classes.csv": "ant,1\nzebra,0\n"})
    assert read(tmp_path, "a.jpg,1,2,11,22,ant\n").classes == ("zebra", "ant")


def test_a_column_states_splits_and_else_the_names_of_the_tables_do(tmp_path):
    reading = read(
        tmp_path, "filename,class,xmin,ymin,xmax,ymax,split\na.jpg,nut,1,2,11,22,valid\nb.jpg,,,,,,\n"
    )
    assert [file.split for file in reading.files] == ["val", None]
    write(tmp_path, {"train_labels.csv": "a.jpg,1,2,11,22,nut", "test_labels.csv": "b.jpg,1,2,11,22,nut"})
    (tmp_path / "labels.csv").unlink()
    assert [file.split for file in plain_csv.read_folder(tmp_path).files] == ["train", "test"]


def test_a_class_that_a_spreadsheet_would_run_is_protected_and_comes_back(tmp_path):
    names = ("=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "'=quoted", "plain")
    images = [LabelledImage(f"{name}.jpg", 40, 30, (NamedBox(name, 0, 0, 5, 5),)) for name in names]
    files = {file.path: file.data for file in plain_csv.write(arranged(names, images, plain_csv.LAYOUT))}
    cells = [
        cell for data in files.values() for line in data.decode().splitlines() for cell in line.split(",")
    ]
    assert not any(cell.strip('"').startswith(("=", "+", "-", "@")) for cell in cells)
    write(
        tmp_path,
        {
            f"images/{placed.path.removeprefix('images/')}": (40, 30)
            for placed in arranged(names, images, plain_csv.LAYOUT).images
        },
    )
    reading = plain_csv.read_folder(write(tmp_path, files))
    assert {box.class_name for file in reading.files for box in file.labels.boxes} == set(names)
    assert (reading.classes, reading.problems) == (names, ())


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("a.jpg,40,30,nut,11,2,1,22", "holds nothing"),
        ("a.jpg,40,30,nut,1,2,nan,22", "'nan'"),
        ("a.jpg,40,30,nut,1,2,1e999,22", "'1e999'"),
        ("a.jpg,40,30,nut,1,2,,22", "'', which is no finite number"),
        ("a.jpg,40,30,,1,2,11,22", "needs a name"),
        ("a.jpg,40,30,nut", "no finite number"),
        (",40,30,nut,1,2,11,22", "names no image"),
        ("gone.jpg,40,30,nut,1,2,11,22", "no image for 'gone.jpg'"),
    ],
)
def test_a_wrong_row_is_reported_with_its_line_and_the_others_are_kept(tmp_path, row, said):
    reading = read(tmp_path, f"{TENSORFLOW}\na.jpg,40,30,nut,0,0,5,5\n\n{row}\n")
    assert len(boxes_of(reading, "a.jpg")) == 1
    (problem,) = reading.problems
    assert (problem.file, problem.line, said in problem.problem) == ("labels.csv", 4, True)


def test_another_kind_of_table_is_passed_over(tmp_path):
    reading = read(tmp_path, "name,age\nann,5\n")
    assert reading.notes == ("labels.csv has no columns of boxes, and was passed over.",)
    assert told(reading) == ""


def test_what_is_written_has_tensorflows_columns_and_a_row_for_images_without_boxes():
    images = [
        LabelledImage("a.jpg", 40, 30, (NamedBox("nut", 1, 2.5, 11, 22, difficult=True),), "train"),
        LabelledImage("b.jpg", 40, 30),
    ]
    table, classes = plain_csv.write(arranged(("bolt", "nut"), images, plain_csv.LAYOUT))
    assert table.data.decode().splitlines() == [
        f"{TENSORFLOW},split,difficult,crowd",
        "a.jpg,40,30,nut,1,2.5,11,22,train,1,0",
        "b.jpg,40,30,,,,,,,0,0",
    ]
    assert classes.data == b"bolt,0\nnut,1\n"
