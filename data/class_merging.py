"""Making one class of two, and taking a class away: no box, no suggestion and no history loses its class."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import CursorResult, String, delete, exists, func, insert, or_, select, update
from sqlalchemy import cast as sql_cast
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from data import classes
from data.annotations import BOX_COLUMNS, box_to_json
from data.errors import ClassInUse, InvalidName, NotFound
from data.records import Box, LabelClass
from data.schema import BoxRow, EditRow, FindingRow, ImageRow, LabelClassRow, SuggestionRow, known_id

#: Who the history says made the change of an image whose boxes got the other class.
AUTHOR = "merge"
# Images changed at a time: SQLite and PostgreSQL both limit how many values one question may carry.
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did: ``into`` is the class that is left, with ``boxes`` more on ``images`` images."""

    into: LabelClass
    images: int
    boxes: int


def merge(session: Session, class_id: int, into_id: int) -> Merged:
    """Give all boxes and suggestions of a class to another one of its project, in the bin too.

    Every image changed gets a new revision and an entry in its history, so that whoever has it open is told,
    and can be put back. Snapshots and models named their classes when they were made, and stay as they are.
    The merged class is deleted; where earlier states of images have it, it is archived instead.

    Args:
        session: a writing session.
        class_id: the class that goes.
        into_id: the class that stays; taken up again if it was archived.

    Raises:
        InvalidName: the two are one, or of different projects.
        NotFound: one of them does not exist.
    """
    gone, kept = _both(session, class_id, into_id)
    operation = f"merge-{uuid.uuid4().hex}"
    image_ids: set[int] = set()
    boxes = 0
    # Again while others draw boxes of the class: their images were not among those just read.
    while fresh := _images_of(session, gone.id):
        for start in range(0, len(fresh), _BATCH):
            boxes += _move(session, fresh[start : start + _BATCH], gone.id, kept.id, operation)
        operation = f"merge-{uuid.uuid4().hex}"
        image_ids.update(fresh)
    suggested = update(SuggestionRow).where(SuggestionRow.class_id == gone.id)
    session.execute(suggested.values(class_id=kept.id))
    # Of no revision: a box of the class that is left is no doubt any more where the one that goes was seen.
    doubted = update(FindingRow).where(FindingRow.class_id == gone.id)
    session.execute(doubted.values(class_id=kept.id, image_revision=-1))
    kept.archived = False
    if image_ids or _history_has(session, gone) or not _deleted(session, gone):
        gone.archived = True
    session.flush()
    return Merged(classes.get(session, kept.id), len(image_ids), boxes)


def remove(session: Session, class_id: int) -> None:
    """Delete a class that nothing has.

    Raises:
        ClassInUse: boxes have it, in the bin or not, suggestions, or earlier states of images.
        NotFound: there is none with this id.
    """
    row = _locked(session, [class_id])[0]
    boxes = session.scalar(select(func.count()).where(BoxRow.class_id == row.id)) or 0
    if boxes:
        in_bin = boxes - classes.get(session, row.id).boxes
        more = f" ({in_bin} on images in the bin)" if in_bin else ""
        number = "1 box has" if boxes == 1 else f"{boxes} boxes have"
        raise ClassInUse(
            f"{number} the class {row.name!r}{more}. Merge it into another class, or archive it."
        )
    if session.scalar(select(exists().where(SuggestionRow.class_id == row.id))):
        raise ClassInUse(
            f"Suggestions have the class {row.name!r}. Merge it into another class, or archive it."
        )
    if session.scalar(select(exists().where(FindingRow.class_id == row.id))):
        raise ClassInUse(
            f"Findings of Review have the class {row.name!r}. Merge it into another class, or archive it."
        )
    if _history_has(session, row):
        raise ClassInUse(
            f"Earlier states of images, which can be put back, have the class {row.name!r}. Archive it."
        )
    if not _deleted(session, row):  # On a server, somebody has drawn one at this moment.
        raise ClassInUse(f"A box has the class {row.name!r} now. Merge it into another class, or archive it.")


