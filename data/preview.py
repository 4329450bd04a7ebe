"""Looking at a data set before it is imported: what would come in, under which names, and what is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from sqlalchemy.orm import Session

from data import classes, known_images, projects
from data.blobs import Blobs
from data.database import Database
from data.errors import NotFound
from data.formats import source, voc
from data.formats.annotated import AnnotatedFile, Labels, Reading
from data.formats.class_map import ClassMap, mapped, similar
from data.formats.fit import Fitted, fit
from data.formats.sizes import upright_size
from data.known_images import Here, KnownImages
from data.records import ImportPreview, LabelClass, PreviewClass, Split
from data.tally import named_alike, same_elsewhere

#: Called with the number of images looked at and their total.
OnProgress = Callable[[int, int], None]


def preview_folder(
    database: Database,
    blobs: Blobs,
    project_name: str,
    folder: Path,
    *,
    format: str = "auto",
    split: Split | None = None,
    voc_base: voc.Base = "auto",
    class_map: ClassMap | None = None,
    on_progress: OnProgress | None = None,
) -> ImportPreview:
    """Tell what importing a data set would find; writes nothing.

    Boxes are checked against the images' headers, so that only damage inside of an image file is left for the
    import to find. Files named like images that are here are read whole, to tell whether they are the same.

    Args:
        database: the database.
        blobs: where image files are.
        project_name: the project that it would go to; need not exist.
        folder: the data set, or a zip archive of it.
        format: a name among ``data.records.FORMATS``.
        split: that every image would be given.
        voc_base: what VOC coordinates count from.
        class_map: other names for classes of the data set; None leaves a class out.
        on_progress: hears how many images were looked at, and of how many.

    Raises:
        NotFound: the folder or format does not exist, or the folder has no images.
        AmbiguousFormat: the folder has annotations of several formats.
        ArchiveRejected: the archive cannot or must not be unpacked.
        InvalidName: a name that the map wants cannot be stored.
    """
    with database.read() as session:
        known, here = _known(session, project_name)
    wanted = dict(class_map or {})
    borrowed = partial(known_images.files, database, blobs, project_name)
    with source.opened(folder, format, voc_base, borrowed=borrowed) as read:
        reading = mapped(read, wanted)
        fitted: list[Fitted] = []
        images = KnownImages(here, reading.files)
        existing = 0
        elsewhere: list[tuple[str, str]] = []
        alike: list[str] = []
        for number, file in enumerate(reading.files):
            if on_progress:
                on_progress(number, len(reading.files))
            fitted += _fitted(file)
            if images.has(file):
                existing += 1
            elif name := images.elsewhere(file):
                elsewhere.append((file.name, name))
            elif images.has_name(file):
                alike.append(file.name)
        if on_progress:
            on_progress(len(reading.files), len(reading.files))
    status = Counter(_status(file.labels) for file in reading.files)
    found = _classes(read, wanted, [entry.name for entry in known])
    splits: Counter[Split | None] = Counter(split or file.split for file in reading.files)
    return ImportPreview(
        images=len(reading.files),
        existing=existing + len(elsewhere),
        labelled=status["labelled"],
        empty=status["empty"],
        unlabelled=status["unlabelled"],
        boxes=sum(len(each.boxes) for each in fitted),
        by_split={each: splits[each] for each in ("train", "val", "test", None)},
        classes=found,
        problems=(*reading.problems, *(problem for each in fitted for problem in each.problems)),
        notes=(
            *reading.notes,
            *([same_elsewhere(elsewhere)] if elsewhere else ()),
            *([named_alike(alike)] if alike else ()),
            *_archived(found, known),
        ),
        format=reading.format,
        base_in_doubt=reading.base_in_doubt,
    )


def _known(session: Session, project_name: str) -> tuple[tuple[LabelClass, ...], list[Here]]:
    """Read a project's classes and images; none where there is no such project."""
    try:
        project = projects.by_name(session, project_name)
    except NotFound:
        return (), []
    return classes.list_all(session, project.id), known_images.read(session, project.id)


def _archived(found: Iterable[PreviewClass], known: Iterable[LabelClass]) -> list[str]:
    """Tell which classes would come in that are archived here, as those are that were merged into others."""
    archived = {entry.name for entry in known if entry.archived}
    return [
        f"The class {name!r} is archived here, and nothing is trained on its boxes. Take it up again, or "
        "give it another name."
        for name in dict.fromkeys(item.name for item in found if item.name in archived)
    ]


def _fitted(file: AnnotatedFile) -> Sequence[Fitted]:
    size = None if file.labels is None else upright_size(file.path)
    if file.labels is None or size is None:
        return ()
    # A size that is stated the other way round is that of the picture before it was turned: then the boxes
    # lie within the image whichever way it was, so the turn itself need not be known.
    labels = file.labels
    sideways = labels.size == size[::-1] and size[0] != size[1]
    return [fit(labels, *size, orientation=6 if sideways else 1)]


def _status(labels: Labels | None) -> str:
    if labels is None:
        return "unlabelled"
    if labels.boxes:
        return "labelled"
    return "empty" if labels.empty else "unlabelled"


def _classes(read: Reading, wanted: ClassMap, known: Iterable[str]) -> tuple[PreviewClass, ...]:
    """Give the data set's classes as written, in its order, each with what it would become."""
    boxes: Counter[str] = Counter(
        box.class_name for file in read.files if file.labels for box in file.labels.boxes
    )
    here = tuple(known)
    names = tuple(dict.fromkeys((*read.classes, *boxes)))
    return tuple(
        PreviewClass(
            written=written,
            name=wanted.get(written, written) or "",
            boxes=boxes[written],
            exists=wanted.get(written, written) in here,
            similar=similar(written, (*here, *names)),
        )
        for written in names
    )
