"""Images of a project: adding, reading, paging and deleting them, in an order people expect.

A deleted image lies in the bin for a while: neither pages nor counts see it there, and it can be put back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, cast

from sqlalchemy import ColumnElement, CursorResult, Select, and_, func, or_, select
from sqlalchemy import delete as sql_delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from data.errors import NotFound
from data.image_filter import BOXES, EVERY, behind, conditions, only_by_status, ordered, place_of
from data.intake import UprightImage
from data.names import tidy_note, tidy_path
from data.natural_order import natural_key
from data.records import Image, ImageFilter, ImagePage, ImageStatus, Split
from data.schema import LARGEST_INTEGER, ImageRow, ProjectCountRow, ProjectRow, known_id

LARGEST_PAGE = 500
#: Days for which a deleted image can be put back.
DAYS_IN_BIN = 30
STATUSES: tuple[ImageStatus, ...] = ("unlabelled", "labelled", "empty")
#: What every question adds that must not see the bin.
PRESENT = ImageRow.deleted.is_(None)


def finished(project_id: int) -> tuple[ColumnElement[bool], ...]:
    """The condition of a project's images that are labelled or a checked negative, and not in the bin."""
    mine = ImageRow.project_id == known_id(project_id, "project")
    return mine, ImageRow.status.in_(("labelled", "empty")), PRESENT


# The fields of ``Image`` in their order: reading columns is several times faster than rows of classes.
_IMAGES: Select[Any] = select(
    *(BOXES if field.name == "boxes" else getattr(ImageRow, field.name) for field in fields(Image))
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


def get_many(session: Session, image_ids: Sequence[int]) -> tuple[Image, ...]:
    """Read images in the order of these ids; those that are gone are left out."""
    if not image_ids:
        return ()
    found = {row.id: Image(*row) for row in session.execute(_IMAGES.where(ImageRow.id.in_(image_ids)))}
    return tuple(found[image_id] for image_id in image_ids if image_id in found)


def page(
    session: Session,
    project_id: int,
    after: int | None = None,
    limit: int = 60,
    wanted: ImageFilter = EVERY,
    offset: int = 0,
) -> ImagePage:
    """Read a page of the images wanted, in the order wanted.

    Args:
        session: a session.
        project_id: the project.
        after: id of the last image of the page before, None to begin with the first.
        limit: images at most, 1 to 500.
        wanted: which images, and their order.
        offset: images passed over first.

    Raises:
        NotFound: the image ``after`` is gone; begin again with the first page.
    """
    size = max(1, min(limit, LARGEST_PAGE))
    # Ids first: however far the page lies, only its own rows are read, the others from the index alone.
    query = select(ImageRow.id).where(*within(project_id, wanted))
    if after is not None:
        query = query.where(behind(wanted, place_in_order(session, after, wanted)))
    start = max(0, min(offset, LARGEST_INTEGER))
    ids = session.scalars(ordered(query, wanted).limit(size + 1).offset(start or None)).all()
    return ImagePage(
        images=get_many(session, ids[:size]),
        total=count(session, project_id, wanted),
        next_after=ids[size - 1] if len(ids) > size else None,
    )


def within(project_id: int, wanted: ImageFilter) -> list[ColumnElement[bool]]:
    """Give the conditions of a project's images that are wanted and not in its bin."""
    return [ImageRow.project_id == known_id(project_id, "project"), PRESENT, *conditions(wanted)]


def place_in_order(session: Session, image_id: int, wanted: ImageFilter) -> tuple[Any, ...]:
    """Give an image's place in the order wanted, whether it is wanted itself or not.

    Raises:
        NotFound: there is none with this id.
    """
    row = session.execute(place_of(wanted).where(ImageRow.id == known_id(image_id, "image"))).first()
    if row is None:
        raise _missing(image_id)
    return tuple(row)


def count(session: Session, project_id: int, wanted: ImageFilter = EVERY) -> int:
    """Count the images wanted; by status alone in no time."""
    if only_by_status(wanted):
        kept = counts(session, project_id)
        return sum(number for status, number in kept.items() if wanted.status in (None, status))
    counted = select(func.count()).select_from(ImageRow).where(*within(project_id, wanted))
    if wanted.split is not None and wanted.status is None:
        # Says nothing but that the index of status and split holds all that is asked.
        counted = counted.where(ImageRow.status.in_(STATUSES))
    return session.scalar(counted) or 0


def counts(session: Session, project_id: int) -> dict[ImageStatus, int]:
    """Tell how many images of each status a project has, in no time; zeros for one that is gone."""
    row = session.get(ProjectCountRow, known_id(project_id, "project"), populate_existing=True)
    return {each: 0 if row is None else getattr(row, each) for each in STATUSES}


def change(
    session: Session,
    image_id: int,
    *,
    flag: bool | None = None,
    note: str | None = None,
    split: Split | Literal["none"] | None = None,
) -> Image:
    """Give an image another flag, note or split, ``none`` for no split; what is None stays.

    The revision stays as it is: none of these says what the image shows.

    Raises:
        InvalidName: the note is too long.
        NotFound: there is none with this id, or it lies in the bin.
    """
    row = _row(session, image_id)
    if row.deleted is not None:
        raise in_bin(row.name)
    row.flag = row.flag if flag is None else flag
    row.note = row.note if note is None else tidy_note(note)
    if split is not None:
        row.split = None if split == "none" else split
    session.flush()
    return get(session, image_id)


def in_bin(name: str) -> NotFound:
    """Make the error that tells that an image cannot be used as long as it lies in the bin."""
    return NotFound(f"{name} lies in the bin. Put it back before you change it.")


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


def discarded(
    session: Session, project_id: int, limit: int = LARGEST_PAGE, offset: int = 0
) -> tuple[Image, ...]:
    """Read the images in a project's bin, the last deleted first."""
    query = select(ImageRow.id).where(*_in_bin_of(project_id))
    newest = query.order_by(ImageRow.deleted.desc(), ImageRow.id)
    page = newest.limit(max(1, min(limit, LARGEST_PAGE))).offset(max(0, min(offset, LARGEST_INTEGER)))
    return get_many(session, session.scalars(page).all())


def count_discarded(session: Session, project_id: int) -> int:
    """Count the images in a project's bin."""
    counted = select(func.count()).select_from(ImageRow).where(*_in_bin_of(project_id))
    return session.scalar(counted) or 0


def clear_bin(session: Session, project_id: int) -> int:
    """Remove for good all that lies in a project's bin; gives the number of images removed."""
    return _remove(session, *_in_bin_of(project_id))


def empty_bin(session: Session, now: datetime, keep_days: float = DAYS_IN_BIN) -> int:
    """Remove for good what lies in any project's bin for longer; gives the number of images removed."""
    return _remove(session, ImageRow.deleted <= now - timedelta(days=keep_days))


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


def _in_bin_of(project_id: int) -> tuple[ColumnElement[bool], ...]:
    return (ImageRow.project_id == known_id(project_id, "project"), ImageRow.deleted.is_not(None))


def _remove(session: Session, *which: ColumnElement[bool]) -> int:
    # One statement: the database takes boxes, history and suggestions along.
    removed = cast("CursorResult[Any]", session.execute(sql_delete(ImageRow).where(*which)))
    return removed.rowcount


def _row(session: Session, image_id: int) -> ImageRow:
    row = session.get(ImageRow, known_id(image_id, "image"))
    if row is None:
        raise _missing(image_id)
    return row


def _missing(image_id: int) -> NotFound:
    return NotFound(f"There is no image {image_id}. It may have been deleted.")
