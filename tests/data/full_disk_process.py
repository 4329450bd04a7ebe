"""Fill a small disk of one's own until it is full, and see what the data set says and keeps.

Run in a mount namespace of its own: ``unshare -m python full_disk_process.py FOLDER``, with ``-rm`` as
anybody but root.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from sqlalchemy import text

from data import annotations, backup, classes, images, projects
from data.blobs import Blobs
from data.database import Database
from data.errors import DiskFull
from data.exchange import import_annotated
from data.records import Box

MEGABYTES = 6


def picture() -> bytes:
    """A BMP of noise, which no file system shrinks."""
    size = 100 * 100 * 3
    head = b"BM" + (54 + size).to_bytes(4, "little") + bytes(4) + (54).to_bytes(4, "little")
    info = (40).to_bytes(4, "little") + (100).to_bytes(4, "little") * 2 + (1).to_bytes(2, "little")
    return head + info + (24).to_bytes(2, "little") + bytes(24) + os.urandom(size)


def main() -> None:
    """Print what happened as JSON."""
    disk = Path(sys.argv[1])
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(disk)], check=True)
    workspace = disk / "workspace"
    database = Database.open(None, workspace)
    blobs = Blobs(workspace / "blobs")
    with database.write() as session:
        project = projects.create(session, "small")
        bolt = classes.add(session, project.id, "bolt").id
    report: dict[str, object] = {}
    first = import_annotated(database, blobs, project.id, "first.bmp", picture()).image.id

    def save(number: int) -> None:
        boxes = [Box(f"{number}-{k}", bolt, k, k, k + 9, k + 9) for k in range(50)]
        with database.write() as session:
            annotations.replace(session, first, boxes, number, f"{number}")

    revision = 3
    for number in range(revision):
        save(number)
    names: list[str] = []
    try:
        while True:
            name, data = f"{len(names)}.bmp", picture()
            names.append(import_annotated(database, blobs, project.id, name, data).image.sha256)
    except DiskFull as error:
        report["image"] = str(error)
    report["images"] = len(names)
    with database.read() as session:
        stored = images.page(session, project.id, limit=500).images
    report["files whole"] = sorted(i.sha256 for i in stored if i.id != first) == sorted(names) and all(
        blobs.has(name) for name in names
    )
    try:
        while True:
            save(revision)
            revision += 1
    except DiskFull as error:
        report["boxes"] = str(error)
    try:
        backup.create(database, workspace)
    except DiskFull as error:
        report["backup"] = str(error)
    report["left behind"] = [path.name for path in (workspace / "backups").glob("*")]
    with database.read() as session:
        report["integrity"] = session.execute(text("PRAGMA integrity_check")).scalar()
        report["revision"] = images.get(session, first).revision
        report["saved"] = [box.id for box in annotations.read(session, first)][:1]
    report["refused at"] = revision
    subprocess.run(["mount", "-o", f"remount,size={MEGABYTES * 3}m", str(disk)], check=True)
    with database.write() as session:
        again = [Box(f"{revision}-again", bolt, 0, 0, 9, 9)]
        report["afterwards"] = annotations.replace(session, first, again, revision, "again").revision
    import_annotated(database, blobs, project.id, "afterwards.bmp", picture())
    database.close()
    reopened = Database.open(None, workspace)
    with reopened.read() as session:
        report["integrity afterwards"] = session.execute(text("PRAGMA integrity_check")).scalar()
        report["images afterwards"] = images.page(session, project.id).total
    reopened.close()
    print(json.dumps(report))


if __name__ == "__main__":
    main()
