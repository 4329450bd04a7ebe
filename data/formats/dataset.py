"""What every format is written from: classes in their order, and images with their boxes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from data.formats.annotated import NamedBox
from data.formats.written_names import Layout, place
from data.natural_order import natural_key
from data.records import Split


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """An image that somebody has looked at: boxes of the upright picture, none if it shows nothing to find.

    ``name`` is its name in the project, ``width`` and ``height`` are in pixels, ``source`` is its file where
    that is to be written as well, and ``ending`` the one that fits that file's kind.
    """

    name: str
    width: int
    height: int
    boxes: tuple[NamedBox, ...] = ()
    split: Split | None = None
    source: Path | None = None
    ending: str = ".jpg"


@dataclass(frozen=True, slots=True)
class PlacedImage:
    """An image and the path it is written to, relative to the data set's folder."""

    image: LabelledImage
    path: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """Classes in their frozen order, those without boxes included, and images in order of name."""

    classes: tuple[str, ...]
    images: tuple[PlacedImage, ...]


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """An annotation file: its path relative to the data set's folder, and its bytes."""

    path: str
    data: bytes


def arranged(classes: Sequence[str], images: Iterable[LabelledImage], layout: Layout) -> Dataset:
    """Put images in order and give each a path of its own, so that equal content is written equally."""
    ordered = sorted(images, key=lambda image: (natural_key(image.name), image.name, _content(image)))
    paths = place([(image.name, image.split, image.ending) for image in ordered], layout)
    placed = tuple(PlacedImage(image, path) for image, path in zip(ordered, paths, strict=True))
    return Dataset(tuple(classes), placed)


def _content(image: LabelledImage) -> str:
    """Tell images of one name apart by what they hold: their files are named by their hash."""
    return f"{image.source.name if image.source else ''} {image.width} {image.height} {image.boxes}"
