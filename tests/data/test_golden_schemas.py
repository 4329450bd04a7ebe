"""Databases that earlier releases made, with data in them, come up to date without a loss."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from alembic.config import Config
from sqlalchemy import inspect, text

from data import annotations, classes, images, migrate, models, projects, runs, snapshots
from data.database import Database
from data.errors import DatabaseUnusable
from data.records import Box

GOLDEN = Path(__file__).parents[1] / "golden"
SCHEMAS = sorted({path.name.split(".")[0].removeprefix("schema-") for path in GOLDEN.glob("schema-*.sql")})
# The rest of this file's tests look into this one; every golden copy has the same contents.
OLDEST = SCHEMAS[0]
OLD_ROWS = {
    "box": 5,
    "edit": 8,
    "image": 6,
    "label_class": 2,
    "model": 1,
    "project": 2,
    "run": 2,
    "run_metric": 1,
    "snapshot": 1,
}


def load(schema: str, url: str | None, workspace: Path) -> None:
    """Make a database as the release with this schema left it."""
    kind = "sqlite" if url is None else "postgresql"
    script = (GOLDEN / f"schema-{schema}.{kind}.sql").read_text(encoding="utf-8")
    workspace.mkdir(exist_ok=True)
    if url is None:
        connection = sqlite3.connect(workspace / "studio.db")
        connection.executescript(script)
        connection.close()
    else:
        with psycopg.connect(url, autocommit=True) as server:
            server.execute(script.encode())


@pytest.fixture
def workspace(database_url: str | None, tmp_path: Path) -> Path:
    """A workspace whose database is the oldest release's."""
    folder = tmp_path / "workspace"
    load(OLDEST, database_url, folder)
    return folder


