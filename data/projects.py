"""Projects: creating, finding and counting them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from data.errors import AlreadyExists, NotFound
from data.names import tidy_name
from data.records import Project
from data.schema import BoxRow, ImageRow, LabelClassRow, ProjectRow, known_id


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
    row = session.get(ProjectRow, known_id(project_id, "project"))
    if row is None:
        raise NotFound(f"There is no project {project_id}. It may have been deleted.")
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


def _with_counts(session: Session, rows: Sequence[ProjectRow]) -> tuple[Project, ...]:
    ids = [row.id for row in rows]
    statuses: dict[int, dict[str, int]] = {project_id: {} for project_id in ids}
    for project_id, status, number in session.execute(
        select(ImageRow.project_id, ImageRow.status, func.count())
        .where(ImageRow.project_id.in_(ids))
        .group_by(ImageRow.project_id, ImageRow.status)
    ):
        statuses[project_id][status] = number
    # Outer join: a class without boxes still counts as a class.
    of_classes = {
        project_id: (classes, boxes)
        for project_id, classes, boxes in session.execute(
            select(LabelClassRow.project_id, func.count(LabelClassRow.id.distinct()), func.count(BoxRow.id))
            .outerjoin(BoxRow, BoxRow.class_id == LabelClassRow.id)
            .where(LabelClassRow.project_id.in_(ids))
            .group_by(LabelClassRow.project_id)
        )
    }
    return tuple(
        Project(
            id=row.id,
            name=row.name,
            images=sum(statuses[row.id].values()),
            labelled=statuses[row.id].get("labelled", 0),
            empty=statuses[row.id].get("empty", 0),
            classes=of_classes.get(row.id, (0, 0))[0],
            boxes=of_classes.get(row.id, (0, 0))[1],
        )
        for row in rows
    )
