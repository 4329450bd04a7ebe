"""From a photograph to the network's input: one definition for training, calibration and live detection.

An image is decoded by Pillow, turned upright by its EXIF orientation, brought to 8-bit RGB and warped to the
network's size by Pillow's bilinear filter, which averages over the source pixels when it shrinks. Values stay
0..255: the network itself normalises them, so no caller can forget to. Nothing here imports TensorFlow.
"""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from ssd_core.errors import InvalidExample

#: What is decoded; Pillow knows more, some of them by handing the bytes to other programs.
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")
#: A larger picture is refused before it is unpacked: a small file may hold one that fills the memory.
MAX_PIXELS = 89_478_485

#: What an image may be given as: a file, the bytes of a file, or uint8 RGB pixels [height, width, 3].
ImageSource = Path | bytes | NDArray[np.uint8]

# Pillow's decoders answer damaged files with any of these; OSError covers "cannot identify" and "truncated".
_DAMAGED = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


def load_rgb(image: ImageSource) -> NDArray[np.uint8]:
    """Give the upright RGB pixels of an image.

    Args:
        image: a path, the bytes of an image file, or pixels as uint8 RGB [height, width, 3] (taken as
            upright and returned without a copy).

    Returns:
        uint8 [height, width, 3], RGB, upright; treat it as read-only. What is transparent becomes white;
        16-bit greys keep their upper byte.

    Raises:
        InvalidExample: the file is missing, is not an image, is damaged or cut short, or the array has
            another shape or dtype, or more than `MAX_PIXELS`.
    """
    if isinstance(image, np.ndarray):
        return _checked_pixels(image)
    if isinstance(image, (bytes, bytearray, memoryview)):
        return _decode(io.BytesIO(image), f"the {len(image)} bytes given")
    if not isinstance(image, (str, Path)):
        raise InvalidExample(
            f"An image cannot be read from a {type(image).__name__}; give a path, bytes or a uint8 array."
        )
    path = Path(image)
    if not path.is_file():
        raise InvalidExample(f"There is no image file at {path}; check the path.")
    return _decode(path, str(path))


def resize_for_network(rgb: NDArray[np.uint8], size_hw: tuple[int, int]) -> NDArray[np.float32]:
    """Warp an image to the network's input size.

    The aspect ratio is not kept (as in the SSD paper), so boxes scale by width and height separately. The
    result holds whole numbers, since the filter works on 8-bit pixels.

    Args:
        rgb: uint8 [height, width, 3].
        size_hw: (height, width) in pixels.

    Returns:
        float32 [size_hw[0], size_hw[1], 3] with values 0..255; an image of that size keeps its pixels.

    Raises:
        InvalidExample: ``rgb`` has another shape or dtype, or no pixels.
    """
    rgb = _checked_pixels(rgb)
    height, width = size_hw
    if rgb.shape[:2] != (height, width):
        warped = Image.fromarray(rgb).resize((width, height), Image.Resampling.BILINEAR)
        rgb = np.asarray(warped)
    return rgb.astype(np.float32)


def _checked_pixels(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.size == 0:
        raise InvalidExample(
            f"An image array must be uint8 [height, width, 3] with RGB pixels 0..255, "
            f"not {pixels.dtype} {list(pixels.shape)}."
        )
    return pixels


def _decode(source: io.BytesIO | Path, what: str) -> NDArray[np.uint8]:
    try:
        with Image.open(source, formats=FORMATS) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise InvalidExample(
                    f"The picture in {what} is {opened.width}×{opened.height}, more than "
                    f"{MAX_PIXELS // 1_000_000} million pixels; shrink it."
                )
            # Before anything that forgives errors, so that a file cut short is never taken for a whole one.
            opened.load()
            _turn_upright(opened)
            image = _eight_bits(opened)
            return np.asarray(image if image.mode == "RGB" else image.convert("RGB"))
    except UnidentifiedImageError as fault:
        raise InvalidExample(
            f"No image format was recognised in {what}; JPEG, PNG, WebP, BMP, GIF and TIFF are read."
        ) from fault
    except Image.DecompressionBombError as fault:
        raise InvalidExample(
            f"The picture in {what} has more than {MAX_PIXELS // 1_000_000} million pixels; shrink it."
        ) from fault
    except _DAMAGED as fault:
        raise InvalidExample(
            f"No image could be decoded from {what} ({type(fault).__name__}: {fault}); "
            f"open it in an image viewer and save it again as JPEG or PNG."
        ) from fault


def _turn_upright(image: Image.Image) -> None:
    try:
        ImageOps.exif_transpose(image, in_place=True)
    except _DAMAGED:
        # A photograph with garbage in its EXIF block is still a photograph; viewers show it as stored.
        return


def _eight_bits(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16"):
        # Pillow's own conversion clips at 255, which turns 16-bit greys white.
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.has_transparency_data:
        # The colour beneath full transparency is arbitrary; viewers and the dataset show white there.
        layer = image.convert("RGBA")
        ground = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(ground, layer)
    return image
