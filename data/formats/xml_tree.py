"""A small XML tree that knows its line numbers and survives hostile files."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.sax import SAXException, SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl, Locator

from defusedxml.common import DefusedXmlException
from defusedxml.sax import parseString

from data.errors import AnnotationRejected

MAX_BYTES = 16 * 1024 * 1024
MAX_NODES = 200_000
MAX_DEPTH = 50


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a document may be, in bytes and in elements."""

    max_bytes: int
    max_nodes: int


@dataclass(slots=True)
class Node:
    """An element: its tag, the line it begins in, its own text and attributes, and the elements inside it."""

    tag: str
    line: int
    text: str = ""
    children: list[Node] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)

    def all(self, tag: str) -> list[Node]:
        """Give the elements of a tag directly inside this one."""
        return [child for child in self.children if child.tag == tag]

    def first(self, tag: str) -> Node | None:
        """Give the first element of a tag directly inside this one, or None."""
        return next(iter(self.all(tag)), None)

    def value(self, tag: str) -> str:
        """Give the text of the first element of a tag without outer blanks; empty if there is none."""
        node = self.first(tag)
        return "" if node is None else node.text.strip()


def parse_xml(data: bytes, limits: Limits | None = None) -> Node:
    """Parse a document into its root; entities and external references are refused.

    Args:
        data: the document.
        limits: None for those of a file that describes one image.

    Raises:
        AnnotationRejected: it is not well-formed, hostile or too large; has the line where one is known.
    """
    limits = limits or Limits(MAX_BYTES, MAX_NODES)
    if len(data) > limits.max_bytes:
        raise AnnotationRejected(
            f"The file has {len(data):,} bytes; at most {limits.max_bytes:,} are read.", "Split it."
        )
    if not data.strip():
        raise AnnotationRejected("The file is empty.", "Write the annotation again or delete the file.")
    builder = _Builder(limits.max_nodes)
    try:
        parseString(data, builder)
    except DefusedXmlException as error:
        raise AnnotationRejected(
            "The file declares XML entities, which can hide attacks.", "Remove its <!DOCTYPE …> part."
        ) from error
    except SAXParseException as error:
        raise AnnotationRejected(
            f"The XML is broken: {error.getMessage()}.", "Mend or export it again.", error.getLineNumber()
        ) from error
    except (SAXException, ValueError, LookupError) as error:
        raise AnnotationRejected(f"The XML cannot be read: {error}.", "Save it as UTF-8.") from error
    if builder.root is None:
        raise AnnotationRejected(
            "The file has no XML element.", "Write the annotation again or delete the file."
        )
    return builder.root


class _Builder(ContentHandler):
    def __init__(self, max_nodes: int) -> None:
        super().__init__()
        self.root: Node | None = None
        self._max_nodes = max_nodes
        self._open: list[Node] = []
        # Text comes in pieces, each line one or two: joining them to what there is would copy it each time.
        self._pieces: list[list[str]] = []
        self._count = 0
        self._locator: Locator | None = None

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802 (named by the base class)
        self._locator = locator

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802
        line = self._locator.getLineNumber() if self._locator else None
        self._count += 1
        if self._count > self._max_nodes or len(self._open) >= MAX_DEPTH:
            raise AnnotationRejected("The XML has too many elements or too many levels.", "Split it.", line)
        node = Node(name, line or 0, attributes=dict(attrs.items()))
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node
        self._open.append(node)
        self._pieces.append([])

    def endElement(self, name: str) -> None:  # noqa: N802
        self._open.pop().text = "".join(self._pieces.pop())

    def characters(self, content: str) -> None:
        self._pieces[-1].append(content)
