"""Whether a folder lies on a network drive, where SQLite's locks do not hold (https://www.sqlite.org/wal.html)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path, PurePath

import psutil

#: File systems that keep their files on another machine, as the system names them, lower case.
NETWORK_FILE_SYSTEMS = {
    "nfs": "NFS",
    "nfs4": "NFS",
    "cifs": "SMB",
    "smb": "SMB",
    "smb2": "SMB",
    "smb3": "SMB",
    "smbfs": "SMB",
    "afpfs": "AFP",
    "webdav": "WebDAV",
    "davfs": "WebDAV",
    "afs": "AFS",
    "ncpfs": "NetWare",
    "ceph": "Ceph",
    "glusterfs": "GlusterFS",
    "lustre": "Lustre",
    "gpfs": "GPFS",
    "beegfs": "BeeGFS",
    "ocfs2": "OCFS2",
    "gfs2": "GFS2",
    "sshfs": "SSH",
    "rclone": "rclone",
    "s3fs": "S3",
    "gcsfuse": "Google Cloud Storage",
    "blobfuse": "Azure Blob Storage",
    "blobfuse2": "Azure Blob Storage",
    "gvfsd-fuse": "GVfs",
    "google-drive-ocamlfuse": "Google Drive",
}
#: Gives pairs of mount point and file system, and the mount's options.
Mounts = Callable[[], Sequence[tuple[str, str, str]]]


def mounts() -> list[tuple[str, str, str]]:
    """List what is mounted on this machine, later mounts behind those they may cover."""
    return [(part.mountpoint, part.fstype, part.opts) for part in psutil.disk_partitions(all=True)]


def network_drive(folder: Path, mounted: Mounts = mounts) -> str | None:
    """Name the kind of network drive that a folder lies on; None for a local disk, or where nobody knows.

    Args:
        folder: need not exist yet.
        mounted: lists what is mounted.
    """
    place = folder.resolve()
    if place.drive.startswith("\\\\"):
        return "Windows share"
    found: tuple[int, str, str] | None = None
    for point, kind, options in mounted():
        # Of mounts one below the other the deepest counts, and of those at one point the last.
        if _contains(PurePath(point), place) and (found is None or len(PurePath(point).parts) >= found[0]):
            found = (len(PurePath(point).parts), kind.lower(), options)
    if found is None:
        return None
    _, kind, options = found
    if "remote" in options.split(","):
        return "network drive"
    return NETWORK_FILE_SYSTEMS.get(kind.removeprefix("fuse."))


def _contains(point: PurePath, place: Path) -> bool:
    return point == place or point in place.parents
