"""Every format by name: how it is read and written, and what it can carry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from data.errors import NoImages, NotFound
from data.formats import coco, cvat, label_studio, labelme, open_images, plain_csv, voc, voc_writer, yolo
from data.formats.annotated import Reading
from data.formats.dataset import Dataset, LabelledImage, WrittenFile
from data.formats.detect import detect
from data.formats.folder import read_images
from data.formats.splits import by_folders
from data.formats.written_names import Layout, restore_names
from data.records import FORMATS

AUTO, IMAGES = "auto", "images"


@dataclass(frozen=True, slots=True)
class Carries:
    """What a format can carry; all of them carry classes in order, splits and checked negatives.

    ``parts_of_pixels`` are boxes narrower or lower than a pixel.
    """

    difficult: bool = True
    crowd: bool = True
    sizes: bool = True
    parts_of_pixels: bool = True


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its title for people, how to read a folder of it, and how to write one."""

    name: str
    title: str
    read: Callable[[Path, voc.Base], Reading]
    write: Callable[[Dataset], Iterable[WrittenFile]]
    layout: Callable[[Sequence[LabelledImage]], Layout]
    carries: Carries


def _format(
    name: str,
    title: str,
    read: Callable[[Path], Reading],
    write: Callable[[Dataset], Iterable[WrittenFile]],
    layout: Layout,
    carries: Carries,
) -> Format:
    return Format(name, title, lambda folder, _base: read(folder), write, lambda _images: layout, carries)


WRITTEN: Mapping[str, Format] = {
    entry.name: entry
    for entry in (
        Format(
            "voc",
            "Pascal VOC",
            voc.read_folder,
            voc_writer.write,
            lambda _images: voc_writer.LAYOUT,
            Carries(parts_of_pixels=False),
        ),
        _format("coco", "COCO", coco.read_folder, coco.write, coco.LAYOUT, Carries()),
        _format(
            "yolo",
            "YOLO",
            yolo.read_folder,
            yolo.write,
            yolo.LAYOUT,
            Carries(difficult=False, crowd=False, sizes=False),
        ),
        Format(
            "labelme",
            "LabelMe",
            lambda folder, _base: labelme.read_folder(folder),
            labelme.write,
            labelme.layout,
            Carries(),
        ),
        _format(
            "label-studio",
            "Label Studio",
            label_studio.read_folder,
            label_studio.write,
            label_studio.LAYOUT,
            Carries(difficult=False, crowd=False),
        ),
        _format("cvat", "CVAT for images 1.1", cvat.read_folder, cvat.write, cvat.LAYOUT, Carries()),
        _format(
            "open-images",
            "Open Images",
            open_images.read_folder,
            open_images.write,
            open_images.LAYOUT,
            Carries(difficult=False, sizes=False),
        ),
        _format("csv", "plain CSV", plain_csv.read_folder, plain_csv.write, plain_csv.LAYOUT, Carries()),
    )
}


def read(folder: Path, name: str = AUTO, voc_base: voc.Base = "auto") -> Reading:
    """Read a data set folder.

    What an export wrote down of names is put back, and folders named like splits give them where the files
    say nothing of splits.

    Args:
        folder: the data set.
        name: a format's; ``images`` for photographs alone, ``auto`` to find out.
        voc_base: what coordinates of Pascal VOC count from.

    Raises:
        NoImages: there is no image in the folder.
        NotFound: there is no such format, no such folder, or nothing of the format.
        AmbiguousFormat: the folder holds annotations of several formats; names them.
    """
    if name not in (AUTO, IMAGES, *WRITTEN):
        raise NotFound(f"There is no format {name!r}. Choose one of: {', '.join(FORMATS)}.")
    if not folder.is_dir():
        raise NotFound(f"There is no folder {folder}. Check the path.")
    detection = detect(folder) if name == AUTO else None
    chosen = name if detection is None else detection.format
    if chosen == IMAGES:
        reading = restore_names(folder, read_images(folder))
    else:
        reading = restore_names(folder, by_folders(WRITTEN[chosen].read(folder, voc_base)))
    reading = replace(reading, format=chosen)
    if not reading.files:
        raise NoImages(
            f"There is no image in {folder}. Give the folder that holds the images and annotations, or bring "
            "the annotations into the project that has their images."
        )
    if detection is not None:
        return detection.told(reading)
    if chosen != IMAGES and not reading.problems and all(file.labels is None for file in reading.files):
        raise NotFound(
            f"There is nothing of {WRITTEN[chosen].title} in {folder}. Give its folder, or another format."
        )
    return reading
