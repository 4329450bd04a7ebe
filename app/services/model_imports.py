"""Imports of models: a folder or a zip from another workspace is checked as a stranger's, then taken in."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import tempfile
import uuid
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from app.services.errands import Errands
from app.services.models import INCOMING, Models
from app.services.staging import Stage, sweep
from app.services.tasks import DAY_SECONDS
from app.workspace import SAFE_ID, Workspace
from data import classes, models, projects
from data.database import Database
from data.errors import AlreadyExists, ArchiveRejected, DataError, DiskFull, InvalidName, NotFound
from data.formats.archive import DAMAGED
from data.names import tidy_name
from data.records import Model
from ssd_core.artifacts import CARD, CONFIG, LITERT, WEIGHTS, read_card
from ssd_core.errors import InvalidArtifact

#: What is taken of a folder or an archive; anything else, programs above all, is left where it is.
FILES = (CARD, CONFIG, WEIGHTS, *LITERT.values())
#: The largest network that this program makes has weights of a tenth of this.
MOST_BYTES = 2 * 1024**3
MOST_BYTES_OF_TEXT = 8 * 1024**2
MOST_ENTRIES = 10_000
_SPARE_BYTES = 256 * 1024**2
_PIECE = 1024 * 1024
_LINK = 0o120000
#: Of the card of a model from elsewhere no more is kept than this, if it is of this kind.
_KEPT: dict[str, type] = {
    "format": int,
    "classes": list,
    "files": dict,
    "project": str,
    "run": str,
    "snapshot": str,
    "images": dict,
    "program": str,
    "runtime": str,
    "parity": dict,
    "metrics": dict,
    "params": dict,
}


class ModelImports:
    """Takes models in. Nothing of them is ever executed: a model is numbers and text."""

    def __init__(self, database: Database, workspace: Workspace, models: Models, errands: Errands) -> None:
        self._database = database
        self._workspace = workspace
        self._models = models
        self._errands = errands
        self._sent = workspace.cache / "models-sent"
        sweep(self._sent, DAY_SECONDS)

    def stage(self) -> Stage:
        """Give a place for a model that is sent; clear it once the model is taken in."""
        return Stage(self._sent / secrets.token_urlsafe(12), "import of the model")

    def take(
        self,
        source: Path,
        project_id: int | None = None,
        name: str | None = None,
        *,
        called: str | None = None,
    ) -> Model:
        """Check a model folder, or a zip of one, and take it in.

        Args:
            source: the folder or archive; an export of the format ``folder`` is one.
            project_id: where it goes; None for the project that its card names, made if missing.
            name: its name here; None for that of its card.
            called: what messages call the source; None for its path.

        Raises:
            NotFound: there is nothing at that place, or no such project.
            AlreadyExists: this very model is here already.
            ArchiveRejected: the archive is damaged, too large or not to be trusted.
            InvalidArtifact: the model is damaged, incomplete or not to be trusted; says why.
            DiskFull: there is no room for it.
        """
        if project_id is not None:
            with self._database.read() as session:
                projects.get(session, project_id)
        shown = called or str(source)
        home = self._workspace.root / "models"
        staging = Path(tempfile.mkdtemp(prefix=INCOMING, dir=home))
        try:
            if source.is_dir():
                _copy_folder(source, staging)
            elif source.is_file():
                _unpack(source, staging, shown)
            else:
                raise NotFound(f"There is no model folder or archive at {source}.")
            # Asked before the check too, which takes seconds.
            self._free_id(read_card(staging))
            card = self._errands.run("check", {"folder": str(staging)})
            return self._enter(staging, card, self._free_id(card), project_id, name)
        except InvalidArtifact as fault:
            # People do not know the folder of ours in which it was looked at.
            raise InvalidArtifact(str(fault).replace(str(staging), shown)) from fault
        finally:
            shutil.rmtree(staging, ignore_errors=True)

    def _enter(
        self, staging: Path, card: dict[str, Any], model_id: str, project_id: int | None, name: str | None
    ) -> Model:
        tidy = tidy_card(card, model_id, tidy_name(name or _text(card.get("name")) or "imported", "model"))
        (staging / CARD).write_text(json.dumps(tidy, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        folder = self._workspace.model(model_id)
        staging.chmod(0o755)
        staging.rename(folder)
        try:
            with self._database.write() as session:
                if project_id is None:
                    project_id = self._project(session, tidy)
                else:
                    projects.require(session, project_id)
                record = Model(
                    id=model_id,
                    project_id=project_id,
                    run_id=None,
                    name=tidy["name"],
                    classes=tuple(tidy["classes"]),
                    metrics=tidy["metrics"],
                    created=datetime.fromisoformat(tidy["created"]),
                    params=tidy["params"],
                )
                return models.register(session, record)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def _project(self, session: Any, card: Mapping[str, Any]) -> int:
        """The project that a card names; made, with the model's classes, if it is missing."""
        name = _text(card.get("project")) or card["name"]
        try:
            return projects.by_name(session, name).id
        except NotFound:
            made = projects.create(session, name)
            for each in card["classes"]:
                classes.get_or_create(session, made.id, each)
            return made.id

    def _free_id(self, card: Mapping[str, Any]) -> str:
        """The id that the model has elsewhere if it is free here.

        Raises:
            AlreadyExists: the model that has it here is this one.
        """
        wanted = card.get("id")
        if not isinstance(wanted, str) or not SAFE_ID.fullmatch(wanted):
            return f"m{uuid.uuid4().hex[:12]}"
        with self._database.read() as session:
            here = models.find(session, wanted)
        if here is None and not self._workspace.model(wanted).exists():
            return wanted
        if here is not None and self._same_weights(wanted, card):
            where = "lies in the bin: put it back" if here.deleted else f"is here already as {here.name!r}"
            raise AlreadyExists(f"This model {where}.")
        return f"m{uuid.uuid4().hex[:12]}"

    def _same_weights(self, model_id: str, card: Mapping[str, Any]) -> bool:
        try:
            here = json.loads((self._workspace.model(model_id) / CARD).read_bytes())
        except (OSError, ValueError):
            return False
        return isinstance(here, dict) and here.get("files") == card["files"]


