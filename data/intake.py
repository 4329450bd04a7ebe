"""From the bytes someone gave us to an upright image that every browser and the detector can read.

What each kind of file becomes:

- JPEG, PNG, WebP, BMP, GIF that stand upright, 8 bits, without transparency, one frame: the bytes untouched.
- A JPEG turned by its EXIF orientation or in CMYK: JPEG again, at quality 95 without colour subsampling.
- TIFF, 16 bits (the high byte is kept), transparency (laid on white), several frames (the first): PNG.
- Everything else, damaged files and decompression bombs: ``ImageRejected``.
"""

from __future__ import annotations

import hashlib
import io
import struct
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from data.errors import ImageRejected

#: Largest image taken, in pixels; Pillow's own limit against decompression bombs.
MAX_PIXELS = 89_478_485
#: Largest file taken, in bytes.
MAX_BYTES = 256 * 1024 * 1024

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")
_KEPT_FORMATS = {"JPEG", "PNG", "WEBP", "BMP", "GIF"}
_KEPT_MODES = {"1", "L", "P", "RGB"}
_HIGH_BYTE = {"I;16": slice(1, None, 2), "I;16L": slice(1, None, 2), "I;16B": slice(0, None, 2)}
_ORIENTATION_TAG = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
#: What Pillow's decoders raise on damaged input, beside OSError, which most of them use.
DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    struct.error,
    MemoryError,
)


@dataclass(frozen=True, slots=True)
class UprightImage:
    """An image ready to be stored; width and height in pixels are of the upright picture.

    ``original_orientation`` is the EXIF value 1–8 the received bytes had; ``received_sha256`` is their hash.
    """

    data: bytes
    mime: str
    width: int
    height: int
    received_sha256: str
    original_orientation: int


def received_hash(data: bytes) -> str:
    """Give the SHA-256 of bytes as received, part of an image's identity."""
    return hashlib.sha256(data).hexdigest()


def read_image(data: bytes) -> UprightImage:
    """Decode the whole picture, bake its orientation in, and give the bytes to store.

    Raises:
        ImageRejected: not an image of a known kind, damaged, or too large; says what to do.
    """
    if not data:
        raise ImageRejected("The file is empty (0 bytes).", "Copy it again from where it came from.")
    if len(data) > MAX_BYTES:
        raise ImageRejected(
            f"The file has {len(data):,} bytes; at most {MAX_BYTES:,} are taken.",
            "Save it smaller, as JPEG say.",
        )
    picture, orientation = _open(data)
    kind = picture.format or ""
    mode = picture.mode
    frames = getattr(picture, "n_frames", 1) if kind != "MPO" else 1
    # Pillow turns a TIFF by itself when it decodes it, and then no orientation is left.
    turn = _UPRIGHT.get(_orientation(picture))
    upright, mime = data, Image.MIME["JPEG" if kind == "MPO" else kind]
    transparent = picture.has_transparency_data
    untouched = kind in _KEPT_FORMATS | {"MPO"} and mode in _KEPT_MODES and not transparent and frames == 1
    if turn is not None or not untouched:
        picture = _to_eight_bit_rgb(picture, transparent)
        if turn is not None:
            picture = picture.transpose(turn)
        upright, mime = _encode(picture, lossy=kind in {"JPEG", "MPO"})
    return UprightImage(
        data=upright,
        mime=mime,
        width=picture.width,
        height=picture.height,
        received_sha256=received_hash(data),
        original_orientation=orientation,
    )


def _open(data: bytes) -> tuple[Image.Image, int]:
    """Decode the first frame to its last pixel; give it with the EXIF orientation it was stored in."""
    too_large = ImageRejected(
        f"The image has more than {MAX_PIXELS // 1_000_000} million pixels.", "Shrink it and add it again."
    )
    try:
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise too_large from error
    except UnidentifiedImageError as error:
        raise ImageRejected(
            "The file is not an image of a known kind.", "Save it as JPEG, PNG, WebP, BMP, TIFF or GIF."
        ) from error
    except DAMAGE as error:
        raise _damaged(error) from error
    if picture.width * picture.height > MAX_PIXELS:
        raise too_large
    orientation = _orientation(picture)
    try:
        picture.load()
    except DAMAGE as error:
        raise _damaged(error) from error
    return picture, orientation


def _damaged(error: BaseException) -> ImageRejected:
    if "truncated" in str(error).lower() or isinstance(error, EOFError):
        return ImageRejected(
            "The image file is cut short: its end is missing.", "Copy or download it again, completely."
        )
    return ImageRejected(
        f"The image file is damaged ({error}).", "Open it in an image program and save it again."
    )


def _orientation(picture: Image.Image) -> int:
    """Read the EXIF orientation; a damaged or senseless entry counts as upright."""
    try:
        value = picture.getexif().get(_ORIENTATION_TAG, 1)
    except (*DAMAGE, UserWarning):
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _to_eight_bit_rgb(picture: Image.Image, transparent: bool) -> Image.Image:
    profile = picture.info.get("icc_profile") if picture.mode == "RGB" else None
    if picture.mode in _HIGH_BYTE:
        high = picture.tobytes()[_HIGH_BYTE[picture.mode]]
        picture = Image.frombytes("L", picture.size, high)
    elif picture.mode in {"I", "F"}:
        raise ImageRejected(
            f"The image stores 32-bit numbers (mode {picture.mode}), which have no agreed brightness.",
            "Save it with 8 or 16 bits.",
        )
    if transparent:
        layer = picture.convert("RGBA")
        ground = Image.new("RGBA", layer.size, "white")
        picture = Image.alpha_composite(ground, layer)
    try:
        converted = picture.convert("RGB")
    except ValueError as error:
        raise ImageRejected(
            f"The image's colours (mode {picture.mode}) cannot be turned into RGB.",
            "Save it as an RGB image.",
        ) from error
    # Only the colour profile may follow the pixels: the old orientation would be applied a second time.
    converted.info = {"icc_profile": profile} if profile else {}
    return converted


def _encode(picture: Image.Image, *, lossy: bool) -> tuple[bytes, str]:
    stream = io.BytesIO()
    profile = picture.info.get("icc_profile")
    if lossy:
        picture.save(stream, "JPEG", quality=95, subsampling=0, icc_profile=profile)
        return stream.getvalue(), "image/jpeg"
    picture.save(stream, "PNG", icc_profile=profile)
    return stream.getvalue(), "image/png"
