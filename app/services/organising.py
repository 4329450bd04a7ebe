"""Organising: projects get names, are put aside or deleted; their classes are named, ordered and merged."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from app.workspace import Workspace
from data import class_merging, classes, project_removal, projects
from data.blobs import Blobs
from data.class_merging import Merged
from data.database import Database
from data.project_removal import Left
from data.records import LabelClass, Project
from data.stored_files import named_files
from data.thumbnails import Thumbnails

log = logging.getLogger(__name__)

#: An image file stored within so many seconds may be about to get a row of another project, and stays.
YOUNG_SECONDS = 300.0


class Organising:
    """Changes what projects and classes are called and what becomes of them; no box is ever lost by it."""

    def __init__(
        self, database: Database, blobs: Blobs, thumbnails: Thumbnails, workspace: Workspace
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._thumbnails = thumbnails
        self._workspace = workspace

    def projects(self) -> tuple[tuple[Project, datetime], ...]:
        """List every project, oldest first, each with the moment of its last change."""
        with self._database.read() as session:
            last = projects.last_changes(session)
            return tuple((project, last[project.id]) for project in projects.list_all(session))

    def project(self, project_id: int) -> tuple[Project, datetime]:
        """Read one project with the moment of its last change; raises NotFound."""
        with self._database.read() as session:
            return projects.get(session, project_id), projects.last_changes(session, [project_id])[project_id]

    def change_project(
        self, project_id: int, *, name: str | None = None, archived: bool | None = None
    ) -> tuple[Project, datetime]:
        """Rename a project, put it aside or take it up again; what is None stays.

        Raises:
            AlreadyExists: another project has the name.
            InvalidName: the name cannot be stored.
            NotFound: there is no such project.
        """
        with self._database.write() as session:
            projects.require(session, project_id)
            if name is not None:
                projects.rename(session, project_id, name)
            if archived is not None:
                projects.archive(session, project_id, archived=archived)
        return self.project(project_id)

    def delete_project(self, project_id: int, name: str, young_seconds: float = YOUNG_SECONDS) -> None:
        """Delete a project with everything it has, and then the files that nothing needs any more.

        A file that cannot be removed is left to ``doctor``: the project is gone all the same.

        Args:
            project_id: the project; raises NotFound.
            name: its name, as somebody typed it who means it; raises InvalidName for another one.
            young_seconds: image files stored within this time stay, see ``YOUNG_SECONDS``.

        Raises:
            RunBusy: one of its runs has not ended.
        """
        with self._database.write() as session:
            left = project_removal.remove(session, project_id, name)
        self._remove_files(left, young_seconds)

    def _remove_files(self, left: Left, young_seconds: float) -> None:
        for folder in (
            *map(self._workspace.run, left.run_ids),
            *map(self._workspace.model, left.model_ids),
        ):
            _remove_folder(folder)
        with self._database.read() as session:
            unneeded = left.sha256s - named_files(session)
        for sha256 in sorted(unneeded):
            try:
                self._thumbnails.forget(sha256)
                self._blobs.remove(sha256, older_than=young_seconds)
            except OSError as error:
                log.warning("The image file %s is not needed any more and stays: %s.", sha256, error)

    def classes(self, project_id: int) -> tuple[LabelClass, ...]:
        """List a project's classes in their order, archived ones too; raises NotFound."""
        with self._database.read() as session:
            projects.require(session, project_id)
            return classes.list_all(session, project_id)

    def add_class(self, project_id: int, name: str) -> LabelClass:
        """Add a class at the end; one of that name is returned, taken up again if it was archived.

        Raises:
            InvalidName: the name cannot be stored.
            NotFound: there is no such project.
        """
        with self._database.write() as session:
            projects.require(session, project_id)
            found = classes.get_or_create(session, project_id, name)
            return classes.change(session, found.id, archived=False) if found.archived else found

    def change_class(
        self,
        class_id: int,
        *,
        name: str | None = None,
        colour: str | None = None,
        archived: bool | None = None,
    ) -> LabelClass:
        """Give a class another name or colour, archive it or take it up again; what is None stays.

        Raises:
            ClassExists: another class of the project has the name; tells which.
            InvalidName: the name or colour cannot be stored.
            NotFound: there is no such class.
        """
        with self._database.write() as session:
            return classes.change(session, class_id, name=name, colour=colour, archived=archived)

    def order_classes(self, project_id: int, class_ids: Sequence[int]) -> tuple[LabelClass, ...]:
        """Put all classes of a project into this order.

        Raises:
            InvalidName: a class is missing from the order, stands in it twice, or is another project's.
            NotFound: there is no such project.
        """
        with self._database.write() as session:
            projects.require(session, project_id)
            return classes.reorder(session, project_id, class_ids)

    def merge_classes(self, class_id: int, into_id: int) -> Merged:
        """Give all boxes and suggestions of a class to another one; see ``class_merging.merge``."""
        with self._database.write() as session:
            return class_merging.merge(session, class_id, into_id)

    def delete_class(self, class_id: int) -> None:
        """Delete a class that neither boxes nor suggestions nor earlier states have; raises ClassInUse."""
        with self._database.write() as session:
            class_merging.remove(session, class_id)


def _remove_folder(folder: Path) -> None:
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        pass
    except OSError as error:
        log.warning("The folder %s is not needed any more and could not be removed: %s.", folder, error)
