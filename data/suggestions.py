"""Suggestions: a model's boxes that wait for a person to accept or reject them."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import cast

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from data import images
from data.annotations import read as read_boxes
from data.annotations import replace as replace_boxes
from data.box_overlap import iou
from data.errors import InvalidBox, NotFound
from data.records import Box, Image, Suggestion, SuggestionState
from data.schema import LARGEST_INTEGER, ImageRow, LabelClassRow, ModelRow, SuggestionRow, known_id

#: An accepted suggestion is a box of this id: so a person's page can draw it before the server hears of it.
_BOX_ID = re.compile(r"suggestion-([1-9]\d{0,17})")
#: A box found where one of its class is drawn already, by IoU from here on, is no news.
SAME_OBJECT = 0.5


def offer(
    session: Session, image_id: int, model_id: str, found: Sequence[tuple[Box, float]]
) -> tuple[Suggestion, ...]:
    """Suggest what a model found on an image, in the place of whatever nobody decided on before.

    The last look counts, whichever model's it is. What a box of the same class covers already is left out,
    and what somebody rejected.

    Args:
        session: a writing session.
        image_id: the image.
        model_id: the model.
        found: boxes with their scores, 0 to 1; the boxes' ids and sources do not matter.

    Raises:
        InvalidBox: a box or score cannot be stored.
        NotFound: there is no such image or model.
    """
    image = _locked(session, image_id)
    if session.get(ModelRow, model_id) is None:
        raise NotFound(f"There is no model {model_id!r}. It may have been deleted.")
    known = set(session.scalars(select(LabelClassRow.id).where(LabelClassRow.project_id == image.project_id)))
    for box, score in found:
        fault = box.fault(image.width, image.height)
        if fault is not None:
            raise InvalidBox(f"{image.name}: {fault}")
        if box.class_id not in known:
            raise InvalidBox(
                f"A suggestion for {image.name} has class {box.class_id}, which the project does not have."
            )
        if not (math.isfinite(score) and 0 <= score <= 1):
            raise InvalidBox(f"A suggestion for {image.name} has the score {score}, which is not 0 to 1.")
    session.execute(
        delete(SuggestionRow).where(SuggestionRow.image_id == image_id, SuggestionRow.state == "open")
    )
    known_boxes: list[Box | Suggestion] = [
        *read_boxes(session, image_id),
        *read(session, image_id, "rejected"),
    ]
    news = [(box, score) for box, score in found if not any(_same_object(box, each) for each in known_boxes)]
    now = datetime.now(UTC)
    rows = [
        SuggestionRow(
            image_id=image_id,
            model_id=model_id,
            class_id=box.class_id,
            x0=float(box.x0),
            y0=float(box.y0),
            x1=float(box.x1),
            y1=float(box.y1),
            score=float(score),
            state="open",
            created=now,
        )
        for box, score in news
    ]
    session.add_all(rows)
    session.flush()
    return tuple(_record(row) for row in rows)


def read(session: Session, image_id: int, state: SuggestionState = "open") -> tuple[Suggestion, ...]:
    """Read an image's suggestions of one state, the surest first."""
    query = select(SuggestionRow).where(
        SuggestionRow.image_id == known_id(image_id, "image"), SuggestionRow.state == state
    )
    rows = session.scalars(query.order_by(SuggestionRow.score.desc(), SuggestionRow.id))
    return tuple(_record(row) for row in rows)


def undecided(
    session: Session, image_id: int, drawn: Sequence[Box], class_ids: Collection[int]
) -> tuple[Suggestion, ...]:
    """Read what is left to decide on an image, the surest first: no suggestion of what is drawn already.

    A person draws, and accepts what an earlier look suggested, while a newer one puts its own in the place.

    Args:
        session: a session.
        image_id: the image.
        drawn: its boxes.
        class_ids: the classes in use; of an archived one nothing is to be drawn.
    """
    return tuple(
        each
        for each in read(session, image_id)
        if each.class_id in class_ids and not any(_same_object(each, box) for box in drawn)
    )


def accept(
    session: Session,
    image_id: int,
    suggestion_ids: Sequence[int],
    revision: int,
    operation_id: str,
    *,
    author: str = "person",
) -> Image:
    """Draw suggestions as boxes whose source is their model, as one change of the image.

    Raises:
        InvalidBox: a box cannot be stored any more.
        NotFound: there is no such image, or a suggestion is not its own or was rejected.
        StaleRevision: the image changed since; carries what it holds now.
    """
    rows = _rows(session, image_id, suggestion_ids)
    rejected = [row.id for row in rows if row.state == "rejected"]
    if rejected:
        raise NotFound(f"The suggestion {rejected[0]} was rejected and cannot be accepted any more.")
    drawn = [
        Box(box_id(row.id), row.class_id, row.x0, row.y0, row.x1, row.y1, f"model:{row.model_id}")
        for row in rows
    ]
    names = {box.id for box in drawn}
    kept = [box for box in read_boxes(session, image_id) if box.id not in names]
    image = replace_boxes(session, image_id, [*kept, *drawn], revision, operation_id, author=author)
    # By the boxes of now: sent again, it may be that they were taken back since.
    settle(session, image_id, read_boxes(session, image_id))
    return image


