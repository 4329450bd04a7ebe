r"""Write a golden copy of the schema of the code beside it: a small database with data in it, as SQL.

Run it in a checkout of the release whose schema is wanted, for example

    git worktree add /tmp/release COMMIT && cp tests/golden/make_schema.py /tmp/release/tests/golden/
    cd /tmp/release && python tests/golden/make_schema.py sqlite > schema-0001.sqlite.sql
    cd /tmp/release && python tests/golden/make_schema.py postgresql://user@host/empty \
        > schema-0001.postgresql.sql

It calls the data package as it was at schema 0003; a later schema's copy is made by a later version of it.
"""

from __future__ import annotations

import io
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image

from data import annotations, classes, images, models, projects, run_progress, runs, snapshots, suggestions
from data.blobs import Blobs
from data.database import Database
from data.intake import read_image
from data.records import Box, MetricPoint, Model

#: Names that a careless migration would break: quotes, blanks, other alphabets.
NAMES = ("street/a.png", "o'brien; drop table box.png", "Straße 7/ß.png", "山.png", "e.png", "f.png")


def picture(shade: int) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (40, 30), (shade, 90, 160)).save(stream, "PNG")
    return stream.getvalue()


def fill(database: Database, blobs: Blobs) -> None:
    """Enter two projects with images in every state, their history, a snapshot, two runs and a model."""
    with database.write() as session:
        project = projects.create(session, "Workshop")
        projects.create(session, "Empty 'one'")
        bolt = classes.add(session, project.id, "bolt")
        nut = classes.add(session, project.id, "nut; --", "#123456")
        ids = []
        for number, name in enumerate(NAMES):
            upright = read_image(picture(number * 20))
            split = {3: "test", 4: "val"}.get(number)
            image, _ = images.insert(session, project.id, name, upright, blobs.put(upright.data), split)
            ids.append(image.id)
        first = Box("1", bolt.id, 0.25, 0.5, 20.125, 30.0)
        second = Box("2", nut.id, 3, 4, 5.5, 6.75, "import", difficult=True)
        third = Box("3", bolt.id, 1, 1, 39, 29, "model:m1", crowd=True)
        annotations.replace(session, ids[0], [first], 0, "op-1", author="anna")
        annotations.replace(session, ids[0], [first, second], 1, "op-2")
        annotations.replace(session, ids[1], [second], 0, "import", author="import")
        annotations.replace(session, ids[2], [third, first], 0, "op-1")
        annotations.mark_empty(session, ids[3], 0, "op-1")
        annotations.replace(session, ids[4], [first], 0, "op-1")
        annotations.replace(session, ids[4], [], 1, "op-2")
        annotations.mark_empty(session, ids[4], 2, "op-3")
        snapshot = snapshots.freeze(session, project.id, seed=0)
        done = runs.create(session, project.id, snapshot.id, {"preset": "quick", "seed": 0})
        runs.begin_attempt(session, done.id, "here", time.time())
        points = [MetricPoint(20, "loss", 0.5)]
        run_progress.report(session, done.id, 1, phase="training", step=20, points=points)
        model = Model(
            id="m1",
            project_id=project.id,
            run_id=done.id,
            name="Workshop quick 1",
            classes=("bolt", "nut; --"),
            metrics={"AP": 0.5},
            created=datetime.now(UTC),
            params={"preset": "quick"},
        )
        models.register(session, model)
        suggestions.offer(session, ids[5], "m1", [(Box("", bolt.id, 2, 3, 20, 25), 0.75)])
        runs.finish(session, done.id, "done", model_id="m1", now=time.time())
        alive = runs.create(session, project.id, snapshot.id, {"preset": "best"})
        runs.begin_attempt(session, alive.id, "here", time.time())


def main() -> None:
    """Fill a database and write it to stdout."""
    target = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = Database.open(None if target == "sqlite" else target, folder)
        fill(database, Blobs(folder / "blobs"))
        database.close()
        if target == "sqlite":
            with sqlite3.connect(folder / "studio.db") as connection:
                print("\n".join(connection.iterdump()))
            return
    command = ["pg_dump", "--inserts", "--no-owner", "--no-privileges", target]
    dump = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    # The test loads it into a schema of its own, and not through psql: no psql commands, no schema's name.
    lines = (line for line in dump.splitlines() if line and not line.startswith(("--", "\\")))
    kept = (line for line in lines if "search_path" not in line)
    print("\n".join(re.sub(r"\bpublic\.", "", line) for line in kept))


if __name__ == "__main__":
    main()
