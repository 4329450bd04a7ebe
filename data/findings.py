"""Findings: places where a model and an image's labels disagree, worst first, until a person has decided.

A finding is made for a revision of its image. Once the image has another, `check_again` looks whether the
disagreement is still there: a missing box that is drawn now is fixed, one whose drawing was undone is open.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal, cast, get_args

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.orm import Session

from data import images
from data.annotations import read as read_boxes
from data.annotations import read_many
from data.annotations import replace as replace_boxes
from data.box_overlap import Corners, iou
from data.errors import NotFound
from data.images import PRESENT
from data.labelled_images import LARGEST_BATCH
from data.records import Box, Image
from data.schema import FindingRow, ImageRow, LabelClassRow, known_id

FindingKind = Literal["missing_box", "unseen_box", "other_class", "poor_fit"]
FindingState = Literal["open", "dismissed", "fixed"]
KINDS: tuple[FindingKind, ...] = get_args(FindingKind)
#: From this overlap on, two boxes are about one thing.
SAME_IOU = 0.5
LARGEST_PAGE = 200


@dataclass(frozen=True, slots=True)
class Doubt:
    """What a model doubts about an image's labels; ``box_id`` names the drawn box, ``badness`` is 0 to 1.

    ``xyxy`` is the drawn box where the model sees none of it (``unseen_box``), else the model's: float pixels
    of the upright image. ``class_id`` is the class of that box.
    """

    kind: FindingKind
    class_id: int
    xyxy: Corners
    badness: float
    score: float | None = None
    box_id: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A doubt that waits for a person, or was decided; true of the image's revision when it was made."""

    id: int
    image_id: int
    model_id: str
    doubt: Doubt
    image_revision: int
    state: FindingState


@dataclass(frozen=True, slots=True)
class FindingPage:
    """Open findings, worst first; ``next_after`` continues them, None at the end."""

    findings: tuple[Finding, ...]
    next_after: int | None


@dataclass(frozen=True, slots=True)
class LookedAt:
    """What a model doubts about an image whose labels of this revision it was compared with."""

    image_id: int
    revision: int
    doubts: Sequence[Doubt]


def images_with_findings(session: Session, project_id: int) -> set[int]:
    """Give the ids of a project's images that have findings which were not dismissed."""
    query = select(FindingRow.image_id).join(ImageRow, ImageRow.id == FindingRow.image_id).distinct()
    mine = ImageRow.project_id == known_id(project_id, "project")
    return set(session.scalars(query.where(mine, FindingRow.state != "dismissed")))


def not_dismissed(session: Session, doubts: Mapping[int, Sequence[Doubt]]) -> dict[int, list[Doubt]]:
    """Leave out the doubts that a person has dismissed: those of the same kind and class at the same place.

    Args:
        session: a session.
        doubts: of up to `LARGEST_BATCH` images, by image id.
    """
    settled = defaultdict(list)
    query = select(FindingRow).where(FindingRow.image_id.in_(list(doubts)), FindingRow.state == "dismissed")
    for row in session.scalars(query):
        settled[row.image_id].append(row)
    return {
        image_id: [doubt for doubt in of_it if not any(_same(row, doubt) for row in settled[image_id])]
        for image_id, of_it in doubts.items()
    }


def put(session: Session, model_id: str, looked_at: Sequence[LookedAt]) -> None:
    """Put what a new look at images found in the place of what earlier ones found, of any model.

    What a person has dismissed stays dismissed, and is not told again.

    Args:
        session: a writing session.
        model_id: who looked.
        looked_at: up to `LARGEST_BATCH` images; one that is gone meanwhile gets no findings.
    """
    ids = [each.image_id for each in looked_at]
    # Locked in the order in which others lock several, images first: else each could wait for the other.
    locked = select(ImageRow.id).where(ImageRow.id.in_(ids)).order_by(ImageRow.id).with_for_update()
    present = set(session.scalars(locked))
    earlier = select(FindingRow.id).where(FindingRow.image_id.in_(ids), FindingRow.state != "dismissed")
    replaced = session.scalars(earlier.order_by(FindingRow.id).with_for_update()).all()
    for start in range(0, len(replaced), LARGEST_BATCH):
        some = replaced[start : start + LARGEST_BATCH]
        session.execute(delete(FindingRow).where(FindingRow.id.in_(some)))
    told = not_dismissed(session, {each.image_id: each.doubts for each in looked_at})
    now = datetime.now(UTC)
    session.add_all(
        _row_of(doubt, each, model_id, now)
        for each in looked_at
        if each.image_id in present
        for doubt in told[each.image_id]
    )
    session.flush()


