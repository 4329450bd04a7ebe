"""Transfers: data sets come in and go out while people wait and watch, or leave and come back."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from app.services.exchange import Exchange
from app.services.reports import export_report_shape, import_report_shape, preview_shape
from app.services.staging import IncomingFile, Stage, is_archive, sweep
from app.services.tasks import DAY_SECONDS, Busy, OnProgress, Stopped, Task, Tasks, TaskState
from data.errors import InvalidName, NotFound
from data.names import tidy_name
from data.records import EXPORT_FORMATS, OnExisting, Split

_NESTED = "The archive holds further archives, which were passed over."
_UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a data set is to be read, and where it goes: see ``Exchange.import_folder``."""

    project: str
    format: str = "auto"
    voc_base: Literal["auto", "0", "1"] = "auto"
    split: Split | None = None
    class_map: Mapping[str, str | None] = field(default_factory=dict)


class Import(Task):
    """A data set on its way in: ``path`` is where it lies on this computer, None if it is sent."""

    def __init__(self, id: str, state: TaskState, name: str, path: Path | None, stage: Stage) -> None:
        super().__init__(id, state)
        self.name = name
        self.path = path
        self.stage = stage

    def clear(self) -> None:
        """Remove what was sent or unpacked."""
        self.stage.clear()

    def settle(self, ended: TaskState) -> None:
        """Remove it once it is in; where that failed, another try may need it."""
        if ended != "failed":
            self.clear()


class Export(Task):
    """A data set on its way out: ``file_name`` is what whoever fetches it may call it."""

    def __init__(self, id: str, file_name: str, stage: Stage) -> None:
        super().__init__(id, "ready")
        self.file_name = file_name
        self.stage = stage

    @property
    def file(self) -> Path:
        """Where the archive lies."""
        return self.stage.folder / "dataset.zip"

    def clear(self) -> None:
        """Remove the archive."""
        self.stage.clear()

    def settle(self, ended: TaskState) -> None:
        """Remove what is left of one that came to nothing."""
        if ended != "done":
            self.clear()


