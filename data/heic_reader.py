"""The program that decodes one HEIC file from its input to a PNG on its output: READER MOST_PIXELS.

It stands alone, so that a crash of the reader's library takes nothing else with it.
"""

from __future__ import annotations

import importlib
import io
import sys

#: Exit code for a picture of more pixels than wanted, which is not decoded.
TOO_LARGE = 3


def main(reader_name: str, most_pixels: int) -> int:
    """Decode what stands on the standard input and give the exit code."""
    reader = importlib.import_module(reader_name)
    opened = reader.open_heif(io.BytesIO(sys.stdin.buffer.read()))
    width, height = opened.size
    if width * height > most_pixels:
        return TOO_LARGE
    picture = opened.to_pillow()
    profile = picture.info.get("icc_profile")
    picture.info = {}
    picture.save(sys.stdout.buffer, "PNG", compress_level=0, icc_profile=profile)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
