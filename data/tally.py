"""Keeping count during an import, and telling what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from data.formats.fit import Fitted
from data.records import Image, ImportReport, Problem

#: So many cases of one kind are named; the rest are counted.
NAMED_CASES = 20


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one image: ``boxes`` were written.

    ``kept_other_boxes`` says that it had its own, which differ from the file's, ``replaced_boxes`` that those
    gave way; ``fitted`` tells what was done to the file's boxes, None without an annotation.
    """

    image: Image
    added: bool
    boxes: int = 0
    kept_other_boxes: bool = False
    fitted: Fitted | None = None
    replaced_boxes: bool = False


def same_elsewhere(paths: Sequence[tuple[str, str]]) -> str:
    """Say which files of a data set are images here under another path: pairs of path and name."""
    pairs = [f"{path} is {name}" for path, name in paths]
    return _note(pairs, "already here under another path")


def named_alike(paths: Sequence[str]) -> str:
    """Say which files of a data set come in beside images here of their name, under another path."""
    return _note(paths, "called like others here, but not surely the same, coming in as well")


@dataclass(slots=True)
class Tally:
    """The running account of one import."""

    added: int = 0
    existing: int = 0
    boxes: int = 0
    image_ids: set[int] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    classes: dict[str, None] = field(default_factory=dict)
    _elsewhere: list[tuple[str, str]] = field(default_factory=list)
    _kept: list[str] = field(default_factory=list)
    _replaced: list[str] = field(default_factory=list)
    _labelled_later: list[str] = field(default_factory=list)
    _turned: list[str] = field(default_factory=list)
    _other_size: list[str] = field(default_factory=list)
    _damaged: list[str] = field(default_factory=list)
    _clipped: int = 0

    def count(self, imported: Imported, path: str | None = None) -> None:
        """Enter one image; ``path`` is the file's, where the image is here under another."""
        name, fitted = imported.image.name, imported.fitted
        if path is not None:
            self._elsewhere.append((path, name))
        self.image_ids.add(imported.image.id)
        self.added += imported.added
        self.existing += not imported.added
        self.boxes += imported.boxes
        if imported.image.warning:
            self._damaged.append(f"{name} ({imported.image.warning.rstrip('.')})")
        if imported.replaced_boxes:
            self._replaced.append(name)
        elif imported.boxes and not imported.added:
            self._labelled_later.append(name)
        if imported.kept_other_boxes:
            self._kept.append(name)
        if fitted is None:
            return
        self.classes |= dict.fromkeys(box.class_name for box in fitted.boxes)
        self.problems += fitted.problems
        self._clipped += fitted.clipped
        if fitted.turned:
            self._turned.append(name)
        if fitted.other_size:
            self._other_size.append(f"{name} ({fitted.other_size})")

    def report(
        self,
        equal: Iterable[Sequence[str]],
        notes: Iterable[str] = (),
        alike: Iterable[Sequence[str]] = (),
    ) -> ImportReport:
        """Close the account.

        Args:
            equal: groups of names that are one and the same photograph.
            notes: facts to tell first.
            alike: groups of names whose photographs look alike.
        """
        told = list(notes)
        for groups, sign, what, more in (
            (
                equal,
                " = ",
                "the same photograph, kept once on disk and apart in the project",
                "equal photographs",
            ),
            (
                alike,
                " ≈ ",
                "look alike, and stay together when images are split",
                "photographs that look alike",
            ),
        ):
            every = list(groups)
            told += [f"{_listed(names, sign)}: {what}." for names in every[:NAMED_CASES]]
            if len(every) > NAMED_CASES:
                told.append(f"{len(every) - NAMED_CASES} more groups of {more}.")
        if self._clipped:
            told.append(
                f"{self._clipped} boxes reached a little over their image's edge and were clipped to it."
            )
        if self._elsewhere:
            told.append(same_elsewhere(self._elsewhere))
        for names, what in (
            (self._labelled_later, "already here without boxes, labelled now"),
            (self._kept, "already here with boxes that differ from the file's, which were kept"),
            (
                self._replaced,
                "already here with boxes that differ from the file's, which gave way; history keeps them",
            ),
            (self._turned, "boxes drawn on the photograph as stored, turned upright with it (EXIF)"),
            (self._damaged, "kept although the file is damaged"),
            (self._other_size, "the annotation states another size than the photograph has; check the boxes"),
        ):
            if names:
                told.append(_note(names, what))
        return ImportReport(
            added=self.added,
            existing=self.existing,
            boxes=self.boxes,
            classes=tuple(self.classes),
            rejected=tuple(self.problems),
            notes=tuple(told),
        )


def _note(names: Sequence[str], what: str) -> str:
    return f"{len(names)} {'image' if len(names) == 1 else 'images'} {what}: {_listed(names)}."


def _listed(names: Sequence[str], sign: str = ", ") -> str:
    rest = len(names) - NAMED_CASES
    return sign.join(names[:NAMED_CASES]) + (f" and {rest} more" if rest > 0 else "")
