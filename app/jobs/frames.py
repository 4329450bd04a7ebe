"""Frames: what the server and the process that detects on TensorFlow say to each other over pipes.

A frame is two numbers of four bytes, the lengths of what follows: a header in JSON, and bytes. To the
process::

    {"load": folder}
    {"id", "folder"}              with the bytes of a picture's file
    {"id", "folder", "path"}
    {"id", "folder", "size_hw"}   with uint8 pixels, RGB

and back::

    {"loaded": folder}  or  {"failed": folder, "error"}
    {"id", "size_hw", "decode", "network"}   with float32 boxes, float32 scores and int64 classes
    {"id", "error"}     the picture cannot be read, and why
    {"id", "unable"}    the process cannot answer, and why
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ssd_core.candidates import Candidates
    from ssd_core.preprocess import ImageSource

_LENGTHS = struct.Struct("<II")


def write_frame(stream: IO[bytes], header: Mapping[str, Any], body: bytes = b"") -> None:
    """Write a frame; one writer at a time."""
    text = json.dumps(header).encode()
    stream.write(_LENGTHS.pack(len(text), len(body)) + text)
    stream.write(body)
    stream.flush()


def read_frame(stream: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:
    """Read the next frame; None at the end, also in the midst of one: its writer is gone."""
    lengths = stream.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    text, body = (stream.read(length) for length in _LENGTHS.unpack(lengths))
    if len(text) + len(body) < sum(_LENGTHS.unpack(lengths)):
        return None
    return json.loads(text), body


def picture_frame(image: ImageSource) -> tuple[dict[str, Any], bytes]:
    """What a header says of a picture, and the bytes that go with it."""
    if isinstance(image, bytes):
        return {}, image
    if isinstance(image, Path):
        return {"path": str(image)}, b""
    return {"size_hw": [image.shape[0], image.shape[1]]}, image.tobytes()


def picture_of(header: Mapping[str, Any], body: bytes) -> ImageSource:
    """The picture that `picture_frame` was given."""
    import numpy as np

    if "path" in header:
        return Path(header["path"])
    if "size_hw" in header:
        return np.frombuffer(body, np.uint8).reshape(*header["size_hw"], 3)
    return body


def packed(found: Candidates) -> bytes:
    """Candidates as bytes."""
    return found.boxes_xyxy.tobytes() + found.scores.tobytes() + found.class_ids.tobytes()


def unpacked(body: bytes) -> Candidates:
    """The candidates that were packed."""
    import numpy as np

    from ssd_core.candidates import Candidates

    # Four coordinates and a score of four bytes each, and a class of eight.
    count = len(body) // 28
    boxes, scores, class_ids = body[: 16 * count], body[16 * count : 20 * count], body[20 * count :]
    return Candidates(
        np.frombuffer(boxes, np.float32).reshape(-1, 4),
        np.frombuffer(scores, np.float32),
        np.frombuffer(class_ids, np.int64),
    )
