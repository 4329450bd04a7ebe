"""Images of a project: adding, reading, paging and deleting them, in an order people expect."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from data.errors import NotFound
from data.intake import UprightImage
from data.names import tidy_path
from data.natural_order import natural_key
from data.records import Image, ImagePage, ImageStatus, Place, Split
from data.schema import BoxRow, ImageRow, ProjectRow, known_id

LARGEST_PAGE = 500


def find(session: Session, project_id: int, name: str, received_sha256: str) -> Image | None:
    """Read the image of this identity, or None if the project has none."""
    row = session.execute(
        _counted().where(
            ImageRow.project_id == known_id(project_id, "project"),
            ImageRow.name == tidy_path(name),
            ImageRow.received_sha256 == received_sha256,
        )
    ).first()
    return None if row is None else to_record(row[0], row[1])


def insert(
    session: Session,
    project_id: int,
    name: str,
    upright: UprightImage,
    sha256: str,
    split: Split | None = None,
) -> tuple[Image, bool]:
    """Add the row of an image whose file is stored already; tell whether it is new.

    An image is the same when its name (the path it came from) and the received bytes are; one that is there
    keeps everything it has.

    Raises:
        InvalidName: the name cannot be stored.
        NotFound: there is no such project.
    """
    path = tidy_path(name)
    if session.get(ProjectRow, known_id(project_id, "project")) is None:
        raise NotFound(f"There is no project {project_id}. It may have been deleted.")
    known = find(session, project_id, path, upright.received_sha256)
    if known is not None:
        return known, False
    row = ImageRow(
        project_id=project_id,
        name=path,
        sort_key=natural_key(path),
        received_sha256=upright.received_sha256,
        sha256=sha256,
        mime=upright.mime,
        width=upright.width,
        height=upright.height,
        orientation=upright.original_orientation,
        status="unlabelled",
        split=split,
        revision=0,
        note="",
        created=datetime.now(UTC),
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # On a server, someone else may have added it meanwhile.
        known = find(session, project_id, path, upright.received_sha256)
        if known is None:
            raise
        return known, False
    return to_record(row, 0), True


def get(session: Session, image_id: int) -> Image:
    """Read an image.

    Raises:
        NotFound: there is none with this id.
    """
    row = session.execute(_counted().where(ImageRow.id == known_id(image_id, "image"))).first()
    if row is None:
        raise _missing(image_id)
    return to_record(row[0], row[1])


def page(
    session: Session,
    project_id: int,
    after: int | None = None,
    limit: int = 60,
    status: ImageStatus | None = None,
) -> ImagePage:
    """Read the images that follow one of them, in natural order of names.

    Args:
        session: a session.
        project_id: the project.
        after: id of the last image of the page before, None for the first page.
        limit: images wanted, 1 to 500.
        status: only images of this status.

    Raises:
        NotFound: the image ``after`` is gone; begin again with the first page.
    """
    size = max(1, min(limit, LARGEST_PAGE))
    wanted = [ImageRow.project_id == known_id(project_id, "project")]
    if status is not None:
        wanted.append(ImageRow.status == status)
    query = _counted().where(*wanted).order_by(ImageRow.sort_key, ImageRow.id).limit(size + 1)
    if after is not None:
        query = query.where(_key() > _key_of(_row(session, after)))
    found = session.execute(query).all()
    images = tuple(to_record(row, boxes) for row, boxes in found[:size])
    return ImagePage(
        images=images,
        total=session.scalar(select(func.count()).select_from(ImageRow).where(*wanted)) or 0,
        next_after=images[-1].id if len(found) > size else None,
    )


def place(session: Session, image_id: int) -> Place:
    """Tell where an image stands in its project and which images lie next to it.

    ``next_unlabelled_id`` is the first unlabelled image behind this one or, where none follows, the first of
    all; None if no other image is unlabelled.

    Raises:
        NotFound: there is none with this id.
    """
    row = _row(session, image_id)
    here = _key_of(row)
    mine = ImageRow.project_id == row.project_id
    ids = select(ImageRow.id).where(mine)
    number = select(func.count()).select_from(ImageRow).where(mine)
    unlabelled = ids.where(ImageRow.status == "unlabelled", ImageRow.id != image_id)
    following = _first(session, unlabelled.where(_key() > here))
    return Place(
        number=(session.scalar(number.where(_key() < here)) or 0) + 1,
        total=session.scalar(number) or 0,
        previous_id=session.scalar(
            ids.where(_key() < here).order_by(ImageRow.sort_key.desc(), ImageRow.id.desc()).limit(1)
        ),
        next_id=_first(session, ids.where(_key() > here)),
        next_unlabelled_id=following if following is not None else _first(session, unlabelled),
    )


def delete(session: Session, image_id: int) -> None:
    """Remove an image with its boxes and history; its file stays, because snapshots may use it.

    Raises:
        NotFound: there is none with this id.
    """
    session.delete(_row(session, image_id))


def orientation(session: Session, image_id: int) -> int:
    """Give the EXIF orientation 1–8 that the received bytes had.

    Raises:
        NotFound: there is none with this id.
    """
    return _row(session, image_id).orientation


def to_record(row: ImageRow, boxes: int) -> Image:
    """Turn an image's row and the number of its boxes into a value."""
    return Image(
        id=row.id,
        project_id=row.project_id,
        name=row.name,
        sha256=row.sha256,
        mime=row.mime,
        width=row.width,
        height=row.height,
        status=cast("ImageStatus", row.status),
        split=cast("Split | None", row.split),
        revision=row.revision,
        boxes=boxes,
        note=row.note,
    )


def _counted() -> Select[ImageRow, int]:
    number = select(func.count()).where(BoxRow.image_id == ImageRow.id).scalar_subquery()
    return select(ImageRow, number)


def _row(session: Session, image_id: int) -> ImageRow:
    row = session.get(ImageRow, known_id(image_id, "image"))
    if row is None:
        raise _missing(image_id)
    return row


def _missing(image_id: int) -> NotFound:
    return NotFound(f"There is no image {image_id}. It may have been deleted.")


def _key() -> ColumnElement[tuple[str, int]]:
    return tuple_(ImageRow.sort_key, ImageRow.id)


def _key_of(row: ImageRow) -> ColumnElement[tuple[str, int]]:
    return tuple_(row.sort_key, row.id)


def _first(session: Session, ids: Select[int]) -> int | None:
    return session.scalar(ids.order_by(ImageRow.sort_key, ImageRow.id).limit(1))
