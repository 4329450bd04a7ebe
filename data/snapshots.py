"""Snapshots: the dataset as it was when Train was pressed, with its split, under a hash of its content."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from data import classes, projects
from data.annotations import BOX_COLUMNS, box_from_json, box_to_json
from data.errors import NotFound, NothingToTrain
from data.images import PRESENT
from data.records import Box, LabelClass, Snapshot, SnapshotImage, Split
from data.schema import BoxRow, ImageRow, SnapshotRow, known_id
from data.splitting import Candidate, assign

#: Fewest labelled images, outside the test split, that can be trained on.
FEWEST_LABELLED = 2
# Images read at a time: SQLite and PostgreSQL both limit how many values one question may carry.
_BATCH = 500


def freeze(session: Session, project_id: int, seed: int, val_fraction: float = 0.15) -> Snapshot:
    """Store the project's labelled and empty images, their boxes and a split, and give them back.

    A split that an image has already wins, so test images stay out of train and val; the others are split by
    the seed. Images in the bin and boxes of archived classes are left out. Equal content has an equal hash,
    and is stored once.

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
    return store(session, compose(session, project_id, seed, val_fraction))


def compose(session: Session, project_id: int, seed: int, val_fraction: float = 0.15) -> Snapshot:
    """Do what ``freeze`` does, without storing: of a large project it takes seconds, and only reads."""
    if not 0 <= val_fraction < 1:
        raise ValueError(f"val_fraction is {val_fraction}; it must be at least 0 and below 1.")
    project = projects.get(session, project_id)
    label_classes = _current_classes(session, project_id)
    rows = session.scalars(_finished(project_id).order_by(ImageRow.id)).all()
    boxes = _boxes(session, rows, {entry.id for entry in label_classes})
    candidates = [
        Candidate(
            image_id=row.id,
            sha256=row.sha256,
            class_ids=frozenset(box.class_id for box in boxes[row.id]),
            split=cast("Split | None", row.split),
            perceptual_hash=row.perceptual_hash,
        )
        for row in rows
    ]
    split_of = assign(candidates, seed, val_fraction)
    _require_enough(project.name, candidates, split_of)
    images = _with_boxes(rows, boxes, split_of)
    numbers = Counter(box.class_id for image in images for box in image.boxes)
    label_classes = tuple(replace(entry, boxes=numbers[entry.id]) for entry in label_classes)
    return Snapshot(
        id=uuid.uuid4().hex,
        project_id=project_id,
        content_hash=content_hash(label_classes, images),
        classes=label_classes,
        images=images,
    )


def store(session: Session, composed: Snapshot) -> Snapshot:
    """Store a composed snapshot; where the same was stored before, that one is given back."""
    content = _content(composed)
    alike = select(SnapshotRow).where(
        SnapshotRow.project_id == composed.project_id, SnapshotRow.content_hash == composed.content_hash
    )
    for row in session.scalars(alike):
        # The hash leaves ids out; a row is used again only where they are the same too.
        if row.content == content:
            return replace(composed, id=row.id)
    session.add(
        SnapshotRow(
            id=composed.id,
            project_id=composed.project_id,
            content_hash=composed.content_hash,
            content=content,
            created=datetime.now(UTC),
        )
    )
    session.flush()
    return composed


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
    return _record(row)


def split_images(session: Session, project_id: int, split: Split) -> tuple[SnapshotImage, ...]:
    """Read the labelled and empty images that were given a split by hand or at import, in order of id."""
    query = _finished(project_id).where(ImageRow.split == split).order_by(ImageRow.id)
    rows = session.scalars(query).all()
    current = {entry.id for entry in _current_classes(session, project_id)}
    return _with_boxes(rows, _boxes(session, rows, current), {row.id: split for row in rows})


