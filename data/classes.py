"""Classes of a project: an id that never changes, a name and colour that may."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from data.box_counts import boxes_of_class
from data.errors import AlreadyExists, ClassExists, InvalidName, NotFound
from data.names import tidy_name
from data.palette import colour_for
from data.records import LabelClass
from data.schema import LabelClassRow, ProjectRow, known_id

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")


def add(session: Session, project_id: int, name: str, colour: str | None = None) -> LabelClass:
    """Add a class behind the others; without a colour it gets the next of the palette.

    Raises:
        AlreadyExists: the project has a class of this name.
        InvalidName: the name or colour cannot be stored.
        NotFound: there is no such project.
    """
    tidy = tidy_name(name, "class")
    _check_colour(colour, tidy)
    # Locked, so that two classes added at once get two positions.
    if session.get(ProjectRow, known_id(project_id, "project"), with_for_update=True) is None:
        raise NotFound(f"There is no project {project_id}. It may have been deleted.")
    last = session.scalar(
        select(func.max(LabelClassRow.position)).where(LabelClassRow.project_id == project_id)
    )
    position = 0 if last is None else last + 1
    row = LabelClassRow(
        project_id=project_id, name=tidy, colour=colour or colour_for(position), position=position
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise AlreadyExists(f"The project has a class named {tidy!r} already.") from error
    return _record(row, 0)


def get_or_create(session: Session, project_id: int, name: str) -> LabelClass:
    """Read the class of a name, adding it where there is none.

    Raises:
        InvalidName: the name cannot be stored.
        NotFound: there is no such project.
    """
    class_id = id_of(session, project_id, name)
    return get(session, class_id)


def get(session: Session, class_id: int) -> LabelClass:
    """Read a class with the number of its boxes.

    Raises:
        NotFound: there is none with this id.
    """
    found = session.execute(_counted().where(LabelClassRow.id == known_id(class_id, "class"))).first()
    if found is None:
        raise _missing(class_id)
    return _record(found[0], found[1])


def change(
    session: Session,
    class_id: int,
    *,
    name: str | None = None,
    colour: str | None = None,
    archived: bool | None = None,
) -> LabelClass:
    """Give a class another name or colour, put it aside or take it up again; what is None stays.

    Raises:
        ClassExists: the project has another class of this name; tells which.
        InvalidName: the name or colour cannot be stored.
        NotFound: there is none with this id.
    """
    row = session.get(LabelClassRow, known_id(class_id, "class"), with_for_update=True)
    if row is None:
        raise _missing(class_id)
    tidy = row.name if name is None else tidy_name(name, "class")
    _check_colour(colour, tidy)
    row.colour = row.colour if colour is None else colour
    row.archived = row.archived if archived is None else archived
    try:
        with session.begin_nested():
            row.name = tidy
    except IntegrityError as error:
        raise ClassExists(tidy, _id_of_name(session, row.project_id, tidy)) from error
    return get(session, class_id)


def reorder(session: Session, project_id: int, class_ids: Sequence[int]) -> tuple[LabelClass, ...]:
    """Put the project's classes into this order; their ids, and with them all models, stay as they are.

    Raises:
        InvalidName: a class is missing from the order, or stands in it twice, or is another project's.
    """
    rows = session.scalars(
        select(LabelClassRow)
        .where(LabelClassRow.project_id == known_id(project_id, "project"))
        .order_by(LabelClassRow.id)
        .with_for_update()
    ).all()
    if sorted(class_ids) != [row.id for row in rows]:
        raise InvalidName(f"An order of classes names each of the project's {len(rows)} classes once.")
    for row in rows:
        row.position = list(class_ids).index(row.id)
    session.flush()
    return list_all(session, project_id)


def id_of(session: Session, project_id: int, name: str) -> int:
    """Give the id of the class of a name, adding it where there is none; counts no boxes.

    Raises:
        InvalidName: the name cannot be stored.
        NotFound: there is no such project.
    """
    tidy = tidy_name(name, "class")
    query = select(LabelClassRow.id).where(
        LabelClassRow.project_id == known_id(project_id, "project"), LabelClassRow.name == tidy
    )
    class_id = session.scalar(query)
    if class_id is not None:
        return class_id
    try:
        return add(session, project_id, tidy).id
    except AlreadyExists:  # Someone else added it between the two.
        return session.scalars(query).one()


def list_all(session: Session, project_id: int) -> tuple[LabelClass, ...]:
    """Read the project's classes in order of position, each with the number of its boxes."""
    counted = _counted().where(LabelClassRow.project_id == known_id(project_id, "project"))
    query = counted.order_by(LabelClassRow.position, LabelClassRow.id)
    return tuple(_record(row, boxes) for row, boxes in session.execute(query))


def _id_of_name(session: Session, project_id: int, name: str) -> int:
    mine = select(LabelClassRow.id).where(LabelClassRow.project_id == project_id, LabelClassRow.name == name)
    return session.scalars(mine).one()


def _counted() -> Select[LabelClassRow, int]:
    return select(LabelClassRow, boxes_of_class())


def _check_colour(colour: str | None, name: str) -> None:
    if colour is not None and not _COLOUR.fullmatch(colour):
        raise InvalidName(f"The colour {colour!r} of class {name!r} is not of the form #RRGGBB.")


def _missing(class_id: int) -> NotFound:
    return NotFound(f"There is no class {class_id}. It may have been deleted with its project.")


def _record(row: LabelClassRow, boxes: int) -> LabelClass:
    return LabelClass(
        id=row.id,
        project_id=row.project_id,
        name=row.name,
        colour=row.colour,
        position=row.position,
        boxes=boxes,
        archived=row.archived,
    )
