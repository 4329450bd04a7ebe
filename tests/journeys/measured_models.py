"""Models for journeys that train none: one that knows nuts from bolts, one that does not, one to import."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from filelock import FileLock

from app.workspace import Workspace
from data import models
from data.database import Database
from data.records import Model
from tests.journeys.known_project import jpeg, post, put
from tests.journeys.running_studio import ROOT, RunningStudio

#: In a process of its own: TensorFlow brings an older SQLite along, which would take the place of ours.
_MAKE = """
import json, sys
from pathlib import Path
from tests.app.model_folders import PLANTED_BOX, built_model, colour_model
home = Path(sys.argv[1])
colour_model(home / "right"), colour_model(home / "wrong", swapped=True), built_model(home / "elsewhere")
(home / "box.json").write_text(json.dumps(PLANTED_BOX))
"""
PICTURES = 10


@dataclass(frozen=True)
class MeasuredProject:
    """A project of red pictures with a nut and blue ones with a bolt, its two models, and a model folder."""

    id: int
    right: str
    wrong: str
    elsewhere: Path


def _built_models(folders: pytest.TempPathFactory) -> Path:
    """The folder of the three models, made once for all test processes: it takes half a minute of a core."""
    base = folders.getbasetemp()
    home = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "measured-models"
    with FileLock(home.with_suffix(".lock")):
        if not (home / "box.json").exists():  # the last thing that is written
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir()
            subprocess.run(
                [sys.executable, "-c", _MAKE, str(home)], cwd=ROOT, check=True, capture_output=True
            )
    return home


def make_measured_project(
    studio: RunningStudio, name: str, folders: pytest.TempPathFactory
) -> MeasuredProject:
    """Make the models' folders, the project with ten labelled pictures of no split, and enter two models."""
    home = _built_models(folders)
    corners = json.loads((home / "box.json").read_text())
    project = int(post(studio, "projects", {"name": name})["id"])
    ids = [post(studio, f"projects/{project}/classes", {"name": each})["id"] for each in ("nut", "bolt")]
    pictures = [jpeg(colour, (64, 48)) for colour in ((250, 5, 5), (5, 5, 250))]
    kinds = [number % 2 for number in range(PICTURES)]
    files = [("files", (f"{number}.jpg", pictures[kind], "image/jpeg")) for number, kind in enumerate(kinds)]
    httpx.post(f"{studio.url}/api/projects/{project}/images", files=files, timeout=60).raise_for_status()
    for image in studio.get(f"/api/projects/{project}/images")["images"]:
        kind = kinds[int(image["name"].removesuffix(".jpg"))]
        boxes = [{"id": uuid.uuid4().hex, "class_id": ids[kind], "box": corners}]
        body = {"revision": image["revision"], "operation_id": uuid.uuid4().hex, "boxes": boxes}
        put(studio, f"images/{image['id']}/boxes", body)
    workspace = Workspace(studio.workspace)
    database = Database.open(f"sqlite:///{studio.workspace / 'studio.db'}", studio.workspace)
    found = []
    for folder in ("right", "wrong"):
        model_id = f"m{uuid.uuid4().hex[:12]}"
        shutil.copytree(home / folder, workspace.model(model_id))
        with database.write() as session:
            model = Model(model_id, project, None, folder, ("nut", "bolt"), {}, datetime.now(UTC))
            found.append(models.register(session, model).id)
    database.close()
    return MeasuredProject(project, *found, home / "elsewhere")
