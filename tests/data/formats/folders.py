"""Data set folders for tests of formats, written in a line or two."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from PIL import Image

from data.formats.annotated import AnnotatedFile, Reading

Corners = tuple[float, float, float, float]


def jpeg(width: int = 40, height: int = 30, colour: object = "teal", **options: Any) -> bytes:
    """Make a photograph's bytes."""
    stream = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(stream, "JPEG", **options)  # type: ignore[arg-type]
    return stream.getvalue()


def write(folder: Path, files: dict[str, Any]) -> Path:
    """Write files: bytes as they are, text as UTF-8, a size as a photograph of it, anything else as JSON."""
    for name, content in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, tuple):
            content = jpeg(*content)
        elif isinstance(content, str):
            content = content.encode()
        elif not isinstance(content, bytes):
            content = json.dumps(content).encode()
        place.write_bytes(content)
    return folder


def file_of(reading: Reading, name: str) -> AnnotatedFile:
    """Give the image of a name."""
    (found,) = [file for file in reading.files if file.name == name]
    return found


def boxes_of(reading: Reading, name: str) -> list[tuple[str, Corners]] | None:
    """Give an image's boxes as (class, corners); None if it is unlabelled."""
    labels = file_of(reading, name).labels
    if labels is None:
        return None
    return [(box.class_name, (box.x0, box.y0, box.x1, box.y1)) for box in labels.boxes]


def told(reading: Reading) -> str:
    """Give everything a reading complains of, as one text."""
    return "\n".join(f"{each.file}:{each.line}: {each.problem}" for each in reading.problems)
