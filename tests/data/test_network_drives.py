"""Network drives are known by the file system of the mount that a folder lies on."""

from __future__ import annotations

from pathlib import Path

import pytest

from data import database as database_module
from data.database import Database
from data.errors import DatabaseUnusable
from data.network_drives import mounts, network_drive

LOCAL = [("/", "ext4", "rw"), ("/home", "xfs", "rw")]


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        ("nfs", "NFS"),
        ("nfs4", "NFS"),
        ("cifs", "SMB"),
        ("smb3", "SMB"),
        ("smbfs", "SMB"),
        ("fuse.sshfs", "SSH"),
        ("fuse.rclone", "rclone"),
        ("davfs", "WebDAV"),
        ("9p", None),
        ("ext4", None),
        ("fuse.ntfs-3g", None),
        ("tmpfs", None),
    ],
)
def test_the_file_system_tells_whether_a_drive_is_of_another_machine(kind: str, named: str | None) -> None:
    mounted = [*LOCAL, ("/mnt/share", kind, "rw")]
    assert network_drive(Path("/mnt/share/photos/workspace"), lambda: mounted) == named


def test_a_drive_that_windows_calls_remote_is_one() -> None:
    assert network_drive(Path("/mnt/z"), lambda: [("/mnt/z", "NTFS", "rw,remote")]) == "network drive"
    assert network_drive(Path("/mnt/z"), lambda: [("/mnt/z", "NTFS", "rw,fixed")]) is None


def test_the_deepest_mount_above_a_folder_counts() -> None:
    mounted = [("/mnt", "nfs4", "rw"), ("/", "ext4", "rw"), ("/mnt/disk", "ext4", "rw")]
    assert network_drive(Path("/mnt/data"), lambda: mounted) == "NFS"
    assert network_drive(Path("/mnt/disk/data"), lambda: mounted) is None
    assert network_drive(Path("/mnt-local/data"), lambda: mounted) is None


def test_of_two_mounts_at_one_point_the_later_covers_the_earlier() -> None:
    mounted = [*LOCAL, ("/mnt", "ext4", "rw"), ("/mnt", "nfs", "rw")]
    assert network_drive(Path("/mnt/data"), lambda: mounted) == "NFS"


def test_a_link_to_a_network_drive_is_followed(tmp_path: Path) -> None:
    (tmp_path / "drive").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "drive")
    mounted = [*LOCAL, (str((tmp_path / "drive").resolve()), "nfs", "rw")]
    assert network_drive(tmp_path / "link" / "workspace", lambda: mounted) == "NFS"


def test_where_nothing_is_known_of_mounts_no_folder_is_suspected() -> None:
    assert network_drive(Path("/anything"), list) is None


def test_this_machines_mounts_can_be_read_and_its_temporary_folder_is_its_own(tmp_path: Path) -> None:
    assert mounts()
    assert network_drive(tmp_path) is None


def test_an_sqlite_database_on_a_network_drive_is_refused_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        database_module, "network_drive", lambda folder: "NFS" if folder == tmp_path else None
    )
    with pytest.raises(
        DatabaseUnusable, match=r"network drive \(NFS\).*--workspace.*SSD_STUDIO_DATABASE_URL"
    ):
        Database.open(None, tmp_path)
    assert not (tmp_path / "studio.db").exists()
    # The workspace may lie there if the database does not.
    Database.open(f"sqlite:///{tmp_path}/inside/studio.db", tmp_path).close()
