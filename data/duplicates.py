"""Photographs of a project that are there more than once: byte for byte, or so that they look alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import cast

from PIL import Image
from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from data.blobs import Blobs
from data.database import Database
from data.errors import NotFound
from data.images import PRESENT
from data.intake import DAMAGE
from data.near_duplicates import groups, groups_with
from data.perceptual_hash import perceptual_hash
from data.records import Split
from data.schema import ImageRow, known_id

# Images hashed between two writes, so that the database is never locked while files are decoded.
_BATCH = 200


@dataclass(frozen=True, slots=True)
class Photograph:
    """An image as far as telling duplicates goes; equal ``sha256`` means the same stored file."""

    id: int
    name: str
    sha256: str
    split: Split | None


def equal(
    session: Session, project_id: int, image_ids: Collection[int] | None = None
) -> list[list[Photograph]]:
    """Group the images that share one file, in order of names.

    Args:
        session: a session.
        project_id: the project.
        image_ids: only groups with one of these images; None gives all.
    """
    mine = (ImageRow.project_id == known_id(project_id, "project"), PRESENT)
    shared = select(ImageRow.sha256).where(*mine).group_by(ImageRow.sha256).having(func.count() > 1)
    found: dict[str, list[Photograph]] = defaultdict(list)
    for one in _photographs(session, *mine, ImageRow.sha256.in_(shared)):
        found[one.sha256].append(one)
    return [group for group in found.values() if _wanted(group, image_ids)]


def alike(
    session: Session, project_id: int, image_ids: Collection[int] | None = None
) -> list[list[Photograph]]:
    """Group the images that look alike though they are different files, in order of names.

    Images whose perceptual hash has not been computed are like nothing.

    Args:
        session: a session.
        project_id: the project.
        image_ids: only groups with one of these images; None gives all.
    """
    mine = (ImageRow.project_id == known_id(project_id, "project"), PRESENT)
    rows = session.execute(select(ImageRow.id, ImageRow.perceptual_hash).where(*mine)).all()
    ids, hashes = [image_id for image_id, _ in rows], [value for _, value in rows]
    if image_ids is None:
        found = groups(hashes)
    else:
        found = groups_with([place for place, image_id in enumerate(ids) if image_id in image_ids], hashes)
    group_of = {ids[place]: number for number, group in enumerate(found) for place in group}
    members: dict[int, list[Photograph]] = defaultdict(list)
    wanted = list(group_of)
    for start in range(0, len(wanted), _BATCH):
        batch = ImageRow.id.in_(wanted[start : start + _BATCH])
        for one in _photographs(session, batch):
            members[group_of[one.id]].append(one)
    return [group for group in members.values() if len({one.sha256 for one in group}) > 1]


def hash_missing(database: Database, blobs: Blobs) -> int:
    """Compute the perceptual hashes that images of older versions lack, and give their number.

    Files that are missing or damaged are passed over. May be stopped and called again at any time.
    """
    done, last = 0, 0
    while True:
        with database.read() as session:
            lacking = ImageRow.perceptual_hash.is_(None) & (ImageRow.id > last)
            query = select(ImageRow.id, ImageRow.sha256).where(lacking).order_by(ImageRow.id).limit(_BATCH)
            rows = session.execute(query).all()
        if not rows:
            return done
        last = rows[-1][0]
        hashes = [
            (image_id, value) for image_id, sha256 in rows if (value := _hash(blobs, sha256)) is not None
        ]
        with database.write() as session:
            for image_id, value in hashes:
                session.execute(update(ImageRow).where(ImageRow.id == image_id).values(perceptual_hash=value))
        done += len(hashes)


def _hash(blobs: Blobs, sha256: str) -> int | None:
    try:
        with Image.open(blobs.path(sha256)) as picture:
            picture.load()
            return perceptual_hash(picture)
    except (NotFound, *DAMAGE, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None


def _photographs(session: Session, *conditions: ColumnElement[bool]) -> list[Photograph]:
    query = select(ImageRow.id, ImageRow.name, ImageRow.sha256, ImageRow.split)
    rows = session.execute(query.where(*conditions).order_by(ImageRow.sort_key, ImageRow.id))
    return [
        Photograph(image_id, name, sha256, cast("Split | None", split))
        for image_id, name, sha256, split in rows
    ]


def _wanted(group: Collection[Photograph], image_ids: Collection[int] | None) -> bool:
    return image_ids is None or any(one.id in image_ids for one in group)
