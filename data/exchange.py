"""Bringing photographs and their boxes into a project: each image whole or not at all, nothing overwritten.

An import may be killed at any moment and run again: what is in stays, what is missing comes in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from sqlalchemy.orm import Session

from data import classes, duplicates, images, known_images, projects
from data.annotations import mark_empty
from data.annotations import read as read_boxes
from data.annotations import replace as replace_boxes
from data.blobs import Blobs
from data.database import Database
from data.errors import InvalidName, Rejected, StaleRevision
from data.formats import source, voc
from data.formats.annotated import AnnotatedFile, Labels, NamedBox
from data.formats.class_map import ClassMap, mapped
from data.formats.fit import Fitted, fit
from data.intake import MAX_BYTES, read_image, received_hash
from data.known_images import KnownImages
from data.records import Box, Image, ImportReport, OnExisting, Problem, Split
from data.tally import Imported, Tally

#: Called with the number of images done and their total.
OnProgress = Callable[[int, int], None]

#: Boxes that differ by less, in pixels, are the same: formats of fractions lose the last bits.
_SAME = 1e-3


def import_folder(
    database: Database,
    blobs: Blobs,
    project_name: str,
    folder: Path,
    *,
    format: str = "auto",
    split: Split | None = None,
    voc_base: voc.Base = "auto",
    on_existing: OnExisting = "keep",
    class_map: ClassMap | None = None,
    on_progress: OnProgress | None = None,
) -> ImportReport:
    """Import a data set into a project, creating the project where there is none.

    Images that are there already, by path and bytes, keep their boxes unless told otherwise; one that nobody
    labelled yet gets the file's. `KnownImages` tells which are there under another path. What cannot be used
    is reported by name, and the rest comes in.

    Args:
        database: the database.
        blobs: where image files go.
        project_name: the project.
        folder: the data set, or a zip archive of it; an image's name is its path below this folder. Without
            any image its annotations are those of the project's images.
        format: a name among ``data.records.FORMATS``: ``images`` (no annotations), or ``auto`` to find out.
        split: given to every image added; None gives those that the data set states.
        voc_base: what VOC coordinates count from.
        on_existing: ``replace`` puts the file's boxes in the place of other ones; history keeps those.
        class_map: other names for classes of the data set; None leaves a class out.
        on_progress: hears how many images are done, and of how many.

    Raises:
        NotFound: the folder or format does not exist, or the folder has no images.
        AmbiguousFormat: the folder has annotations of several formats.
        ArchiveRejected: the archive cannot or must not be unpacked.
        InvalidName: the project's name or one that the map wants cannot be stored.
        DatabaseUnusable: the database cannot be written to; what came in before stays.
    """
    borrowed = partial(known_images.files, database, blobs, project_name)
    with source.opened(folder, format, voc_base, borrowed=borrowed) as read:
        reading = mapped(read, class_map or {})
        with database.write() as session:
            project = projects.get_or_create(session, project_name)
            for name in reading.classes:
                classes.id_of(session, project.id, name)
        with database.read() as session:
            known = KnownImages(known_images.read(session, project.id), reading.files)
        tally = Tally(problems=list(reading.problems), classes=dict.fromkeys(reading.classes))
        for number, file in enumerate(reading.files):
            if on_progress:
                on_progress(number, len(reading.files))
            known_as = known.elsewhere(file)
            _import_file(database, blobs, project.id, file, known_as, split or file.split, on_existing, tally)
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
        with _refusals(name, tally):
            tally.count(import_annotated(database, blobs, project_id, name, data, split=split))
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
    on_existing: OnExisting = "keep",
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
        on_existing: whether the file's boxes take the place of others that the image has.

    Raises:
        ImageRejected: the bytes cannot become an image.
        InvalidName: the image's or a class's name cannot be stored.
        NotFound: there is no such project.
        StaleRevision: somebody changed its boxes at this moment; they were kept.
    """
    with database.read() as session:
        known = images.find(session, project_id, name, received_hash(data))
    if known is None:
        # Decoding and writing the file take long: they must not hold the database's write lock.
        upright = read_image(data)
        sha256 = blobs.put(upright.data)
        with database.write() as session:
            image, added = images.insert(session, project_id, name, upright, sha256, split)
            return _label(session, image, added, labels, on_existing)
    if not blobs.has(known.sha256):
        blobs.put(read_image(data).data)
    with database.write() as session:
        return _label(session, images.get(session, known.id), False, labels, on_existing)


