"""Which image files the database names: those of its images, in the bin or not, and of its snapshots."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from data.schema import ImageRow, SnapshotRow

_BATCH = 1000


def named_files(session: Session) -> set[str]:
    """Give the SHA-256 of every file that an image or a snapshot needs."""
    names = set(session.scalars(select(ImageRow.sha256).execution_options(yield_per=_BATCH)))
    for sha256s in _of_snapshots(session, select(SnapshotRow.id)):
        names |= sha256s
    return names


def files_of(session: Session, project_id: int) -> set[str]:
    """Give the SHA-256 of every file that an image or a snapshot of one project needs."""
    mine = select(ImageRow.sha256).where(ImageRow.project_id == project_id)
    names = set(session.scalars(mine.execution_options(yield_per=_BATCH)))
    for sha256s in _of_snapshots(session, select(SnapshotRow.id).where(SnapshotRow.project_id == project_id)):
        names |= sha256s
    return names


def _of_snapshots(session: Session, ids: Select[str]) -> Iterator[set[str]]:
    # One at a time: each may hold a hundred thousand images.
    for snapshot_id in session.scalars(ids).all():
        content = session.scalars(select(SnapshotRow.content).where(SnapshotRow.id == snapshot_id)).one()
        yield {image[2] for image in content["images"]}
