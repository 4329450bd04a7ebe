"""Bringing photographs and their boxes into a project: each image whole or not at all, nothing overwritten.

An import may be killed at any moment and run again: what is in stays, what is missing comes in.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data import classes, images, projects
from data.annotations import mark_empty
from data.annotations import read as read_boxes
from data.annotations import replace as replace_boxes
from data.blobs import Blobs
from data.database import Database
from data.errors import InvalidName, NotFound, Rejected
from data.formats import voc
from data.formats.annotated import AnnotatedFile, Labels, Reading
from data.formats.fit import Fitted, fit
from data.formats.folder import list_files, read_images
from data.intake import MAX_BYTES, read_image, received_hash
from data.records import Box, Image, ImportReport, Problem, Split
from data.schema import ImageRow
from data.tally import Imported, Tally

#: Called with the number of images done and their total.
OnProgress = Callable[[int, int], None]

FORMATS = ("auto", "voc", "images")


def import_folder(
    database: Database,
    blobs: Blobs,
    project_name: str,
    folder: Path,
    *,
    format: str = "auto",
    split: Split | None = None,
    voc_base: voc.Base = "auto",
    on_progress: OnProgress | None = None,
) -> ImportReport:
    """Import a data set folder into a project, creating the project where there is none.

    Images that are there already, by path and bytes, keep their boxes; one that nobody labelled yet gets the
    file's. What cannot be used is reported by name, and the rest comes in.

    Args:
        database: the database.
        blobs: where image files go.
        project_name: the project.
        folder: the data set; an image's name is its path below this folder.
        format: ``voc``, ``images`` (no annotations), or ``auto`` to find out.
        split: given to every image added.
        voc_base: what VOC coordinates count from.
        on_progress: hears how many images are done, and of how many.

    Raises:
        NotFound: the folder or format does not exist, or the folder has no images.
        InvalidName: the project's name cannot be stored.
        DatabaseUnusable: the database cannot be written to; what came in before stays.
    """
    reading = _read(folder, format, voc_base)
    with database.write() as session:
        project = projects.get_or_create(session, project_name)
    tally = Tally(problems=list(reading.problems))
    for number, file in enumerate(reading.files):
        if on_progress:
            on_progress(number, len(reading.files))
        try:
            data = _bytes_of(file)
        except OSError as error:
            problem = f"The file cannot be read: {error.strerror}."
            tally.problems.append(Problem(file.name, problem, "Check its rights."))
            continue
        _import_one(database, blobs, project.id, file.name, data, file.labels, split, tally)
    if on_progress:
        on_progress(len(reading.files), len(reading.files))
    return _report(database, project.id, tally, reading.notes)


def import_images(
    database: Database,
    blobs: Blobs,
    project_id: int,
    files: Iterable[tuple[str, bytes]],
    *,
    split: Split | None = None,
) -> ImportReport:
    """Import photographs without boxes, given by name and bytes.

    Raises:
        NotFound: there is no such project.
    """
    with database.read() as session:
        projects.get(session, project_id)
    tally = Tally()
    for name, data in files:
        _import_one(database, blobs, project_id, name, data, None, split, tally)
    return _report(database, project_id, tally, ())


def import_annotated(
    database: Database,
    blobs: Blobs,
    project_id: int,
    name: str,
    data: bytes,
    labels: Labels | None = None,
    *,
    split: Split | None = None,
) -> Imported:
    """Import one image with its boxes in one transaction.

    Args:
        database: the database.
        blobs: where the image file goes; it is on disk before the row is.
        project_id: the project.
        name: the image's name, the relative path it came from.
        data: the bytes received.
        labels: its boxes, by class name; classes that are missing are added. None leaves it unlabelled.
        split: given to the image if it is added.

    Raises:
        ImageRejected: the bytes cannot become an image.
        InvalidName: the image's or a class's name cannot be stored.
        NotFound: there is no such project.
    """
    with database.read() as session:
        known = images.find(session, project_id, name, received_hash(data))
    if known is None:
        # Decoding and writing the file take long: they must not hold the database's write lock.
        upright = read_image(data)
        sha256 = blobs.put(upright.data)
        with database.write() as session:
            image, added = images.insert(session, project_id, name, upright, sha256, split)
            return _label(session, image, added, labels)
    if not blobs.has(known.sha256):
        blobs.put(read_image(data).data)
    with database.write() as session:
        return _label(session, images.get(session, known.id), False, labels)


def _label(session: Session, image: Image, added: bool, labels: Labels | None) -> Imported:
    """Give an image its boxes, unless somebody has touched it before."""
    if labels is None:
        return Imported(image, added)
    fitted = fit(labels, image.width, image.height, images.orientation(session, image.id))
    if image.revision or image.status != "unlabelled":
        return Imported(image, added, 0, _differ(session, image, fitted), fitted)
    ids = {
        name: classes.id_of(session, image.project_id, name)
        for name in dict.fromkeys(box.class_name for box in fitted.boxes)
    }
    boxes = [
        Box(
            id=f"import-{number}",
            class_id=ids[box.class_name],
            x0=box.x0,
            y0=box.y0,
            x1=box.x1,
            y1=box.y1,
            source="import",
            difficult=box.difficult,
            crowd=box.crowd,
        )
        for number, box in enumerate(fitted.boxes, start=1)
    ]
    if boxes:
        image = replace_boxes(session, image.id, boxes, image.revision, "import", author="import")
    elif labels.empty:
        image = mark_empty(session, image.id, image.revision, "import", author="import")
    return Imported(image, added, len(boxes), False, fitted)


def _differ(session: Session, image: Image, fitted: Fitted) -> bool:
    """Tell whether an image's boxes are others than the file's, whatever their order."""
    names = {entry.id: entry.name for entry in classes.list_all(session, image.project_id)}
    mine = Counter(
        (names[box.class_id], *box.xyxy, box.difficult, box.crowd) for box in read_boxes(session, image.id)
    )
    theirs = Counter(
        (box.class_name, box.x0, box.y0, box.x1, box.y1, box.difficult, box.crowd) for box in fitted.boxes
    )
    return mine != theirs


def _import_one(
    database: Database,
    blobs: Blobs,
    project_id: int,
    name: str,
    data: bytes,
    labels: Labels | None,
    split: Split | None,
    tally: Tally,
) -> None:
    try:
        tally.count(import_annotated(database, blobs, project_id, name, data, labels, split=split))
    except Rejected as error:
        tally.problems.append(Problem(name, error.problem, error.remedy, error.line))
    except InvalidName as error:
        tally.problems.append(Problem(name, str(error), "Rename it and import again."))


def _read(folder: Path, kind: str, voc_base: voc.Base) -> Reading:
    if kind not in FORMATS:
        raise NotFound(f"There is no format {kind!r}. Choose one of: {', '.join(FORMATS)}.")
    if not folder.is_dir():
        raise NotFound(f"There is no folder {folder}. Check the path.")
    if kind == "auto":
        kind = "voc" if list_files(folder, voc.ENDINGS) else "images"
    reading = voc.read_folder(folder, voc_base) if kind == "voc" else read_images(folder)
    if not reading.files:
        raise NotFound(
            f"There is no image in {folder}. Give the folder that holds the images and annotations."
        )
    return reading


def _bytes_of(file: AnnotatedFile) -> bytes:
    # One byte over the limit is enough for intake to refuse the file by its size.
    with file.path.open("rb") as stream:
        return stream.read(MAX_BYTES + 1)


def _report(database: Database, project_id: int, tally: Tally, notes: Iterable[str]) -> ImportReport:
    with database.read() as session:
        return tally.report(_equal_photographs(session, project_id, tally.image_ids), notes)


def _equal_photographs(session: Session, project_id: int, image_ids: set[int]) -> list[list[str]]:
    """Group the names of equal photographs, those groups that have one of these images."""
    mine = ImageRow.project_id == project_id
    shared = select(ImageRow.sha256).where(mine).group_by(ImageRow.sha256).having(func.count() > 1)
    rows = session.scalars(
        select(ImageRow).where(mine, ImageRow.sha256.in_(shared)).order_by(ImageRow.sort_key, ImageRow.id)
    )
    groups: dict[str, list[ImageRow]] = defaultdict(list)
    for row in rows:
        groups[row.sha256].append(row)
    return [
        [row.name for row in group] for group in groups.values() if any(row.id in image_ids for row in group)
    ]
