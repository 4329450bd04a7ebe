"""Boxes of an image: read, replaced as a whole, and every change kept as history that can be put back."""

from __future__ import annotations

import dataclasses
import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from data import images
from data.errors import InvalidBox, NotFound, StaleRevision
from data.records import Box, Edit, EditAction, Image, ImageStatus
from data.schema import BoxRow, EditRow, ImageRow, LabelClassRow, known_id

LONGEST_ID = 100
_SOURCE = re.compile(r"person|import|model:[^\x00]{1,100}")
#: The columns of a box in the order of the fields of ``Box``: reading them is several times faster than rows.
BOX_COLUMNS = tuple(getattr(BoxRow, field.name) for field in dataclasses.fields(Box))
# Images read at a time: SQLite and PostgreSQL both limit how many values one question may carry.
_BATCH = 500


def read(session: Session, image_id: int) -> tuple[Box, ...]:
    """Read an image's boxes in the order they were drawn; empty for an image without any or gone."""
    query = select(*BOX_COLUMNS).where(BoxRow.image_id == known_id(image_id, "image"))
    return tuple(Box(*values) for values in session.execute(query.order_by(BoxRow.position)))


def read_many(session: Session, image_ids: Sequence[int]) -> dict[int, list[Box]]:
    """Read the boxes of several images by image id, each image's in the order they were drawn."""
    found: dict[int, list[Box]] = defaultdict(list)
    for start in range(0, len(image_ids), _BATCH):
        wanted = BoxRow.image_id.in_(image_ids[start : start + _BATCH])
        query = select(BoxRow.image_id, *BOX_COLUMNS).where(wanted)
        for image_id, *values in session.execute(query.order_by(BoxRow.image_id, BoxRow.position)):
            found[image_id].append(Box(*values))
    return dict(found)


def replace(
    session: Session,
    image_id: int,
    boxes: Sequence[Box],
    revision: int,
    operation_id: str,
    *,
    author: str = "person",
) -> Image:
    """Put these boxes in the place of the image's boxes.

    One box or more makes the image labelled; none makes it unlabelled, unless it was marked empty.

    Args:
        session: a writing session.
        image_id: the image.
        boxes: all its boxes from now on; pixels of the upright image.
        revision: the image's revision that the caller saw.
        operation_id: chosen once per change by the caller; sending the same change again does nothing.
        author: who changed it, for the history.

    Returns:
        The image as this change left it, also where the change was made before and others followed: a caller
        who repeats it must not take a later revision for one whose boxes it saw.

    Raises:
        InvalidBox: a box cannot be stored; names it.
        NotFound: there is no such image.
        StaleRevision: the image changed since; carries what it holds now.
    """
    row = _locked(session, image_id)
    done = _done(session, row, operation_id)
    if done is not None:
        return done
    _check_revision(session, row, revision)
    _check_boxes(session, row, boxes)
    _put(session, row, boxes)
    if boxes:
        row.status = "labelled"
    elif row.status == "labelled":
        row.status = "unlabelled"
    return _record_edit(session, row, boxes, operation_id, author, "draw")


def mark_empty(
    session: Session,
    image_id: int,
    revision: int,
    operation_id: str,
    empty: bool = True,
    *,
    author: str = "person",
) -> Image:
    """Mark an image without boxes as checked and empty, or take the mark away.

    Gives the image as this change left it; sending it again does nothing and gives the same.

    Raises:
        InvalidBox: the image has boxes.
        NotFound: there is no such image.
        StaleRevision: the image changed since; carries what it holds now.
    """
    row = _locked(session, image_id)
    done = _done(session, row, operation_id)
    if done is not None:
        return done
    _check_revision(session, row, revision)
    boxes = read(session, image_id)
    if boxes:
        raise InvalidBox(f"{row.name} has {len(boxes)} boxes, so it is not empty. Delete them first.")
    row.status = "empty" if empty else "unlabelled"
    return _record_edit(session, row, (), operation_id, author, "mark")


def history(session: Session, image_id: int) -> tuple[Edit, ...]:
    """Read every change of an image, the oldest first; before the first it had neither boxes nor a mark."""
    query = select(EditRow).where(EditRow.image_id == known_id(image_id, "image"))
    return tuple(_edit(row) for row in session.scalars(query.order_by(EditRow.revision)))


def restore(
    session: Session,
    image_id: int,
    earlier: int,
    revision: int,
    operation_id: str,
    *,
    author: str = "person",
) -> Image:
    """Put an earlier state of an image back, boxes and status, as a change of its own.

    Args:
        session: a writing session.
        image_id: the image.
        earlier: the revision whose state is wanted; 0 is the image as it came, without boxes.
        revision: the image's revision that the caller saw.
        operation_id: chosen once per change by the caller; sending the same change again does nothing.
        author: who changed it, for the history.

    Returns:
        The image as this change left it, also where the change was made before and others followed.

    Raises:
        InvalidBox: a box is of a class that the project has no more.
        NotFound: there is no such image, or it never had this revision.
        StaleRevision: the image changed since; carries what it holds now.
    """
    row = _locked(session, image_id)
    done = _done(session, row, operation_id)
    if done is not None:
        return done
    _check_revision(session, row, revision)
    boxes: tuple[Box, ...] = ()
    status = "unlabelled"
    if earlier != 0:
        query = select(EditRow).where(EditRow.image_id == row.id, EditRow.revision == earlier)
        edit = session.scalar(query) if 0 < earlier <= row.revision else None
        if edit is None:
            raise NotFound(f"{row.name} never had this revision; it has 0 to {row.revision}.")
        boxes, status = tuple(map(_with_known_source, map(box_from_json, edit.boxes))), edit.status
    _check_boxes(session, row, boxes)
    _put(session, row, boxes)
    row.status = status
    return _record_edit(session, row, boxes, operation_id, author, "restore", earlier)


