"""CVAT for images 1.1: one XML file, an element per image with its shapes in pixels.

A rotated box is turned about its centre. ``occluded`` says nothing that is kept here. The attributes
``difficult`` and ``is_crowd`` of a box are ours, in CVAT's own way of adding marks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from data.errors import AnnotationRejected
from data.formats.annotated import Labels, NamedBox, Reading
from data.formats.corners import checked_box, class_name, number, pixel_text, yes
from data.formats.dataset import Dataset, PlacedImage, WrittenFile
from data.formats.folder import list_files
from data.formats.gathering import Gathering
from data.formats.json_text import shown
from data.formats.outlines import Corners, of_ellipse, of_points, of_rotated
from data.formats.sizes import stated_size
from data.formats.splits import speaks_of_splits, split_of_word
from data.formats.text_file import read_bytes
from data.formats.written_names import Layout
from data.formats.xml_text import escaped
from data.formats.xml_tree import Limits, Node, parse_xml

ENDINGS = frozenset({".xml"})
IMAGES = "images/"
LAYOUT = Layout(prefix=lambda _split: IMAGES)
#: All images of a data set are in one file.
LIMITS = Limits(max_bytes=256 * 1024 * 1024, max_nodes=3_000_000)
_SHAPES = {"box", "polygon", "ellipse", "mask", "polyline", "points", "cuboid", "skeleton"}
_CORNERS = ("xtl", "ytl", "xbr", "ybr")


def read_folder(folder: Path) -> Reading:
    """Read a data set: every image below the folder, with what the CVAT files among the XML say of it."""
    found = Gathering(folder)
    classes: dict[str, None] = {}
    seen: Counter[str] = Counter()
    for path in list_files(folder, ENDINGS):
        name = found.name_of(path)
        try:
            root = parse_xml(read_bytes(path, LIMITS.max_bytes), LIMITS)
            images = _images(root)
        except AnnotationRejected as error:
            found.refuse(name, error)
            continue
        classes |= dict.fromkeys(_classes(root, name, found))
        for node in images:
            seen["subset"] += "subset" in node.attributes
            _read_image(node, path, name, found, seen)
    if seen["occluded"]:
        found.notes.append(f"{seen['occluded']} shapes are marked as occluded, which is not kept.")
    return found.reading(classes, splits_stated=seen["subset"] > 0)


def _images(root: Node) -> list[Node]:
    if root.tag != "annotations":
        raise AnnotationRejected(
            f"The file holds <{root.tag}>, not the <annotations> of CVAT.",
            "Export it as CVAT for images 1.1, or keep it out of the folder.",
            root.line,
        )
    track = root.first("track")
    if track is not None:
        raise AnnotationRejected(
            "The file describes a video by tracks.", "Export it as CVAT for images 1.1.", track.line
        )
    return root.all("image")


def _classes(root: Node, file: str, found: Gathering) -> Iterator[str]:
    """Give the classes of a task's, job's or project's labels, without the parts of skeletons."""
    meta = root.first("meta")
    for owner in meta.children if meta else ():
        labels = owner.first("labels")
        for label in labels.all("label") if labels else ():
            if label.first("parent") is None:
                try:
                    yield class_name(label.value("name"), label.line)
                except AnnotationRejected as error:
                    found.refuse(file, error)


def _read_image(node: Node, path: Path, file: str, found: Gathering, seen: Counter[str]) -> None:
    attributes = node.attributes
    split = split_of_word(attributes.get("subset", ""))
    image = found.find([attributes.get("name", "")], path, line=node.line, split=split)
    if image is None:
        return
    shapes = [child for child in node.children if child.tag in _SHAPES]
    boxes: list[NamedBox] = []
    for shape in shapes:
        seen["occluded"] += yes(shape.attributes.get("occluded"))
        try:
            boxes.append(_box(shape, found.shapes))
        except AnnotationRejected as error:
            found.refuse(file, error)
    size = stated_size(attributes.get("width"), attributes.get("height"))
    found.give(image, Labels(tuple(boxes), size, len(shapes), file), split)


def _box(shape: Node, shapes: Counter[str]) -> NamedBox:
    name = class_name(shape.attributes.get("label", ""), shape.line)
    corners, became = _corners(shape, name)
    marks = {mark.attributes.get("name"): mark.text for mark in shape.all("attribute")}
    box = checked_box(
        name,
        corners,
        difficult=yes(marks.get("difficult")),
        crowd=yes(marks.get("is_crowd")),
        line=shape.line,
    )
    if became:
        shapes[became] += 1
    return box


