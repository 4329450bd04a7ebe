"""Whether anything changed that a training would see: a short text, without reading a box."""

from __future__ import annotations

import hashlib

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from data.schema import ImageRow, LabelClassRow


def of(session: Session, project_id: int) -> str:
    """A text that is another one after images, boxes, splits, the bin or classes of a project changed.

    Saving boxes raises an image's revision. Sums of ids tell which images are where, and a swap that leaves
    all sums as they were is left undetected.
    """
    present = ImageRow.deleted.is_(None)
    sums = (
        func.count(),
        func.max(ImageRow.id),
        func.sum(ImageRow.revision),
        func.sum(ImageRow.revision * (ImageRow.id % 8191)),
        func.sum(case((present, ImageRow.id), else_=0)),
        *(
            func.sum(case((ImageRow.split == split, ImageRow.id), else_=0))
            for split in ("train", "val", "test")
        ),
    )
    images = session.execute(select(*sums).where(ImageRow.project_id == project_id)).one()
    classes = session.execute(
        select(LabelClassRow.id, LabelClassRow.name, LabelClassRow.position, LabelClassRow.archived)
        .where(LabelClassRow.project_id == project_id)
        .order_by(LabelClassRow.id)
    ).all()
    return hashlib.sha256(repr((tuple(images), [tuple(row) for row in classes])).encode()).hexdigest()
