"""Snapshots: the dataset as it was when Train was pressed, with its split, under a hash of its content."""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import cast

from sqlalchemy import JSON, Text, column, func, insert, select, true
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Session

from data import classes, projects
from data.annotations import BOX_COLUMNS, read_many
from data.box_overlap import Corners
from data.database import WrittenJson
from data.errors import NotFound, NothingToTrain
from data.images import PRESENT, finished
from data.records import LabelClass, Snapshot, SnapshotImage, Split
from data.schema import BoxRow, ImageRow, SnapshotRow, SuggestionRow
from data.snapshot_content import ID_PLACE, SPLIT_PLACE, SnapshotContent, WrittenBoxes, read
from data.splitting import Candidate, assign

#: Fewest labelled images, outside the test split, that can be trained on.
FEWEST_LABELLED = 2
# Boxes fetched at a time: a million of them may come by.
_ROWS = 10_000
_FACTS = (
    *(ImageRow.id, ImageRow.name, ImageRow.sha256, ImageRow.width, ImageRow.height),
    *(ImageRow.split, ImageRow.perceptual_hash),
)


@dataclass(frozen=True, slots=True)
class Composed:
    """A dataset ready to be stored: written out already, and without an object for each box.

    ``sizes`` are the numbers of images by split.
    """

    id: str
    project_id: int
    content_hash: str
    classes: tuple[LabelClass, ...]
    sizes: Mapping[Split, int]
    text: WrittenJson

    def snapshot(self) -> Snapshot:
        """The snapshot that this becomes."""
        return read(self.id, self.project_id, self.content_hash, json.loads(self.text))


def freeze(session: Session, project_id: int, seed: int, val_fraction: float = 0.15) -> Snapshot:
    """Store the project's labelled and empty images, their boxes and a split, and give them back.

    Suggestions rejected on these images are frozen with them, for training to learn from. An image that has
    nothing but rejected suggestions is none of them: what its other places show is not known.

    A split that an image has already wins, so test images stay out of train and val; the others are split by
    the seed. Images in the bin are left out, and so are boxes and rejections of archived classes. Equal
    content has an equal hash, and is stored once.

    Args:
        session: a writing session.
        project_id: the project.
        seed: decides which images validate.
        val_fraction: wanted part for validation, 0 to below 1.

    Raises:
        NothingToTrain: too few labelled images, or none that is trained on; says how many more are needed.
        NotFound: there is no such project.
        ValueError: the fraction is out of range.
    """
    return get(session, store(session, compose(session, project_id, seed, val_fraction)))


def compose(
    session: Session,
    project_id: int,
    seed: int,
    val_fraction: float = 0.15,
    *,
    seen: Mapping[int, Split] | None = None,
) -> Composed:
    """Do what ``freeze`` does, without storing: of a large project it takes seconds, and only reads.

    ``seen`` says by image id in which split a model had images that a training goes on from: they stay there,
    unless they were given another one. What was learnt from is no measure of what is learnt further.
    """
    if not 0 <= val_fraction < 1:
        raise ValueError(f"val_fraction is {val_fraction}; it must be at least 0 and below 1.")
    project = projects.get(session, project_id)
    content = SnapshotContent(_current_classes(session, project_id))
    rows = session.execute(select(*_FACTS).where(*finished(project_id)).order_by(ImageRow.id)).all()
    boxes = _written(session, project_id, content)
    candidates = [
        Candidate(
            image_id=row.id,
            sha256=row.sha256,
            class_ids=boxes[row.id].class_ids,
            split=cast("Split | None", row.split) or (seen or {}).get(row.id),
            perceptual_hash=row.perceptual_hash,
        )
        for row in rows
    ]
    split_of = assign(candidates, seed, val_fraction)
    _require_enough(project.name, candidates, split_of)
    for row in rows:
        content.add(row, split_of[row.id], boxes[row.id])
    return Composed(
        id=uuid.uuid4().hex,
        project_id=project_id,
        content_hash=content.hash(),
        classes=content.classes,
        sizes=content.sizes,
        text=content.text(),
    )


def store(session: Session, composed: Composed) -> str:
    """Store a composed snapshot, and give its id; where the same was stored before, that one's."""
    alike = select(SnapshotRow.id).where(
        SnapshotRow.project_id == composed.project_id, SnapshotRow.content_hash == composed.content_hash
    )
    for snapshot_id in session.scalars(alike).all():
        # The hash leaves ids out; a row is used again only where they are the same too.
        equal = select(sql_cast(SnapshotRow.content, Text) == str(composed.text))
        if session.scalar(equal.where(SnapshotRow.id == snapshot_id)):
            return snapshot_id
    session.execute(
        insert(SnapshotRow).values(
            id=composed.id,
            project_id=composed.project_id,
            content_hash=composed.content_hash,
            content=composed.text,
            created=datetime.now(UTC),
        )
    )
    return composed.id


def _require_enough(
    project_name: str, candidates: Sequence[Candidate], split_of: Mapping[int, Split]
) -> None:
    labelled = [candidate for candidate in candidates if candidate.class_ids]
    usable = sum(split_of[candidate.image_id] != "test" for candidate in labelled)
    if usable < FEWEST_LABELLED:
        missing = FEWEST_LABELLED - usable
        message = (
            f"Project {project_name!r} has {usable} labelled images to train on: draw boxes on at least "
            f"{missing} more {'image' if missing == 1 else 'images'}."
        )
        followers = sum(c.split is None and split_of[c.image_id] == "test" for c in labelled)
        if followers:
            message += f" {followers} look like images kept for testing, and are kept out with them."
        raise NothingToTrain(message)
    if not any(split_of[candidate.image_id] == "train" for candidate in labelled):
        raise NothingToTrain(
            f"Project {project_name!r} keeps all its {usable} labelled images for validation: draw boxes on "
            "at least 1 image that is kept neither for validation nor for testing."
        )