def _corners(shape: Node, name: str) -> tuple[Corners, str]:
    """Give the bounding box, and the shape it stands for unless that is an upright rectangle."""
    turned = _number(shape, "rotation") % 360 if "rotation" in shape.attributes else 0.0
    if shape.tag == "box":
        x0, y0, x1, y1 = (_number(shape, key) for key in _CORNERS)
        if turned and x0 < x1 and y0 < y1:
            return of_rotated((x0, y0, x1, y1), turned), "rotated box"
        return (x0, y0, x1, y1), ""
    if shape.tag == "ellipse":
        cx, cy, rx, ry = (_number(shape, key) for key in ("cx", "cy", "rx", "ry"))
        return of_ellipse((cx, cy), (rx, ry), turned), "ellipse"
    if shape.tag == "mask":
        left, top, width, height = (_number(shape, key) for key in ("left", "top", "width", "height"))
        return (left, top, left + width, top + height), "mask"
    points = list(_points(shape))
    if shape.tag != "polygon" or len(points) < 3:
        raise AnnotationRejected(f"The {shape.tag} of {name!r} has no area.", "Draw a box.", shape.line)
    return of_points(points), "polygon"


def _points(shape: Node) -> Iterator[tuple[float, float]]:
    for pair in filter(None, shape.attributes.get("points", "").split(";")):
        x, comma, y = pair.partition(",")
        if not comma:
            raise AnnotationRejected(
                f"The point {shown(pair)} is no pair of numbers.", "Draw it again.", shape.line
            )
        yield number(x, "A coordinate", shape.line), number(y, "A coordinate", shape.line)


def _number(shape: Node, key: str) -> float:
    return number(shape.attributes.get(key), f"The {key} of a {shape.tag}", shape.line)


def write(dataset: Dataset) -> Iterator[WrittenFile]:
    """Write the annotation file of a data set."""
    boxes = [box for placed in dataset.images for box in placed.image.boxes]
    marks = [name for name, used in (
        ("difficult", any(box.difficult for box in boxes)),
        ("is_crowd", any(box.crowd for box in boxes)),
    ) if used]  # fmt: skip
    lines = ['<?xml version="1.0" encoding="utf-8"?>', "<annotations>", "  <version>1.1</version>"]
    lines += ["  <meta>", "    <task>", "      <labels>"]
    lines += [line for name in dataset.classes for line in _label(name, marks)]
    lines += ["      </labels>", "    </task>", "  </meta>"]
    stated = any(placed.image.split or speaks_of_splits(placed.path) for placed in dataset.images)
    for position, placed in enumerate(dataset.images):
        subset = f' subset="{placed.image.split or "default"}"' if stated else ""
        lines += _image(position, placed, marks, subset)
    lines.append("</annotations>")
    yield WrittenFile("annotations.xml", "".join(f"{line}\n" for line in lines).encode())


def _label(name: str, marks: list[str]) -> Iterator[str]:
    yield "        <label>"
    yield f"          <name>{escaped(name)}</name>"
    yield "          <type>rectangle</type>"
    yield "          <attributes>"
    for mark in marks:
        yield "            <attribute>"
        yield f"              <name>{mark}</name>"
        yield "              <mutable>False</mutable>"
        yield "              <input_type>checkbox</input_type>"
        yield "              <default_value>false</default_value>"
        yield "              <values>false</values>"
        yield "            </attribute>"
    yield "          </attributes>"
    yield "        </label>"


def _image(position: int, placed: PlacedImage, marks: list[str], subset: str) -> Iterator[str]:
    image = placed.image
    name = escaped(placed.path.removeprefix(IMAGES))
    size = f'width="{image.width}" height="{image.height}"'
    yield f'  <image id="{position}" name="{name}"{subset} {size}>'
    for box in image.boxes:
        corners = zip(_CORNERS, (box.x0, box.y0, box.x1, box.y1), strict=True)
        written = " ".join(f'{key}="{pixel_text(value)}"' for key, value in corners)
        label = escaped(box.class_name)
        yield f'    <box label="{label}" source="manual" occluded="0" {written} z_order="0">'
        values = {"difficult": box.difficult, "is_crowd": box.crowd}
        for mark in marks:
            yield f'      <attribute name="{mark}">{str(values[mark]).lower()}</attribute>'
        yield "    </box>"
    yield "  </image>"
