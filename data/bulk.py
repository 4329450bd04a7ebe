"""One change to many images at once, in a few statements however many they are, and how to take it back."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import insert, literal, select, update
from sqlalchemy.orm import Session

from data.image_filter import conditions
from data.images import PRESENT
from data.records import ImageFilter
from data.schema import LARGEST_INTEGER, EditRow, ImageRow, known_id

BulkAction = Literal["split", "flag", "status", "delete", "put_back"]
#: So many skipped images are named; the rest are counted.
NAMED_SKIPS = 500
# Ids of one statement: SQLite takes 32,766 values at most.
_IDS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Skipped:
    """An image that a change left alone, and why; the name is empty if there is no such image."""

    id: int
    name: str
    problem: str


@dataclass(frozen=True, slots=True)
class BulkStep:
    """One value given to many images; None for ``delete`` and ``put_back``, which need no value."""

    action: BulkAction
    value: bool | str | None
    image_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class BulkChange:
    """What a change to many images did; ``undo`` are the steps that take it back.

    ``skipped`` names the first 500 images of the ``skipped_total`` that were left alone. Images that were as
    wanted already are neither changed nor skipped.
    """

    changed: int
    skipped: tuple[Skipped, ...]
    skipped_total: int
    undo: tuple[BulkStep, ...]


def change(
    session: Session,
    project_id: int,
    action: BulkAction,
    value: bool | str | None,
    chosen: Sequence[int] | ImageFilter,
    *,
    author: str = "person",
) -> BulkChange:
    """Change one thing of many images of a project.

    A status is given to images without boxes alone; each gets a new revision and an entry in its history, as
    when it is marked by hand.

    Args:
        session: a writing session.
        project_id: the project.
        action: what is changed.
        value: to what; None for ``delete`` and ``put_back``.
        chosen: ids of images, or a filter that all of them fulfil; for ``put_back`` it looks into the bin.
        author: who changed it, for the history.
    """
    rows = list(_rows(session, known_id(project_id, "project"), action, chosen))
    former: dict[Any, list[int]] = defaultdict(list)
    skipped: list[Skipped] = []
    for row in rows:
        problem = _problem(action, row)
        before = _value_of(action, row)
        if problem:
            skipped.append(Skipped(row.id, row.name, problem))
        elif before != value:
            former[before].append(row.id)
    if not isinstance(chosen, ImageFilter):
        missing = sorted(set(chosen) - {row.id for row in rows})
        skipped += [Skipped(image_id, "", "It is gone: reload the page.") for image_id in missing]
    ids = [image_id for group in former.values() for image_id in group]
    for part in _parts(ids):
        _carry_out(session, action, value, part, author)
    return BulkChange(
        changed=len(ids),
        skipped=tuple(skipped[:NAMED_SKIPS]),
        skipped_total=len(skipped),
        undo=tuple(_undo(action, before, tuple(group)) for before, group in former.items()),
    )


def _rows(
    session: Session, project_id: int, action: BulkAction, chosen: Sequence[int] | ImageFilter
) -> Iterator[Any]:
    """Read the images chosen, and keep others from changing them until this change is done."""
    columns = (ImageRow.id, ImageRow.name, ImageRow.status, ImageRow.split, ImageRow.flag, ImageRow.deleted)
    mine = select(*columns).where(ImageRow.project_id == project_id)
    # Everyone locks in order of id, so that two changes of the same images never wait for each other.
    query = mine.order_by(ImageRow.id).with_for_update(of=ImageRow)
    if isinstance(chosen, ImageFilter):
        side = ImageRow.deleted.is_not(None) if action == "put_back" else PRESENT
        yield from session.execute(query.where(side, *conditions(chosen)))
        return
    for part in _parts(sorted({number for number in chosen if 1 <= number <= LARGEST_INTEGER})):
        yield from session.execute(query.where(ImageRow.id.in_(part)))


def _problem(action: BulkAction, row: Any) -> str:
    if row.deleted is not None and action not in ("delete", "put_back"):
        return "It lies in the bin: put it back first."
    if action == "status" and row.status == "labelled":
        return "It has boxes: delete them first."
    return ""


def _value_of(action: BulkAction, row: Any) -> Any:
    """Give what the action would replace; of ``delete`` and ``put_back``, None where it was done already."""
    match action:
        case "delete":
            return None if row.deleted is not None else "present"
        case "put_back":
            return None if row.deleted is None else "deleted"
        case _:
            return getattr(row, action)


def _undo(action: BulkAction, before: Any, image_ids: tuple[int, ...]) -> BulkStep:
    match action:
        case "delete":
            return BulkStep("put_back", None, image_ids)
        case "put_back":
            return BulkStep("delete", None, image_ids)
        case _:
            return BulkStep(action, before, image_ids)


def _carry_out(
    session: Session, action: BulkAction, value: bool | str | None, image_ids: Sequence[int], author: str
) -> None:
    now = datetime.now(UTC)
    values: dict[str, dict[str, Any]] = {
        "split": {"split": value},
        "flag": {"flag": value},
        "status": {"status": value, "revision": ImageRow.revision + 1},
        "delete": {"deleted": now},
        "put_back": {"deleted": None},
    }
    these = ImageRow.id.in_(image_ids)
    if action == "status":
        entry = {
            EditRow.image_id: ImageRow.id,
            EditRow.operation_id: literal(uuid.uuid4().hex),
            EditRow.revision: ImageRow.revision + 1,
            EditRow.author: literal(author),
            EditRow.status: literal(value),
            EditRow.boxes: literal([], EditRow.boxes.type),
            EditRow.created: literal(now, EditRow.created.type),
            EditRow.action: literal("mark"),
        }
        session.execute(insert(EditRow).from_select(list(entry), select(*entry.values()).where(these)))
    session.execute(
        update(ImageRow).where(these).values(**values[action]),
        execution_options={"synchronize_session": False},
    )


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for first in range(0, len(ids), _IDS_AT_ONCE):
        yield ids[first : first + _IDS_AT_ONCE]
