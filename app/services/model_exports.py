"""Exports of models: a zip for use elsewhere, made in a process of its own and kept for a day."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.services.errands import Errand, Errands
from app.services.models import CARD, Models
from app.workspace import Workspace
from data.errors import AlreadyExists, DataError, NotFound
from data.records import Model

#: The entry of an export's archive that says what it lost.
RECEIPT = "parity.json"
SECONDS_KEPT = 24 * 3600.0
OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A format that a model can be had in, and what it is good for."""

    id: str
    title: str
    sentence: str


FORMATS = (
    ExportFormat("litert", "LiteRT float32", "Phones, small computers and servers, without TensorFlow."),
    ExportFormat("litert_int8", "LiteRT int8", "The same, a quarter of the size and faster on most CPUs."),
    ExportFormat("saved_model", "SavedModel", "TensorFlow and TensorFlow Serving, with detection inside."),
    ExportFormat("onnx", "ONNX", "ONNX Runtime, OpenVINO, TensorRT and others."),
    ExportFormat("folder", "Weights and configuration", "To train on, or for another workspace."),
)


class ModelExports:
    """Makes exports of models, each with its parity receipt and an example of use."""

    def __init__(self, workspace: Workspace, models: Models, errands: Errands) -> None:
        self._folder = workspace.cache / "exports"
        self._models = models
        self._errands = errands

    def formats(self) -> list[dict[str, Any]]:
        """The formats: ``id``, ``title``, ``sentence``, and ``missing``, what must be installed first."""
        from ssd_core.onnx_export import missing_packages

        missing = " and ".join(missing_packages())
        cure = f"Needs {missing}: pip install 'ssd-studio[onnx]'" if missing else None
        return [
            {
                "id": known.id,
                "title": known.title,
                "sentence": known.sentence,
                "missing": cure if known.id == "onnx" else None,
            }
            for known in FORMATS
        ]

    def start(self, model: str, export_format: str) -> Errand:
        """Begin an export, or give the one that is under way or made already; raises NotFound, DataError."""
        record, target = self._planned(model, export_format)
        self._sweep()
        if target.exists():
            target.touch()
            return self._errands.remember(target.name, {})
        arguments = {"model": record.id, "format": export_format, "target": str(target)}
        return self._errands.start(target.name, "export", arguments)

    def get(self, export_id: str) -> Errand:
        """An export by its id; raises NotFound."""
        return self._errands.get(export_id)

    def receipt(self, export_id: str) -> dict[str, Any] | None:
        """What an export lost on its way, as its archive tells; None until it is done. Raises NotFound."""
        errand = self._errands.get(export_id)
        if errand.state != "done":
            return None
        told: dict[str, Any] | None = None
        with (
            suppress(OSError, KeyError, ValueError, zipfile.BadZipFile),
            zipfile.ZipFile(self._folder / errand.key) as archive,
        ):
            told = json.loads(archive.read(RECEIPT))
        return told

    def file(self, export_id: str) -> tuple[Path, str]:
        """The archive of an export that is done, and what to call it; raises NotFound."""
        errand = self._errands.get(export_id)
        path = self._folder / errand.key
        if errand.state != "done" or not path.is_file():
            raise NotFound("The export is not there. Wait until it is done, or start it again.")
        # The key begins with the model's id and the format.
        model_id, export_format = errand.key.split(".")[:2]
        return path, _file_name(self._models.get(model_id), export_format)

    def export_to(
        self, model: str | Path, export_format: str, target: Path, on_progress: OnProgress | None = None
    ) -> Path:
        """Make an export now: an archive if the target ends in ``.zip``, else a new folder.

        Raises:
            AlreadyExists: the target is there already.
            NotFound: there is no such model.
            DataError: there is no such format.
            SSDError: the model cannot be had in this format.
        """
        if target.exists():
            raise AlreadyExists(f"{target} exists already. Remove it, or choose another name.")
        record, made = self._planned(self._models.record_of(model).id, export_format)
        arguments = {"model": record.id, "format": export_format, "target": str(made)}
        if not made.exists():
            self._errands.run("export", arguments, on_progress)
        target.parent.mkdir(parents=True, exist_ok=True)
        # Whole or not at all: half of an archive looks like one.
        with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as scratch:
            whole = Path(scratch) / target.name
            if target.suffix == ".zip":
                shutil.copyfile(made, whole)
            else:
                with zipfile.ZipFile(made) as archive:
                    archive.extractall(whole)
            whole.rename(target)
        return target

    def _planned(self, model: str, export_format: str) -> tuple[Model, Path]:
        if export_format not in {known.id for known in FORMATS}:
            raise DataError(
                f"There is no format {export_format!r}: use {', '.join(known.id for known in FORMATS)}."
            )
        record = self._models.get(model)
        card = (self._models.folder(record.id) / CARD).read_bytes()
        key = hashlib.sha256(b"\n".join([card, record.name.encode()])).hexdigest()[:16]
        return record, self._folder / f"{record.id}.{export_format}.{key}.zip"

    def _sweep(self) -> None:
        """Remove what was made more than a day ago."""
        with suppress(FileNotFoundError):
            for path in self._folder.iterdir():
                with suppress(OSError):
                    if time.time() - path.stat().st_mtime > SECONDS_KEPT:
                        path.unlink()


def _file_name(model: Model, export_format: str) -> str:
    tidy = re.sub(r"[^\w.-]+", "-", model.name, flags=re.ASCII).strip("-.")[:80] or model.id
    return f"{tidy}-{export_format.replace('_', '-')}.zip"
