"""HEIC photographs, as telephones take them: read where a reader is installed; none comes with the program.

The reader is pi-heif, or pillow-heif where somebody installed that. Neither is a dependency: the libraries in
their packages are under the LGPL, and one in pillow-heif's (x265) under the GPL. A damaged file can crash
them, so they run in a process of their own.
"""

from __future__ import annotations

import importlib.util
import io
import subprocess
import sys
from pathlib import Path

from PIL import Image

from data import heic_reader
from data.errors import ImageRejected

_READERS = ("pi_heif", "pillow_heif")
# The brands of ISO/IEC 23008-12 for still pictures and sequences coded by HEVC, and the two for any codec.
_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
#: A telephone's photograph takes a second.
_MOST_SECONDS = 60.0


def is_heic(data: bytes) -> bool:
    """Tell whether bytes begin as a HEIC file does."""
    return data[4:8] == b"ftyp" and data[8:12] in _BRANDS


def open_heic(data: bytes, most_pixels: int) -> Image.Image | None:
    """Decode the primary picture of a HEIC file, upright and with 8 bits a channel.

    Args:
        data: the file's bytes.
        most_pixels: a larger picture is not decoded.

    Returns:
        The picture, or None if it is too large.

    Raises:
        ImageRejected: no reader is installed.
        OSError: the file is damaged.
    """
    reader = next((name for name in _READERS if importlib.util.find_spec(name) is not None), None)
    if reader is None:
        raise ImageRejected(
            "The image is HEIC, and no reader for it is installed.",
            "Install one (pip install pi-heif), or save the image as JPEG.",
        )
    command = [sys.executable, "-P", str(Path(heic_reader.__file__)), reader, str(most_pixels)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, check=False, timeout=_MOST_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise OSError(f"{reader} took more than {_MOST_SECONDS:.0f} seconds") from error
    if done.returncode == heic_reader.TOO_LARGE:
        return None
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise OSError(said[-1] if said else f"{reader} ended with {done.returncode}")
    picture = Image.open(io.BytesIO(done.stdout), formats=("PNG",))
    picture.load()
    return picture