def _both(session: Session, class_id: int, into_id: int) -> tuple[LabelClassRow, LabelClassRow]:
    if class_id == into_id:
        raise InvalidName("A class cannot be merged into itself. Choose another one.")
    rows = {row.id: row for row in _locked(session, [class_id, into_id])}
    gone, kept = rows[class_id], rows[into_id]
    if gone.project_id != kept.project_id:
        raise InvalidName(f"The classes {gone.name!r} and {kept.name!r} belong to different projects.")
    return gone, kept


def _locked(session: Session, class_ids: Sequence[int]) -> Sequence[LabelClassRow]:
    ids = sorted(known_id(class_id, "class") for class_id in class_ids)
    # Not against those who draw: they hold their image, and would wait here for whoever waits for it.
    query = select(LabelClassRow).where(LabelClassRow.id.in_(ids)).order_by(LabelClassRow.id)
    rows = session.scalars(query.with_for_update(key_share=True)).all()
    missing = set(ids) - {row.id for row in rows}
    if missing:
        raise NotFound(f"There is no class {min(missing)}. It may have been deleted.")
    return rows


def _images_of(session: Session, class_id: int) -> Sequence[int]:
    query = select(BoxRow.image_id).where(BoxRow.class_id == class_id).distinct()
    return sorted(session.scalars(query))


def _move(session: Session, ids: Sequence[int], gone_id: int, kept_id: int, operation: str) -> int:
    """Give the boxes of some images the other class, and note each image's new state in its history."""
    locked = select(ImageRow.id).where(ImageRow.id.in_(ids)).order_by(ImageRow.id).with_for_update()
    # One that a server's other user removed meanwhile has no boxes any more.
    present = session.scalars(locked).all()
    moved = update(BoxRow).where(BoxRow.image_id.in_(present), BoxRow.class_id == gone_id)
    boxes = cast("CursorResult[Any]", session.execute(moved.values(class_id=kept_id))).rowcount
    session.execute(
        update(ImageRow)
        .where(ImageRow.id.in_(present))
        .values(revision=ImageRow.revision + 1)
        .execution_options(synchronize_session=False)
    )
    states: dict[int, list[list[Any]]] = defaultdict(list)
    drawn = select(BoxRow.image_id, *BOX_COLUMNS).where(BoxRow.image_id.in_(present))
    for image_id, *values in session.execute(drawn.order_by(BoxRow.image_id, BoxRow.position)):
        states[image_id].append(box_to_json(Box(*values)))
    now = datetime.now(UTC)
    after = select(ImageRow.id, ImageRow.revision, ImageRow.status).where(ImageRow.id.in_(present))
    edits = [
        {
            "image_id": image_id,
            "operation_id": operation,
            "revision": revision,
            "author": AUTHOR,
            "status": status,
            "boxes": states[image_id],
            "created": now,
            "action": "draw",
        }
        for image_id, revision, status in session.execute(after.order_by(ImageRow.id)).all()
    ]
    if edits:
        session.execute(insert(EditRow), edits)
    return boxes


def _history_has(session: Session, row: LabelClassRow) -> bool:
    """Tell whether a state that can be put back has a class; reads no more of the history than may have."""
    text = sql_cast(EditRow.boxes, String)
    # A box is written as ["id",class,…: the second form is that of a writer who leaves blanks.
    written = or_(*(text.contains(f'",{blank}{row.id},', autoescape=True) for blank in ("", " ")))
    query = select(EditRow.boxes).join(ImageRow, ImageRow.id == EditRow.image_id)
    mine = query.where(ImageRow.project_id == row.project_id, written)
    with closing(session.scalars(mine.execution_options(yield_per=_BATCH))) as found:
        return any(values[1] == row.id for boxes in found for values in boxes)


def _deleted(session: Session, row: LabelClassRow) -> bool:
    try:
        with session.begin_nested():
            session.execute(delete(LabelClassRow).where(LabelClassRow.id == row.id))
    except IntegrityError:
        return False
    return True
