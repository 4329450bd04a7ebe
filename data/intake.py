"""From the bytes someone gave us to an upright image that every browser and the detector can read.

What each kind of file becomes, whatever its name ends in:

- JPEG, PNG, WebP, BMP, GIF that stand upright, 8 bits, without transparency, one frame: the bytes untouched.
- A JPEG turned by its EXIF orientation or in CMYK, and HEIC: JPEG, quality 95, colours not subsampled.
- TIFF, 16 bits (the high byte is kept), transparency (laid on white), several frames (the first): PNG.
- A JPEG that lacks only its tail: kept, with a warning. Where every row is there, its bytes with the end
  marker put back; where at least 90 % of the rows are, JPEG again, the missing rows in plain grey.
- Everything else, damaged files and decompression bombs: ``ImageRejected``.
"""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from data.errors import ImageRejected
from data.heic import is_heic, open_heic
from data.jpeg_mending import ENOUGH_ROWS, mend, with_end
from data.perceptual_hash import perceptual_hash

#: Largest image taken, in pixels; Pillow's own limit against decompression bombs.
MAX_PIXELS = 89_478_485
#: Largest file taken, in bytes.
MAX_BYTES = 256 * 1024 * 1024

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")
_KEPT_FORMATS = {"JPEG", "PNG", "WEBP", "BMP", "GIF"}
_LOSSY_FORMATS = {"JPEG", "HEIC"}
_KEPT_MODES = {"1", "L", "P", "RGB"}
_LACKED_END = "The file lacked its last bytes; the picture is there to its last row."
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
    OverflowError,
    NotImplementedError,
    struct.error,
    zlib.error,
    MemoryError,
)


@dataclass(frozen=True, slots=True)
class UprightImage:
    """An image ready to be stored; width and height in pixels are of the upright picture.

    ``original_orientation`` is the EXIF value 1–8 the received bytes had; ``received_sha256`` is their hash;
    ``perceptual_hash`` tells how the picture looks; ``warning`` says what was wrong with a file that is kept
    all the same, and is empty for a sound one.
    """

    data: bytes
    mime: str
    width: int
    height: int
    received_sha256: str
    original_orientation: int
    perceptual_hash: int
    warning: str = ""


@dataclass(frozen=True, slots=True)
class _Decoded:
    """A first frame, decoded to its last pixel, with what its file says about it.

    ``data`` are bytes that hold exactly this picture, None if it must be encoded; ``orientation`` is the one
    the file states and ``turn`` what is left to do about it.
    """

    picture: Image.Image
    kind: str
    data: bytes | None
    orientation: int = 1
    turn: Image.Transpose | None = None
    transparent: bool = False
    warning: str = ""


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
    decoded = _decode(data)
    picture, stored = decoded.picture, decoded.data
    mime = Image.MIME.get(decoded.kind, "")
    if stored is None or decoded.turn is not None:
        picture = _to_eight_bit_rgb(picture, decoded.transparent)
        if decoded.turn is not None:
            picture = picture.transpose(decoded.turn)
        stored, mime = _encode(picture, lossy=decoded.kind in _LOSSY_FORMATS)
    return UprightImage(
        data=stored,
        mime=mime,
        width=picture.width,
        height=picture.height,
        received_sha256=received_hash(data),
        original_orientation=decoded.orientation,
        perceptual_hash=perceptual_hash(picture),
        warning=decoded.warning,
    )


def _decode(data: bytes) -> _Decoded:
    try:
        if is_heic(data):
            return _decode_heic(data)
        return _decode_by_pillow(data)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large() from error
    except UnidentifiedImageError as error:
        raise ImageRejected(
            "The file is not an image of a known kind.", "Save it as JPEG, PNG, WebP, BMP, TIFF or GIF."
        ) from error
    except DAMAGE as error:
        raise _damaged(error) from error


def _decode_heic(data: bytes) -> _Decoded:
    # What turns a HEIC is part of its format, and every viewer obeys: nobody ever saw it as stored.
    picture = open_heic(data, MAX_PIXELS)
    if picture is None:
        raise _too_large()
    return _Decoded(picture, "HEIC", None, transparent=picture.has_transparency_data)


def _decode_by_pillow(data: bytes) -> _Decoded:
    picture: Image.Image = Image.open(io.BytesIO(data), formats=FORMATS)
    if picture.width * picture.height > MAX_PIXELS:
        raise _too_large()
    kind = "JPEG" if picture.format == "MPO" else picture.format or ""
    # Before decoding: Pillow turns a TIFF by itself then, and no orientation is left.
    orientation = _orientation(picture)
    kept: bytes | None = data
    warning = ""
    try:
        picture.load()
        if kind == "JPEG":
            kept = with_end(data)
            warning = "" if kept == data else _LACKED_END
    except OSError as error:
        if kind != "JPEG" or "truncated" not in str(error):
            raise
        picture, kept, warning = _mended(data)
    # Of an MPO, the further pictures are other views that nobody asks for.
    several = kind != "JPEG" and getattr(picture, "is_animated", False)
    transparent = picture.has_transparency_data
    if kind not in _KEPT_FORMATS or picture.mode not in _KEPT_MODES or several or transparent:
        kept = None
    return _Decoded(
        picture, kind, kept, orientation, _UPRIGHT.get(_orientation(picture)), transparent, warning
    )


def _mended(data: bytes) -> tuple[Image.Image, bytes | None, str]:
    """Read a JPEG that was cut short: its picture, the bytes that hold it if they can be kept, a warning."""
    mended = mend(data)
    if mended is None or not mended.enough:
        there = f"only {mended.rows} of {mended.height} rows are there" if mended else "too little is there"
        raise ImageRejected(
            f"The image file is cut short: {there} (at least {ENOUGH_ROWS:.0%} are needed).",
            "Copy or download it again, completely.",
        )
    picture = Image.open(io.BytesIO(mended.data), formats=FORMATS)
    picture.load()
    missing = mended.height - mended.rows
    if not missing:
        return picture, mended.data, _LACKED_END
    return picture, None, f"The file was cut short: {missing} of {mended.height} rows are missing, grey now."


def _too_large() -> ImageRejected:
    return ImageRejected(
        f"The image has more than {MAX_PIXELS // 1_000_000} million pixels.", "Shrink it and add it again."
    )


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
