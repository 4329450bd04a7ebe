"""Snapshots: the dataset as it was when Train was pressed, with its split, under a hash of its content."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from data import classes, projects
from data.annotations import BOX_COLUMNS, box_from_json, box_to_json
from data.errors import NotFound, NothingToTrain
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
    the seed. Equal content has an equal hash, and is stored once.

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
    if not 0 <= val_fraction < 1:
        raise ValueError(f"val_fraction is {val_fraction}; it must be at least 0 and below 1.")
    project = projects.get(session, project_id)
    rows = session.scalars(_finished(project_id).order_by(ImageRow.id)).all()
    split_of = assign(
        [Candidate(r.id, r.sha256, r.status == "labelled", cast("Split | None", r.split)) for r in rows],
        seed,
        val_fraction,
    )
    usable = sum(row.status == "labelled" and split_of[row.id] != "test" for row in rows)
    if usable < FEWEST_LABELLED:
        missing = FEWEST_LABELLED - usable
        raise NothingToTrain(
            f"Project {project.name!r} has {usable} labelled images to train on: draw boxes on at least "
            f"{missing} more {'image' if missing == 1 else 'images'}."
        )
    if not any(row.status == "labelled" and split_of[row.id] == "train" for row in rows):
        raise NothingToTrain(
            f"Project {project.name!r} keeps all its {usable} labelled images for validation: draw boxes on "
            "at least 1 image that is kept neither for validation nor for testing."
        )
    frozen = Snapshot(
        id=uuid.uuid4().hex,
        project_id=project_id,
        content_hash="",
        classes=classes.list_all(session, project_id),
        images=_with_boxes(session, rows, split_of),
    )
    return _store(session, frozen)


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
    return _with_boxes(session, rows, {row.id: split for row in rows})


def _finished(project_id: int) -> Select[ImageRow]:
    return select(ImageRow).where(
        ImageRow.project_id == known_id(project_id, "project"), ImageRow.status.in_(("labelled", "empty"))
    )


def _with_boxes(
    session: Session, rows: Sequence[ImageRow], split_of: Mapping[int, Split]
) -> tuple[SnapshotImage, ...]:
    boxes: dict[int, list[Box]] = defaultdict(list)
    for start in range(0, len(rows), _BATCH):
        ids = [row.id for row in rows[start : start + _BATCH]]
        query = select(BoxRow.image_id, *BOX_COLUMNS).where(BoxRow.image_id.in_(ids))
        for image_id, *values in session.execute(query.order_by(BoxRow.image_id, BoxRow.position)):
            boxes[image_id].append(Box(*values))
    return tuple(
        SnapshotImage(
            image_id=row.id,
            name=row.name,
            sha256=row.sha256,
            width=row.width,
            height=row.height,
            split=split_of[row.id],
            boxes=tuple(boxes[row.id]),
        )
        for row in rows
    )


def _store(session: Session, frozen: Snapshot) -> Snapshot:
    content = _content(frozen)
    digest = content_hash(frozen.classes, frozen.images)
    alike = select(SnapshotRow).where(
        SnapshotRow.project_id == frozen.project_id, SnapshotRow.content_hash == digest
    )
    for row in session.scalars(alike):
        # The hash leaves ids out; a row is used again only where they are the same too.
        if row.content == content:
            return replace(frozen, id=row.id, content_hash=digest)
    session.add(
        SnapshotRow(
            id=frozen.id,
            project_id=frozen.project_id,
            content_hash=digest,
            content=content,
            created=datetime.now(UTC),
        )
    )
    session.flush()
    return replace(frozen, content_hash=digest)


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
    numbers: dict[int, int] = defaultdict(int)
    for image in images:
        for box in image.boxes:
            numbers[box.class_id] += 1
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
