"""Evaluations: how good a model is on a split, what it gets wrong, and which of two models is better."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.jobs import comparison, evaluation, model_images
from app.jobs.model_images import LabelledImages
from app.services.errands import Errand, Errands
from app.services.models import Models
from app.workspace import Workspace
from data.blobs import Blobs
from data.database import Database
from data.errors import DataError
from data.records import Model, Split

OnProgress = Callable[[int, int], None]


class Evaluations:
    """Reports of models, kept beside them until images or boxes change; comparisons, kept in the cache."""

    def __init__(
        self, database: Database, blobs: Blobs, workspace: Workspace, models: Models, errands: Errands
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._workspace = workspace
        self._models = models
        self._errands = errands

    def report(self, model: str | Path, split: Split) -> dict[str, Any] | Errand:
        """The report of a model on a split, or the errand that measures it in a process of its own.

        Args:
            model: id, name or folder of a model of this workspace.
            split: ``test`` for the images of the project put there; ``train`` and ``val`` for those that the
                model's own run trained on and chose its best state by.

        Raises:
            NotFound: there is no such model.
            DataError: measuring was tried and failed; the next call tries again.
            SSDError: likewise.
        """
        record = self._models.record_of(model)
        key, folder = f"evaluate {record.id} {split}", self._models.folder(record.id)
        # Asked first: of many images the fingerprint alone takes a while, and a page asks every second.
        working = self._errands.working(key)
        if working is not None:
            return working
        stored = evaluation.stored_report(folder, split, self._images(record, split).fingerprint)
        return stored or self._begun(key, "evaluate", {"model": record.id, "split": split})

    def measure(
        self, model: str | Path, split: Split, on_progress: OnProgress | None = None
    ) -> dict[str, Any]:
        """The report of a model on a split, measured now and here if it has to be."""
        record = self._models.record_of(model)
        folder, labelled = self._models.folder(record.id), self._images(record, split)
        stored = evaluation.stored_report(folder, split, labelled.fingerprint)
        return stored or evaluation.measure_and_store(folder, split, labelled, self._blobs, on_progress)

    def comparison(self, a: str | Path, b: str | Path, split: Split) -> dict[str, Any] | Errand:
        """Two models side by side with a verdict, or the errand that compares them.

        Args:
            a: id, name or folder of the first model.
            b: of the second one, of the same project.
            split: only images of it that neither model was trained on count (but for ``train``).

        Raises:
            NotFound: there is no such model.
            DataError: the two cannot be compared, or comparing failed; says why.
        """
        first, second = self._pair(a, b)
        key = f"compare {first.id} {second.id} {split}"
        working = self._errands.working(key)
        if working is not None:
            return working
        target = self._comparison_file(first, second, split, self._fair_images(first, second, split))
        stored = _read(target)
        if stored is not None:
            return {**_heads(first, second, split), **stored}
        arguments = {"a": first.id, "b": second.id, "split": split, "target": str(target)}
        return self._begun(key, "compare", arguments)

    def compare(
        self, a: str | Path, b: str | Path, split: Split, on_progress: OnProgress | None = None
    ) -> dict[str, Any]:
        """Two models side by side with a verdict, compared now and here."""
        first, second = self._pair(a, b)
        labelled = self._fair_images(first, second, split)
        folders = self._models.folder(first.id), self._models.folder(second.id)
        made = comparison.compare(*folders, labelled, self._blobs, on_progress)
        return {**_heads(first, second, split), **made}

    def _begun(self, key: str, name: str, arguments: dict[str, Any]) -> Errand:
        failure = self._errands.take_failure(key)
        if failure is not None:
            raise failure
        return self._errands.start(key, name, arguments)

    def _images(self, record: Model, split: Split) -> LabelledImages:
        with self._database.read() as session:
            return model_images.of_model(session, record, split)

    def _pair(self, a: str | Path, b: str | Path) -> tuple[Model, Model]:
        first, second = self._models.record_of(a), self._models.record_of(b)
        if first.id == second.id:
            raise DataError("These are one and the same model. Choose another one to compare it with.")
        if first.project_id != second.project_id:
            raise DataError("The two models are of different projects, so they have no images in common.")
        return first, second

    def _fair_images(self, a: Model, b: Model, split: Split) -> LabelledImages:
        with self._database.read() as session:
            return model_images.of_both(session, a, b, split)

    def _comparison_file(self, a: Model, b: Model, split: Split, labelled: LabelledImages) -> Path:
        cards = [(self._models.folder(model.id) / "card.json").read_bytes() for model in (a, b)]
        told = f"{split}\n{labelled.fingerprint}\n{comparison.FORMAT}"
        key = hashlib.sha256(b"\n".join([*cards, told.encode()]))
        return self._workspace.cache / "comparisons" / f"{a.id}.{b.id}.{key.hexdigest()[:16]}.json"


def _heads(a: Model, b: Model, split: Split) -> dict[str, Any]:
    return {"split": split, "models": {"a": _head(a), "b": _head(b)}}


def _head(model: Model) -> dict[str, Any]:
    return {"id": model.id, "name": model.name, "created": model.created.isoformat(), "params": model.params}


def _read(target: Path) -> dict[str, Any] | None:
    try:
        document: dict[str, Any] = json.loads(target.read_bytes())
    except (OSError, ValueError):
        return None
    return document
