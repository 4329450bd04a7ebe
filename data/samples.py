"""The sample that ships: pictures of workshop parts, most of them labelled, so that anyone can start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from sqlalchemy.orm import Session

from data import classes, images, projects
from data.annotations import mark_empty, replace
from data.blobs import Blobs
from data.database import Database
from data.intake import UprightImage, read_image
from data.records import Box, ImportReport
from data.workshop.layout import CLASSES
from data.workshop.lens import jpeg
from data.workshop.scene import NamedBox, photograph

#: Called with the number of images done and their total.
OnProgress = Callable[[int, int], None]

#: Every so many pictures one shows no part at all: a checked negative.
_NEGATIVE_EVERY, _NEGATIVE_AT = 20, 13
_FEWEST, _MOST = 2, 9


def render(
    index: int, seed: int, size: tuple[int, int] = (640, 480)
) -> tuple[bytes, tuple[tuple[str, float, float, float, float], ...]]:
    """Render a photograph of nuts, bolts and washers on a bench.

    The same arguments give the same bytes under one version of Pillow.

    Args:
        index: which picture of the series, from 0; one in twenty shows no part.
        seed: of the series.
        size: (width, height) in pixels.

    Returns:
        the JPEG, and a box for each part: (class name, x0, y0, x1, y1), float pixels, half-open, tight around
        what shows of it.
    """
    rng = Random(f"{seed}/{index}")
    count = 0 if index % _NEGATIVE_EVERY == _NEGATIVE_AT else rng.randint(_FEWEST, _MOST)
    picture = photograph(rng, size, count)
    return jpeg(rng, picture.image), picture.boxes


def fill_project(
    database: Database,
    blobs: Blobs,
    name: str = "Workshop parts",
    images: int = 80,
    labelled: int = 60,
    seed: int = 0,
    on_progress: OnProgress | None = None,
) -> ImportReport:
    """Put rendered pictures into a project, creating it where there is none.

    Each picture comes with its boxes or not at all; one whose name is there already is left as it is, so a
    second call adds nothing and an interrupted one is finished.

    Args:
        database: the database.
        blobs: where image files go.
        name: the project.
        images: pictures in all.
        labelled: how many of them get their boxes, spread evenly; the rest is left to label.
        seed: of the pictures.
        on_progress: hears how many pictures are done, and of how many.

    Raises:
        DatabaseUnusable: the database cannot be written to; what came in before stays.
    """
    with database.write() as session:
        project = projects.get_or_create(session, name)
        for class_name in CLASSES:
            classes.id_of(session, project.id, class_name)
        present = _names(session, project.id)
    added = written = 0
    for index in range(images):
        if on_progress:
            on_progress(index, images)
        title = f"bench-{index + 1:03d}.jpg"
        if title in present:
            continue
        data, boxes = render(index, seed)
        upright = read_image(data)
        sha256 = blobs.put(upright.data)
        wanted = boxes if _is_labelled(index, images, labelled) else None
        with database.write() as session:
            if _insert(session, project.id, title, upright, sha256, wanted):
                added += 1
                written += len(wanted or ())
    if on_progress:
        on_progress(images, images)
    return ImportReport(added=added, existing=images - added, boxes=written, classes=CLASSES)


def _is_labelled(index: int, total: int, labelled: int) -> bool:
    """Tell whether a picture is one of ``labelled`` spread evenly over ``total``."""
    return (index + 1) * labelled // total > index * labelled // total


def _names(session: Session, project_id: int) -> set[str]:
    """Read the names of all images of a project."""
    names: set[str] = set()
    after: int | None = None
    while True:
        page = images.page(session, project_id, after, images.LARGEST_PAGE)
        names.update(image.name for image in page.images)
        if page.next_after is None:
            return names
        after = page.next_after


def _insert(
    session: Session,
    project_id: int,
    name: str,
    upright: UprightImage,
    sha256: str,
    boxes: Sequence[NamedBox] | None,
) -> bool:
    """Add a picture with its boxes (None: unlabelled); tell whether it is new."""
    image, added = images.insert(session, project_id, name, upright, sha256)
    if not added or boxes is None:
        return added
    if not boxes:
        mark_empty(session, image.id, image.revision, "import", author="import")
        return True
    ids = {entry.name: entry.id for entry in classes.list_all(session, project_id)}
    drawn = [
        Box(f"import-{number}", ids[class_name], x0, y0, x1, y1, source="import")
        for number, (class_name, x0, y0, x1, y1) in enumerate(boxes, start=1)
    ]
    replace(session, image.id, drawn, image.revision, "import", author="import")
    return True