def _label(
    session: Session, image: Image, added: bool, labels: Labels | None, on_existing: OnExisting
) -> Imported:
    """Give an image its boxes; where somebody has touched it before, only if they are to be replaced."""
    if labels is None:
        return Imported(image, added)
    fitted = fit(labels, image.width, image.height, images.orientation(session, image.id))
    touched = bool(image.revision) or image.status != "unlabelled"
    if touched:
        differ = _differ(session, image, fitted)
        other = differ or (labels.empty and image.status == "unlabelled")
        # A file whose boxes are all faulty must not wipe out those that are here.
        if on_existing == "keep" or not other or not (fitted.boxes or labels.empty):
            return Imported(image, added, 0, differ, fitted=fitted)
    boxes = _boxes(session, image.project_id, fitted.boxes)
    operation = _operation(image, boxes) if touched else "import"
    if boxes or image.boxes:
        image = replace_boxes(session, image.id, boxes, image.revision, operation, author="import")
        operation = f"{operation} empty"
    if labels.empty:
        image = mark_empty(session, image.id, image.revision, operation, author="import")
    return Imported(image, added, len(boxes), replaced_boxes=touched, fitted=fitted)


def _boxes(session: Session, project_id: int, named: Sequence[NamedBox]) -> list[Box]:
    ids = {
        name: classes.id_of(session, project_id, name)
        for name in dict.fromkeys(box.class_name for box in named)
    }
    return [
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
        for number, box in enumerate(named, start=1)
    ]


def _operation(image: Image, boxes: Sequence[Box]) -> str:
    """Name the replacement of an image's boxes, so that doing it twice does it once."""
    digest = hashlib.sha256(repr(boxes).encode()).hexdigest()
    return f"import {image.revision} {digest[:16]}"


def _differ(session: Session, image: Image, fitted: Fitted) -> bool:
    """Tell whether an image's boxes are others than the file's, whatever their order."""
    names = {entry.id: entry.name for entry in classes.list_all(session, image.project_id)}
    mine = sorted(
        (names[box.class_id], box.difficult, box.crowd, box.xyxy) for box in read_boxes(session, image.id)
    )
    theirs = sorted(
        (box.class_name, box.difficult, box.crowd, (box.x0, box.y0, box.x1, box.y1)) for box in fitted.boxes
    )
    return len(mine) != len(theirs) or any(
        a[:3] != b[:3] or any(abs(p - q) > _SAME for p, q in zip(a[3], b[3], strict=True))
        for a, b in zip(mine, theirs, strict=True)
    )


def _import_file(
    database: Database,
    blobs: Blobs,
    project_id: int,
    file: AnnotatedFile,
    known_as: str | None,
    split: Split | None,
    on_existing: OnExisting,
    tally: Tally,
) -> None:
    try:
        data = _bytes_of(file)
    except OSError as error:
        problem = f"The file cannot be read: {error.strerror}."
        tally.problems.append(Problem(file.name, problem, "Check its rights."))
        return
    name = known_as or file.name
    with _refusals(file.name, tally):
        imported = import_annotated(
            database, blobs, project_id, name, data, file.labels, split=split, on_existing=on_existing
        )
        tally.count(imported, file.name if known_as else None)


@contextmanager
def _refusals(name: str, tally: Tally) -> Iterator[None]:
    """Enter into the account what keeps one image out, or its boxes as they are."""
    try:
        yield
    except Rejected as error:
        tally.problems.append(Problem(name, error.problem, error.remedy, error.line))
    except InvalidName as error:
        tally.problems.append(Problem(name, str(error), "Rename it and import again."))
    except StaleRevision:
        problem = "Somebody changed its boxes during the import, and they were kept."
        tally.problems.append(Problem(name, problem, "Look at it, and import again."))


def _bytes_of(file: AnnotatedFile) -> bytes:
    # One byte over the limit is enough for intake to refuse the file by its size.
    with file.path.open("rb") as stream:
        return stream.read(MAX_BYTES + 1)


def _report(database: Database, project_id: int, tally: Tally, notes: Iterable[str]) -> ImportReport:
    with database.read() as session:
        equal = duplicates.equal(session, project_id, tally.image_ids)
        alike = duplicates.alike(session, project_id, tally.image_ids)
    return tally.report(
        [[one.name for one in group] for group in equal],
        notes,
        [[one.name for one in group] for group in alike],
    )