def reject(session: Session, image_id: int, suggestion_ids: Sequence[int]) -> None:
    """Note that nobody wants these suggestions; those that were accepted stay accepted.

    Raises:
        NotFound: there is no such image, or a suggestion is not its own.
    """
    rows = _rows(session, image_id, suggestion_ids)
    _decide(session, [row for row in rows if row.state == "open"], "rejected")


def settle(
    session: Session,
    image_id: int,
    boxes: Sequence[Box],
    rejected: Collection[int] = (),
    reopened: Collection[int] = (),
) -> tuple[int, ...]:
    """Bring an image's suggestions into line with its boxes, in the transaction that stored those.

    A suggestion whose box stands is accepted, whatever else is said of it. Without its box it is rejected if
    that is said, and open again if it was accepted before or its rejection is taken back.

    Args:
        session: a writing session.
        image_id: the image.
        boxes: all its boxes, as they were just stored.
        rejected: suggestions that nobody wants.
        reopened: suggestions that were rejected and are to be decided again.

    Returns:
        Those rejected that are gone, because a newer look took their place: nothing is left to decide.
    """
    drawn = accepted_by(boxes)
    named = {number for number in {*drawn, *rejected, *reopened} if 1 <= number <= LARGEST_INTEGER}
    concerned = or_(SuggestionRow.state == "accepted", SuggestionRow.id.in_(named))
    rows = session.scalars(select(SuggestionRow).where(SuggestionRow.image_id == image_id, concerned)).all()
    unwanted, again = set(rejected), set(reopened)
    by_state: dict[SuggestionState, list[SuggestionRow]] = {"accepted": [], "rejected": [], "open": []}
    for row in rows:
        if row.id in drawn:
            by_state["accepted"].append(row)
        elif row.id in unwanted:
            by_state["rejected"].append(row)
        elif row.state == "accepted" or row.id in again:
            by_state["open"].append(row)
    for state, group in by_state.items():
        _decide(session, group, state)
    return tuple(sorted(unwanted - {row.id for row in rows} - drawn))


def accepted_by(boxes: Collection[Box]) -> set[int]:
    """The suggestions that boxes came from, as far as they did."""
    return {int(found[1]) for box in boxes if (found := _BOX_ID.fullmatch(box.id))}


def box_id(suggestion_id: int) -> str:
    """The id of the box that a suggestion becomes."""
    return f"suggestion-{suggestion_id}"


def _same_object(found: Box | Suggestion, drawn: Box | Suggestion) -> bool:
    one_xyxy, other_xyxy = ((each.x0, each.y0, each.x1, each.y1) for each in (found, drawn))
    return found.class_id == drawn.class_id and iou(one_xyxy, other_xyxy) >= SAME_OBJECT


def _locked(session: Session, image_id: int) -> Image:
    """Read an image, and keep others from deciding on its suggestions until this is done."""
    session.execute(select(ImageRow.id).where(ImageRow.id == known_id(image_id, "image")).with_for_update())
    return images.get(session, image_id)


def _rows(session: Session, image_id: int, suggestion_ids: Sequence[int]) -> Sequence[SuggestionRow]:
    _locked(session, image_id)
    wanted = {number for number in suggestion_ids if 1 <= number <= LARGEST_INTEGER}
    mine = select(SuggestionRow).where(SuggestionRow.image_id == image_id, SuggestionRow.id.in_(wanted))
    rows = session.scalars(mine.order_by(SuggestionRow.id)).all()
    if len(rows) != len(set(suggestion_ids)):
        raise NotFound("A suggestion is gone: a newer one of its model took its place. Reload the image.")
    return rows


def _decide(session: Session, rows: Sequence[SuggestionRow], state: SuggestionState) -> None:
    now = datetime.now(UTC)
    for row in rows:
        if row.state != state:
            row.state, row.decided = state, None if state == "open" else now
    session.flush()


def _record(row: SuggestionRow) -> Suggestion:
    return Suggestion(
        id=row.id,
        image_id=row.image_id,
        model_id=row.model_id,
        class_id=row.class_id,
        x0=row.x0,
        y0=row.y0,
        x1=row.x1,
        y1=row.y1,
        score=row.score,
        state=cast("SuggestionState", row.state),
        created=row.created,
    )