def everything(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables that the oldest release had, without what later ones added."""
    script = (GOLDEN / f"schema-{OLDEST}.sqlite.sql").read_text(encoding="utf-8")
    found = {}
    with closing(sqlite3.connect(":memory:")) as oldest, database.read() as session:
        oldest.executescript(script)
        tables = oldest.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"
        ).fetchall()
        for (table,) in tables:
            if table.startswith(("sqlite_", "alembic_")):
                continue
            names = [row[1] for row in oldest.execute(f"PRAGMA table_info({table})")]
            columns = ", ".join(f'CAST("{name}" AS TEXT)' for name in names)
            rows = session.execute(text(f'SELECT {columns} FROM "{table}"')).all()
            found[table] = sorted(map(tuple, rows), key=str)
    return found


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_database_of_an_earlier_release_comes_up_to_date(schema, database_url, tmp_path):
    load(schema, database_url, tmp_path / "workspace")
    opened = Database.open(database_url, tmp_path / "workspace")
    with opened.read() as session:
        project = projects.by_name(session, "Workshop")
        assert (project.images, project.labelled, project.empty) == (6, 3, 2)
        assert (project.classes, project.boxes, project.archived) == (2, 5, None)
        assert [entry.name for entry in classes.list_all(session, project.id)] == ["bolt", "nut; --"]
        page = images.page(session, project.id)
        assert {image.name for image in page.images} == {
            "street/a.png",
            "o'brien; drop table box.png",
            "Straße 7/ß.png",
            "山.png",
            "e.png",
            "f.png",
        }
        assert page.total == 6
        assert {(image.flag, image.deleted, image.warning) for image in page.images} == {(False, None, "")}
        first = next(image for image in page.images if image.name == "street/a.png")
        assert [(box.id, box.source) for box in annotations.read(session, first.id)] == [
            ("1", "person"),
            ("2", "import"),
        ]
        assert [edit.author for edit in annotations.history(session, first.id)] == ["anna", "person"]
        marked = next(image for image in page.images if image.name == "e.png")
        assert [edit.action for edit in annotations.history(session, marked.id)] == ["draw", "draw", "mark"]
        model = models.get(session, "Workshop quick 1")
        assert (
            snapshots.get(session, runs.get(session, str(model.run_id)).snapshot_id).classes[0].name == "bolt"
        )
    opened.close()


def test_every_value_of_the_old_database_is_in_the_new_one(workspace, database_url, monkeypatch):
    monkeypatch.setattr(migrate, "upgrade", lambda engine, backups: None)
    old = Database.open(database_url, workspace)
    before = everything(old)
    old.close()
    monkeypatch.undo()
    new = Database.open(database_url, workspace)
    after = everything(new)
    new.close()
    assert {name: len(rows) for name, rows in before.items() if rows} == OLD_ROWS
    assert after == before


def test_an_old_image_can_be_put_back_and_saved_as_any_other(workspace, database_url):
    opened = Database.open(database_url, workspace)
    with opened.write() as session:
        project = projects.by_name(session, "Workshop")
        image = next(i for i in images.page(session, project.id).images if i.name == "street/a.png")
        back = annotations.restore(session, image.id, 1, image.revision, "back")
        assert (back.revision, back.boxes) == (3, 1)
        box = Box("9", classes.list_all(session, project.id)[0].id, 0, 0, 5, 5)
        assert annotations.replace(session, image.id, [box], 3, "draw").boxes == 1
        made = projects.create(session, "New")
        assert made.id == 3
    opened.close()


def test_a_copy_from_before_the_upgrade_is_kept(workspace, database_url, tmp_path):
    Database.open(database_url, workspace).close()
    (copy,) = (workspace / "backups").iterdir()
    if database_url is None:
        assert re.fullmatch(rf"studio\.{OLDEST}\.\d{{8}}T\d+Z\.db", copy.name)
        with closing(sqlite3.connect(copy)) as connection:
            assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (OLDEST,)
            assert connection.execute("SELECT count(*) FROM box").fetchone() == (5,)
    else:
        assert re.fullmatch(rf"studio\.{OLDEST}\.\d{{8}}T\d+Z\.jsonl\.gz", copy.name)


def test_an_upgrade_whose_copy_cannot_be_made_is_not_begun(workspace, database_url, tmp_path):
    (workspace / "backups").write_text("a file where the folder should be")
    with pytest.raises(DatabaseUnusable, match=r"no copy .* unchanged"):
        Database.open(database_url, workspace)
    (workspace / "backups").unlink()
    Database.open(database_url, workspace).close()


@pytest.fixture
def failing_migration(tmp_path, monkeypatch) -> None:
    """Lets the migration behind the oldest schema fail after it has done all its work."""
    folder = tmp_path / "migrations"
    shutil.copytree(Path(migrate.__file__).parent / "migrations", folder)
    (second,) = (folder / "versions").glob("0002_*.py")
    second.write_text(
        second.read_text(encoding="utf-8").replace(
            "    _create_suggestions()\n\n\ndef",
            "    _create_suggestions()\n    op.execute('SELECT * FROM nowhere')\n\n\ndef",
            1,
        ),
        encoding="utf-8",
    )
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "os")
    monkeypatch.setattr(migrate, "_config", lambda: config)


def shape(workspace: Path, url: str | None, monkeypatch: pytest.MonkeyPatch) -> tuple[object, object]:
    """Tables, columns, indexes and rows of the database as it is, without upgrading it."""
    with monkeypatch.context() as patched:
        patched.setattr(migrate, "upgrade", lambda engine, backups: None)
        opened = Database.open(url, workspace)
        with opened.read() as session:
            looking = inspect(session.connection())
            tables = {
                name: (
                    [column["name"] for column in looking.get_columns(name)],
                    sorted(str(index["name"]) for index in looking.get_indexes(name)),
                )
                for name in sorted(looking.get_table_names())
            }
        rows = everything(opened)
        opened.close()
    return tables, rows


def test_a_migration_that_fails_after_all_its_work_leaves_the_database_as_it_was(
    workspace, database_url, failing_migration, monkeypatch
):
    before = shape(workspace, database_url, monkeypatch)
    with pytest.raises(
        DatabaseUnusable, match=r"unchanged: .*nowhere.* A copy from before lies at .*backups"
    ):
        Database.open(database_url, workspace)
    assert shape(workspace, database_url, monkeypatch) == before
    monkeypatch.undo()
    Database.open(database_url, workspace).close()


def test_six_programs_that_start_at_once_upgrade_one_database_once(workspace, database_url):
    code = (
        "import sys, pathlib\n"
        "from data import projects\n"
        "from data.database import Database\n"
        "print('ready', flush=True)\n"
        "sys.stdin.readline()\n"
        "opened = Database.open(sys.argv[2] or None, pathlib.Path(sys.argv[1]))\n"
        "with opened.read() as session:\n"
        "    print(projects.by_name(session, 'Workshop').boxes)\n"
        "opened.close()\n"
    )
    command = [sys.executable, "-c", code, str(workspace), database_url or ""]
    pipe = subprocess.PIPE
    started = [
        subprocess.Popen(command, cwd=GOLDEN.parents[1], stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        for _ in range(6)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=120) for process in started]
    assert answers == [("5\n", "")] * 6
    assert len(list((workspace / "backups").iterdir())) == 1
