"""A studio on an empty workspace, its web application, and a small labelled project."""

from __future__ import annotations

import io
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal
from fastapi.testclient import TestClient
from PIL import Image as Picture

from app.bootstrap import Studio, open_studio
from app.settings import Settings
from data import annotations, images, models
from data.records import Box, Model, Project

Jpeg = Callable[..., bytes]
AddLabelled = Callable[[Project, int], None]

#: Generous: the machine that runs this may be busy with other things.
PATIENCE_SECONDS = 120.0


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(workspace=tmp_path / "workspace", database_url=None, port=0, device="0")


@pytest.fixture(scope="session")
def new_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace as its first start leaves it; making one costs more than copying one."""
    folder = tmp_path_factory.mktemp("template") / "workspace"
    open_studio(Settings(workspace=folder)).close()
    return folder


@pytest.fixture
def studio(settings: Settings, new_workspace: Path) -> Iterator[Studio]:
    shutil.copytree(new_workspace, settings.workspace)
    with open_studio(settings) as opened:
        yield opened


@pytest.fixture
def client(studio: Studio) -> Iterator[TestClient]:
    """The whole web application, without a network."""
    from app.server import create_api

    with TestClient(create_api(studio)) as opened:
        yield opened


@pytest.fixture
def await_apart() -> Iterator[Callable[..., Any]]:
    """Call an async function in a thread of its own: a journey's browser may hold this one's event loop."""
    with start_blocking_portal() as portal:
        yield portal.call


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], None]:
    """Wait until a condition holds, and fail if it never does."""

    def wait(condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.02)

    return wait


@pytest.fixture
def jpeg() -> Jpeg:
    """Make a plain picture of 64×48 pixels; equal colours give equal bytes."""

    def make(colour: tuple[int, int, int] = (200, 120, 40)) -> bytes:
        stream = io.BytesIO()
        Picture.new("RGB", (64, 48), colour).save(stream, "JPEG", quality=95)
        return stream.getvalue()

    return make


@pytest.fixture
def add_labelled(studio: Studio, jpeg: Jpeg) -> AddLabelled:
    """Add pictures to a project, each with one box of the class "thing"."""

    def add(project: Project, count: int) -> None:
        thing = studio.labelling.add_class(project.id, "thing")
        files = [(f"{number:03d}.jpg", io.BytesIO(jpeg((number, 90, 160)))) for number in range(count)]
        studio.exchange.upload(project.id, files)
        for image in studio.labelling.images(project.id, limit=500).images:
            if image.status == "unlabelled":
                box = Box(uuid.uuid4().hex, thing.id, 8, 8, 40, 32)
                studio.labelling.save_boxes(image.id, [box], image.revision, uuid.uuid4().hex)

    return add


@pytest.fixture
def labelled_project(studio: Studio, add_labelled: AddLabelled) -> Project:
    """A project with six labelled images."""
    made = studio.labelling.create_project("parts")
    add_labelled(made, 6)
    return studio.labelling.project(made.id)


@pytest.fixture(scope="session")
def colour_folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Folders of a model that knows nuts from bolts, and of one that takes each for the other."""
    from tests.app.model_folders import colour_model

    home = tmp_path_factory.mktemp("models")
    return colour_model(home / "right"), colour_model(home / "wrong", swapped=True)


@pytest.fixture(scope="session")
def built_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of an untrained model of the usual kind."""
    from tests.app.model_folders import built_model

    return built_model(tmp_path_factory.mktemp("models") / "built", id="m0123456789ab")


@pytest.fixture
def colour_models(studio: Studio, colour_folders: tuple[Path, Path], jpeg: Jpeg) -> tuple[Model, Model]:
    """Two models of a project of red nuts and blue bolts, four of them to test on: one right, one wrong."""
    from tests.app.model_folders import PLANTED_BOX

    project = studio.labelling.create_project("colours")
    classes = [studio.labelling.add_class(project.id, name) for name in ("nut", "bolt")]
    pictures = [jpeg((250, 5, 5)), jpeg((5, 5, 250))] * 2
    files = [(f"{number}.jpg", io.BytesIO(picture)) for number, picture in enumerate(pictures)]
    studio.exchange.upload(project.id, files)
    with studio._database.write() as session:
        for number, image in enumerate(images.page(session, project.id).images):
            box = Box(uuid.uuid4().hex, classes[number % 2].id, *PLANTED_BOX)
            annotations.replace(session, image.id, [box], 0, uuid.uuid4().hex)
            images.change(session, image.id, split="test")
    found = []
    for number, folder in enumerate(colour_folders):
        model = Model(f"m{number}", project.id, None, folder.name, ("nut", "bolt"), {}, datetime.now(UTC))
        shutil.copytree(folder, studio.workspace.model(model.id))
        with studio._database.write() as session:
            found.append(models.register(session, model))
    return found[0], found[1]
