"""Unpacking a zip archive that a stranger made: into a folder of our own, within limits, or not at all."""

from __future__ import annotations

import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from data.errors import ArchiveRejected
from data.formats.json_text import shown
from data.records import IMAGE_ENDINGS

ENDING = ".zip"
#: Endings of what an import can use; the rest is left in the archive.
_USED = {*IMAGE_ENDINGS, ".xml", ".json", ".csv", ".yaml", ".yml", ".txt", ".names", ".data"}
_NESTED = {".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar"}
_DRIVE = re.compile(r"[A-Za-z]:")
_PIECE = 1024 * 1024
_ENCRYPTED, _UTF8 = 0x1, 0x800
_FILE_TYPE, _LINK, _FILE = 0o170000, 0o120000, 0o100000
#: Space that stays free on the disk.
_SPARE_BYTES = 256 * 1024 * 1024


#: What Python's reader raises on an archive that is none, is damaged or is encrypted.
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may come out of an archive.

    ``ratio`` is bytes out per byte in; it counts for members and archives of more than ``ratio_from`` bytes
    out, because small and plain pictures shrink a lot.
    """

    files: int = 100_000
    file_bytes: int = 512 * 1024 * 1024
    total_bytes: int = 64 * 1024 * 1024 * 1024
    ratio: int = 100
    ratio_from: int = 16 * 1024 * 1024


@contextmanager
def unpacked(archive: Path, limits: Limits | None = None, scratch: Path | None = None) -> Iterator[Path]:
    """Unpack an archive into a temporary folder, which is removed at the end of the block.

    A single folder that holds everything is given in its place, so that names are those of the folder.

    Args:
        archive: a zip file.
        limits: None for the usual ones.
        scratch: where the temporary folder is made; None for the system's own place.

    Raises:
        ArchiveRejected: it is no zip file, damaged, encrypted, too large, or has paths that lead outside.
    """
    with tempfile.TemporaryDirectory(prefix="ssd-studio-", dir=scratch) as name:
        folder = Path(name)
        extract(archive, folder, limits or Limits())
        inside = list(folder.iterdir())
        yield inside[0] if len(inside) == 1 and inside[0].is_dir() else folder


def extract(archive: Path, folder: Path, limits: Limits) -> None:
    """Unpack what an import can use into an empty folder.

    Raises:
        ArchiveRejected: see ``unpacked``.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = _checked(opened, folder, archive, limits)
            left = limits.total_bytes
            for path, member in members.items():
                left -= _write(opened, member, folder / path, min(left, limits.file_bytes))
    except DAMAGED as error:
        raise ArchiveRejected(
            f"{archive.name} is no zip file, or is damaged ({str(error)[:200]}).",
            "Pack or download it again.",
        ) from error
    except OSError as error:
        raise ArchiveRejected(
            f"{archive.name} cannot be unpacked: {error.strerror or error}.",
            "Unpack it yourself and import the folder.",
        ) from error


def _checked(
    opened: zipfile.ZipFile, folder: Path, archive: Path, limits: Limits
) -> dict[str, zipfile.ZipInfo]:
    """Choose the members to unpack, with their safe paths, before any is."""
    members = [member for member in opened.infolist() if not member.is_dir()]
    if len(members) > limits.files:
        raise _too_much(archive, f"has {len(members):,} files; at most {limits.files:,} are unpacked")
    chosen: dict[str, zipfile.ZipInfo] = {}
    for member in members:
        path = _safe_path(member, archive)
        if not path or Path(path).suffix.lower() not in _USED:
            continue
        if path in chosen:
            raise ArchiveRejected(f"{archive.name} has {shown(path)} twice.", "Pack it again.")
        if member.file_size > limits.file_bytes:
            raise _too_much(archive, f"has {shown(path)} of {member.file_size:,} bytes")
        if member.file_size > limits.ratio_from and member.file_size > limits.ratio * member.compress_size:
            raise _too_much(archive, f"has {shown(path)}, which grows more than {limits.ratio} times")
        chosen[path] = member
    _check_total(list(chosen.values()), folder, archive, limits)
    return chosen


def _check_total(chosen: Sequence[zipfile.ZipInfo], folder: Path, archive: Path, limits: Limits) -> None:
    total = sum(member.file_size for member in chosen)
    if total > limits.total_bytes:
        raise _too_much(archive, f"has {total:,} bytes; at most {limits.total_bytes:,} are unpacked")
    if total > limits.ratio_from and total > limits.ratio * archive.stat().st_size:
        raise _too_much(archive, f"grows more than {limits.ratio} times")
    free = shutil.disk_usage(folder).free
    if total + _SPARE_BYTES > free:
        raise ArchiveRejected(
            f"{archive.name} needs {total:,} bytes unpacked, and {folder} has {free:,} free.",
            "Free some space, or unpack it elsewhere and import the folder.",
        )


def _safe_path(member: zipfile.ZipInfo, archive: Path) -> str:
    """Give a member's path below the folder; empty for what is passed over.

    Raises:
        ArchiveRejected: it leads outside, is a link, or is encrypted.
    """
    name = _name(member).replace("\\", "/")
    kind = (member.external_attr >> 16) & _FILE_TYPE
    parts = name.split("/")
    # Windows drops outer dots and blanks, so that ".. " climbs too.
    climbs = any(part not in ("", ".") and not part.strip(". ") for part in parts)
    if name.startswith("/") or climbs or _DRIVE.match(name):
        raise ArchiveRejected(
            f"{archive.name} has a path that leads outside: {shown(name)}.", "Do not trust it; pack it again."
        )
    if kind == _LINK:
        raise ArchiveRejected(f"{archive.name} has a link: {shown(name)}.", "Pack the files themselves.")
    if member.flag_bits & _ENCRYPTED:
        raise ArchiveRejected(f"{archive.name} is encrypted.", "Unpack it yourself and import the folder.")
    if kind not in (0, _FILE) or any(ord(letter) < 32 for letter in name):
        return ""
    return "/".join(part for part in parts if part not in ("", "."))


def _name(member: zipfile.ZipInfo) -> str:
    """Give a member's name; some programs write UTF-8 without saying so, which reads as line drawings."""
    if member.flag_bits & _UTF8:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return member.filename


def _write(opened: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path, most: int) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with opened.open(member) as source, path.open("xb") as target:
        while piece := source.read(_PIECE):
            written += len(piece)
            if written > most:
                raise ArchiveRejected("The archive holds more than it says.", "Do not trust it.")
            target.write(piece)
    return written


def holds_other_archives(archive: Path) -> bool:
    """Tell whether an archive holds archives, which are not looked into."""
    with zipfile.ZipFile(archive) as opened:
        return any(Path(name).suffix.lower() in _NESTED for name in opened.namelist())


def _too_much(archive: Path, what: str) -> ArchiveRejected:
    return ArchiveRejected(f"{archive.name} {what}.", "Unpack it yourself and import the folder.")
