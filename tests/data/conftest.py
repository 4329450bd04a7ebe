"""Databases to test on (SQLite always, PostgreSQL where one is given), and small pictures."""

from __future__ import annotations

import hashlib
import io
import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import create_engine, text

from data import classes, images, projects
from data.blobs import Blobs
from data.database import Database
from data.intake import read_image
from data.records import Image as StoredImage
from data.records import LabelClass, Project

# A server to test on as well, for example postgresql://user@host/name; every test gets a schema of its own.
POSTGRES = os.environ.get("SSD_STUDIO_TEST_POSTGRES")


@pytest.fixture(params=["sqlite", "postgresql"] if POSTGRES else ["sqlite"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """The address of an empty database; None stands for the workspace's own SQLite file."""
    if request.param == "sqlite":
        yield None
        return
    assert POSTGRES is not None
    schema = f"test_{uuid.uuid4().hex}"
    server = create_engine(POSTGRES)
    with server.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    yield f"{POSTGRES}{'&' if '?' in POSTGRES else '?'}options=-csearch_path%3D{schema}"
    with server.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    server.dispose()


@pytest.fixture
def database(database_url: str | None, tmp_path: Path) -> Iterator[Database]:
    opened = Database.open(database_url, tmp_path / "workspace")
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