def some_images(session: Session, project_id: int, first_id: int, others: int) -> tuple[SnapshotImage, ...]:
    """Read one image as it is now, finished or not, and a few finished ones of the same project after it."""
    first = session.scalars(
        select(ImageRow).where(ImageRow.project_id == project_id, ImageRow.id == first_id, PRESENT)
    ).all()
    if not first:
        raise NotFound(f"There is no image {first_id} in this project. It may have been deleted.")
    query = _finished(project_id).where(ImageRow.id != first_id).order_by(ImageRow.id).limit(others)
    rows = [*first, *session.scalars(query)]
    current = {entry.id for entry in _current_classes(session, project_id)}
    return _with_boxes(rows, _boxes(session, rows, current), {row.id: "train" for row in rows})


def _finished(project_id: int) -> Select[ImageRow]:
    return select(ImageRow).where(
        ImageRow.project_id == known_id(project_id, "project"),
        ImageRow.status.in_(("labelled", "empty")),
        PRESENT,
    )


def _current_classes(session: Session, project_id: int) -> tuple[LabelClass, ...]:
    return tuple(entry for entry in classes.list_all(session, project_id) if not entry.archived)


def _boxes(session: Session, rows: Sequence[ImageRow], class_ids: set[int]) -> dict[int, list[Box]]:
    """Read the boxes of images, those of these classes, by image id."""
    boxes: dict[int, list[Box]] = defaultdict(list)
    for start in range(0, len(rows), _BATCH):
        ids = [row.id for row in rows[start : start + _BATCH]]
        query = select(BoxRow.image_id, *BOX_COLUMNS).where(BoxRow.image_id.in_(ids))
        for image_id, *values in session.execute(query.order_by(BoxRow.image_id, BoxRow.position)):
            box = Box(*values)
            if box.class_id in class_ids:
                boxes[image_id].append(box)
    return boxes


def _with_boxes(
    rows: Sequence[ImageRow], boxes: Mapping[int, Sequence[Box]], split_of: Mapping[int, Split]
) -> tuple[SnapshotImage, ...]:
    return tuple(
        SnapshotImage(
            image_id=row.id,
            name=row.name,
            sha256=row.sha256,
            width=row.width,
            height=row.height,
            split=split_of[row.id],
            boxes=tuple(boxes.get(row.id, ())),
        )
        for row in rows
    )


def content_hash(label_classes: Sequence[LabelClass], images: Sequence[SnapshotImage]) -> str:
    """Give the SHA-256 of what a snapshot holds, the same in every workspace.

    Ids, colours, and the order of images and boxes do not matter; the order of classes does.
    """
    index = {label_class.id: number for number, label_class in enumerate(label_classes)}
    described = sorted(
        [
            image.name,
            image.sha256,
            image.width,
            image.height,
            image.split,
            sorted(
                [index[box.class_id], *map(float, box.xyxy), box.difficult, box.crowd] for box in image.boxes
            ),
        ]
        for image in images
    )
    text = json.dumps([[c.name for c in label_classes], described], separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _content(frozen: Snapshot) -> dict[str, Any]:
    return {
        "classes": [[c.id, c.name, c.colour, c.position] for c in frozen.classes],
        "images": [
            [i.image_id, i.name, i.sha256, i.width, i.height, i.split, [box_to_json(box) for box in i.boxes]]
            for i in frozen.images
        ],
    }


def _record(row: SnapshotRow) -> Snapshot:
    images = tuple(
        SnapshotImage(image_id, name, sha256, width, height, split, tuple(map(box_from_json, boxes)))
        for image_id, name, sha256, width, height, split, boxes in row.content["images"]
    )
    numbers = Counter(box.class_id for image in images for box in image.boxes)
    return Snapshot(
        id=row.id,
        project_id=row.project_id,
        content_hash=row.content_hash,
        classes=tuple(
            LabelClass(class_id, row.project_id, name, colour, position, numbers[class_id])
            for class_id, name, colour, position in row.content["classes"]
        ),
        images=images,
    )
