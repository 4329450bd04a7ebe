"""Finding the image that an annotation file means: tools write paths of other machines and other systems."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from data.formats.splits import split_of_word
from data.records import Split

_DRIVE = re.compile(r"^([A-Za-z]:)+")


class ImageIndex:
    """The images of a data set folder, to be looked up by what a file calls them.

    Only images that were listed are ever found, so a path that climbs out of the folder finds nothing.

    Args:
        folder: the data set.
        images: its images.
    """

    def __init__(self, folder: Path, images: Iterable[Path]) -> None:
        self._parts: dict[Path, tuple[str, ...]] = {}
        self._at: dict[tuple[str, ...], Path] = {}
        self._by_end: dict[tuple[str, ...], list[Path]] = defaultdict(list)
        for image in images:
            parts = tuple(map(composed, image.relative_to(folder).parts))
            self._parts[image] = parts
            self._at[parts] = image
            # A stem is looked up as well as a name: Open Images and VOC's lists have no endings.
            for last in {parts[-1], composed(image.stem)}:
                folded = (*map(str.casefold, parts[:-1]), last.casefold())
                self._by_end[folded[-1:]].append(image)
                if len(folded) > 1:
                    self._by_end[folded[-2:]].append(image)
        self._depth = len(folder.parts)

    def find(self, reference: str, near: Path, split: Split | None = None) -> list[Path]:
        """Find the images that a reference may mean: those that most of its last parts agree with.

        Among equals the one nearest to the annotation file wins, then the one with the fewest folders around
        it, then the one in the split's folder.

        Args:
            reference: a name or path, with slashes or backslashes, with or without ending.
            near: the annotation file.
            split: that the annotation file is for, if known.

        Returns:
            None, one, or several that nothing tells apart.
        """
        wanted = path_parts(reference)
        if not wanted:
            return []
        folded = tuple(part.casefold() for part in wanted)
        candidates = self._by_end.get(folded[-2:]) or self._by_end.get(folded[-1:], [])
        beside = tuple(map(composed, near.parent.parts[self._depth :]))
        # None ranks higher; where every folder has a file of this name, ranking them all is slow.
        if len(wanted) == 1 and (*beside, *wanted) in self._at:
            return [self._at[(*beside, *wanted)]]
        return best(candidates, lambda image: self._rank(self._parts[image], wanted, beside, split))

    def _rank(
        self, parts: tuple[str, ...], wanted: Sequence[str], beside: Sequence[str], split: Split | None
    ) -> tuple[int, ...]:
        whole = parts[-1].casefold() == wanted[-1].casefold()
        ours = parts if whole else (*parts[:-1], Path(parts[-1]).stem)
        folded = [part.casefold() for part in ours], [part.casefold() for part in wanted]
        return (
            common_end(*folded),
            int(whole),
            common_end(ours, wanted),
            common_start(parts[:-1], beside),
            -len(parts),
            int(split is not None and split in map(split_of_word, parts[:-1])),
        )


def best(candidates: Iterable[Path], rank: Callable[[Path], tuple[int, ...]]) -> list[Path]:
    """Give the candidates of the highest rank."""
    ranked = [(rank(candidate), candidate) for candidate in candidates]
    if not ranked:
        return []
    highest = max(value for value, _ in ranked)
    return [candidate for value, candidate in ranked if value == highest]


def path_parts(reference: str) -> list[str]:
    """Cut a path of any system into its parts, without drive, and without parts that only climb."""
    cut = composed(reference).replace("\\", "/").removeprefix("file://").split("/")
    cut[0] = _DRIVE.sub("", cut[0])
    return [part for part in cut if part not in ("", ".", "..")]


def composed(name: str) -> str:
    """Give a name with composed Unicode: file systems and tools disagree on which form to write."""
    return unicodedata.normalize("NFC", name)


def common_start(a: Sequence[str], b: Sequence[str]) -> int:
    """Count the parts that two paths begin with."""
    most = min(len(a), len(b))
    return next((depth for depth in range(most) if a[depth] != b[depth]), most)


def common_end(a: Sequence[str], b: Sequence[str]) -> int:
    """Count the parts that two paths end with."""
    return common_start(a[::-1], b[::-1])
