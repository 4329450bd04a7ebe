"""Reading Pascal VOC."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import AnnotationRejected
from data.formats import voc
from data.formats.annotated import NamedBox


def object_(corners="5 6 20 30", name="nut", extra="") -> str:
    tags = zip(("xmin", "ymin", "xmax", "ymax"), corners.split(), strict=False)
    inner = "".join(f"<{tag}>{value}</{tag}>" for tag, value in tags)
    return f"<object><name>{name}</name>{extra}\n<bndbox>{inner}</bndbox></object>\n"


def annotation(*objects: str, size="40 30", filename="a.jpg") -> bytes:
    width, height = size.split()
    return (
        f"<annotation><filename>{filename}</filename>"
        f"<size><width>{width}</width><height>{height}</height></size>\n{''.join(objects)}</annotation>"
    ).encode()


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def test_an_annotation_is_read_as_it_stands():
    read = voc.parse(annotation(object_("5 6.5 20 30", extra="<difficult>1</difficult>"), object_()), "a.xml")
    assert read.labels.boxes == (
        NamedBox("nut", 5, 6.5, 20, 30, difficult=True, line=3),
        NamedBox("nut", 5, 6, 20, 30, line=5),
    )
    assert (read.labels.size, read.labels.listed, read.labels.empty) == ((40, 30), 2, False)
    assert read.problems == ()


def test_a_crowd_and_a_rotation_are_read_as_cvat_writes_them():
    marks = (
        "<attributes><attribute><name>is_crowd</name><value>True</value></attribute>"
        "<attribute><name>rotation</name><value>90.0</value></attribute></attributes>"
    )
    read = voc.parse(annotation(object_("10 5 20 25", extra=marks)), "a.xml")
    assert read.labels.boxes == (NamedBox("nut", 5, 10, 25, 20, crowd=True, line=3),)
    assert read.rotated == 1


def test_rotated_boxes_of_rolabelimg_become_the_boxes_around_them_and_are_counted(tmp_path):
    place = "<robndbox><cx>15</cx><cy>15</cy><w>10</w><h>20</h><angle>1.5707963267949</angle></robndbox>"
    files = {"a.jpg": b"", "a.xml": annotation(f"<object><name>nut</name>{place}</object>")}
    reading = voc.read_folder(write(tmp_path, files), "0")
    assert corners(reading) == [(5, 10, 25, 20)]
    assert reading.notes[-1] == "1 rotated box became its bounding box."


def test_an_annotation_that_lists_nothing_is_a_checked_negative():
    assert voc.parse(annotation(), "a.xml").labels.empty


def test_an_annotation_whose_only_object_is_wrong_is_not_a_checked_negative():
    assert not voc.parse(annotation(object_("9 9 1 1")), "a.xml").labels.empty


@pytest.mark.parametrize(
    "name", ["&lt;script&gt;alert(1)&lt;/script&gt;", "${alert(1)}", "Schraube ö", "日本"]
)
def test_class_names_are_kept_as_text(name):
    box = voc.parse(annotation(object_(name=f"  {name} ")), "a.xml").labels.boxes[0]
    assert box.class_name == name.replace("&lt;", "<").replace("&gt;", ">")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (object_("20 6 5 30"), "xmax 5 < xmin 20"),
        (object_("5 30 20 29.5"), "ymax 29.5 < ymin 30"),
        (object_("5 6 20"), "no <ymax>"),
        (object_("5 six 20 30"), "'six', which is no finite number"),
        (object_("5 6,5 20 30"), "'6,5'"),
        (object_("nan 6 20 30"), "'nan'"),
        (object_("5 6 inf 30"), "'inf'"),
        (object_("5 6 1e999 30"), "'1e999'"),
        (object_("5 6 1_0 30"), "'1_0'"),
        (object_(f"5 6 {'9' * 5000} 30"), "no finite number"),
        (object_(name=""), "needs a name"),
        (object_(name="x" * 300), "300 characters"),
        ("<object><name>nut</name></object>", "'nut' has no <bndbox>"),
    ],
)
def test_a_wrong_object_is_reported_with_line_and_remedy_and_the_others_are_kept(wrong, said):
    read = voc.parse(annotation(object_(), wrong, object_("1 2 3 4")), "dir/a.xml")
    assert [box.x0 for box in read.labels.boxes] == [5, 1]
    (problem,) = read.problems
    assert problem.file == "dir/a.xml"
    assert said in problem.problem
    assert problem.remedy
    assert problem.line in (4, 5)


def test_a_size_of_zero_means_unknown():
    assert voc.parse(annotation(size="0 0"), "a.xml").labels.size is None
    assert voc.parse(b"<annotation/>", "a.xml").labels.size is None


def test_another_kind_of_xml_is_rejected():
    with pytest.raises(AnnotationRejected, match="<svg>"):
        voc.parse(b"<svg/>", "a.xml")


def corners(reading) -> list[tuple[float, ...]]:
    return [(b.x0, b.y0, b.x1, b.y1) for file in reading.files if file.labels for b in file.labels.boxes]


def test_coordinates_count_from_one_unless_a_box_starts_at_zero(tmp_path):
    files = {
        "a.jpg": b"",
        "a.xml": annotation(object_("1 6 20 30")),
        "b.jpg": b"",
        "b.xml": annotation(object_()),
    }
    reading = voc.read_folder(write(tmp_path, files))
    assert corners(reading) == [(0, 5, 20, 30), (4, 5, 20, 30)]
    assert "counted from 1" in reading.notes[0]
    (tmp_path / "b.xml").write_bytes(annotation(object_("0 6 20 30")))
    reading = voc.read_folder(tmp_path)
    assert corners(reading) == [(1, 6, 20, 30), (0, 6, 20, 30)]
    assert "counted from 0 (a box starts at 0)" in reading.notes[0]


def test_the_base_can_be_asked_for(tmp_path):
    write(tmp_path, {"a.jpg": b"", "a.xml": annotation(object_("1 1 20 30"))})
    assert corners(voc.read_folder(tmp_path, "0")) == [(1, 1, 20, 30)]
    assert corners(voc.read_folder(tmp_path, "1")) == [(0, 0, 20, 30)]


def test_only_a_zero_is_a_sign_of_base_zero_and_a_half_is_not(tmp_path):
    write(tmp_path, {"a.jpg": b"", "a.xml": annotation(object_("0.5 1 20 30"))})
    reading = voc.read_folder(tmp_path)
    assert corners(reading) == [(-0.5, 0, 20, 30)]
    assert "counted from 1" in reading.notes[0]


@pytest.mark.parametrize(
    ("places", "in_doubt"),
    [
        (["1 6 20 30"], False),
        (["1 6 20 30", "0 6 20 30"], True),
        (["0 0 0 0"], False),
        (["1 6 500 30"], False),
        (["1 6 501 30"], True),
    ],
)
def test_only_corners_at_zero_or_beyond_the_size_make_the_base_doubtful(tmp_path, places, in_doubt):
    write(tmp_path, {"a.jpg": b"", "a.xml": annotation(*map(object_, places), size="500 400")})
    assert voc.read_folder(tmp_path).base_in_doubt is in_doubt


def test_a_box_of_one_pixel_is_one_when_counted_from_one(tmp_path):
    write(tmp_path, {"a.jpg": b"", "a.xml": annotation(object_("1 6 1 6"))})
    reading = voc.read_folder(tmp_path)
    assert (corners(reading), reading.problems) == ([(0, 5, 1, 6)], ())


def test_a_box_without_area_is_reported_with_its_line_when_counted_from_zero(tmp_path):
    write(tmp_path, {"a.jpg": b"", "a.xml": annotation(object_("0 6 20 30"), object_("5 6 20 6"))})
    reading = voc.read_folder(tmp_path)
    assert corners(reading) == [(0, 6, 20, 30)]
    (problem,) = reading.problems
    assert (problem.file, problem.line) == ("a.xml", 5)
    assert "ymax 6 = ymin 6" in problem.problem
    assert "counted from 0" in problem.remedy
    assert not reading.files[0].labels.empty


def test_four_zeros_in_place_of_a_box_do_not_shift_the_others(tmp_path):
    write(tmp_path, {"a.jpg": b"", "a.xml": annotation(object_("0 0 0 0"), object_("1 6 20 30"))})
    assert corners(voc.read_folder(tmp_path))[1] == (0, 5, 20, 30)


def test_a_negative_corner_is_no_sign_of_base_zero(tmp_path):
    write(tmp_path, {"a.jpg": b"", "a.xml": annotation(object_("-1 1 20 30"))})
    assert corners(voc.read_folder(tmp_path)) == [(-2, 0, 20, 30)]


@pytest.mark.parametrize(
    ("image", "xml"),
    [
        ("images/a.jpg", "annotations/a.xml"),
        ("JPEGImages/a.jpg", "Annotations/a.xml"),
        ("a.jpg", "a.xml"),
        ("a.JPG", "xml/a.XML"),
        ("deep/down/images/a.png", "deep/down/labels/a.xml"),
        ("photo 1.final.jpg", "photo 1.final.xml"),
        ("a.jpg", "a.jpg.xml"),
        ("Mu\u0308ll.jpg", "M\u00fcll.xml"),
    ],
)
def test_images_and_annotations_find_each_other_by_base_name(tmp_path, image, xml):
    write(tmp_path, {image: b"", xml: annotation(object_(), filename="something else.jpg")})
    reading = voc.read_folder(tmp_path)
    assert reading.problems == ()
    (file,) = reading.files
    assert (file.name, len(file.labels.boxes), file.labels.file) == (image, 1, xml)


def test_equal_base_names_in_two_folders_find_the_nearest(tmp_path):
    files = {}
    for part, x in (("train", 2), ("val", 3)):
        files[f"{part}/images/a.jpg"] = b""
        files[f"{part}/annotations/a.xml"] = annotation(object_(f"{x} 6 20 30"))
    reading = voc.read_folder(write(tmp_path, files))
    assert [(file.name, file.labels.boxes[0].x0) for file in reading.files] == [
        ("train/images/a.jpg", 1),
        ("val/images/a.jpg", 2),
    ]


def test_an_image_further_up_does_not_win_over_one_in_a_sibling_folder(tmp_path):
    write(tmp_path, {"a.jpg": b"", "2020/img/a.jpg": b"", "2020/ann/a.xml": annotation(object_())})
    reading = voc.read_folder(tmp_path)
    assert reading.problems == ()
    assert {file.name: file.labels is not None for file in reading.files} == {
        "a.jpg": False,
        "2020/img/a.jpg": True,
    }


def test_of_two_endings_the_one_that_filename_names_is_meant(tmp_path):
    write(tmp_path, {"a.jpg": b"", "a.png": b"", "a.xml": annotation(object_(), filename="C:\\shots\\a.png")})
    reading = voc.read_folder(tmp_path)
    assert [(file.name, file.labels is not None) for file in reading.files] == [
        ("a.jpg", False),
        ("a.png", True),
    ]


def test_an_annotation_that_could_mean_two_images_is_reported(tmp_path):
    write(tmp_path, {"a.jpg": b"", "a.png": b"", "a.xml": annotation(object_(), filename="b.jpg")})
    (problem,) = voc.read_folder(tmp_path).problems
    assert problem.file == "a.xml"
    assert "a.jpg, a.png" in problem.problem


def test_an_annotation_without_its_image_is_reported_by_name(tmp_path):
    write(tmp_path, {"images/a.jpg": b"", "annotations/ghost.xml": annotation(object_(), filename="a.jpg")})
    reading = voc.read_folder(tmp_path)
    (problem,) = reading.problems
    assert (problem.file, problem.problem) == ("annotations/ghost.xml", "No image is named 'ghost'.")
    assert reading.files[0].labels is None


def test_two_annotations_of_one_image_are_reported(tmp_path):
    write(tmp_path, {"a.jpg": b"", "a.xml": annotation(object_()), "old/a.xml": annotation()})
    reading = voc.read_folder(tmp_path)
    assert reading.files[0].labels.file == "a.xml"
    assert reading.problems[0].file == "old/a.xml"


def test_one_broken_file_is_reported_and_the_others_are_read(tmp_path):
    write(
        tmp_path, {"a.jpg": b"", "a.xml": b"<annotation>\n<obj", "b.jpg": b"", "b.xml": annotation(object_())}
    )
    reading = voc.read_folder(tmp_path)
    (problem,) = reading.problems
    assert (problem.file, problem.line) == ("a.xml", 2)
    assert [file.labels is None for file in reading.files] == [True, False]


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_rejected(data):
    for candidate in (data, b"<annotation>" + data + b"</annotation>"):
        with contextlib.suppress(AnnotationRejected):
            voc.parse(candidate, "x.xml")
