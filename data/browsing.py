"""Looking through a project's images: where one stands under a filter, and what its card shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data import images
from data.image_filter import EVERY, before, behind, conditions, ordered
from data.records import Image, ImageFilter, Place
from data.schema import BoxRow, ImageRow, SuggestionRow

#: A box as a card draws it: its class and float xyxy pixels of the upright image.
DrawnBox = tuple[int, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Images that follow each other; ``number`` is the place of the first among all ``total``, from 1."""

    images: tuple[Image, ...]
    number: int
    total: int


@dataclass(frozen=True, slots=True)
class Tallies:
    """How many of a project's images each filter finds; ``bin`` counts those that only the bin shows."""

    unlabelled: int
    labelled: int
    empty: int
    flagged: int
    suggested: int
    bin: int

    @property
    def total(self) -> int:
        """All images outside the bin."""
        return self.unlabelled + self.labelled + self.empty


def place(session: Session, image_id: int, wanted: ImageFilter = EVERY) -> Place:
    """Tell where an image stands among the images wanted and which of them lie next to it.

    ``next_unlabelled_id`` is the first unlabelled image behind this one or, where none follows, the first of
    all; None if no other image is unlabelled.

    Raises:
        NotFound: there is none with this id.
    """
    here = images.place_in_order(session, image_id, wanted)
    project_id = images.get(session, image_id).project_id
    mine = images.within(project_id, wanted)
    number = select(func.count()).select_from(ImageRow).where(*mine)
    ids = ordered(select(ImageRow.id).where(*mine), wanted).limit(1)
    unlabelled = ids.where(ImageRow.status == "unlabelled", ImageRow.id != image_id)
    backwards = ordered(select(ImageRow.id).where(*mine), wanted, backwards=True).limit(1)
    itself = select(ImageRow.id).where(ImageRow.id == image_id, images.PRESENT, *conditions(wanted))
    is_wanted, earlier, previous, following, unlabelled_behind, unlabelled_first = session.execute(
        select(
            itself.scalar_subquery(),
            number.where(before(wanted, here)).scalar_subquery(),
            backwards.where(before(wanted, here)).scalar_subquery(),
            ids.where(behind(wanted, here)).scalar_subquery(),
            unlabelled.where(behind(wanted, here)).scalar_subquery(),
            unlabelled.scalar_subquery(),
        )
    ).one()
    return Place(
        number=None if is_wanted is None else earlier + 1,
        total=images.count(session, project_id, wanted),
        previous_id=previous,
        next_id=following,
        next_unlabelled_id=unlabelled_first if unlabelled_behind is None else unlabelled_behind,
    )


def around(
    session: Session, image_id: int, earlier: int, later: int, wanted: ImageFilter = EVERY
) -> Neighbourhood:
    """Read an image with those before and behind it in the order wanted, at most so many of each.

    An image that is not wanted itself is left out; those that it would have as neighbours are there.

    Raises:
        NotFound: there is none with this id.
    """
    here = images.place_in_order(session, image_id, wanted)
    project_id = images.get(session, image_id).project_id
    mine = images.within(project_id, wanted)
    ids = select(ImageRow.id).where(*mine)
    ahead = ordered(ids.where(before(wanted, here)), wanted, backwards=True).limit(max(0, earlier))
    behind_it = ordered(ids.where(behind(wanted, here)), wanted).limit(max(0, later))
    first = session.scalars(ahead).all()[::-1]
    found = [*first, *session.scalars(ids.where(ImageRow.id == image_id)), *session.scalars(behind_it)]
    number = select(func.count()).select_from(ImageRow).where(*mine, before(wanted, here))
    return Neighbourhood(
        images=images.get_many(session, found),
        number=(session.scalar(number) or 0) - len(first) + 1,
        total=images.count(session, project_id, wanted),
    )


def boxes_of(session: Session, image_ids: Sequence[int]) -> dict[int, tuple[DrawnBox, ...]]:
    """Read the boxes of several images, each image's in the order they were drawn."""
    if not image_ids:
        return {}
    found: dict[int, list[DrawnBox]] = defaultdict(list)
    columns = (BoxRow.image_id, BoxRow.class_id, BoxRow.x0, BoxRow.y0, BoxRow.x1, BoxRow.y1)
    query = select(*columns).where(BoxRow.image_id.in_(image_ids)).order_by(BoxRow.image_id, BoxRow.position)
    for image_id, class_id, x0, y0, x1, y1 in session.execute(query):
        found[image_id].append((class_id, x0, y0, x1, y1))
    return {image_id: tuple(found[image_id]) for image_id in image_ids}


def open_suggestions(session: Session, image_ids: Sequence[int]) -> dict[int, int]:
    """Count the suggestions of several images that nobody has decided on yet."""
    if not image_ids:
        return {}
    query = select(SuggestionRow.image_id, func.count()).where(
        SuggestionRow.image_id.in_(image_ids), SuggestionRow.state == "open"
    )
    found = dict.fromkeys(image_ids, 0)
    for image_id, number in session.execute(query.group_by(SuggestionRow.image_id)):
        found[image_id] = number
    return found


def tallies(session: Session, project_id: int) -> Tallies:
    """Count what the filters of a project would find; zeros for one that is gone."""
    kept = images.counts(session, project_id)
    return Tallies(
        unlabelled=kept["unlabelled"],
        labelled=kept["labelled"],
        empty=kept["empty"],
        flagged=images.count(session, project_id, ImageFilter(flagged=True)),
        suggested=images.count(session, project_id, ImageFilter(suggested=True)),
        bin=images.count_discarded(session, project_id),
    )
