"""Models: what training made, by id, by name, or as a folder that came from elsewhere."""

from __future__ import annotations

from pathlib import Path

from app.workspace import Workspace
from data import models
from data.database import Database
from data.errors import NotFound
from data.records import Model

#: The file by which a folder is known to hold a model.
CARD = "card.json"


class Models:
    """Finished models of a workspace."""

    def __init__(self, database: Database, workspace: Workspace) -> None:
        self._database = database
        self._workspace = workspace

    def list_all(self, project_id: int | None = None) -> tuple[Model, ...]:
        """Models of one project or of all, newest first."""
        with self._database.read() as session:
            return models.list_all(session, project_id)

    def get(self, model: str) -> Model:
        """The model with an id, or the newest with a name; raises NotFound."""
        with self._database.read() as session:
            return models.get(session, model)

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
        folder = self._workspace.model(self.get(model).id)
        if not folder.is_dir():
            raise NotFound(f"The files of model {model!r} are missing: {folder} does not exist.")
        return folder

    def thresholds(self, model: Model) -> dict[str, float]:
        """The ``score`` and ``iou`` that suit a model, from its card; the usual ones if it cannot be read."""
        from ssd_core.artifacts import read_card
        from ssd_core.errors import SSDError
        from ssd_core.nms import IOU_THRESHOLD, SCORE_THRESHOLD

        usual = {"score": SCORE_THRESHOLD, "iou": IOU_THRESHOLD}
        try:
            return {**usual, **read_card(self._workspace.model(model.id)).get("thresholds", {})}
        except SSDError:
            return usual