def get(session: Session, snapshot_id: str) -> Snapshot:
    """Read a snapshot.

    Raises:
        NotFound: there is none with this id.
    """
    row = session.get(SnapshotRow, snapshot_id)
    if row is None:
        raise NotFound(f"There is no snapshot {snapshot_id!r}. It may have been deleted with its project.")
    return read(row.id, row.project_id, row.content_hash, row.content)


def image_ids(session: Session, snapshot_id: str, split: Split) -> set[int]:
    """Give the ids of a snapshot's images of one split, without reading its boxes, perhaps a million."""
    if session.get_bind().dialect.name == "sqlite":
        array = func.json_each(SnapshotRow.content, "$.images")
    else:
        array = func.json_array_elements(SnapshotRow.content["images"])
    images = array.table_valued(column("value", JSON), name="image")
    query = select(images.c.value[ID_PLACE].as_integer()).select_from(SnapshotRow).join(images, true())
    of_split = images.c.value[SPLIT_PLACE].as_string() == split
    return set(session.scalars(query.where(SnapshotRow.id == snapshot_id, of_split)))


def class_names(session: Session, snapshot_id: str) -> dict[int, str]:
    """Give the names that a snapshot's classes had, by id; none if it is gone."""
    query = select(SnapshotRow.content["classes"]).where(SnapshotRow.id == snapshot_id)
    return {class_id: name for class_id, name, *_ in session.scalar(query) or ()}


def split_images(session: Session, project_id: int, split: Split) -> tuple[SnapshotImage, ...]:
    """Read the labelled and empty images that were given a split by hand or at import, in order of id."""
    query = select(ImageRow).where(*finished(project_id), ImageRow.split == split).order_by(ImageRow.id)
    return _with_boxes(session, project_id, session.scalars(query).all(), split)


def some_images(session: Session, project_id: int, first_id: int, others: int) -> tuple[SnapshotImage, ...]:
    """Read one image as it is now, finished or not, and a few finished ones of the same project after it."""
    first = session.scalars(
        select(ImageRow).where(ImageRow.project_id == project_id, ImageRow.id == first_id, PRESENT)
    ).all()
    if not first:
        raise NotFound(f"There is no image {first_id} in this project. It may have been deleted.")
    others_of_it = (*finished(project_id), ImageRow.id != first_id)
    query = select(ImageRow).where(*others_of_it).order_by(ImageRow.id).limit(others)
    return _with_boxes(session, project_id, [*first, *session.scalars(query)], "train")


def _current_classes(session: Session, project_id: int) -> tuple[LabelClass, ...]:
    return tuple(entry for entry in classes.list_all(session, project_id) if not entry.archived)


def _written(session: Session, project_id: int, content: SnapshotContent) -> Mapping[int, WrittenBoxes]:
    """Write what is drawn on each finished image, by image id."""
    class_ids = {entry.id for entry in content.classes}
    nothing = content.write_boxes((), ())
    written = defaultdict(lambda: nothing)
    rejected = _rejected(session, project_id, class_ids)
    drawn = select(BoxRow.image_id, *BOX_COLUMNS).join(ImageRow).where(*finished(project_id))
    in_order = drawn.order_by(BoxRow.image_id, BoxRow.position).execution_options(yield_per=_ROWS)
    # By the connection: the session would take each of the rows in its hands once more.
    for image_id, rows in groupby(session.connection().execute(in_order), key=itemgetter(0)):
        boxes = [row[1:] for row in rows if row[2] in class_ids]
        written[image_id] = content.write_boxes(boxes, rejected.pop(image_id, ()))
    for image_id, places in rejected.items():
        written[image_id] = content.write_boxes((), places)
    return written


def _rejected(session: Session, project_id: int, class_ids: set[int]) -> dict[int, list[Corners]]:
    """Read where suggestions of these classes were rejected on finished images, by image id."""
    places: dict[int, list[Corners]] = defaultdict(list)
    columns = (SuggestionRow.x0, SuggestionRow.y0, SuggestionRow.x1, SuggestionRow.y1)
    query = select(SuggestionRow.image_id, SuggestionRow.class_id, *columns).join(ImageRow)
    decided = query.where(*finished(project_id), SuggestionRow.state == "rejected")
    for image_id, class_id, *place in session.execute(decided.order_by(SuggestionRow.id)):
        if class_id in class_ids:
            places[image_id].append(cast("Corners", tuple(place)))
    return places


def _with_boxes(
    session: Session, project_id: int, rows: Sequence[ImageRow], split: Split
) -> tuple[SnapshotImage, ...]:
    class_ids = {entry.id for entry in _current_classes(session, project_id)}
    boxes = read_many(session, [row.id for row in rows])
    return tuple(
        SnapshotImage(
            image_id=row.id,
            name=row.name,
            sha256=row.sha256,
            width=row.width,
            height=row.height,
            split=split,
            boxes=tuple(box for box in boxes.get(row.id, ()) if box.class_id in class_ids),
        )
        for row in rows
    )
