"""Writing a data set to disk: whole or not at all, and byte for byte the same for the same content."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from data.errors import AlreadyExists
from data.formats.archive import ENDING
from data.formats.dataset import Dataset, LabelledImage, WrittenFile, arranged
from data.formats.registry import Format
from data.formats.written_names import NAMES_FILE, names_file

#: Called with the number of images done and their total.
OnProgress = Callable[[int, int], None]

# The earliest moment that a zip archive can name.
_FIXED_DATE = (1980, 1, 1, 0, 0, 0)
_RIGHTS = 0o100644 << 16
_UNIX = 3
_PIECE = 1024 * 1024

#: Puts bytes, or the content of a file, at a path relative to the data set.
Put = Callable[[str, bytes | Path], None]


def write_dataset(
    format: Format,
    classes: Sequence[str],
    images: Iterable[LabelledImage],
    target: Path,
    *,
    with_images: bool = True,
    on_progress: OnProgress | None = None,
) -> Dataset:
    """Write a data set into a new folder, or into a zip archive if the target ends in ``.zip``.

    Args:
        format: how.
        classes: names in their frozen order; every box's class is among them.
        images: the images, in any order.
        target: what is made; a folder that is there already must be empty.
        with_images: whether the image files are written as well; each has a ``source`` then.
        on_progress: hears how many image files are done, and of how many.

    Returns:
        The data set as it was arranged.

    Raises:
        AlreadyExists: the target is there already.
        OSError: the disk is full or cannot be written to; nothing remains under the target's name.
    """
    found, target = list(images), target.resolve()
    dataset = arranged(classes, found, format.layout(found))
    with _put_into(target) as put:
        for path, data in sorted(_annotations(format, dataset, with_images)):
            put(path, data)
        pictures = dataset.images if with_images else ()
        for number, placed in enumerate(pictures):
            if on_progress:
                on_progress(number, len(pictures))
            if placed.image.source is not None:
                put(placed.path, placed.image.source)
        if on_progress:
            on_progress(len(pictures), len(pictures))
    return dataset


def _annotations(format: Format, dataset: Dataset, with_images: bool) -> Iterator[tuple[str, bytes]]:
    files: Iterable[WrittenFile] = format.write(dataset)
    for file in files:
        yield file.path, file.data
    names = names_file((placed.path, placed.image.name) for placed in dataset.images)
    if with_images and names is not None:
        yield NAMES_FILE, names


@contextmanager
def _put_into(target: Path) -> Iterator[Put]:
    """Make the target under another name and give it its own at the end: half of it is never there."""
    if target.exists() and (target.is_file() or any(target.iterdir())):
        raise AlreadyExists(f"{target} is there already. Choose another name, or remove it.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as scratch:
        unfinished = Path(scratch) / target.name
        if target.suffix.lower() == ENDING:
            with zipfile.ZipFile(unfinished, "w") as opened:
                yield lambda path, data: _into_archive(opened, path, data)
        else:
            unfinished.mkdir()
            yield lambda path, data: _into_folder(unfinished, path, data)
            if target.exists():
                target.rmdir()
        unfinished.replace(target)


def _into_folder(folder: Path, path: str, data: bytes | Path) -> None:
    place = folder / path
    place.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(data, Path):
        shutil.copyfile(data, place)
    else:
        place.write_bytes(data)


def _into_archive(opened: zipfile.ZipFile, path: str, data: bytes | Path) -> None:
    member = zipfile.ZipInfo(path, _FIXED_DATE)
    member.external_attr, member.create_system = _RIGHTS, _UNIX
    if isinstance(data, bytes):
        member.compress_type = zipfile.ZIP_DEFLATED
        opened.writestr(member, data)
        return
    # Photographs are packed already.
    member.file_size = data.stat().st_size
    with data.open("rb") as source, opened.open(member, "w") as into:
        shutil.copyfileobj(source, into, _PIECE)
