"""What a backup consists of: its manifest, and the sums by which each of its files is known."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Literal

from data.errors import BackupUnusable

FILE_NAME = "manifest.json"
FORMAT = 1
#: How the database is kept: an SQLite file, pg_dump's archive, or lines of JSON.
DatabaseKind = Literal["sqlite", "postgresql", "rows"]
DATABASE_FILES: dict[DatabaseKind, str] = {
    "sqlite": "studio.db",
    "postgresql": "database.dump",
    "rows": "rows.jsonl.gz",
}
#: The folders that a backup may hold, beside the database.
FOLDERS = ("blobs", "models", "runs")
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class FileSum:
    """By what a file is known: the SHA-256 of its bytes and their number."""

    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """A backup's contents; ``files`` are by their path in it, ``missing`` those that the workspace lacked."""

    created: datetime
    schema: str
    database: DatabaseKind
    files: Mapping[str, FileSum]
    missing: tuple[str, ...] = ()

    @property
    def bytes(self) -> int:
        """The length of all files together."""
        return sum(file.bytes for file in self.files.values())

    def write(self, folder: Path) -> None:
        """Write it into a backup's folder."""
        value = {
            "format": FORMAT,
            "created": self.created.isoformat(),
            "schema": self.schema,
            "database": self.database,
            "files": {name: asdict(file) for name, file in self.files.items()},
            "missing": list(self.missing),
        }
        text = json.dumps(value, ensure_ascii=False, indent=1)
        (folder / FILE_NAME).write_text(text, encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read a backup's manifest.

        Raises:
            BackupUnusable: the folder holds no backup, or one whose manifest is damaged or from elsewhere.
        """
        try:
            value = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise BackupUnusable(
                f"There is no backup in {folder}: it has no {FILE_NAME}. Name the folder that "
                "ssd-studio backup create told."
            ) from None
        except (OSError, ValueError) as error:
            raise BackupUnusable(f"The {FILE_NAME} in {folder} cannot be read: {error}.") from error
        try:
            if value["format"] != FORMAT:
                raise BackupUnusable(
                    f"The backup in {folder} has format {value['format']!r}, this program reads {FORMAT}. "
                    "Upgrade the program: pip install --upgrade ssd-studio"
                )
            manifest = cls(
                created=datetime.fromisoformat(value["created"]),
                schema=str(value["schema"]),
                database=value["database"],
                files={
                    _inside(n): FileSum(str(f["sha256"]), int(f["bytes"])) for n, f in value["files"].items()
                },
                missing=tuple(map(str, value["missing"])),
            )
            if DATABASE_FILES[manifest.database] not in manifest.files:
                raise BackupUnusable(f"The backup in {folder} has no database.")
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise BackupUnusable(f"The {FILE_NAME} in {folder} is damaged ({error!r}).") from error
        return manifest


def sum_of(path: Path) -> FileSum:
    """Read a file through for its sum."""
    digest, length = hashlib.sha256(), 0
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            length += len(chunk)
    return FileSum(digest.hexdigest(), length)


def carry(source: Path, target: Path, *, link: bool) -> FileSum:
    """Bring a file to another place and give the sum of what has arrived.

    Args:
        source: the file.
        target: where to; its folder is made.
        link: that both names may share the bytes, which must then never change.

    Raises:
        OSError: it cannot be read or written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    # What lies there may share its bytes with a backup, so it must go before anything is written.
    target.unlink(missing_ok=True)
    if link:
        try:
            os.link(source, target)
        except FileNotFoundError:
            raise
        except OSError:
            # Another disk, a file system without links, or too many of them: a copy serves as well.
            return _copy(source, target)
        return sum_of(target)
    return _copy(source, target)


def _copy(source: Path, target: Path) -> FileSum:
    digest, length = hashlib.sha256(), 0
    with source.open("rb") as reading, target.open("wb") as writing:
        while chunk := reading.read(_CHUNK):
            digest.update(chunk)
            length += len(chunk)
            writing.write(chunk)
    return FileSum(digest.hexdigest(), length)


def _inside(name: str) -> str:
    """Give a file's path back if it stays inside the backup, whatever system reads it."""
    path = PurePosixPath(name or "?")
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in path.parts[0]:
        raise BackupUnusable(
            f"The backup names a file outside of itself, {name!r}: it is not from ssd-studio."
        )
    if path.parts[0] not in FOLDERS and name not in DATABASE_FILES.values():
        raise BackupUnusable(f"The backup names a file that no workspace has, {name!r}.")
    return name
