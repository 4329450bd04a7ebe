"""Opening what an import is given: a folder, or a zip archive of one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from data.formats import archive, registry, voc
from data.formats.annotated import Reading


@contextmanager
def opened(
    path: Path, name: str = registry.AUTO, voc_base: voc.Base = "auto", scratch: Path | None = None
) -> Iterator[Reading]:
    """Read a data set; its image files may be read until the end of the block.

    Args:
        path: a folder, or a zip archive of one.
        name: its format, or ``auto``.
        voc_base: what coordinates of Pascal VOC count from.
        scratch: where an archive is unpacked; None for the system's own place.

    Raises:
        ArchiveRejected: the archive cannot or must not be unpacked.
        NotFound: there is no such path, no such format, no image, or nothing of the format.
        AmbiguousFormat: there are annotations of several formats.
    """
    if not path.is_file():
        yield registry.read(path, name, voc_base)
        return
    with archive.unpacked(path, scratch=scratch) as folder:
        reading = registry.read(folder, name, voc_base)
        if archive.holds_other_archives(path):
            told = "The archive holds further archives, which were passed over."
            reading = replace(reading, notes=(*reading.notes, told))
        yield reading
