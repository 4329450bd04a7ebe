"""Small copies of images for grids and screens: a cache that may be deleted at any time.

It keeps itself below ``MOST_BYTES``: a hundred thousand thumbnails take about one gigabyte, the copies for
the screen, half a megabyte each, the rest. What was not used for longest goes first.
"""

from __future__ import annotations

import errno
import io
import os
import re
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from data.blobs import LEFTOVER_SECONDS, Blobs
from data.errors import DiskFull, ImageRejected, NotFound
from data.intake import DAMAGE

#: Kinds every browser shows; the store holds no others.
_MIMES = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_MIMES |= {"BMP": "image/bmp", "GIF": "image/gif"}

#: The cache's size in bytes from which the copies not used for longest are removed.
MOST_BYTES = 4 * 1024**3
# Room made at once, so that it is not made again for every further copy.
_TRIM_TO = 0.9
_TRIM_EVERY = 500
# A copy's time of change tells when it was used, that of access being unreliable; seconds between notes.
_USED_EVERY = 3600.0
_UNFINISHED = ".tmp-"
_COPY = re.compile(r"[0-9a-f]{64}-[0-9]+\.(?:webp|jpg)")
# Decoding takes up to 300 MB each, and more at once than processors gains nothing.
_AT_ONCE = 4
# A camera's colour profile has 0.5 to 4 kB; a printer's would outweigh the thumbnail.
_LARGEST_PROFILE = 16 * 1024
# How often the folder may vanish between being made and being written to.
_TRIES = 5


class Thumbnails:
    """Copies of stored images at a smaller size, made when first asked for.

    Args:
        folder: the cache; created when needed.
        blobs: where the images lie.
    """

    def __init__(self, folder: Path, blobs: Blobs) -> None:
        self.folder = folder
        self._blobs = blobs
        self._decoders = threading.BoundedSemaphore(_AT_ONCE)
        self._made = 0

    def thumbnail(self, sha256: str, size: int = 256) -> Path:
        """Give a WebP file at most ``size`` pixels wide and high, of the image's proportions.

        Raises:
            DiskFull: there is no room for it.
            ImageRejected: the stored file is damaged or cannot be read.
            NotFound: no image is stored under this name.
        """
        target = self._place(sha256, size, "webp")
        if not _used(target):
            self._shrink(self._blobs.path(sha256), target, size, "WEBP", quality=80)
        return target

    def display(self, sha256: str, limit: int = 2048) -> tuple[Path, str]:
        """Give a file fit for the screen and its MIME type: the image itself unless a side exceeds ``limit``.

        Raises:
            DiskFull: there is no room for it.
            ImageRejected: the stored file is damaged or cannot be read.
            NotFound: no image is stored under this name.
        """
        original = self._blobs.path(sha256)
        target = self._place(sha256, limit, "jpg")
        if _used(target):
            return target, "image/jpeg"
        with _opened(original) as picture:
            if max(picture.size) <= limit and picture.format in _MIMES:
                return original, _MIMES[picture.format]
        self._shrink(original, target, limit, "JPEG", quality=88)
        return target, "image/jpeg"

    def forget(self, sha256: str) -> None:
        """Remove the copies of an image that is gone.

        Raises:
            OSError: one cannot be removed.
        """
        for path in self._place(sha256, 0, "").parent.glob(f"{sha256}-*"):
            path.unlink(missing_ok=True)

    def trim(self, most_bytes: int = MOST_BYTES) -> int:
        """Remove copies, those not used for longest first, if all take more than this; give their number.

        What killed writers left behind goes too. Any number of processes may do this at once.
        """
        copies: list[tuple[float, int, Path]] = []
        for path in self.folder.glob("*/*"):
            try:
                found = path.stat()
            except OSError:
                continue
            if path.name.startswith(_UNFINISHED) and found.st_mtime < time.time() - LEFTOVER_SECONDS:
                path.unlink(missing_ok=True)
            elif _COPY.fullmatch(path.name):
                copies.append((found.st_mtime, found.st_size, path))
        total = sum(size for _, size, _ in copies)
        if total <= most_bytes:
            return 0
        removed = 0
        for _, size, path in sorted(copies):
            if total <= _TRIM_TO * most_bytes:
                break
            path.unlink(missing_ok=True)
            total -= size
            removed += 1
        return removed

    def _place(self, sha256: str, size: int, ending: str) -> Path:
        return self.folder / sha256[:2] / f"{sha256}-{size}.{ending}"

    def _shrink(self, original: Path, target: Path, size: int, kind: str, quality: int) -> None:
        with self._decoders:
            # Somebody else who wanted it may have made it while we waited.
            if target.is_file():
                return
            small = _small(original, size)
        stream = io.BytesIO()
        small.save(stream, kind, quality=quality, icc_profile=small.info.get("icc_profile"))
        _write(target, stream.getvalue())
        self._made += 1
        if self._made % _TRIM_EVERY == 0:
            self.trim()


def _small(original: Path, size: int) -> Image.Image:
    with _opened(original) as opened:
        profile = opened.info.get("icc_profile") if opened.mode in {"RGB", "P"} else None
        # Palettes and bits cannot be averaged, so those would only lose pixels.
        picture = opened.convert("RGB") if opened.mode in {"P", "1"} else opened
        picture.thumbnail((size, size), Image.Resampling.LANCZOS, reducing_gap=2.0)
        small = picture.convert("RGB")
    # Nothing else may follow the pixels: comments and EXIF blocks can be larger than the copy.
    small.info = {"icc_profile": profile} if profile and len(profile) <= _LARGEST_PROFILE else {}
    return small


def _used(copy: Path) -> bool:
    """Tell whether a copy is there, and note that it was wanted."""
    try:
        if copy.stat().st_mtime < time.time() - _USED_EVERY:
            os.utime(copy)
    except OSError:
        return False
    return True


def _write(target: Path, data: bytes) -> None:
    """Write a file whole or not at all, though its folder may be deleted meanwhile."""
    for last in (False,) * (_TRIES - 1) + (True,):
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            number, name = tempfile.mkstemp(prefix=_UNFINISHED, dir=target.parent)
            try:
                with os.fdopen(number, "wb") as stream:
                    stream.write(data)
                    stream.flush()
                    # Renamed without, it could be there after a power cut and empty, for ever.
                    os.fsync(stream.fileno())
                Path(name).replace(target)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        except FileNotFoundError:
            if last:
                raise
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise DiskFull(
                    f"The disk is full: no small copy of the image could be made in {target.parent}. "
                    "Free some space, and try again."
                ) from error
            raise
        else:
            return


@contextmanager
def _opened(original: Path) -> Iterator[Image.Image]:
    """Open a stored image; what goes wrong inside the block is taken for a fault of its file."""
    try:
        with Image.open(original) as picture:
            yield picture
    except FileNotFoundError as error:
        raise NotFound(f"The image file {original.name} is missing. Restore it from a backup.") from error
    except (*DAMAGE, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageRejected(
            f"The stored image file {original.name} cannot be read ({error}).",
            "Restore it from a backup, or delete the image and add it again.",
        ) from error
