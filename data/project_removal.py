"""Taking a project away for good: its rows in one transaction, and a list of the files that it leaves."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from data.errors import InvalidName, NotFound, RunBusy
from data.names import tidy_name
from data.schema import (
    BoxRow,
    EditRow,
    FindingRow,
    ImageRow,
    LookRow,
    ModelRow,
    ProjectRow,
    RunRow,
    SuggestionRow,
    known_id,
)
from data.stored_files import files_of


@dataclass(frozen=True, slots=True)
class Left:
    """What lies on the disk of a project that is gone; another project may need some of the image files."""

    sha256s: frozenset[str]
    run_ids: tuple[str, ...]
    model_ids: tuple[str, ...]


def remove(session: Session, project_id: int, name: str) -> Left:
    """Delete a project with everything it has: images, boxes, history, classes, snapshots, runs and models.

    Args:
        session: a writing session.
        project_id: the project.
        name: its name, as somebody typed it who means it.

    Raises:
        InvalidName: the project has another name.
        NotFound: there is none with this id.
        RunBusy: one of its runs has not ended.
    """
    # Locked, so that no run and no image comes in meanwhile.
    row = session.get(ProjectRow, known_id(project_id, "project"), with_for_update=True)
    if row is None:
        raise NotFound(f"There is no project {project_id}. It may have been deleted.")
    if tidy_name(name, "project") != row.name:
        raise InvalidName(f"The project's name is {row.name!r}. Type it exactly to delete the project.")
    mine = select(func.count()).select_from(RunRow).where(RunRow.project_id == project_id)
    unfinished = session.scalar(mine.where(RunRow.outcome.is_(None))) or 0
    if unfinished:
        runs = "A training" if unfinished == 1 else f"{unfinished} trainings"
        raise RunBusy(f"{runs} of {row.name!r} has not ended. Cancel it first, then delete the project.")
    left = Left(
        sha256s=frozenset(files_of(session, project_id)),
        run_ids=tuple(session.scalars(select(RunRow.id).where(RunRow.project_id == project_id))),
        model_ids=tuple(session.scalars(select(ModelRow.id).where(ModelRow.project_id == project_id))),
    )
    images = select(ImageRow.id).where(ImageRow.project_id == project_id)
    # First of all: boxes, suggestions and findings hold on to their classes, which the project takes with it.
    for table in (SuggestionRow, FindingRow, LookRow, BoxRow, EditRow):
        session.execute(
            delete(table).where(table.image_id.in_(images)).execution_options(synchronize_session=False)
        )
    session.execute(
        delete(ImageRow).where(ImageRow.project_id == project_id).execution_options(synchronize_session=False)
    )
    session.delete(row)
    session.flush()
    return left
