"""Reading JSON that may be broken, hostile or of another shape than expected."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from data.errors import AnnotationRejected
from data.formats.text_file import decode, read_bytes

#: A whole number of more digits is read as a float: Python refuses to write out very long ones.
_LONGEST_INTEGER = 18
#: Characters shown of a value in a message.
_SHOWN = 60


def parse_json(data: bytes) -> Any:
    """Parse a document.

    Raises:
        AnnotationRejected: it is no JSON, or nested too deep; has the line where one is known.
    """
    text = decode(data)
    if not text.strip():
        raise AnnotationRejected("The file is empty.", "Export it again, or delete it.")
    try:
        return json.loads(text, parse_int=_integer)
    except json.JSONDecodeError as error:
        raise AnnotationRejected(
            f"The JSON is broken: {error.msg}.", "Mend or export it again.", error.lineno
        ) from error
    except RecursionError as error:
        raise AnnotationRejected("The JSON is nested too deep.", "Export it again.") from error


def read_json(path: Path) -> Any:
    """Parse a file.

    Raises:
        AnnotationRejected: it cannot be read, is too large or no JSON.
    """
    return parse_json(read_bytes(path))


def as_object(value: Any) -> dict[str, Any]:
    """Give the value if it is a JSON object, an empty one otherwise."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """Give the value if it is a JSON array, an empty one otherwise."""
    return value if isinstance(value, list) else []


def as_text(value: Any) -> str:
    """Give the value if it is a string that can be written out, an empty one otherwise."""
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else ""


def shown(value: Any) -> str:
    """Write any value short enough for a message."""
    text = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def dump(value: Any) -> bytes:
    """Write a document for people and programs to read: UTF-8, a line per value."""
    return (json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2) + "\n").encode()


def dump_rows(document: Mapping[str, Sequence[Any]]) -> bytes:
    """Write a document of long lists: UTF-8, a line per item."""
    lists = [
        f"{_compact(key)}: [\n" + ",\n".join(map(_compact, items)) + "\n]" for key, items in document.items()
    ]
    return ("{\n" + ",\n".join(lists) + "\n}\n").encode()


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _integer(text: str) -> int | float:
    return int(text) if len(text) <= _LONGEST_INTEGER else float(text)
