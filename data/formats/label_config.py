"""Label Studio's labelling interface: the classes of a project in their order, as XML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from data.errors import AnnotationRejected
from data.formats.corners import class_name
from data.formats.text_file import read_bytes
from data.formats.xml_text import escaped
from data.formats.xml_tree import Node, parse_xml

FILE = "label_config.xml"
_LIMIT = 1024 * 1024


def read_label_config(path: Path) -> tuple[str, ...]:
    """Read the classes; none where the file is missing or something else."""
    if not path.is_file():
        return ()
    try:
        root = parse_xml(read_bytes(path, _LIMIT))
        return tuple(dict.fromkeys(class_name(value) for value in _labels(root)))
    except AnnotationRejected:
        return ()


def write_label_config(classes: Sequence[str]) -> bytes:
    """Write an interface that offers a rectangle for each class."""
    labels = "".join(f'    <Label value="{escaped(name)}"/>\n' for name in classes)
    return (
        '<View>\n  <Image name="image" value="$image"/>\n'
        f'  <RectangleLabels name="label" toName="image">\n{labels}  </RectangleLabels>\n</View>\n'
    ).encode()


def _labels(node: Node) -> Iterator[str]:
    if node.tag == "Label" and "value" in node.attributes:
        yield node.attributes["value"]
    for child in node.children:
        yield from _labels(child)