def tidy_card(card: Mapping[str, Any], model_id: str, name: str) -> dict[str, Any]:
    """Make the card of a model from elsewhere one of ours: known entries of the right kind only."""
    kept = {key: card[key] for key, kind in _KEPT.items() if isinstance(card.get(key), kind)}
    given = card.get("thresholds")
    runtime = kept.get("runtime")
    return {
        "metrics": {},
        "params": {},
        **kept,
        "id": model_id,
        "name": name,
        "created": _moment(card.get("created")),
        "imported": datetime.now(UTC).isoformat(timespec="seconds"),
        "runtime": runtime if LITERT.get(str(runtime)) in card["files"] else "float32",
        "thresholds": _sound_thresholds(given if isinstance(given, dict) else {}, card["classes"]),
    }


def _sound_thresholds(given: Mapping[str, Any], class_names: Sequence[str]) -> dict[str, Any]:
    kept: dict[str, Any] = {key: given[key] for key in ("score", "iou") if _is_share(given.get(key))}
    scores = given.get("class_scores")
    if isinstance(scores, dict):
        kept["class_scores"] = {name: scores[name] for name in class_names if _is_share(scores.get(name))}
    return kept


def _is_share(value: Any) -> bool:
    return isinstance(value, float) and 0 <= value <= 1


def _text(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    with suppress(InvalidName):
        return tidy_name(value, "model")
    return None


def _moment(written: Any) -> str:
    with suppress(TypeError, ValueError, OverflowError):
        moment = datetime.fromisoformat(written)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    return datetime.now(UTC).isoformat(timespec="seconds")


def _copy_folder(source: Path, staging: Path) -> None:
    for name in FILES:
        path = source / name
        if path.is_symlink():
            raise DataError(f"{path} is a link. Give a folder that holds the model's files themselves.")
        if path.is_file():
            _check_size(name, path.stat().st_size, staging)
            with path.open("rb") as stream:
                _write(stream, staging / name, _limit(name))


def _unpack(source: Path, staging: Path, shown: str) -> None:
    try:
        with zipfile.ZipFile(source) as archive:
            for name, member in _members(archive, shown).items():
                _check_size(name, member.file_size, staging)
                with archive.open(member) as stream:
                    _write(stream, staging / name, _limit(name))
    except DAMAGED as error:
        raise ArchiveRejected(
            f"{shown} is no zip file, or is damaged ({str(error)[:200]}).", "Pack or copy it again."
        ) from error


def _members(archive: zipfile.ZipFile, shown: str) -> dict[str, zipfile.ZipInfo]:
    """Choose the model's files, from the folder in which the card lies; the names on disk are always ours.

    Raises:
        ArchiveRejected: there is no card or more than one, or a path is made to lead outside.
    """
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise ArchiveRejected(f"{shown} has {len(entries):,} files.", "Pack the model folder alone.")
    cards = []
    for member in entries:
        path = PurePosixPath(member.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or (member.external_attr >> 16) & 0o170000 == _LINK:
            raise ArchiveRejected(
                f"{shown} has a path that leads outside: {member.filename[:80]!r}.", "Do not trust it."
            )
        if path.name == CARD:
            cards.append(path.parent)
    if len(cards) != 1:
        what = "no model: it has no card.json" if not cards else "several models"
        raise ArchiveRejected(f"{shown} holds {what}.", "Export one model as a folder, and give that.")
    wanted = {str(cards[0] / name): name for name in FILES}
    chosen = [
        (wanted[written], member)
        for member in entries
        if not member.is_dir() and (written := str(PurePosixPath(member.filename))) in wanted
    ]
    if len({name for name, _ in chosen}) != len(chosen):
        raise ArchiveRejected(f"{shown} has a file twice.", "Pack it again.")
    return dict(chosen)


def _limit(name: str) -> int:
    return MOST_BYTES_OF_TEXT if name.endswith(".json") else MOST_BYTES


def _check_size(name: str, size: int, staging: Path) -> None:
    if size > _limit(name):
        raise ArchiveRejected(f"{name} has {size:,} bytes, more than any model of ours.", "Do not trust it.")
    if size + _SPARE_BYTES > shutil.disk_usage(staging).free:
        raise DiskFull("There is not enough room on the disk for the model. Free some space and try again.")


def _write(stream: IO[bytes], target: Path, most: int) -> None:
    written = 0
    with target.open("xb") as file:
        while piece := stream.read(_PIECE):
            written += len(piece)
            if written > most:
                raise ArchiveRejected(f"{target.name} holds more than it says.", "Do not trust it.")
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
