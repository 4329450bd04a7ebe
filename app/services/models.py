"""Models: what training made, by id, by name, or as a folder that came from elsewhere."""

from __future__ import annotations

import logging
import shutil
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.workspace import Workspace
from data import models, projects
from data.database import Database
from data.errors import NotFound
from data.records import Model

log = logging.getLogger(__name__)

#: The file by which a folder is known to hold a model.
CARD = "card.json"
#: What folders of models are called that are being brought in.
INCOMING = ".incoming-"
SECONDS_INCOMING = 24 * 3600.0
#: For so long it is taken for granted which model a text names: frames of a camera ask thirty times a second.
SECONDS_NAMED = 1.0


class Models:
    """Finished models of a workspace."""

    def __init__(self, database: Database, workspace: Workspace) -> None:
        self._database = database
        self._workspace = workspace
        #: By id or name, until when which folder is meant.
        self._named: dict[str, tuple[float, Path]] = {}

    def list_all(self, project_id: int | None = None, *, deleted: bool = False) -> tuple[Model, ...]:
        """Models of one project or of all, newest first; ``deleted`` asks for those in the bin."""
        with self._database.read() as session:
            return models.list_all(session, project_id, deleted=deleted)

    def get(self, model: str) -> Model:
        """The model with an id, or the newest with a name; raises NotFound."""
        with self._database.read() as session:
            return models.get(session, model)

    def default_of(self, project_id: int) -> Model | None:
        """A project's default model, else its newest; None if it has none."""
        with self._database.read() as session:
            return models.default_of(session, project_id)

    def of_project(self, project_id: int, model: str | None = None) -> Model:
        """A model that shall look at a project's images: the one named by id or name, else the default.

        Raises:
            NotFound: there is no such project or model, it is another project's, or the project has none.
        """
        with self._database.read() as session:
            projects.require(session, project_id)
            chosen = models.get(session, model) if model else models.default_of(session, project_id)
        if chosen is None:
            raise NotFound("This project has no model yet. Train one first: it is what looks at the images.")
        if chosen.project_id != project_id:
            raise NotFound(f"The model {chosen.name!r} belongs to another project.")
        return chosen

    def change(
        self,
        model: str,
        *,
        name: str | None = None,
        note: str | None = None,
        is_default: bool | None = None,
    ) -> Model:
        """Rename a model, write its note, make it its project's default or take that back.

        Raises:
            NotFound: there is no such model.
            AlreadyExists: another model of the project has the name.
            InvalidName: the name or note cannot be stored.
        """
        with self._database.write() as session:
            model_id = models.get(session, model).id
            changed = models.change(session, model_id, name=name, note=note, is_default=is_default)
        self._named.clear()
        return changed

    def delete(self, model: str) -> Model:
        """Put a model into the bin, where it stays for 30 days; raises NotFound."""
        with self._database.write() as session:
            deleted = models.delete(session, models.get(session, model).id, datetime.now(UTC))
        self._named.clear()
        return deleted

    def put_back(self, model: str) -> Model:
        """Take a model out of the bin, by its id or its name there; raises NotFound."""
        with self._database.write() as session:
            named = (each.id for each in models.list_all(session, deleted=True) if each.name == model)
            found = models.find(session, model)
            back = models.put_back(session, found.id if found else next(named, model))
        self._named.clear()
        return back

    def empty_bin(self) -> int:
        """Remove for good what lies in the bin for longer than 30 days, and imports that were cut off."""
        now = datetime.now(UTC)
        gone: tuple[str, ...] = ()
        # Asked first, because it happens at each start and writers wait for each other.
        with self._database.read() as session:
            due = models.expired(session, now)
        if due:
            with self._database.write() as session:
                gone = models.empty_bin(session, now)
        for model_id in gone:
            shutil.rmtree(self._workspace.model(model_id), ignore_errors=True)
        with suppress(OSError):
            for folder in (self._workspace.root / "models").glob(f"{INCOMING}*"):
                if time.time() - folder.stat().st_mtime > SECONDS_INCOMING:
                    shutil.rmtree(folder, ignore_errors=True)
        if gone:
            log.info("Removed %d models that lay in the bin for 30 days.", len(gone))
        return len(gone)

    def lineage(self, model: Model) -> dict[str, Any]:
        """Where a model comes from, as far as its card tells.

        Returns:
            ``parent`` (``id``, ``name`` or None if it is gone, ``deleted``; None where training began from
            general weights), ``run``, ``snapshot``, ``images`` by split, ``program``, ``runtime`` with
            ``reason``, ``parity`` and ``imported``, the moment it was brought in from elsewhere or None.
        """
        card = self._card(model)
        parent = None
        if model.parent_id is not None:
            with self._database.read() as session:
                known = models.find(session, model.parent_id)
            parent = {
                "id": model.parent_id,
                "name": known.name if known else None,
                "deleted": known is None or known.deleted is not None,
            }
        parity = card.get("parity") or {}
        return {
            "parent": parent,
            "run": model.run_id,
            "snapshot": card.get("snapshot"),
            "images": card.get("images"),
            "program": card.get("program"),
            "runtime": card.get("runtime"),
            "reason": parity.get("reason"),
            "parity": parity,
            "imported": card.get("imported"),
        }

    def record_of(self, model: str | Path) -> Model:
        """The record of a model given by id, name or folder; raises NotFound for a folder from elsewhere."""
        if not isinstance(model, Path):
            return self.get(model)
        # A folder inside the workspace is named by the model's id.
        return self.get(model.name)

    def named(self, text: str) -> str | Path:
        """What a person at the command line meant: a folder that holds a model, else an id or a name."""
        return Path(text) if (Path(text) / CARD).is_file() else text

    def folder(self, model: str | Path) -> Path:
        """The folder with a model's files; raises NotFound.

        Args:
            model: an id or a name, or as a Path a folder from anywhere. Text that came over the network must
                stay text: it can only name a model of this workspace.
        """
        if isinstance(model, Path):
            if not (model / CARD).is_file():
                raise NotFound(f"There is no model in {model}: it has no {CARD}.")
            return model.resolve()
        folder = self.folder_at_hand(model)
        if folder is None:
            folder = self._workspace.model(self.get(model).id)
            self._named[model] = time.monotonic() + SECONDS_NAMED, folder
        if not folder.is_dir():
            raise NotFound(f"The files of model {model!r} are missing: {folder} does not exist.")
        return folder

    def folder_at_hand(self, model: str) -> Path | None:
        """The folder of a model that was asked for just now; None where it has to be looked up."""
        until, folder = self._named.get(model, (0.0, Path()))
        return folder if time.monotonic() < until else None

    def thresholds(self, model: Model) -> dict[str, Any]:
        """The ``score`` and ``iou`` that suit a model, from its card; the usual ones if it cannot be read.

        A card may also have ``class_scores``, by class name.
        """
        from ssd_core.nms import IOU_THRESHOLD, SCORE_THRESHOLD

        usual = {"score": SCORE_THRESHOLD, "iou": IOU_THRESHOLD}
        return {**usual, **self._card(model).get("thresholds", {})}

    def _card(self, model: Model) -> dict[str, Any]:
        """What a model's card says; nothing if it cannot be read."""
        from ssd_core.artifacts import read_card
        from ssd_core.errors import SSDError

        try:
            return read_card(self._workspace.model(model.id))
        except SSDError:
            return {}
