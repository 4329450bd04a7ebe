"""Projects: creating, finding and counting them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from data.box_counts import boxes_of_class
from data.errors import AlreadyExists, NotFound
from data.names import tidy_name
from data.records import Project
from data.schema import EditRow, ImageRow, LabelClassRow, ProjectCountRow, ProjectRow, known_id


def create(session: Session, name: str) -> Project:
    """Create an empty project.

    Raises:
        AlreadyExists: the name is taken.
        InvalidName: the name cannot be stored.
    """
    tidy = tidy_name(name, "project")
    row = ProjectRow(name=tidy, created=datetime.now(UTC))
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise AlreadyExists(f"A project named {tidy!r} exists already. Choose another name.") from error
    return Project(id=row.id, name=row.name)


def get(session: Session, project_id: int) -> Project:
    """Read a project with its counts.

    Raises:
        NotFound: there is none with this id.
    """
    return _with_counts(session, [_row(session, project_id)])[0]


def require(session: Session, project_id: int) -> None:
    """Make sure that there is such a project, without counting anything.

    Raises:
        NotFound: there is none with this id.
    """
    _row(session, project_id)


def archive(session: Session, project_id: int, *, archived: bool = True) -> Project:
    """Put a project aside, or take it up again; nothing of it changes.

    Raises:
        NotFound: there is none with this id.
    """
    row = _row(session, project_id)
    row.archived = (row.archived or datetime.now(UTC)) if archived else None
    session.flush()
    return _with_counts(session, [row])[0]


def rename(session: Session, project_id: int, name: str) -> Project:
    """Give a project another name.

    Raises:
        AlreadyExists: another project has the name.
        InvalidName: the name cannot be stored.
        NotFound: there is none with this id.
    """
    tidy = tidy_name(name, "project")
    row = _row(session, project_id)
    try:
        with session.begin_nested():
            row.name = tidy
    except IntegrityError as error:
        raise AlreadyExists(f"A project named {tidy!r} exists already. Choose another name.") from error
    return _with_counts(session, [row])[0]


def by_name(session: Session, name: str) -> Project:
    """Read the project of a name, with its counts.

    Raises:
        NotFound: there is none of this name; the message lists those there are.
    """
    tidy = tidy_name(name, "project")
    row = session.scalar(select(ProjectRow).where(ProjectRow.name == tidy))
    if row is None:
        names = session.scalars(select(ProjectRow.name).order_by(ProjectRow.name).limit(10)).all()
        known = f"There are: {', '.join(names)}." if names else "There are none yet."
        raise NotFound(f"There is no project named {tidy!r}. {known}")
    return _with_counts(session, [row])[0]


def get_or_create(session: Session, name: str) -> Project:
    """Read the project of a name, creating it where there is none.

    Raises:
        InvalidName: the name cannot be stored.
    """
    try:
        return by_name(session, name)
    except NotFound:
        pass
    try:
        return create(session, name)
    except AlreadyExists:  # Someone else created it between the two.
        return by_name(session, name)


def list_all(session: Session) -> tuple[Project, ...]:
    """Read every project with its counts, oldest first."""
    return _with_counts(session, session.scalars(select(ProjectRow).order_by(ProjectRow.id)).all())


def last_changes(session: Session, project_ids: Sequence[int] | None = None) -> dict[int, datetime]:
    """Tell when something of each project was changed last: its boxes or marks, its images, or itself made.

    Args:
        session: a session.
        project_ids: the projects; None for all.
    """
    of_projects = select(ProjectRow.id, ProjectRow.created)
    # Ids grow with time, and both are read from indexes: no row of the long history is touched but the last.
    newest_images = select(func.max(ImageRow.id)).group_by(ImageRow.project_id)
    newest_edits = (
        select(func.max(EditRow.id))
        .join(ImageRow, ImageRow.id == EditRow.image_id)
        .group_by(ImageRow.project_id)
    )
    if project_ids is not None:
        of_projects = of_projects.where(ProjectRow.id.in_(project_ids))
        newest_images = newest_images.where(ImageRow.project_id.in_(project_ids))
        newest_edits = newest_edits.where(ImageRow.project_id.in_(project_ids))
    last: dict[int, datetime] = {row[0]: row[1] for row in session.execute(of_projects)}
    added = select(ImageRow.project_id, ImageRow.created).where(ImageRow.id.in_(newest_images))
    edited = select(ImageRow.project_id, EditRow.created).join(ImageRow, ImageRow.id == EditRow.image_id)
    for question in (added, edited.where(EditRow.id.in_(newest_edits))):
        for project_id, moment in session.execute(question):
            last[project_id] = max(last[project_id], moment)
    return last


def _row(session: Session, project_id: int) -> ProjectRow:
    row = session.get(ProjectRow, known_id(project_id, "project"))
    if row is None:
        raise NotFound(f"There is no project {project_id}. It may have been deleted.")
    return row


def _with_counts(session: Session, rows: Sequence[ProjectRow]) -> tuple[Project, ...]:
    ids = [row.id for row in rows]
    of_images = {
        row.project_id: row
        for row in session.scalars(select(ProjectCountRow).where(ProjectCountRow.project_id.in_(ids)))
    }
    tested = (
        select(ImageRow.project_id, func.count())
        .where(
            ImageRow.project_id.in_(ids),
            ImageRow.deleted.is_(None),
            ImageRow.status.in_(("labelled", "empty")),
            ImageRow.split == "test",
        )
        .group_by(ImageRow.project_id)
    )
    of_tests: dict[int, int] = {row[0]: row[1] for row in session.execute(tested)}
    of_classes: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    of_one = select(LabelClassRow.project_id, boxes_of_class()).where(LabelClassRow.project_id.in_(ids))
    for project_id, number in session.execute(of_one):
        classes, total = of_classes[project_id]
        of_classes[project_id] = (classes + 1, total + number)
    return tuple(
        Project(
            id=row.id,
            name=row.name,
            images=counts.unlabelled + counts.labelled + counts.empty,
            labelled=counts.labelled,
            empty=counts.empty,
            classes=of_classes[row.id][0],
            boxes=of_classes[row.id][1],
            archived=row.archived,
            tested=of_tests.get(row.id, 0),
        )
        for row in rows
        for counts in (of_images[row.id],)
    )
