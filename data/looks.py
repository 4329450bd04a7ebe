"""Looks: what a project's model made of each image that waits for labels, and the order that follows."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_, exists, func, select, update
from sqlalchemy.orm import Session

from data import classes, images, models, projects, suggestions
from data.records import Box
from data.schema import EditRow, ImageRow, LookRow, ProjectCountRow, ProjectRow

#: Sides in pixels below which nobody could take hold of a box.
_MIN_SIDE = 1.0
#: A class by its id, float xyxy pixels of the upright image, and a score.
Found = tuple[int, tuple[float, float, float, float], float]
#: The usefulness of an image that was in the order and is finished.
FINISHED = 1e6
_WAITING = (ImageRow.id, ImageRow.name, ImageRow.sha256, ImageRow.revision)


@dataclass(frozen=True, slots=True)
class Look:
    """What a model made of an image; ``usefulness`` is None until the order is worked out."""

    image_id: int
    model_id: str
    uncertainty: float
    usefulness: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """An image that a model has not looked at as it is now."""

    image_id: int
    name: str
    sha256: str
    revision: int


@dataclass(frozen=True, slots=True)
class Described:
    """An image with what tells it from others; of one that waits for labels also what a look said.

    ``descriptor`` is as small as it can be: there may be a hundred thousand of them at a time.
    """

    image_id: int
    uncertainty: float
    reason: str
    descriptor: Sequence[float]


@dataclass(frozen=True, slots=True)
class Standing:
    """What looking ahead in a project depends on; it begins anew where this changes."""

    project_id: int
    model_id: str
    unlabelled: int
    finished: int


def standings(session: Session) -> tuple[Standing, ...]:
    """Read, of each project that is looked ahead in and has a model, what that depends on."""
    query = (
        select(ProjectRow.id, ProjectCountRow.unlabelled, ProjectCountRow.labelled + ProjectCountRow.empty)
        .join(ProjectCountRow, ProjectCountRow.project_id == ProjectRow.id)
        .where(ProjectRow.look_ahead, ProjectRow.archived.is_(None))
        .order_by(ProjectRow.id)
    )
    found = []
    for project_id, unlabelled, finished in session.execute(query).all():
        model = models.default_of(session, project_id)
        if model is not None:
            found.append(Standing(project_id, model.id, unlabelled, finished))
    return tuple(found)


def looks_by_itself(session: Session, project_id: int) -> bool:
    """Tell whether a model looks at new images of a project by itself; raises NotFound."""
    projects.require(session, project_id)
    return bool(session.scalar(select(ProjectRow.look_ahead).where(ProjectRow.id == project_id)))


def let_look_by_itself(session: Session, project_id: int, *, wanted: bool) -> None:
    """Switch that on or off; raises NotFound."""
    projects.require(session, project_id)
    session.execute(update(ProjectRow).where(ProjectRow.id == project_id).values(look_ahead=wanted))


def waiting(session: Session, project_id: int, model_id: str, limit: int) -> tuple[Waiting, ...]:
    """Read the first unlabelled images that a model has not looked at at their present revision."""
    query = _unlabelled(select(*_WAITING), project_id).where(~_seen(model_id))
    rows = session.execute(query.order_by(ImageRow.sort_key, ImageRow.id).limit(limit))
    return tuple(Waiting(*row) for row in rows)


def progress(session: Session, project_id: int, model_id: str) -> tuple[int, int]:
    """Count the unlabelled images that a model has looked at as they are now, and all of them."""
    seen = session.scalar(_unlabelled(select(func.count()), project_id).where(_seen(model_id))) or 0
    return seen, images.counts(session, project_id)["unlabelled"]


def share_with_objects(session: Session, project_id: int) -> float:
    """Which part of the finished images holds an object; 1 where none is finished."""
    counts = images.counts(session, project_id)
    finished = counts["labelled"] + counts["empty"]
    return counts["labelled"] / finished if finished else 1.0


def note(
    session: Session,
    seen: Waiting,
    model_id: str,
    uncertainty: float,
    reason: str,
    descriptor: Sequence[float] | None,
    found: Iterable[Found],
) -> bool:
    """Write down a look, and offer what was found in the place of every suggestion that is still open.

    Nothing is written, and False given, if somebody has labelled, changed or removed the image meanwhile.
    Classes that the project has not are left out.

    Args:
        session: a writing session.
        seen: the image as it was looked at.
        model_id: the model.
        uncertainty: 0 to 1.
        reason: why the image may be worth labelling, in words.
        descriptor: what tells it from others.
        found: the model's boxes.

    Raises:
        InvalidBox: a box or score cannot be stored.
        NotFound: the model is gone.
    """
    image = session.get(ImageRow, seen.image_id, with_for_update=True)
    still = (
        image is not None
        and image.deleted is None
        and (image.status, image.revision) == ("unlabelled", seen.revision)
    )
    if image is None or not still:
        return False
    present = {each.id for each in classes.list_all(session, image.project_id) if not each.archived}
    offered = [
        (Box("", class_id, *corners), score)
        for class_id, corners, score in found
        if class_id in present and _can_be_held(corners)
    ]
    suggestions.offer(session, image.id, model_id, offered)
    _write(session, image.id, model_id, seen.revision, uncertainty, reason, descriptor)
    return True


def undescribed(session: Session, project_id: int, limit: int) -> tuple[Waiting, ...]:
    """Read those of the newest finished images of which nothing is known that tells them from others."""
    finished = select(*_WAITING).where(*images.finished(project_id)).order_by(ImageRow.id.desc())
    newest = finished.limit(limit).subquery()
    unknown = select(newest).where(~exists().where(LookRow.image_id == newest.c.id))
    return tuple(Waiting(*row) for row in session.execute(unknown.order_by(newest.c.id.desc())))


def describe(session: Session, seen: Waiting, model_id: str, descriptor: Sequence[float] | None) -> None:
    """Note what tells a finished image from others; one that is gone or was looked at stays as it is."""
    # Kept until it is written: another server may describe the same image, or somebody remove it.
    image = session.get(ImageRow, seen.image_id, with_for_update=True)
    if image is None or session.get(LookRow, seen.image_id) is not None:
        return
    _write(session, seen.image_id, model_id, seen.revision, 0.0, "", descriptor)


def described(
    session: Session, project_id: int, most: int
) -> tuple[tuple[Described, ...], tuple[Described, ...]]:
    """Read the described images: those that wait for labels, and of the finished ones the newest ``most``."""
    columns = select(LookRow.image_id, LookRow.uncertainty, LookRow.reason, LookRow.descriptor)
    known = columns.join(ImageRow, ImageRow.id == LookRow.image_id).where(LookRow.descriptor.is_not(None))
    mine = (ImageRow.project_id == project_id, ImageRow.status == "unlabelled", images.PRESENT)
    ahead = known.where(*mine).order_by(LookRow.image_id)
    behind = known.where(*images.finished(project_id)).order_by(LookRow.image_id.desc()).limit(most)
    waits, finished = (
        tuple(
            Described(image_id, uncertainty, reason, array("f", descriptor))
            for image_id, uncertainty, reason, descriptor in session.execute(query)
        )
        for query in (ahead, behind)
    )
    return waits, finished


def put_in_order(session: Session, order: Sequence[tuple[int, float, str]]) -> None:
    """Write the usefulness and the reason of images that were looked at.

    See `pass_finished` for those that are finished by now.

    Args:
        session: a writing session.
        order: image, usefulness (higher first) and reason.
    """
    rows = [
        {"image_id": image_id, "usefulness": usefulness, "reason": reason}
        for image_id, usefulness, reason in order
    ]
    known = select(LookRow.image_id).where(LookRow.image_id.in_([each[0] for each in order]))
    # Kept until they are written: a look at an image that is removed now is gone.
    present = set(session.scalars(known.order_by(LookRow.image_id).with_for_update()))
    session.execute(update(LookRow), [row for row in rows if row["image_id"] in present])


def finished_in_order(session: Session, project_id: int) -> Sequence[int]:
    """Give the images that still have their place in the order among those that wait, and are finished."""
    looked_at = select(LookRow.image_id).join(ImageRow, ImageRow.id == LookRow.image_id)
    mine = (ImageRow.project_id == project_id, ImageRow.status != "unlabelled")
    return session.scalars(looked_at.where(*mine, LookRow.usefulness < FINISHED)).all()


def pass_finished(session: Session, image_ids: Sequence[int]) -> None:
    """Put what is finished before all that waits: who walks has passed it."""
    finished = select(ImageRow.id).where(ImageRow.id.in_(image_ids), ImageRow.status != "unlabelled")
    passed = update(LookRow).where(LookRow.image_id.in_(finished)).values(usefulness=FINISHED)
    session.execute(passed.execution_options(synchronize_session=False))


def of_images(session: Session, image_ids: Sequence[int]) -> dict[int, Look]:
    """Read the looks at those of several images that wait for labels."""
    if not image_ids:
        return {}
    columns = (
        LookRow.image_id,
        LookRow.model_id,
        LookRow.uncertainty,
        LookRow.usefulness,
        LookRow.reason,
    )
    query = select(*columns).join(ImageRow, ImageRow.id == LookRow.image_id)
    wanted = query.where(LookRow.image_id.in_(image_ids), ImageRow.status == "unlabelled")
    return {row[0]: Look(*row) for row in session.execute(wanted)}


def has_any(session: Session, project_id: int) -> bool:
    """Tell whether any unlabelled image of a project has its place in the order."""
    mine = _unlabelled(select(ImageRow.id), project_id).join(LookRow, LookRow.image_id == ImageRow.id)
    return session.scalar(mine.where(LookRow.usefulness.is_not(None)).limit(1)) is not None


def finished_since(session: Session, project_id: int, moment: datetime) -> int:
    """Count the images that are labelled or empty, and were changed by somebody after a moment."""
    changed = exists().where(EditRow.image_id == ImageRow.id, EditRow.created > moment)
    query = select(func.count()).select_from(ImageRow)
    return session.scalar(query.where(*images.finished(project_id), changed)) or 0


def _unlabelled(query: Any, project_id: int) -> Any:
    return query.select_from(ImageRow).where(
        ImageRow.project_id == project_id, ImageRow.status == "unlabelled", images.PRESENT
    )


def _seen(model_id: str) -> Any:
    return exists().where(
        and_(
            LookRow.image_id == ImageRow.id,
            LookRow.model_id == model_id,
            LookRow.revision == ImageRow.revision,
        )
    )


def _write(
    session: Session,
    image_id: int,
    model_id: str,
    revision: int,
    uncertainty: float,
    reason: str,
    descriptor: Sequence[float] | None,
) -> None:
    row = session.get(LookRow, image_id)
    if row is None:
        row = LookRow(image_id=image_id)
        session.add(row)
    row.model_id, row.revision, row.uncertainty, row.reason = model_id, revision, uncertainty, reason
    row.descriptor = None if descriptor is None else list(descriptor)
    row.seen = datetime.now(UTC)
    session.flush()


def _can_be_held(corners: tuple[float, float, float, float]) -> bool:
    x0, y0, x1, y1 = corners
    return min(x1 - x0, y1 - y0) >= _MIN_SIDE