def page(
    session: Session,
    project_id: int,
    kind: FindingKind | None = None,
    after: int | None = None,
    limit: int = 50,
) -> FindingPage:
    """Read a project's open findings, worst first.

    Args:
        session: a reading session.
        project_id: the project.
        kind: only these; None for all.
        after: begin behind the finding with this id, wherever it is now.
        limit: the most, up to `LARGEST_PAGE`.
    """
    query = select(FindingRow).join(ImageRow, ImageRow.id == FindingRow.image_id)
    query = query.where(*_of(project_id), FindingRow.state == "open")
    if kind is not None:
        query = query.where(FindingRow.kind == kind)
    last = None if after is None else session.get(FindingRow, known_id(after, "finding"))
    if last is not None:
        worse = FindingRow.badness < last.badness
        query = query.where(or_(worse, and_(FindingRow.badness == last.badness, FindingRow.id > last.id)))
    most = max(1, min(limit, LARGEST_PAGE))
    rows = session.scalars(query.order_by(FindingRow.badness.desc(), FindingRow.id).limit(most + 1)).all()
    found = tuple(_record(row) for row in rows[:most])
    return FindingPage(found, found[-1].id if len(rows) > most else None)


def counts(session: Session, project_id: int) -> dict[FindingState, dict[FindingKind, int]]:
    """Count a project's findings by state and kind."""
    found: dict[FindingState, dict[FindingKind, int]] = {
        state: dict.fromkeys(KINDS, 0) for state in get_args(FindingState)
    }
    rows = session.execute(
        select(FindingRow.state, FindingRow.kind, func.count())
        .join(ImageRow, ImageRow.id == FindingRow.image_id)
        .where(*_of(project_id))
        .group_by(FindingRow.state, FindingRow.kind)
    )
    for state, kind, number in rows:
        found[cast("FindingState", state)][cast("FindingKind", kind)] = number
    return found


def get(session: Session, finding_id: int) -> Finding:
    """Read one finding; raises NotFound."""
    return _record(_row(session, finding_id, lock=False))


def decide(session: Session, finding_id: int, state: FindingState) -> Finding:
    """Say that the labels are right as they are, that they were mended, or that it is open again.

    Raises:
        NotFound: there is no such finding.
    """
    row = _row(session, finding_id)
    if row.state != state:
        row.state, row.decided = state, None if state == "open" else datetime.now(UTC)
    session.flush()
    return _record(row)


def carry_out(
    session: Session, finding_id: int, revision: int, operation_id: str, *, author: str = "person"
) -> tuple[Image, tuple[Box, ...]]:
    """Do what the model says, as one change of the image, and give it with its boxes.

    A missing box is drawn, an unseen one deleted; another class or a better fit goes to the drawn box. What
    is so already changes nothing.

    Args:
        session: a writing session.
        finding_id: the finding.
        revision: the image's revision that the caller saw.
        operation_id: chosen once per change by the caller; sending it again does nothing.
        author: who changed it, for the history.

    Raises:
        NotFound: there is no such finding or image, or the drawn box is gone.
        StaleRevision: the image changed since; carries what it holds now.
        InvalidBox: the box cannot be stored.
    """
    # The image first, as those do who save it or look at it: else each could wait for the other.
    image_id = _row(session, finding_id, lock=False).image_id
    session.get(ImageRow, image_id, with_for_update=True)
    row = _row(session, finding_id)
    drawn = read_boxes(session, row.image_id)
    wanted = _mended(row, drawn)
    if wanted != drawn:
        image = replace_boxes(session, row.image_id, wanted, revision, operation_id, author=author)
        row.image_revision = image.revision
    row.state, row.decided = "fixed", datetime.now(UTC)
    session.flush()
    return images.get(session, row.image_id), read_boxes(session, row.image_id)


def outdated(session: Session, project_id: int) -> bool:
    """Tell whether `check_again` has something to do."""
    query = select(FindingRow.id).join(ImageRow, ImageRow.id == FindingRow.image_id)
    return session.scalar(query.where(*_of(project_id), _CHANGED).limit(1)) is not None


