"""The manifest of a backup: written, read back, and never trusted further than it may be."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from data.backup_manifest import FileSum, Manifest, carry, sum_of
from data.errors import BackupUnusable

SUM = FileSum("0" * 64, 3)
WHOLE = Manifest(
    datetime(2026, 3, 1, 12, tzinfo=UTC),
    "0002",
    "sqlite",
    {"studio.db": SUM, "blobs/00/00/ä b": FileSum("1" * 64, 5)},
    ("blobs/x",),
)


def test_a_manifest_is_read_as_it_was_written(tmp_path: Path) -> None:
    WHOLE.write(tmp_path)
    assert Manifest.read(tmp_path) == WHOLE
    assert WHOLE.bytes == 8


@pytest.mark.parametrize(
    "name",
    [
        "../outside",
        "/etc/passwd",
        "blobs/../../outside",
        "C:/outside",
        "blobs\\..\\x",
        "locks/x",
        "studio.db/x",
        "manifest.json",
        "",
    ],
)
def test_a_manifest_that_names_files_outside_of_the_backup_is_refused(tmp_path: Path, name: str) -> None:
    WHOLE.write(tmp_path)
    value = json.loads((tmp_path / "manifest.json").read_text())
    value["files"][name] = {"sha256": "0" * 64, "bytes": 1}
    (tmp_path / "manifest.json").write_text(json.dumps(value))
    with pytest.raises(BackupUnusable, match=r"outside of itself|no workspace has"):
        Manifest.read(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"format": 1}',
        '{"format": 1, "created": "now", "schema": "1", "database": "sqlite", "files": {}, "missing": []}',
        "\x00",
        "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    ],
)
def test_a_damaged_manifest_is_told_in_a_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(BackupUnusable, match=r"damaged|cannot be read"):
        Manifest.read(tmp_path)


def test_a_manifest_without_the_database_is_refused(tmp_path: Path) -> None:
    Manifest(WHOLE.created, "0002", "rows", {"studio.db": SUM}).write(tmp_path)
    with pytest.raises(BackupUnusable, match="has no database"):
        Manifest.read(tmp_path)


def test_a_manifest_of_a_later_format_asks_for_an_upgrade(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"format": 2}')
    with pytest.raises(BackupUnusable, match="pip install --upgrade ssd-studio"):
        Manifest.read(tmp_path)


@pytest.mark.parametrize("link", [True, False])
def test_a_file_is_carried_over_whatever_lay_there_and_known_by_its_sum(tmp_path: Path, link: bool) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b").write_bytes(b"something older")
    found = carry(tmp_path / "a", tmp_path / "deep" / "b", link=link)
    assert (tmp_path / "deep" / "b").read_bytes() == b"abc"
    assert (tmp_path / "deep" / "b").samefile(tmp_path / "a") is link
    assert found == sum_of(tmp_path / "a")
    assert found == FileSum("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 3)
