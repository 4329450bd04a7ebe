"""Whether anything changed that a training would see: a short text, without reading a box."""

from __future__ import annotations

import hashlib

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.schema import ImageRow, LabelClassRow, SuggestionRow, known_id

_ROWS = 10_000


def of(session: Session, project_id: int) -> str:
    """A text that is another one after anything changed of which a snapshot of the project is made.

    It is the hash of all rows that a snapshot is made of, except boxes: whatever changes those raises the
    revision of their image. So changes that make up for each other are seen too (100,000 images: 0.5 s).

    Raises:
        NotFound: there can be no such project.
    """
    project_id = known_id(project_id, "project")
    present = (ImageRow.project_id == project_id, ImageRow.deleted.is_(None))
    digest = hashlib.sha256()
    for query in (
        select(
            *(ImageRow.id, ImageRow.revision, ImageRow.status, ImageRow.split),
            *(ImageRow.name, ImageRow.sha256, ImageRow.perceptual_hash),
        )
        .where(*present)
        .order_by(ImageRow.id),
        select(
            *(LabelClassRow.id, LabelClassRow.name, LabelClassRow.colour),
            *(LabelClassRow.position, LabelClassRow.archived),
        )
        .where(LabelClassRow.project_id == project_id)
        .order_by(LabelClassRow.id),
        # Suggestions never move; they may be decided anew, and a merge gives them another class.
        select(SuggestionRow.id, SuggestionRow.class_id)
        .join(ImageRow)
        .where(*present, SuggestionRow.state == "rejected")
        .order_by(SuggestionRow.id),
    ):
        for rows in session.connection().execute(query).partitions(_ROWS):
            digest.update(repr([tuple(row) for row in rows]).encode())
        digest.update(b"\n")
    return digest.hexdigest()
