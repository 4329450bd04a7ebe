"""Which images are wanted and in which order, as parts of a question about ``ImageRow``."""

from __future__ import annotations

import unicodedata
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, or_, select, tuple_

from data.records import ImageFilter
from data.schema import LARGEST_INTEGER, BoxRow, ImageRow, LookRow, SuggestionRow

#: Every image, in natural order of names.
EVERY = ImageFilter()
#: The number of an image's boxes.
BOXES = select(func.count()).where(BoxRow.image_id == ImageRow.id).correlate(ImageRow).scalar_subquery()
#: Where an image stands in the queue, the most useful first; behind all others what was given no place. An
#: image that is labelled keeps its place until the queue is put in order again: who walks goes on from there.
_TURN = func.coalesce(
    select(-LookRow.usefulness).where(LookRow.image_id == ImageRow.id).correlate(ImageRow).scalar_subquery(),
    1.0,
)


def conditions(wanted: ImageFilter) -> list[ColumnElement[bool]]:
    """Give what an image must hold, all of it; the bin is not ruled out here."""
    found: list[ColumnElement[bool]] = []
    if wanted.sort == "useful":
        # Says nothing but that the index of the order by name holds all of an image that is asked.
        found.append(ImageRow.sort_key >= "")
    if wanted.status is not None:
        found.append(ImageRow.status == wanted.status)
    if wanted.split is not None:
        found.append(ImageRow.split.is_(None) if wanted.split == "none" else ImageRow.split == wanted.split)
    if wanted.class_id is not None:
        of_class = select(BoxRow.image_id).where(BoxRow.class_id == wanted.class_id)
        found.append(ImageRow.id.in_(of_class) if 1 <= wanted.class_id <= LARGEST_INTEGER else false())
    if wanted.flagged:
        found.append(ImageRow.flag.is_(True))
    if wanted.suggested:
        # Whoever labelled an image was done with it, whatever unsure boxes were suggested besides.
        found.append(ImageRow.status == "unlabelled")
        found.append(ImageRow.id.in_(select(SuggestionRow.image_id).where(SuggestionRow.state == "open")))
    if wanted.text:
        # Names are stored composed; NUL, which PostgreSQL refuses, is in none of them.
        text = unicodedata.normalize("NFC", wanted.text).replace("\x00", "\ufffd")
        found.append(
            or_(*(column.icontains(text, autoescape=True) for column in (ImageRow.name, ImageRow.note)))
        )
    return found


def only_by_status(wanted: ImageFilter) -> bool:
    """Tell whether the counts that the database keeps answer how many images are wanted."""
    return not (
        wanted.split is not None
        or wanted.class_id is not None
        or wanted.flagged
        or wanted.suggested
        or wanted.text
    )


def ordered(query: Select[Any], wanted: ImageFilter, *, backwards: bool = False) -> Select[Any]:
    """Put a question's images into the order wanted, or into its reverse.

    By name, also of one status, split or flag, an index holds the order. By boxes, those of every image are
    counted and all images sorted: some tenths of a second for 100,000 of them, on one question that few ask.
    A counter beside the boxes would be quick, and every way to change boxes would have to keep it right.
    """
    columns = _columns(wanted)
    if backwards != wanted.sort.startswith("-"):
        return query.order_by(*(column.desc() for column in columns))
    return query.order_by(*columns)


def behind(wanted: ImageFilter, place: tuple[Any, ...]) -> ColumnElement[bool]:
    """Say that an image comes behind a place in the order wanted."""
    key = tuple_(*_columns(wanted))
    return key < tuple_(*place) if wanted.sort.startswith("-") else key > tuple_(*place)


def before(wanted: ImageFilter, place: tuple[Any, ...]) -> ColumnElement[bool]:
    """Say that an image comes before a place in the order wanted."""
    key = tuple_(*_columns(wanted))
    return key > tuple_(*place) if wanted.sort.startswith("-") else key < tuple_(*place)


def place_of(wanted: ImageFilter) -> Select[Any]:
    """Ask for an image's place in the order wanted, as ``behind`` and ``before`` take it."""
    return select(*_columns(wanted))


def _columns(wanted: ImageFilter) -> tuple[ColumnElement[Any], ...]:
    # The id breaks ties; ids are given in the order in which images are added.
    by: dict[str, tuple[Any, ...]] = {
        "name": (ImageRow.sort_key, ImageRow.id),
        "added": (ImageRow.id,),
        "boxes": (BOXES, ImageRow.id),
        "useful": (_TURN, ImageRow.sort_key, ImageRow.id),
    }
    return by[wanted.sort.lstrip("-")]
