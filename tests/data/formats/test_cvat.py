"""CVAT for images 1.1."""

from __future__ import annotations

import pytest

from data.formats import cvat
from data.formats.annotated import NamedBox
from data.formats.dataset import LabelledImage, arranged
from data.formats.xml_tree import parse_xml
from tests.data.formats.folders import boxes_of, file_of, told, write

BOX = (
    '<box label="nut" source="manual" occluded="0" xtl="1.50" ytl="2.00" xbr="11.50" ybr="22.00" z_order="0">'
)
META = """<meta><task><id>4</id><name>parts</name><labels>
<label><name>zebra</name><color>#fa3253</color><type>any</type><attributes></attributes></label>
<label><name>nut</name><color>#fa3253</color><type>any</type><attributes></attributes></label>
<label><name>eye</name><type>points</type><attributes></attributes><parent>zebra</parent></label>
</labels></task></meta>"""


def document(*shapes: str, image='<image id="0" name="a.jpg" width="40" height="30">', meta=META) -> str:
    inner = "\n".join(shapes)
    head = f'<?xml version="1.0" encoding="utf-8"?>\n<annotations><version>1.1</version>\n{meta}\n{image}'
    return f"{head}\n{inner}\n</image></annotations>"


def read(folder, *shapes: str, **parts: str):
    return cvat.read_folder(write(folder, {"a.jpg": (40, 30), "annotations.xml": document(*shapes, **parts)}))


def test_a_box_is_read_with_its_line_and_the_classes_in_the_labels_order(tmp_path):
    reading = read(tmp_path, f"{BOX}</box>")
    assert file_of(reading, "a.jpg").labels.boxes == (NamedBox("nut", 1.5, 2, 11.5, 22, line=9),)
    assert file_of(reading, "a.jpg").labels.size == (40, 30)
    assert (reading.classes, reading.problems, reading.notes) == (("zebra", "nut"), (), ())


def test_a_rotated_box_turns_about_its_centre(tmp_path):
    reading = read(tmp_path, '<box label="nut" xtl="10" ytl="5" xbr="20" ybr="25" rotation="90.0"/>')
    assert boxes_of(reading, "a.jpg") == [("nut", (5, 10, 25, 20))]
    assert reading.notes == ("1 rotated box became its bounding box.",)


def test_polygons_ellipses_and_masks_become_their_bounding_boxes(tmp_path):
    reading = read(
        tmp_path,
        '<polygon label="nut" occluded="1" points="1.0,2.0;11.0,4.0;6.0,22.0"/>',
        '<ellipse label="nut" cx="20" cy="15" rx="5" ry="3"/>',
        '<mask label="nut" rle="1,2" left="3" top="4" width="6" height="4"/>',
    )
    assert [corners for _, corners in boxes_of(reading, "a.jpg")] == [
        (1, 2, 11, 22),
        (15, 12, 25, 18),
        (3, 4, 9, 8),
    ]
    assert reading.notes == (
        "1 ellipse, 1 mask and 1 polygon became their bounding boxes.",
        "1 shapes are marked as occluded, which is not kept.",
    )


def test_marks_are_read_from_attributes(tmp_path):
    marks = '<attribute name="difficult">true</attribute><attribute name="is_crowd">false</attribute>'
    box = file_of(read(tmp_path, f"{BOX}{marks}</box>"), "a.jpg").labels.boxes[0]
    assert (box.difficult, box.crowd) == (True, False)


def test_an_image_without_shapes_is_a_checked_negative_and_a_tag_is_no_shape(tmp_path):
    assert file_of(read(tmp_path, '<tag label="nut" source="manual"></tag>'), "a.jpg").labels.empty


def test_a_project_export_states_the_split_as_subset(tmp_path):
    reading = read(
        tmp_path, image='<image id="0" name="sub/a.jpg" subset="Validation" width="40" height="30">'
    )
    assert (file_of(reading, "a.jpg").split, reading.splits_stated) == ("val", True)


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ('<box label="nut" xtl="9" ytl="2" xbr="3" ybr="4"/>', "holds nothing"),
        ('<box label="nut" xtl="1" ytl="2" xbr="3"/>', "ybr of a box is None"),
        ('<box label="nut" xtl="one" ytl="2" xbr="3" ybr="4"/>', "'one'"),
        ('<box label="nut" xtl="nan" ytl="2" xbr="3" ybr="4"/>', "'nan'"),
        ('<box label="" xtl="1" ytl="2" xbr="3" ybr="4"/>', "needs a name"),
        ('<box xtl="1" ytl="2" xbr="3" ybr="4"/>', "needs a name"),
        ('<polyline label="nut" points="1,2;3,4;5,6"/>', "polyline of 'nut' has no area"),
        ('<points label="nut" points="1,2"/>', "points of 'nut' has no area"),
        ('<polygon label="nut" points="1,2;3,4"/>', "has no area"),
        ('<polygon label="nut" points="1,2;3;5,6"/>', "no pair of numbers"),
        ('<polygon label="nut" points="1,2;x,3;5,6"/>', "'x'"),
        ('<cuboid label="nut" xtl1="1"/>', "has no area"),
    ],
)
def test_a_wrong_shape_is_reported_with_its_line_and_the_others_are_kept(tmp_path, shape, said):
    reading = read(tmp_path, f"{BOX}</box>", shape)
    assert len(boxes_of(reading, "a.jpg")) == 1
    (problem,) = reading.problems
    assert (problem.file, problem.line, said in problem.problem) == ("annotations.xml", 10, True)


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        ("<annotations><track id='0' label='nut'/></annotations>", "a video by tracks"),
        ("<annotation/>", "<annotation>, not the <annotations>"),
        ("<annotations><image", "The XML is broken"),
    ],
)
def test_another_kind_of_xml_is_told(tmp_path, xml, said):
    assert said in told(cvat.read_folder(write(tmp_path, {"a.jpg": (40, 30), "x.xml": xml})))


def test_what_is_written_is_what_cvat_reads():
    boxes = (NamedBox('n"u<t', 1, 2.5, 11, 22, crowd=True),)
    (file,) = cvat.write(arranged(('n"u<t',), [LabelledImage("a.jpg", 40, 30, boxes, "test")], cvat.LAYOUT))
    root = parse_xml(file.data)
    assert (file.path, root.value("version")) == ("annotations.xml", "1.1")
    image = root.first("image")
    assert image.attributes == {"id": "0", "name": "a.jpg", "subset": "test", "width": "40", "height": "30"}
    box = image.first("box")
    assert {key: box.attributes[key] for key in ("label", "xtl", "ytl", "xbr", "ybr")} == {
        "label": 'n"u<t', "xtl": "1", "ytl": "2.5", "xbr": "11", "ybr": "22",
    }  # fmt: skip
    assert [(mark.attributes["name"], mark.text) for mark in box.all("attribute")] == [("is_crowd", "true")]