class Transfers:
    """Imports and exports of this process, and the files that they need meanwhile.

    Args:
        exchange: does the work.
        cache: the workspace's cache; files lie below its ``imports`` and ``exports``.
    """

    def __init__(self, exchange: Exchange, cache: Path) -> None:
        self._exchange = exchange
        self._cache = cache
        self._imports: Tasks[Import] = Tasks("import")
        self._exports: Tasks[Export] = Tasks("export")

    def sweep(self, older_than: float = DAY_SECONDS) -> None:
        """Remove files of transfers that nobody has wanted for so many seconds, of earlier processes too."""
        for folder in ("imports", "exports"):
            sweep(self._cache / folder, older_than)

    def close(self) -> None:
        """Stop everything and wait for it; an import that is run again goes on where it was."""
        self._imports.close()
        self._exports.close()

    def open_path(self, path: str) -> Import:
        """Begin an import of a folder or zip archive of this computer.

        Raises:
            InvalidName: no path can be written like this.
            NotFound: there is neither a folder nor a zip archive.
        """
        try:
            found = Path(path.strip()).expanduser().absolute()
            if not path.strip() or not (found.is_dir() or is_archive(found)):
                raise NotFound(
                    f"There is neither a folder nor a .zip file {path.strip()[:200]!r} on this computer."
                )
        except (RuntimeError, ValueError) as error:  # A ~name that is nobody's, or a NUL.
            raise InvalidName(f"{path[:200]!r} is no path of this computer: {error}.") from error
        return self._begin_import("ready", found.name or str(found), found)

    def open_upload(self, name: str) -> Import:
        """Begin an import of files that will be sent; ``name`` is what to call the data set."""
        return self._begin_import("uploading", tidy_name(name, "data set"), None)

    def _begin_import(self, state: TaskState, name: str, path: Path | None) -> Import:
        self.sweep()
        task_id = secrets.token_urlsafe(12)
        return self._imports.add(Import(task_id, state, name, path, Stage(self._cache / "imports" / task_id)))

    def receive(self, import_id: str, path: str, length: int | None = None) -> IncomingFile:
        """Begin to receive a file of a data set; see ``Stage.receive``.

        Raises:
            Busy: the data set was looked at or imported already, or lies on this computer.
            NotFound: there is no such import.
        """
        task = self._imports.get(import_id)
        if task.state != "uploading":
            raise Busy("This import takes no further file. Begin another one.")
        task.touch()
        return task.stage.receive(path, length)

    def get_import(self, import_id: str) -> Import:
        """Give an import as it is now; raises NotFound."""
        return self._imports.get(import_id)

    def preview(self, import_id: str, wanted: Wanted) -> dict[str, Any]:
        """Tell what an import would find; a preview that is still being made for it is given up.

        Raises:
            Busy: it runs or has ended, or something else was asked of it meanwhile.
            DataError: it cannot be read like this; see ``data.preview.preview_folder``.
        """
        task = self._imports.get(import_id)
        _require_open(task)
        task.stop.set()
        with task.lock:
            _require_open(task)
            progress = task.begin()
            folder = self._folder(task)
            task.state, task.error = "ready", None
            try:
                found = self._exchange.preview(
                    folder,
                    wanted.project,
                    wanted.format,
                    wanted.split,
                    voc_base=wanted.voc_base,
                    class_map=wanted.class_map,
                    on_progress=progress,
                )
            except Stopped:
                raise Busy("This preview was given up, because another one was asked for.") from None
            except NotFound as error:
                raise _without_stage(error, folder, task) from error
        shape = preview_shape(found)
        return {**shape, "notes": [*shape["notes"], *_notes(task)]}

    def run_import(self, import_id: str, wanted: Wanted, on_existing: OnExisting = "keep") -> Import:
        """Import the data set in the background; see ``data.exchange.import_folder``.

        Raises:
            Busy: it runs or has ended.
            InvalidName: the project's name cannot be stored.
            NotFound: there is no such import.
        """
        task = self._imports.get(import_id)
        _require_open(task)
        project = tidy_name(wanted.project, "project")

        def work(progress: OnProgress) -> dict[str, Any]:
            folder = self._folder(task)

            def told(done: int, total: int) -> None:
                if task.project_id is None:
                    task.project_id = self._exchange.project_named(project).id
                progress(done, total)

            try:
                report = self._exchange.import_folder(
                    folder,
                    project,
                    wanted.format,
                    wanted.split,
                    voc_base=wanted.voc_base,
                    on_existing=on_existing,
                    class_map=wanted.class_map,
                    on_progress=told,
                )
            except NotFound as error:
                raise _without_stage(error, folder, task) from error
            shape = import_report_shape(report)
            return {**shape, "notes": [*shape["notes"], *_notes(task)]}

        self._imports.run(task, work)
        return task

    def discard_import(self, import_id: str) -> None:
        """Stop an import at its next image, which keeps what is in, or remove one that does not run."""
        self._imports.discard(import_id)

    def start_export(
        self, project_id: int, file_format: str, *, with_images: bool = True, split: Split | None = None
    ) -> Export:
        """Write a project's labelled images into a zip archive in the background.

        Raises:
            Busy: too many exports have not ended.
            NotFound: there is no such project or format.
        """
        if file_format not in EXPORT_FORMATS:
            raise NotFound(f"There is no format {file_format!r}. Choose one of: {', '.join(EXPORT_FORMATS)}.")
        project = self._exchange.project(project_id)
        self.sweep()
        task_id = secrets.token_urlsafe(12)
        part = f"-{split}" if split else ""
        name = f"{_UNFIT.sub('_', project.name).strip('. ') or 'project'}-{file_format}{part}.zip"
        task = self._exports.add(Export(task_id, name, Stage(self._cache / "exports" / task_id)))
        task.project_id = project_id

        def work(progress: OnProgress) -> dict[str, Any]:
            report = self._exchange.export_project(
                project_id,
                task.file,
                file_format,
                with_images=with_images,
                split=split,
                on_progress=progress,
            )
            return export_report_shape(report)

        self._exports.run(task, work)
        return task

    def get_export(self, export_id: str) -> Export:
        """Give an export as it is now; raises NotFound."""
        return self._exports.get(export_id)

    def exported(self, export_id: str) -> tuple[Path, str]:
        """Give the archive of an export and what to call it.

        Raises:
            Busy: it is not done.
            NotFound: there is no such export, or its file was swept away.
        """
        task = self._exports.get(export_id)
        if task.state != "done":
            raise Busy("The export is not done, so there is no file yet.")
        if not task.file.is_file():
            raise NotFound("The exported file is not there any more. Export again.")
        return task.file, task.file_name

    def discard_export(self, export_id: str) -> None:
        """Stop an export, or remove its file; raises NotFound."""
        self._exports.discard(export_id)

    def _folder(self, task: Import) -> Path:
        """Give the folder that holds the data set, unpacking it where it is an archive."""
        task.stage.touch()
        source = task.path or task.stage.source()
        return task.stage.unpack(source) if is_archive(source) else source


def _require_open(task: Import) -> None:
    if task.state == "running":
        raise Busy("The import is running. Wait for its end, or cancel it.")
    if task.state in ("done", "cancelled"):
        raise Busy("The import has ended. Begin another one.")


def _notes(task: Import) -> list[str]:
    return [_NESTED] if task.stage.nested else []


def _without_stage(error: NotFound, folder: Path, task: Import) -> NotFound:
    """Name the data set in place of the folder that it lies in meanwhile, which nobody knows."""
    return NotFound(str(error).replace(str(folder), task.name))
