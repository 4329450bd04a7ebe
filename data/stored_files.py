"""Which image files the database names: those of its images, in the bin or not, and of its snapshots."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.schema import ImageRow, SnapshotRow

_BATCH = 1000


def named_files(session: Session) -> set[str]:
    """Give the SHA-256 of every file that an image or a snapshot needs."""
    names = set(session.scalars(select(ImageRow.sha256).execution_options(yield_per=_BATCH)))
    for sha256s in _of_snapshots(session):
        names |= sha256s
    return names


def _of_snapshots(session: Session) -> Iterator[set[str]]:
    # One at a time: each may hold a hundred thousand images.
    for snapshot_id in session.scalars(select(SnapshotRow.id)).all():
        content = session.scalars(select(SnapshotRow.content).where(SnapshotRow.id == snapshot_id)).one()
        yield {image[2] for image in content["images"]}
