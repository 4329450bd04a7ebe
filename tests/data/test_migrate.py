"""The schema: made by migrations, equal to the classes, never left half-way."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from data import migrate, projects
from data.database import Database
from data.errors import DatabaseUnusable
from data.schema import Base

REPOSITORY = Path(migrate.__file__).parents[1]
NEWEST = "0004"


@pytest.fixture
def next_release(tmp_path, monkeypatch):
    """Pretends that the program has one migration more, with this body."""

    def install(body: str) -> None:
        folder = tmp_path / "migrations"
        shutil.copytree(Path(migrate.__file__).parent / "migrations", folder)
        (folder / "versions" / "9000_next.py").write_text(
            "from alembic import op\n"
            f"revision = '9000'\ndown_revision = '{NEWEST}'\n\ndef upgrade():\n{body}\n"
        )
        config = Config()
        config.set_main_option("script_location", str(folder))
        config.set_main_option("path_separator", "os")
        monkeypatch.setattr(migrate, "_config", lambda: config)

    return install


def test_the_migrations_make_exactly_the_tables_of_the_schema(database):
    with database._writer.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": lambda name, kind, parents: name != "alembic_version"}
        )
        assert compare_metadata(context, Base.metadata) == []


def test_check_constraints_and_their_names_are_those_of_the_schema(database):
    with database._writer.connect() as connection:
        for table in Base.metadata.sorted_tables:
            found = {check["name"] for check in inspect(connection).get_check_constraints(table.name)}
            declared = {
                constraint.name
                for constraint in table.constraints
                if type(constraint).__name__ == "CheckConstraint"
            }
            assert found == declared, table.name


def test_a_database_newer_than_the_program_is_refused_with_the_upgrade_line(database, database_url, tmp_path):
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseUnusable, match=r"9999.*pip install --upgrade ssd-studio"):
        Database.open(database_url, tmp_path / "workspace")


def test_an_upgrade_keeps_the_data_and_a_copy_from_before(
    database, database_url, project, next_release, tmp_path
):
    next_release("    op.execute('ALTER TABLE image ADD COLUMN flagged INTEGER')")
    upgraded = Database.open(database_url, tmp_path / "workspace")
    with upgraded.read() as session:
        assert projects.by_name(session, "Workshop").id == project.id
        session.execute(text("SELECT flagged FROM image"))
    upgraded.close()
    copies = list((tmp_path / "workspace" / "backups").glob(f"studio.{NEWEST}.*.db"))
    assert len(copies) == (database_url is None)
    for copy in copies:
        kept = Database.open(f"sqlite:///{copy}", tmp_path / "elsewhere")
        with kept.read() as session:
            assert projects.by_name(session, "Workshop").id == project.id
        kept.close()


def test_a_migration_that_fails_half_way_changes_nothing(
    database, database_url, project, next_release, tmp_path
):
    next_release(
        "    op.execute('ALTER TABLE image ADD COLUMN flagged INTEGER')\n"
        "    op.execute('SELECT * FROM nowhere')"
    )
    with pytest.raises(DatabaseUnusable, match="unchanged"):
        Database.open(database_url, tmp_path / "workspace")
    with database.read() as session:
        assert projects.by_name(session, "Workshop").id == project.id
        columns = {column["name"] for column in inspect(session.connection()).get_columns("image")}
        version = session.execute(text("SELECT version_num FROM alembic_version")).scalar()
    assert "flagged" not in columns
    assert version == NEWEST


def test_four_programs_that_start_at_once_make_one_schema(database_url, tmp_path):
    opened, failures = [], []

    def start() -> None:
        try:
            opened.append(Database.open(database_url, tmp_path))
        except Exception as error:  # noqa: BLE001 (whatever it is, the test must hear of it)
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for database in opened:
        database.close()
    assert failures == []
    assert len(opened) == 4


def test_the_migrations_are_found_from_any_folder(tmp_path):
    code = (
        "import pathlib\nfrom data.database import Database\nDatabase.open(None, pathlib.Path('ws')).close()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "ws" / "studio.db").is_file()


def test_the_job_queues_own_tables_are_left_alone(database, database_url, tmp_path):
    with database.write() as session:
        session.execute(text("CREATE TABLE workflow_status (id INTEGER)"))
    Database.open(database_url, tmp_path / "workspace").close()
    with database.read() as session:
        assert session.execute(text("SELECT count(*) FROM workflow_status")).scalar() == 0
