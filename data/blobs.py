"""Files named by the SHA-256 of their bytes: written once, whole or not at all, never changed."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from data.errors import DiskFull, NotFound

_NAME = re.compile(r"[0-9a-f]{64}")
# Half-written files lie together, so that those of killed writers are found without walking the store.
_UNFINISHED = "unfinished"
_UNNEEDED = "unneeded-"
#: A leftover this old belongs to no writer that still lives.
LEFTOVER_SECONDS = 3600.0
#: What the system calls a disk, or a user's share of it, that is full.
NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


def relative_path(sha256: str) -> str:
    """Give where a file lies below the folder, with forward slashes."""
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


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
            DiskFull: there is no room; nothing half-written remains.
            OSError: the folder cannot be written to; nothing half-written remains.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        target = self._place(sha256)
        if not self._is_kept(target, len(data)):
            try:
                self._write(target, data)
            except OSError as error:
                if error.errno in NO_ROOM:
                    raise DiskFull(
                        "The disk is full: the image was not saved. Free some space where "
                        f"{self.folder} lies, and try again."
                    ) from error
                raise
        return sha256

    def _is_kept(self, target: Path, length: int) -> bool:
        """Tell whether the file is there already, and make it young, so that nobody clears it away."""
        try:
            # A file of another length can only be damage from outside: writing it again repairs it.
            if target.stat().st_size != length:
                return False
            os.utime(target)
        except FileNotFoundError:
            return False
        except PermissionError:
            return True  # Somebody else's file, in a workspace that several people share.
        return True

    def _write(self, target: Path, data: bytes) -> None:
        missing = [place for place in (target.parent, *target.parent.parents) if not place.exists()]
        target.parent.mkdir(parents=True, exist_ok=True)
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
        # Last of all, and the new folders with it: what the file's own sync has written need not be again.
        for folder in (target.parent, *(place.parent for place in missing)):
            _sync_folder(folder)

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

    def each(self) -> Iterator[tuple[str, os.stat_result]]:
        """Go through the stored files, in no order: their names and what the system knows of them."""
        for outer in sorted(self.folder.glob("[0-9a-f][0-9a-f]")):
            for entry in (entry for inner in outer.glob("[0-9a-f][0-9a-f]") for entry in os.scandir(inner)):
                if _NAME.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                    yield entry.name, entry.stat()

    def remove(self, sha256: str, older_than: float = LEFTOVER_SECONDS) -> bool:
        """Remove a file that nobody needs; one that somebody stored again meanwhile stays.

        Args:
            sha256: its name.
            older_than: age in seconds; what was stored later may have a row soon.

        Returns:
            Whether it was removed.
        """
        place, aside = self._place(sha256), self.folder / _UNFINISHED / f"{_UNNEEDED}{sha256}"
        aside.parent.mkdir(exist_ok=True)
        try:
            # Out of the way first: who stores it from now on writes it anew, who did before made it young.
            place.rename(aside)
        except FileNotFoundError:
            return False
        if time.time() - aside.stat().st_mtime < older_than:
            if place.exists():
                aside.unlink()
            else:
                aside.rename(place)
            return False
        aside.unlink()
        return True

    def sweep(self, older_than: float = LEFTOVER_SECONDS) -> int:
        """Remove what killed writers left behind and give the number of files removed; cheap at every start.

        Args:
            older_than: age in seconds from which a temporary file counts as left behind.
        """
        removed = 0
        for leftover in (self.folder / _UNFINISHED).glob("*"):
            try:
                if time.time() - leftover.stat().st_mtime >= older_than:
                    name = leftover.name.removeprefix(_UNNEEDED)
                    if leftover.name != name and not self._place(name).exists():
                        # Whoever was removing it was killed, and did not say whether it may go.
                        leftover.rename(self._place(name))
                        continue
                    leftover.unlink()
                    removed += 1
            except FileNotFoundError:
                continue
        return removed

    def _place(self, sha256: str) -> Path:
        return self.folder / relative_path(sha256)


def _sync_folder(folder: Path) -> None:
    """Make the folder's entries durable, where the system has such a thing (Windows has none)."""
    if os.name != "posix":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
