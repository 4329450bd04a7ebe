"""Writing a project's labelled images and boxes as a data set in any format."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from data import classes, projects
from data.annotations import BOX_COLUMNS
from data.blobs import Blobs
from data.database import Database
from data.errors import NotFound
from data.formats import registry
from data.formats.annotated import NamedBox
from data.formats.dataset import LabelledImage
from data.formats.registry import Format
from data.formats.writing import write_dataset
from data.images import counts, finished
from data.records import EXPORT_FORMATS, Box, ExportReport, LabelClass, Problem, Split
from data.schema import BoxRow, ImageRow

#: Called with the number of image files written and their total.
OnProgress = Callable[[int, int], None]

# Images read at a time: SQLite and PostgreSQL both limit how many values one question may carry.
_BATCH = 500
_ENDINGS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/bmp": ".bmp",
    "image/gif": ".gif",
}


def export_project(
    database: Database,
    blobs: Blobs,
    project_id: int,
    target: Path,
    format: str,
    *,
    with_images: bool = True,
    split: Split | None = None,
    on_progress: OnProgress | None = None,
) -> ExportReport:
    """Write a project's labelled and empty images as a data set; equal content gives equal bytes.

    Images that nobody has labelled are left out: other programs would take them for images that show nothing.

    Args:
        database: the database.
        blobs: where image files lie.
        project_id: the project.
        target: the folder to make, or a zip archive if it ends in ``.zip``; must not be there yet.
        format: a name among ``data.records.EXPORT_FORMATS``.
        with_images: whether the image files are written as well.
        split: only the images of this split; None for all, with their splits.
        on_progress: hears how many image files are written, and of how many.

    Raises:
        NotFound: there is no such project or format, or no image to write.
        AlreadyExists: the target is there already.
        OSError: the disk is full or cannot be written to; nothing remains under the target's name.
    """
    if format not in registry.WRITTEN:
        raise NotFound(f"There is no format {format!r} to write. Choose one of: {', '.join(EXPORT_FORMATS)}.")
    with database.read() as session:
        project = projects.get(session, project_id)
        listed = classes.list_all(session, project_id)
        unlabelled = counts(session, project_id)["unlabelled"]
        images, hashes = _images(session, project_id, listed, split)
    problems: list[Problem] = []
    if with_images:
        images = _with_files(images, hashes, blobs, problems)
    if not images:
        part = f"the split {split}" if split else "it"
        raise NotFound(f"Project {project.name!r} has no labelled image in {part}. Label some first.")
    used = {box.class_name for image in images for box in image.boxes}
    names = tuple(entry.name for entry in listed if entry.name in used or not entry.archived)
    chosen = registry.WRITTEN[format]
    write_dataset(chosen, names, images, target, with_images=with_images, on_progress=on_progress)
    many = (
        "1 image is not labelled yet, and was"
        if unlabelled == 1
        else f"{unlabelled} images are not labelled yet, and were"
    )
    notes = [f"{many} left out."] if unlabelled else []
    return ExportReport(
        target=str(target),
        format=format,
        images=len(images),
        boxes=sum(len(image.boxes) for image in images),
        classes=names,
        lost=_lost(chosen, images),
        problems=tuple(problems),
        notes=tuple(notes),
    )


def _images(
    session: Session, project_id: int, listed: Sequence[LabelClass], split: Split | None
) -> tuple[list[LabelledImage], list[str]]:
    """Read the images to write, and the hash of each one's file."""
    query = select(ImageRow).where(*finished(project_id))
    if split is not None:
        query = query.where(ImageRow.split == split)
    rows = session.scalars(query.order_by(ImageRow.sort_key, ImageRow.id)).all()
    names = {entry.id: entry.name for entry in listed}
    images: list[LabelledImage] = []
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        boxes = _boxes(session, [row.id for row in batch])
        images += [_image(row, boxes[row.id], names) for row in batch]
    return images, [row.sha256 for row in rows]


def _boxes(session: Session, ids: Sequence[int]) -> dict[int, list[Box]]:
    boxes: dict[int, list[Box]] = defaultdict(list)
    query = select(BoxRow.image_id, *BOX_COLUMNS).where(BoxRow.image_id.in_(ids))
    for image_id, *values in session.execute(query.order_by(BoxRow.image_id, BoxRow.position)):
        boxes[image_id].append(Box(*values))
    return boxes


def _image(row: ImageRow, boxes: Sequence[Box], names: dict[int, str]) -> LabelledImage:
    splits: dict[str | None, Split] = {"train": "train", "val": "val", "test": "test"}
    return LabelledImage(
        name=row.name,
        width=row.width,
        height=row.height,
        boxes=tuple(
            NamedBox(names[box.class_id], *box.xyxy, difficult=box.difficult, crowd=box.crowd)
            for box in boxes
        ),
        split=splits.get(row.split),
        ending=_ENDINGS[row.mime],
    )


def _with_files(
    images: Sequence[LabelledImage], hashes: Sequence[str], blobs: Blobs, problems: list[Problem]
) -> list[LabelledImage]:
    """Give each image its file; one whose file is missing is reported and left out."""
    found: list[LabelledImage] = []
    for image, sha256 in zip(images, hashes, strict=True):
        try:
            found.append(replace(image, source=blobs.path(sha256)))
        except NotFound as error:
            problems.append(Problem(image.name, str(error), "It was left out of the export."))
    return found


def _lost(chosen: Format, images: Sequence[LabelledImage]) -> tuple[str, ...]:
    """Say what of these boxes the format has no word for."""
    boxes = [box for image in images for box in image.boxes]
    marks = (
        (chosen.carries.difficult, "difficult", sum(box.difficult for box in boxes)),
        (chosen.carries.crowd, "a crowd", sum(box.crowd for box in boxes)),
    )
    tiny = sum(min(box.x1 - box.x0, box.y1 - box.y0) < 1 for box in boxes)
    widened = f"{tiny} boxes are smaller than a pixel, which {chosen.title} cannot say: they became one wide."
    return (
        *((widened,) if tiny and not chosen.carries.parts_of_pixels else ()),
        *(
            f"{number} boxes are marked as {mark}, which {chosen.title} cannot say: they became plain boxes."
            for carried, mark, number in marks
            if number and not carried
        ),
    )
