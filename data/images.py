"""Images of a project: adding, reading, paging and deleting them, in an order people expect.

A deleted image lies in the bin for a while: neither pages nor counts see it there, and it can be put back.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from data.errors import NotFound
from data.intake import UprightImage
from data.names import tidy_path
from data.natural_order import natural_key
from data.records import Image, ImagePage, ImageStatus, Place, Split
from data.schema import BoxRow, ImageRow, ProjectCountRow, ProjectRow, known_id

LARGEST_PAGE = 500
#: Days for which a deleted image can be put back.
DAYS_IN_BIN = 30
STATUSES: tuple[ImageStatus, ...] = ("unlabelled", "labelled", "empty")
#: What every question adds that must not see the bin.
PRESENT = ImageRow.deleted.is_(None)
_BOXES = select(func.count()).where(BoxRow.image_id == ImageRow.id).scalar_subquery()
# The fields of ``Image`` in their order: reading columns is several times faster than rows of classes.
_IMAGES: Select[Any] = select(
    *(_BOXES if field.name == "boxes" else getattr(ImageRow, field.name) for field in fields(Image))
)


def find(session: Session, project_id: int, name: str, received_sha256: str) -> Image | None:
    """Read the image of this identity, or None if the project has none outside its bin."""
    identity = _identity(project_id, tidy_path(name), received_sha256)
    # An image whose own bytes these were comes before one that they were made into.
    exact_first = (ImageRow.received_sha256 != received_sha256, ImageRow.id)
    row = session.execute(_IMAGES.where(identity, PRESENT).order_by(*exact_first)).first()
    return None if row is None else Image(*row)


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
    keeps everything it has, and leaves the bin if it lies there.

    Args:
        session: a writing session.
        project_id: the project.
        name: the relative path it came from.
        upright: the image as it was read.
        sha256: the name of its stored file.
        split: given to it if it is new.

    Raises:
        InvalidName: the name cannot be stored.
        NotFound: there is no such project.
    """
    path = tidy_path(name)
    if session.get(ProjectRow, known_id(project_id, "project")) is None:
        raise NotFound(f"There is no project {project_id}. It may have been deleted.")
    known = _known(session, project_id, path, upright.received_sha256)
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
        perceptual_hash=upright.perceptual_hash,
        warning=upright.warning,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # On a server, someone else may have added it meanwhile.
        known = _known(session, project_id, path, upright.received_sha256)
        if known is None:
            raise
        return known, False
    return to_record(row, 0), True


def get(session: Session, image_id: int) -> Image:
    """Read an image.

    Raises:
        NotFound: there is none with this id.
    """
    row = session.execute(_IMAGES.where(ImageRow.id == known_id(image_id, "image"))).first()
    if row is None:
        raise _missing(image_id)
    return Image(*row)


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
    wanted = [ImageRow.project_id == known_id(project_id, "project"), PRESENT]
    if status is not None:
        wanted.append(ImageRow.status == status)
    query = _IMAGES.where(*wanted).order_by(ImageRow.sort_key, ImageRow.id).limit(size + 1)
    if after is not None:
        query = query.where(_key() > _key_of(_row(session, after)))
    found = session.execute(query).all()
    images = tuple(Image(*row) for row in found[:size])
    return ImagePage(
        images=images,
        total=sum(number for each, number in counts(session, project_id).items() if status in (None, each)),
        next_after=images[-1].id if len(found) > size else None,
    )


def counts(session: Session, project_id: int) -> dict[ImageStatus, int]:
    """Tell how many images of each status a project has, in no time; zeros for one that is gone."""
    row = session.get(ProjectCountRow, known_id(project_id, "project"), populate_existing=True)
    return {each: 0 if row is None else getattr(row, each) for each in STATUSES}


def place(session: Session, image_id: int) -> Place:
    """Tell where an image stands in its project and which images lie next to it.

    ``next_unlabelled_id`` is the first unlabelled image behind this one or, where none follows, the first of
    all; None if no other image is unlabelled.

    Raises:
        NotFound: there is none with this id.
    """
    row = _row(session, image_id)
    here = _key_of(row)
    mine = (ImageRow.project_id == row.project_id, PRESENT)
    number = select(func.count()).select_from(ImageRow).where(*mine)
    ids = select(ImageRow.id).where(*mine).order_by(ImageRow.sort_key, ImageRow.id).limit(1)
    unlabelled = ids.where(ImageRow.status == "unlabelled", ImageRow.id != image_id)
    backwards = select(ImageRow.id).where(*mine).order_by(ImageRow.sort_key.desc(), ImageRow.id.desc())
    before, previous, following, unlabelled_behind, unlabelled_first = session.execute(
        select(
            number.where(_key() < here).scalar_subquery(),
            backwards.where(_key() < here).limit(1).scalar_subquery(),
            ids.where(_key() > here).scalar_subquery(),
            unlabelled.where(_key() > here).scalar_subquery(),
            unlabelled.scalar_subquery(),
        )
    ).one()
    return Place(
        number=before + 1,
        total=sum(counts(session, row.project_id).values()),
        previous_id=previous,
        next_id=following,
        next_unlabelled_id=unlabelled_first if unlabelled_behind is None else unlabelled_behind,
    )


def discard(session: Session, image_id: int, now: datetime | None = None) -> Image:
    """Put an image into the bin, with all it has; one that lies there stays as it is.

    Raises:
        NotFound: there is none with this id.
    """
    row = _row(session, image_id)
    row.deleted = row.deleted or now or datetime.now(UTC)
    session.flush()
    return get(session, image_id)


def put_back(session: Session, image_id: int) -> Image:
    """Take an image out of the bin, as it was.

    Raises:
        NotFound: there is none with this id; the bin may have been emptied.
    """
    _row(session, image_id).deleted = None
    session.flush()
    return get(session, image_id)


def discarded(session: Session, project_id: int, limit: int = LARGEST_PAGE) -> tuple[Image, ...]:
    """Read the images in a project's bin, the last deleted first."""
    query = _IMAGES.where(
        ImageRow.project_id == known_id(project_id, "project"), ImageRow.deleted.is_not(None)
    )
    newest = query.order_by(ImageRow.deleted.desc(), ImageRow.id).limit(max(1, min(limit, LARGEST_PAGE)))
    return tuple(Image(*row) for row in session.execute(newest))


def empty_bin(session: Session, now: datetime, keep_days: float = DAYS_IN_BIN) -> int:
    """Remove for good what lies in any project's bin for longer; gives the number of images removed."""
    last = now - timedelta(days=keep_days)
    ids = session.scalars(select(ImageRow.id).where(ImageRow.deleted <= last)).all()
    for image_id in ids:
        delete(session, image_id)
    return len(ids)


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
        flag=row.flag,
        warning=row.warning,
        deleted=row.deleted,
        perceptual_hash=row.perceptual_hash,
    )


def _identity(project_id: int, path: str, received_sha256: str) -> ColumnElement[bool]:
    return and_(
        ImageRow.project_id == known_id(project_id, "project"),
        ImageRow.name == path,
        # What an export wrote is the stored file: coming back, it is the image it was.
        or_(ImageRow.received_sha256 == received_sha256, ImageRow.sha256 == received_sha256),
    )


def _known(session: Session, project_id: int, path: str, received_sha256: str) -> Image | None:
    known = select(ImageRow.id).where(_identity(project_id, path, received_sha256))
    image_id = session.scalar(
        known.order_by(ImageRow.received_sha256 != received_sha256, ImageRow.id).limit(1)
    )
    return None if image_id is None else put_back(session, image_id)


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
