"""Files named by the SHA-256 of their bytes: written once, whole or not at all, never changed."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import time
from pathlib import Path

from data.errors import NotFound

_NAME = re.compile(r"[0-9a-f]{64}")
# Half-written files lie together, so that those of killed writers are found without walking the store.
_UNFINISHED = "unfinished"
#: A leftover this old belongs to no writer that still lives.
LEFTOVER_SECONDS = 3600.0


class Blobs:
    """A folder of files ``ab/cd/<sha256>``; equal bytes share one file.

    Args:
        folder: where they lie; created at the first ``put``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, data: bytes) -> str:
        """Store bytes and give their SHA-256; once this returns they survive a power cut.

        Raises:
            OSError: the disk is full or the folder cannot be written to; nothing half-written remains.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        target = self._place(sha256)
        # A file of another length can only be damage from outside: writing it again repairs it.
        if target.is_file() and target.stat().st_size == len(data):
            return sha256
        self._make_folder(target.parent)
        unfinished = self.folder / _UNFINISHED
        unfinished.mkdir(exist_ok=True)
        number, name = tempfile.mkstemp(dir=unfinished)
        temporary = Path(name)
        try:
            with os.fdopen(number, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)
        return sha256

    def path(self, sha256: str) -> Path:
        """Give the path of stored bytes.

        Raises:
            NotFound: nothing is stored under this name, or it is no SHA-256.
        """
        if not _NAME.fullmatch(sha256):
            raise NotFound(f"{sha256[:80]!r} is not the name of a stored file.")
        place = self._place(sha256)
        if not place.is_file():
            raise NotFound(
                f"The image file {sha256} is missing from {self.folder}. Restore it from a backup."
            )
        return place

    def has(self, sha256: str) -> bool:
        """Tell whether bytes are stored under this name."""
        return bool(_NAME.fullmatch(sha256)) and self._place(sha256).is_file()

    def sweep(self, older_than: float = LEFTOVER_SECONDS) -> int:
        """Remove what killed writers left behind and give the number of files removed; cheap at every start.

        Args:
            older_than: age in seconds from which a temporary file counts as left behind.
        """
        removed = 0
        for leftover in (self.folder / _UNFINISHED).glob("*"):
            try:
                if time.time() - leftover.stat().st_mtime >= older_than:
                    leftover.unlink()
                    removed += 1
            except FileNotFoundError:
                continue
        return removed

    def _place(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256[2:4] / sha256

    def _make_folder(self, folder: Path) -> None:
        missing = [place for place in (folder, *folder.parents) if not place.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        for place in missing:
            _sync_folder(place.parent)


def _sync_folder(folder: Path) -> None:
    """Make the folder's entries durable, where the system has such a thing (Windows has none)."""
    if os.name != "posix":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
