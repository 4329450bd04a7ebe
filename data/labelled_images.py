"""Labelled images: those that are finished, read a few at a time, as a model and a comparison want them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.annotations import read_many
from data.images import counts, finished
from data.records import Box
from data.schema import ImageRow

#: Images that are read or written at a time: SQLite and PostgreSQL limit how many values a question carries.
LARGEST_BATCH = 500


@dataclass(frozen=True, slots=True)
class ToLookAt:
    """A finished image as a model is asked about it."""

    id: int
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Labelled:
    """A finished image as it is compared with what a model sees."""

    id: int
    name: str
    sha256: str
    width: int
    height: int
    revision: int
    boxes: tuple[Box, ...]


def to_look_at(
    session: Session, project_id: int, after: int = 0, limit: int = LARGEST_BATCH
) -> tuple[ToLookAt, ...]:
    """Read a few of a project's labelled and empty images, those with larger ids than ``after``, by id."""
    query = select(ImageRow.id, ImageRow.name, ImageRow.sha256).where(*finished(project_id))
    few = query.where(ImageRow.id > after).order_by(ImageRow.id).limit(limit)
    return tuple(ToLookAt(*row) for row in session.execute(few))


def labelled(session: Session, project_id: int, image_ids: Sequence[int]) -> tuple[Labelled, ...]:
    """Read images with their boxes, in order of id.

    Args:
        session: a reading session.
        project_id: the project.
        image_ids: up to `LARGEST_BATCH`; those that are neither labelled nor empty any more are left out.
    """
    facts = (ImageRow.id, ImageRow.name, ImageRow.sha256, ImageRow.width, ImageRow.height, ImageRow.revision)
    query = select(*facts).where(*finished(project_id), ImageRow.id.in_(image_ids))
    rows = session.execute(query.order_by(ImageRow.id)).all()
    drawn = read_many(session, [row.id for row in rows])
    return tuple(Labelled(*row, boxes=tuple(drawn.get(row.id, ()))) for row in rows)


def count_labelled(session: Session, project_id: int) -> int:
    """Count what there is to look at."""
    number = counts(session, project_id)
    return number["labelled"] + number["empty"]
