"""A small Pascal VOC folder of rendered workshop parts, with a few faults on request."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

from data.samples import render

#: Names that a careless page would execute.
HOSTILE_NAMES = ("<script>alert(1)</script>", "${alert(1)}")


def object_xml(name: str, x0: float, y0: float, x1: float, y1: float) -> str:
    """One object in VOC's form; coordinates are written as given."""
    box = f"<xmin>{x0:.0f}</xmin><ymin>{y0:.0f}</ymin><xmax>{x1:.0f}</xmax><ymax>{y1:.0f}</ymax>"
    return f"<object><name>{escape(name)}</name><bndbox>{box}</bndbox></object>"


def write_annotation(path: Path, objects: str) -> None:
    """Write an annotation file around the objects."""
    path.write_text(f"<annotation>\n{objects}\n</annotation>\n", encoding="utf-8")


def write_voc_folder(folder: Path, images: int) -> Path:
    """Write images and annotations in sibling folders, as Pascal VOC datasets come."""
    (folder / "images").mkdir(parents=True)
    (folder / "annotations").mkdir()
    for index in range(images):
        jpeg, boxes = render(index, seed=3, size=(320, 240))
        (folder / "images" / f"part-{index}.jpg").write_bytes(jpeg)
        objects = "\n".join(object_xml(name, x0 + 1, y0 + 1, x1, y1) for name, x0, y0, x1, y1 in boxes)
        write_annotation(folder / "annotations" / f"part-{index}.xml", objects)
    return folder


def add_faults(folder: Path) -> None:
    """Add a truncated JPEG, a box the wrong way round, a missing image, and names of ill will."""
    jpeg, _ = render(100, seed=3, size=(320, 240))
    (folder / "images" / "truncated.jpg").write_bytes(jpeg[: len(jpeg) // 3])
    write_annotation(folder / "annotations" / "truncated.xml", object_xml("nut", 10, 10, 50, 50))
    (folder / "images" / "backwards.jpg").write_bytes(render(101, seed=3, size=(320, 240))[0])
    write_annotation(
        folder / "annotations" / "backwards.xml",
        object_xml("nut", 90, 10, 50, 50) + "\n" + object_xml("nut", 10, 10, 60, 60),
    )
    write_annotation(folder / "annotations" / "nowhere.xml", object_xml("nut", 10, 10, 50, 50))
    (folder / "images" / "hostile.jpg").write_bytes(render(102, seed=3, size=(320, 240))[0])
    write_annotation(
        folder / "annotations" / "hostile.xml",
        "\n".join(
            object_xml(name, 20 + 60 * place, 20, 70 + 60 * place, 80)
            for place, name in enumerate(HOSTILE_NAMES)
        ),
    )
