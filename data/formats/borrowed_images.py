"""Annotations that come without their images, read beside those that a project has."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from data.errors import NoImages, NotFound
from data.formats.annotated import Reading

#: Gives the files of a project's images by their names.
Borrowed = Callable[[], Mapping[str, Path]]
TOLD = "No image came with the annotations, so they are taken for those of the images that are here."


@contextmanager
def beside(folder: Path, images: Mapping[str, Path]) -> Iterator[Path]:
    """Lay images beside the files of a data set, in a folder of links that lasts until the end of the block.

    What the system has no name for is left out.
    """
    with tempfile.TemporaryDirectory(prefix="ssd-studio-") as name:
        place = Path(name)
        own = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
        made = {place}
        for path, file in (*own.items(), *images.items()):
            target = place.joinpath(*path.split("/"))
            with suppress(OSError, ValueError):
                if target.parent not in made:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    made.add(target.parent)
                _link(file, target)
        yield place


def of_images_here(read: Callable[[Path], Reading], folder: Path, place: Path) -> Reading:
    """Read a data set beside images, and keep those of which it says something.

    Args:
        read: reads a folder.
        folder: the data set, as messages call it.
        place: where it lies beside the images.

    Raises:
        NoImages: it says nothing of any of the images.
        DataError: it cannot be read.
    """
    try:
        reading = read(place)
    except NotFound as error:
        raise NotFound(str(error).replace(str(place), str(folder))) from error
    files = tuple(file for file in reading.files if file.labels is not None)
    if not files:
        # A damaged file names no image either.
        first = "".join(f" {problem.file}: {problem.problem}" for problem in reading.problems[:1])
        raise NoImages(
            f"There is no image in {folder}, and none in the project that its annotations name. Give the "
            f"folder that holds the images and annotations.{first}"
        )
    return replace(reading, files=files, notes=(*reading.notes, TOLD))


def _link(file: Path, target: Path) -> None:
    try:
        target.symlink_to(file.absolute())
    except OSError:  # Windows allows it to few.
        os.link(file, target)
