"""Writing Pascal VOC: an XML file per image, pixels counted from 1, splits in ``ImageSets/Main``.

A side of less than a pixel would end before it begins, counted so: it is widened to one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import PurePosixPath

from data.formats.annotated import NamedBox
from data.formats.corners import pixel_text
from data.formats.dataset import Dataset, LabelledImage, PlacedImage, WrittenFile
from data.formats.image_sets import FOLDER, WITHOUT_SPLIT
from data.formats.label_map import label_map
from data.formats.written_names import Layout
from data.formats.xml_text import escaped

IMAGES, ANNOTATIONS = "JPEGImages/", "Annotations/"
_CROWD = (
    "    <attributes>",
    "      <attribute>",
    "        <name>is_crowd</name>",
    "        <value>True</value>",
    "      </attribute>",
    "    </attributes>",
)
LAYOUT = Layout(prefix=lambda _split: IMAGES, by_stem=True)


def write(dataset: Dataset) -> Iterator[WrittenFile]:
    """Write the annotation files of a data set."""
    members: dict[str, list[str]] = defaultdict(list)
    for placed in dataset.images:
        # The path's own ending is cut off, so that dots in the name stay.
        path = placed.path.removeprefix(IMAGES).removesuffix(PurePosixPath(placed.path).suffix)
        members[placed.image.split or WITHOUT_SPLIT].append(path)
        yield WrittenFile(f"{ANNOTATIONS}{path}.xml", _annotation(placed))
    for name, paths in members.items():
        text = "".join(f"{path}\n" for path in paths)
        yield WrittenFile(f"{FOLDER}/{name}.txt", text.encode())
    listed = label_map(dataset.classes)
    if listed is not None:
        yield WrittenFile("labelmap.txt", listed)


def _annotation(placed: PlacedImage) -> bytes:
    path = PurePosixPath(placed.path)
    image = placed.image
    lines = [
        "<annotation>",
        f"  <folder>{escaped(path.parent.name)}</folder>",
        f"  <filename>{escaped(path.name)}</filename>",
        "  <size>",
        f"    <width>{image.width}</width>",
        f"    <height>{image.height}</height>",
        "    <depth>3</depth>",
        "  </size>",
        "  <segmented>0</segmented>",
        *(line for box in image.boxes for line in _object(box, image)),
        "</annotation>",
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def _object(box: NamedBox, image: LabelledImage) -> list[str]:
    x0, x1 = _widened(box.x0, box.x1, image.width)
    y0, y1 = _widened(box.y0, box.y1, image.height)
    return [
        "  <object>",
        f"    <name>{escaped(box.class_name)}</name>",
        "    <pose>Unspecified</pose>",
        "    <truncated>0</truncated>",
        f"    <difficult>{int(box.difficult)}</difficult>",
        "    <bndbox>",
        f"      <xmin>{pixel_text(x0 + 1)}</xmin>",
        f"      <ymin>{pixel_text(y0 + 1)}</ymin>",
        f"      <xmax>{pixel_text(x1)}</xmax>",
        f"      <ymax>{pixel_text(y1)}</ymax>",
        "    </bndbox>",
        *(_CROWD if box.crowd else ()),
        "  </object>",
    ]


def _widened(low: float, high: float, end: int) -> tuple[float, float]:
    if high - low >= 1:
        return low, high
    start = min(low, end - 1.0)
    return start, start + 1