def _locked(session: Session, image_id: int) -> ImageRow:
    row = session.get(ImageRow, known_id(image_id, "image"), with_for_update=True)
    if row is None:
        raise NotFound(f"There is no image {image_id}. It may have been deleted.")
    if row.deleted is not None:
        raise images.in_bin(row.name)
    return row


def _done(session: Session, row: ImageRow, operation_id: str) -> Image | None:
    """Give the image as an operation left it that was done before, None for a new one."""
    if not operation_id or len(operation_id) > LONGEST_ID:
        raise InvalidBox(f"A save needs an operation id of 1 to {LONGEST_ID} characters.")
    query = select(EditRow).where(EditRow.image_id == row.id, EditRow.operation_id == operation_id)
    edit = session.scalar(query)
    if edit is None:
        return None
    return dataclasses.replace(
        images.to_record(row, len(edit.boxes)),
        revision=edit.revision,
        status=cast("ImageStatus", edit.status),
    )


def _check_revision(session: Session, row: ImageRow, revision: int) -> None:
    if row.revision != revision:
        raise StaleRevision(row.id, row.revision, cast("ImageStatus", row.status), read(session, row.id))


def _check_boxes(session: Session, row: ImageRow, boxes: Sequence[Box]) -> None:
    known = set(session.scalars(select(LabelClassRow.id).where(LabelClassRow.project_id == row.project_id)))
    seen: set[str] = set()
    for box in boxes:
        if not box.id or len(box.id) > LONGEST_ID:
            raise InvalidBox(f"A box of {row.name} needs an id of 1 to {LONGEST_ID} characters.")
        if box.id in seen:
            raise InvalidBox(f"Two boxes of {row.name} have the id {box.id!r}.")
        seen.add(box.id)
        if box.class_id not in known:
            raise InvalidBox(
                f"A box of {row.name} has class {box.class_id}, which the project does not have."
            )
        if not _SOURCE.fullmatch(box.source):
            raise InvalidBox(
                f"A box of {row.name} has the source {box.source[:80]!r}; it is person, import or model:<id>."
            )
        fault = box.fault(row.width, row.height)
        if fault:
            raise InvalidBox(f"{row.name}: {fault}")


def _put(session: Session, row: ImageRow, boxes: Sequence[Box]) -> None:
    session.execute(delete(BoxRow).where(BoxRow.image_id == row.id))
    if boxes:
        session.execute(
            insert(BoxRow), [_values(row.id, position, box) for position, box in enumerate(boxes)]
        )


def _record_edit(
    session: Session,
    row: ImageRow,
    boxes: Sequence[Box],
    operation_id: str,
    author: str,
    action: EditAction,
    restored: int | None = None,
) -> Image:
    row.revision += 1
    session.add(
        EditRow(
            image_id=row.id,
            operation_id=operation_id,
            revision=row.revision,
            author=author,
            status=row.status,
            boxes=[box_to_json(box) for box in boxes],
            created=datetime.now(UTC),
            action=action,
            restored=restored,
        )
    )
    session.flush()
    return images.to_record(row, len(boxes))


def box_to_json(box: Box) -> list[Any]:
    """Write a box as a short list for history and snapshots; ``box_from_json`` reads it back."""
    corners = [float(value) for value in box.xyxy]
    return [box.id, box.class_id, *corners, box.source, int(box.difficult), int(box.crowd)]


def box_from_json(values: Sequence[Any]) -> Box:
    """Read a box that ``box_to_json`` wrote."""
    box_id, class_id, x0, y0, x1, y1, source, difficult, crowd = values
    return Box(box_id, class_id, x0, y0, x1, y1, source, bool(difficult), bool(crowd))


def _with_known_source(box: Box) -> Box:
    # The history reaches back to when the source was free text.
    return box if _SOURCE.fullmatch(box.source) else dataclasses.replace(box, source="person")


def _edit(row: EditRow) -> Edit:
    return Edit(
        image_id=row.image_id,
        revision=row.revision,
        action=cast("EditAction", row.action),
        author=row.author,
        created=row.created,
        status=cast("ImageStatus", row.status),
        boxes=tuple(map(box_from_json, row.boxes)),
        restored=row.restored,
    )


def _values(image_id: int, position: int, box: Box) -> dict[str, Any]:
    return {
        "image_id": image_id,
        "id": box.id,
        "position": position,
        "class_id": box.class_id,
        "x0": float(box.x0),
        "y0": float(box.y0),
        "x1": float(box.x1),
        "y1": float(box.y1),
        "source": box.source,
        "difficult": box.difficult,
        "crowd": box.crowd,
    }
