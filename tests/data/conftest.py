"""Databases to test on (SQLite always, PostgreSQL where one is given), and small pictures."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from PIL import Image
from sqlalchemy import Integer

from data import classes, images, projects
from data.blobs import Blobs
from data.database import Database
from data.intake import read_image
from data.records import Image as StoredImage
from data.records import LabelClass, Project
from data.schema import Base

# A server to test on as well, for example postgresql://user@host/name; every test gets a database of its own.
POSTGRES = os.environ.get("SSD_STUDIO_TEST_POSTGRES")


def on_server(statement: str) -> None:
    """Carry out a statement that PostgreSQL allows in no transaction."""
    assert POSTGRES is not None
    with psycopg.connect(POSTGRES, autocommit=True) as server:
        server.execute(statement.encode())


def address_of(name: str) -> str:
    """The address of another database of the server."""
    assert POSTGRES is not None
    return urlsplit(POSTGRES)._replace(path=f"/{name}").geturl()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database as the migrations make it; making one costs more than copying one."""
    folder = tmp_path_factory.mktemp("migrated")
    Database.open(None, folder).close()
    return folder / "studio.db"


class MigratedDatabases:
    """Databases of the server with all tables and no rows, handed to one test after the other.

    Making one takes ten times as long as emptying one, which is done unless a test has changed its tables.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._name: str | None = None
        self._shape: object = None

    def take(self) -> str:
        if self._name is None:
            self._name = f"test_{uuid.uuid4().hex}"
            on_server(f"CREATE DATABASE {self._name}")
            Database.open(address_of(self._name), self._folder).close()
            with psycopg.connect(address_of(self._name)) as server:
                self._shape = self._look(server)
        return address_of(self._name)

    def give_back(self) -> None:
        assert self._name is not None
        try:
            with psycopg.connect(address_of(self._name)) as server:
                server.execute("SET lock_timeout = '5s'")
                if self._look(server) == self._shape:
                    server.execute(_EMPTY.encode())
                    return
        except psycopg.errors.LockNotAvailable:
            pass  # The test has left a session open.
        self.drop()

    def drop(self) -> None:
        if self._name is not None:
            on_server(f"DROP DATABASE {self._name} WITH (FORCE)")
            self._name = None

    @staticmethod
    def _look(server: psycopg.Connection) -> object:
        columns = "SELECT table_schema, table_name, column_name FROM information_schema.columns"
        own = " WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2, 3"
        version = server.execute("SELECT version_num FROM alembic_version").fetchall()
        return version, server.execute((columns + own).encode()).fetchall()


_EMPTY = "; ".join(
    [f"DELETE FROM {table.name}" for table in reversed(Base.metadata.sorted_tables)]
    + [
        f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), 1, false)"
        for table in Base.metadata.sorted_tables
        if isinstance(table.primary_key.columns[0].type, Integer) and "id" in table.columns
    ]
)


@pytest.fixture(scope="session")
def migrated_databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MigratedDatabases]:
    made = MigratedDatabases(tmp_path_factory.mktemp("migrated"))
    yield made
    made.drop()


@pytest.fixture(params=["sqlite", "postgresql"] if POSTGRES else ["sqlite"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """The address of a database; None stands for the workspace's own SQLite file.

    It is empty, unless the test asks for ``database`` too, which has its tables already.
    """
    if request.param == "sqlite":
        yield None
    elif "database" in request.fixturenames:
        migrated: MigratedDatabases = request.getfixturevalue("migrated_databases")
        yield migrated.take()
        migrated.give_back()
    else:
        name = f"test_{uuid.uuid4().hex}"
        on_server(f"CREATE DATABASE {name}")
        yield address_of(name)
        on_server(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(database_url: str | None, migrated_file: Path, tmp_path: Path) -> Iterator[Database]:
    workspace = tmp_path / "workspace"
    if database_url is None:
        workspace.mkdir()
        shutil.copy(migrated_file, workspace / "studio.db")
    opened = Database.open(database_url, workspace)
    yield opened
    opened.close()


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "workspace" / "blobs")


@pytest.fixture
def project(database: Database) -> Project:
    with database.write() as session:
        return projects.create(session, "Workshop")


@pytest.fixture
def bolt(database: Database, project: Project) -> LabelClass:
    with database.write() as session:
        return classes.add(session, project.id, "bolt")


@pytest.fixture
def picture() -> Callable[..., bytes]:
    """Makes an image file's bytes; another colour makes another file."""

    def make(
        size: tuple[int, int] = (40, 30),
        colour: object = "teal",
        mode: str = "RGB",
        kind: str = "JPEG",
        **options: object,
    ) -> bytes:
        stream = io.BytesIO()
        Image.new(mode, size, colour).save(stream, kind, **options)  # type: ignore[arg-type]
        return stream.getvalue()

    return make


@pytest.fixture
def add_image(
    database: Database, blobs: Blobs, project: Project, picture: Callable[..., bytes]
) -> Callable[..., StoredImage]:
    """Adds a 40×30 image of a name to the project; the name decides its colour."""

    def add(name: str, colour: object = None, **options: object) -> StoredImage:
        shade = colour or tuple(hashlib.sha256(name.encode()).digest()[:3])
        with database.write() as session:
            upright = read_image(picture(colour=shade, kind="PNG"))
            sha256 = blobs.put(upright.data)
            image, _new = images.insert(session, project.id, name, upright, sha256, **options)
            return image

    return add
