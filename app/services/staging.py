"""Staging: files that are sent one by one lie below the workspace's cache until they are imported."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from data.blobs import NO_ROOM
from data.errors import DiskFull, InvalidName, NotFound
from data.formats import archive
from data.names import LONGEST_PATH

#: How deep a file may lie, and how many there may be.
MOST_PARTS, MOST_FILES = 32, 500_000
LONGEST_PART = 255
#: Space that stays free on the disk, looked at again after so many bytes.
SPARE_BYTES, LOOK_EVERY = 256 * 1024**2, 16 * 1024**2
_DRIVE = re.compile(r"[A-Za-z]:")


class Stage:
    """A folder for what is sent; everything in it goes at the end.

    Args:
        folder: is made with the first file.
        what: what it is for, in sentences.
    """

    def __init__(self, folder: Path, what: str = "import") -> None:
        self.folder = folder
        self._what = what
        self._files = folder / "files"
        self._unpacked = folder / "unpacked"
        #: Whether what was unpacked holds archives itself, which nobody looks into.
        self.nested = False
        self._number = 0
        self._closed = False
        self._lock = threading.Lock()

    def receive(self, path: str, length: int | None = None) -> IncomingFile:
        """Begin to receive a file; nothing of it is there until it is complete.

        Args:
            path: relative to the data set's folder, with forward slashes.
            length: its length in bytes as it was announced, None if it was not.

        Raises:
            DiskFull: it would not fit.
            InvalidName: the path could lead elsewhere, or is too long or too deep.
            NotFound: the stage was cleared.
        """
        target = self._files.joinpath(*checked_parts(path))
        with self._lock:
            self._check_open()
            if self._number >= MOST_FILES:
                raise InvalidName(
                    f"More than {MOST_FILES:,} files are too many. Import them by the folder's path."
                )
            self._number += 1
            parts = self.folder / "parts"
            parts.mkdir(parents=True, exist_ok=True)
        self.touch()
        return IncomingFile(parts, target, path, length, self._check_open)

    def _check_open(self) -> None:
        if self._closed:
            raise NotFound(f"The {self._what} was cancelled, and what was sent is gone. Begin it again.")

    def touch(self) -> None:
        """Tell other processes, which sweep what nobody wants any more, that this is wanted."""
        if self.folder.is_dir():
            os.utime(self.folder)

    def source(self) -> Path:
        """Give the folder of what was sent, or the file if it is one zip archive.

        Raises:
            NotFound: nothing was sent.
        """
        sent = list(self._files.iterdir()) if self._files.is_dir() else []
        if not sent:
            raise NotFound("No file was sent yet.")
        return sent[0] if len(sent) == 1 and is_archive(sent[0]) else self._files

    def unpack(self, path: Path) -> Path:
        """Give the folder of what an archive holds, unpacked once; a single folder in it is given itself.

        Raises:
            ArchiveRejected: it cannot or must not be unpacked.
        """
        if not self._unpacked.is_dir():
            self.folder.mkdir(parents=True, exist_ok=True)
            unfinished = Path(tempfile.mkdtemp(dir=self.folder))
            try:
                archive.extract(path, unfinished, archive.Limits())
            except BaseException:
                shutil.rmtree(unfinished, ignore_errors=True)
                raise
            unfinished.rename(self._unpacked)
            self.nested = archive.holds_other_archives(path)
        inside = list(self._unpacked.iterdir())
        return inside[0] if len(inside) == 1 and inside[0].is_dir() else self._unpacked

    def clear_files(self) -> None:
        """Remove what was sent."""
        for folder in (self._files, self._unpacked, self.folder / "parts"):
            shutil.rmtree(folder, ignore_errors=True)

    def clear(self) -> None:
        """Remove everything; what is still being received goes nowhere."""
        with self._lock:
            self._closed = True
        shutil.rmtree(self.folder, ignore_errors=True)


class IncomingFile:
    """A file that arrives in pieces: ``write`` them, then ``keep`` it, or ``drop`` it where that fails."""

    def __init__(
        self, folder: Path, target: Path, path: str, length: int | None, check_open: Callable[[], None]
    ) -> None:
        self._folder = folder
        self._target = target
        self._path = path
        self._check_open = check_open
        self._unseen = 0
        self._check_room(length or 0)
        number, name = tempfile.mkstemp(dir=folder)
        self._temporary = Path(name)
        self._stream: BinaryIO = os.fdopen(number, "wb")

    def write(self, data: bytes) -> None:
        """Add a piece; raises DiskFull where there is no room, and NotFound once the stage is cleared."""
        self._unseen += len(data)
        if self._unseen >= LOOK_EVERY:
            self._check_open()
            self._check_room(len(data))
            self._unseen = 0
        try:
            self._stream.write(data)
        except OSError as error:
            raise self._explained(error) from error

    def keep(self) -> None:
        """Put the complete file in its place, where it takes that of an earlier one.

        Raises:
            DiskFull: there is no room for it.
            InvalidName: a folder is in its place, or a file in that of its folder.
            NotFound: the stage was cleared.
        """
        try:
            self._stream.close()
            self._check_open()
            self._target.parent.mkdir(parents=True, exist_ok=True)
            self._temporary.replace(self._target)
        except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
            raise InvalidName(f"{self._path[:80]!r} is a file and a folder at once. Rename one.") from error
        except OSError as error:
            raise self._explained(error) from error

    def drop(self) -> None:
        """Remove what arrived of it; does nothing after ``keep``."""
        with suppress(OSError):  # What was left to write does not matter any more.
            self._stream.close()
        self._temporary.unlink(missing_ok=True)

    def _check_room(self, length: int) -> None:
        if shutil.disk_usage(self._folder).free < length + SPARE_BYTES:
            raise _full(self._path)

    def _explained(self, error: OSError) -> Exception:
        return _full(self._path) if error.errno in NO_ROOM else error


def checked_parts(path: str) -> list[str]:
    """Give the parts of a relative path that lies below its folder on every system.

    Raises:
        InvalidName: it is absolute, climbs, names a drive, has control characters, or is too long or deep.
    """
    parts = path.split("/")
    if len(path) > LONGEST_PATH or len(parts) > MOST_PARTS:
        raise InvalidName(
            f"The path {path[:40]!r}… is too long: {LONGEST_PATH} characters and {MOST_PARTS} folders fit."
        )
    for part in parts:
        # Windows drops outer dots and blanks, so that ".. " climbs too.
        if not part.strip(". ") or _DRIVE.match(part) or (os.name == "nt" and ":" in part):
            raise InvalidName(f"The path {path[:80]!r} is not relative to its folder. Send only such paths.")
        if "\\" in part or any(ord(letter) < 32 or 0xD800 <= ord(letter) < 0xE000 for letter in part):
            raise InvalidName(f"The path {path[:80]!r} has characters that no file name can have here.")
        if len(part.encode()) > LONGEST_PART:
            raise InvalidName(f"The name {part[:40]!r}… is too long: {LONGEST_PART} bytes fit. Shorten it.")
    return parts


def is_archive(path: Path) -> bool:
    """Tell whether a path is a zip archive, by its name."""
    return path.suffix.lower() == archive.ENDING and path.is_file()


def sweep(folder: Path, older_than: float) -> None:
    """Remove what earlier processes left in a folder of stages.

    Args:
        folder: the folder; need not exist.
        older_than: age in seconds from which a stage belongs to nobody.
    """
    for stage in folder.glob("*"):
        try:
            if time.time() - stage.stat().st_mtime >= older_than:
                shutil.rmtree(stage, ignore_errors=True)
        except FileNotFoundError:
            continue


def _full(path: str) -> DiskFull:
    return DiskFull(
        f"The disk is full: {path[:80]} was not received. Free some space where the workspace lies."
    )
