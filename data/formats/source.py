"""Opening what an import is given: a folder, or a zip archive of one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from data.errors import NoImages
from data.formats import archive, registry, voc
from data.formats.annotated import Reading
from data.formats.borrowed_images import Borrowed, beside, of_images_here


@contextmanager
def opened(
    path: Path,
    name: str = registry.AUTO,
    voc_base: voc.Base = "auto",
    scratch: Path | None = None,
    borrowed: Borrowed | None = None,
) -> Iterator[Reading]:
    """Read a data set; its image files may be read until the end of the block.

    Args:
        path: a folder, or a zip archive of one.
        name: its format, or ``auto``.
        voc_base: what coordinates of Pascal VOC count from.
        scratch: where an archive is unpacked; None for the system's own place.
        borrowed: asked for the images that annotations without any are of.

    Raises:
        ArchiveRejected: the archive cannot or must not be unpacked.
        NotFound: there is no such path, no such format, no image, or nothing of the format.
        AmbiguousFormat: there are annotations of several formats.
    """

    def read(folder: Path) -> Reading:
        return registry.read(folder, name, voc_base)

    with ExitStack() as stack:
        packed = path.is_file()
        folder = stack.enter_context(archive.unpacked(path, scratch=scratch)) if packed else path
        try:
            reading = read(folder)
        except NoImages:
            images = borrowed() if borrowed and any(folder.iterdir()) else {}
            if not images:
                raise
            reading = of_images_here(read, folder, stack.enter_context(beside(folder, images)))
        if packed and archive.holds_other_archives(path):
            told = "The archive holds further archives, which were passed over."
            reading = replace(reading, notes=(*reading.notes, told))
        yield reading