def check_again(session: Session, project_id: int) -> int:
    """Look again at findings whose image has another revision; gives how many are open or fixed now.

    Args:
        session: a writing session.
        project_id: the project.
    """
    rows = session.execute(
        select(FindingRow, ImageRow.revision)
        .join(ImageRow, ImageRow.id == FindingRow.image_id)
        .where(*_of(project_id), _CHANGED)
        .order_by(FindingRow.id)
        # What a look removes at this moment is not among them then.
        .with_for_update(of=FindingRow)
    ).all()
    drawn = read_many(session, sorted({row.image_id for row, _ in rows}))
    changed = 0
    now = datetime.now(UTC)
    for row, revision in rows:
        holds = _holds(row, drawn.get(row.image_id, ()))
        state = row.state if row.state == "dismissed" else "open" if holds else "fixed"
        changed += row.state != state
        row.image_revision, row.state = revision, state
        row.decided = None if state == "open" else row.decided or now
    session.flush()
    return changed


_CHANGED: ColumnElement[bool] = FindingRow.image_revision != ImageRow.revision


def _of(project_id: int) -> tuple[ColumnElement[bool], ...]:
    shown = FindingRow.class_id.in_(select(LabelClassRow.id).where(LabelClassRow.archived.is_(False)))
    # An image that waits for labels again says nothing yet that could be wrong.
    said = or_(FindingRow.state != "open", ImageRow.status != "unlabelled")
    # The sum keeps the index of the project's images out: they are looked up for the few findings, which of a
    # large project is fifty times as quick.
    mine = ImageRow.project_id + 0 == known_id(project_id, "project")
    return mine, PRESENT, shown, said


def _row(session: Session, finding_id: int, *, lock: bool = True) -> FindingRow:
    row = session.get(FindingRow, known_id(finding_id, "finding"), with_for_update=lock or None)
    if row is None:
        raise NotFound("This finding is gone: a newer look took its place. Load the list again.")
    return row


def _holds(row: FindingRow, boxes: Sequence[Box]) -> bool:
    """Tell whether boxes and model still disagree."""
    if row.kind == "missing_box":
        return all(iou(box.xyxy, _corners(row)) < SAME_IOU for box in boxes)
    box = next((each for each in boxes if each.id == row.box_id), None)
    if box is None:
        return False
    near = iou(box.xyxy, _corners(row)) >= SAME_IOU
    if row.kind == "other_class":
        return near and box.class_id != row.class_id
    return box.class_id == row.class_id and near == (row.kind == "unseen_box")


def _mended(row: FindingRow, drawn: Sequence[Box]) -> tuple[Box, ...]:
    """Give the boxes as the model would have them."""
    x0, y0, x1, y1 = _corners(row)
    if row.kind == "missing_box":
        new = Box(f"finding-{row.id}", row.class_id, x0, y0, x1, y1, f"model:{row.model_id}")
        return tuple(drawn) if any(box.id == new.id for box in drawn) else (*drawn, new)
    if row.kind == "unseen_box":
        return tuple(box for box in drawn if box.id != row.box_id)
    if all(box.id != row.box_id for box in drawn):
        raise NotFound("The box is gone: somebody deleted it meanwhile. Load the list again.")
    other_class = row.kind == "other_class"

    def better(box: Box) -> Box:
        if other_class:
            return replace(box, class_id=row.class_id)
        return replace(box, x0=x0, y0=y0, x1=x1, y1=y1)

    return tuple(better(box) if box.id == row.box_id else box for box in drawn)


def _row_of(doubt: Doubt, image: LookedAt, model_id: str, created: datetime) -> FindingRow:
    x0, y0, x1, y1 = doubt.xyxy
    return FindingRow(
        image_id=image.image_id,
        model_id=model_id,
        kind=doubt.kind,
        class_id=doubt.class_id,
        box_id=doubt.box_id,
        x0=x0,
        y0=y0,
        x1=x1,
        y1=y1,
        score=doubt.score,
        badness=doubt.badness,
        image_revision=image.revision,
        state="open",
        created=created,
    )


def _same(row: FindingRow, doubt: Doubt) -> bool:
    alike = row.kind == doubt.kind and row.class_id == doubt.class_id
    return alike and iou(_corners(row), doubt.xyxy) >= SAME_IOU


def _corners(row: FindingRow) -> Corners:
    return row.x0, row.y0, row.x1, row.y1


def _record(row: FindingRow) -> Finding:
    kind = cast("FindingKind", row.kind)
    doubt = Doubt(kind, row.class_id, _corners(row), row.badness, row.score, row.box_id)
    state = cast("FindingState", row.state)
    return Finding(row.id, row.image_id, row.model_id, doubt, row.image_revision, state)
