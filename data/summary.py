"""A project in numbers: images per status and split, boxes per class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data import classes, images, projects
from data.records import ImageStatus, LabelClass, Split
from data.schema import ImageRow


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of the moment; ``by_split`` counts images without a split under None.

    ``trainable`` counts the labelled images that a run may learn from: all but those that were given to
    validation or testing.
    """

    images: int
    trainable: int
    boxes: int
    by_status: dict[ImageStatus, int]
    by_split: dict[Split | None, int]
    by_class: tuple[LabelClass, ...]


def of(session: Session, project_id: int) -> Summary:
    """Count a project's images and boxes.

    Raises:
        NotFound: there is no such project.
    """
    projects.require(session, project_id)
    by_status: dict[ImageStatus, int] = {"unlabelled": 0, "labelled": 0, "empty": 0}
    by_split: dict[Split | None, int] = {"train": 0, "val": 0, "test": 0, None: 0}
    trainable = 0
    counted = select(ImageRow.status, ImageRow.split, func.count()).where(
        ImageRow.project_id == project_id, images.PRESENT
    )
    for status, split, number in session.execute(counted.group_by(ImageRow.status, ImageRow.split)):
        by_status[cast("ImageStatus", status)] += number
        by_split[cast("Split | None", split)] += number
        trainable += number if status == "labelled" and split in (None, "train") else 0
    by_class = classes.list_all(session, project_id)
    return Summary(
        images=sum(by_status.values()),
        trainable=trainable,
        boxes=sum(label_class.boxes for label_class in by_class),
        by_status=by_status,
        by_split=by_split,
        by_class=by_class,
    )
