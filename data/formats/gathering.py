"""Putting a reading together from annotation files that each speak of many images."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from data.errors import AnnotationRejected
from data.formats.annotated import AnnotatedFile, Labels, Reading
from data.formats.folder import list_files, relative_name
from data.formats.image_index import ImageIndex
from data.formats.json_text import shown
from data.formats.splits import settled
from data.records import IMAGE_ENDINGS, Problem, Split

_PUT_IMAGE = "Put the image into the folder, or take its entry out."


class Gathering:
    """The images of a data set folder, and what was learnt about them so far.

    Args:
        folder: the data set.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.images = list_files(folder, IMAGE_ENDINGS)
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        #: Kinds of shapes that became their bounding boxes, and how many of each.
        self.shapes: Counter[str] = Counter()
        self._index = ImageIndex(folder, self.images)
        self._labels: dict[Path, Labels] = {}
        self._splits: dict[Path, Split | None] = {}
        self._repeated: dict[tuple[str, str], list[str]] = {}

    def name_of(self, path: Path) -> str:
        """Give a file's name as messages call it."""
        return relative_name(self.folder, path)

    def refuse(self, file: str, error: AnnotationRejected, where: str = "") -> None:
        """Report what could not be read; ``where`` tells the place in files that have no lines."""
        self.problems.append(
            Problem(file, f"{where}: {error.problem}" if where else error.problem, error.remedy, error.line)
        )

    def find(
        self,
        references: Sequence[str],
        near: Path,
        *,
        line: int | None = None,
        split: Split | None = None,
        shown_as: str | None = None,
    ) -> Path | None:
        """Find the image that a file means, or report that there is none, or more than one.

        Args:
            references: what it is called; later ones are tried where earlier ones find nothing.
            near: the annotation file.
            line: where in it the image is named.
            split: that the file is for.
            shown_as: what messages call it; None for the first reference.
        """
        name = shown_as if shown_as is not None else next(iter(references), "")
        for reference in references:
            found = self._index.find(reference, near, split)
            if len(found) == 1:
                return found[0]
            if found:
                names = ", ".join(map(self.name_of, found))
                problem = f"Several images could be meant by {shown(name)}: {names}."
                self._problem(near, problem, "Rename all but one, or write more of its path.", line)
                return None
        wanted = shown(name) if name else "an entry without name"
        self._problem(near, f"There is no image for {wanted}.", _PUT_IMAGE, line)
        return None

    def give(self, image: Path, labels: Labels, split: Split | None = None) -> None:
        """Give an image what a file says of it; the first file that speaks of it counts."""
        if image in self._labels:
            pair = (labels.file, self._labels[image].file)
            self._repeated.setdefault(pair, []).append(self.name_of(image))
            return
        self._labels[image] = labels
        self._splits[image] = split

    def knows(self, image: Path) -> bool:
        """Tell whether a file has said anything of an image's boxes."""
        return image in self._labels

    def split(self, image: Path, split: Split | None) -> None:
        """Give an image a split, whether or not a file gives it boxes."""
        self._splits[image] = split

    def reading(
        self, classes: Iterable[str] = (), *, splits_stated: bool = False, by_name: bool = False
    ) -> Reading:
        """Close the reading.

        Args:
            classes: those that the data set lists, in order.
            splits_stated: whether the files speak of splits.
            by_name: whether only their names do.
        """
        splits = settled(self._splits) if by_name else self._splits
        return Reading(
            files=tuple(
                AnnotatedFile(self.name_of(image), image, self._labels.get(image), splits.get(image))
                for image in self.images
            ),
            problems=(*self.problems, *self._repetitions()),
            notes=(*shape_note(self.shapes), *self.notes),
            classes=tuple(dict.fromkeys(classes)),
            splits_stated=splits_stated,
        )

    def _problem(self, near: Path, problem: str, remedy: str, line: int | None) -> None:
        self.problems.append(Problem(self.name_of(near), problem, remedy, line))

    def _repetitions(self) -> list[Problem]:
        problems: list[Problem] = []
        for (second, first), names in self._repeated.items():
            those = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more images"
            if first == second:
                problem, remedy = f"It describes {those} twice; the first was taken.", "Take one out."
            else:
                problem, remedy = f"{first} describes {those} as well, and was taken.", "Keep one of the two."
            problems.append(Problem(second, problem, remedy))
        return problems


def shape_note(shapes: Mapping[str, int]) -> tuple[str, ...]:
    """Tell how many shapes of each kind became their bounding boxes, if any did."""
    counted = [f"{number} {plural(kind, number)}" for kind, number in sorted(shapes.items()) if number]
    if not counted:
        return ()
    listed = " and ".join(filter(None, (", ".join(counted[:-1]), counted[-1])))
    became = "became its bounding box" if sum(shapes.values()) == 1 else "became their bounding boxes"
    return (f"{listed} {became}.",)


def plural(word: str, number: int) -> str:
    """Give a word of the singular for that many."""
    if number == 1:
        return word
    return f"{word}es" if word.endswith(("s", "x")) else f"{word}s"
