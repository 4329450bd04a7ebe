"""What every format is read into: images, and the boxes a file gives them, by class name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from data.records import Problem, Split


@dataclass(frozen=True, slots=True)
class NamedBox:
    """A box as a file gives it: class by name, float xyxy in pixels, half-open, not yet checked.

    ``line`` is the line of the file it stands in, where one is known.
    """

    class_name: str
    x0: float
    y0: float
    x1: float
    y1: float
    difficult: bool = False
    crowd: bool = False
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Labels:
    """What an annotation says about one image.

    ``size`` is the image's (width, height) as the annotation states it, None if it does not. ``listed``
    counts the objects the file lists, those that could not be read included; None means as many as there are
    boxes. ``file`` names the annotation in messages.
    """

    boxes: tuple[NamedBox, ...] = ()
    size: tuple[int, int] | None = None
    listed: int | None = None
    file: str = ""

    @property
    def empty(self) -> bool:
        """Whether someone looked and found nothing, which makes the image a checked negative."""
        return not (self.boxes if self.listed is None else self.listed)


@dataclass(frozen=True, slots=True)
class AnnotatedFile:
    """An image file of a dataset: its name is its path relative to the folder, with forward slashes.

    ``labels`` is None where no annotation belongs to it, ``split`` where the data set gives it none.
    """

    name: str
    path: Path
    labels: Labels | None = None
    split: Split | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A dataset folder as read: its images in natural order, what was wrong, and what is worth telling.

    ``classes`` are those that the data set lists, in its order and with those that have no box; empty where
    it has no such list. ``splits_stated`` says that the files speak of splits, so that an image without one
    was given none on purpose. ``format`` is the name of the format that was read. ``base_in_doubt`` says that
    some corners speak against the number that coordinates were taken to count from, or decided it.
    """

    files: tuple[AnnotatedFile, ...]
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    splits_stated: bool = False
    format: str = ""
    base_in_doubt: bool = False
