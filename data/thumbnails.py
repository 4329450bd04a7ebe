"""Small copies of images for grids and screens: a cache that may be deleted at any time."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from data.blobs import Blobs
from data.errors import ImageRejected, NotFound
from data.intake import DAMAGE

#: Kinds every browser shows; the store holds no others.
_MIMES = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_MIMES |= {"BMP": "image/bmp", "GIF": "image/gif"}


class Thumbnails:
    """Copies of stored images at a smaller size, made when first asked for.

    Args:
        folder: the cache; created when needed.
        blobs: where the images lie.
    """

    def __init__(self, folder: Path, blobs: Blobs) -> None:
        self.folder = folder
        self._blobs = blobs

    def thumbnail(self, sha256: str, size: int = 256) -> Path:
        """Give a WebP file at most ``size`` pixels wide and high, of the image's proportions.

        Raises:
            ImageRejected: the stored file is damaged or cannot be read.
            NotFound: no image is stored under this name.
        """
        target = self._place(sha256, size, "webp")
        if not target.is_file():
            self._shrink(self._blobs.path(sha256), target, size, "WEBP", quality=80)
        return target

    def display(self, sha256: str, limit: int = 2048) -> tuple[Path, str]:
        """Give a file fit for the screen and its MIME type: the image itself unless a side exceeds ``limit``.

        Raises:
            ImageRejected: the stored file is damaged or cannot be read.
            NotFound: no image is stored under this name.
        """
        original = self._blobs.path(sha256)
        target = self._place(sha256, limit, "jpg")
        if target.is_file():
            return target, "image/jpeg"
        with _opened(original) as picture:
            if max(picture.size) <= limit and picture.format in _MIMES:
                return original, _MIMES[picture.format]
        self._shrink(original, target, limit, "JPEG", quality=88)
        return target, "image/jpeg"

    def _place(self, sha256: str, size: int, ending: str) -> Path:
        return self.folder / sha256[:2] / f"{sha256}-{size}.{ending}"

    def _shrink(self, original: Path, target: Path, size: int, kind: str, quality: int) -> None:
        with _opened(original) as opened:
            opened.thumbnail((size, size), Image.Resampling.LANCZOS, reducing_gap=2.0)
            small = opened.convert("RGB")
        small.info = {}
        target.parent.mkdir(parents=True, exist_ok=True)
        # Renamed into place, so that whoever asks meanwhile sees a whole file or none.
        number, name = tempfile.mkstemp(prefix=".tmp-", dir=target.parent)
        try:
            with os.fdopen(number, "wb") as stream:
                small.save(stream, kind, quality=quality)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


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
