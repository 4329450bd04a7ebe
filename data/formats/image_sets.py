"""Pascal VOC's ``ImageSets/Main``: a list of images, without ending, for each split."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from data.errors import AnnotationRejected
from data.formats.folder import list_files, relative_name
from data.formats.image_index import ImageIndex
from data.formats.json_text import shown
from data.formats.text_file import read_text
from data.records import Problem, Split

FOLDER = "ImageSets/Main"
#: The list of images that belong to no split.
WITHOUT_SPLIT = "default"
_LIMIT = 64 * 1024 * 1024
# Where nothing tells train from val, both are left to be split later.
_SPLITS: dict[str, Split | None] = {
    "test": "test",
    "val": "val",
    "train": "train",
    WITHOUT_SPLIT: None,
    "trainval": None,
}


@dataclass(slots=True)
class ImageSets:
    """The split of each image that a list names; ``stated`` tells whether there is any list."""

    splits: dict[Path, Split | None] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    stated: bool = False


def read_image_sets(folder: Path, index: ImageIndex) -> ImageSets:
    """Read the lists of a data set; an image in several belongs to the one that keeps it from training."""
    sets = ImageSets()
    lists = [
        path
        for path in list_files(folder, {".txt"})
        if [part.casefold() for part in path.parts[-3:-1]] == ["imagesets", "main"]
    ]
    for stem, split in _SPLITS.items():
        for path in lists:
            if path.stem.casefold() == stem:
                sets.stated = True
                _read_list(path, relative_name(folder, path), split, index.find, sets)
    return sets


def _read_list(
    path: Path,
    name: str,
    split: Split | None,
    find: Callable[[str, Path], list[Path]],
    sets: ImageSets,
) -> None:
    try:
        lines = read_text(path, _LIMIT).split("\n")
    except AnnotationRejected as error:
        sets.problems.append(Problem(name, error.problem, error.remedy, error.line))
        return
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        # The list's folder counts as near, so that of two years' data sets each finds its own images.
        found = find(line.strip(), path)
        if not found and line.strip()[-2:] in ("-1", " 0", " 1"):
            # Lists of one class end each line in whether the image has it.
            found = find(line.rsplit(maxsplit=1)[0], path)
        if len(found) == 1:
            sets.splits.setdefault(found[0], split)
        elif found:
            names = ", ".join(relative_name(path.parents[2], image) for image in found)
            problem = f"Several images could be meant by {shown(line.strip())}: {names}."
            sets.problems.append(Problem(name, problem, "Rename all but one.", number))
        else:
            problem = f"There is no image for {shown(line.strip())}."
            sets.problems.append(Problem(name, problem, "Add the image, or take out the line.", number))
