"""Which image is trained on and which is validated on: seeded, by class, and nearly unmoved by new images."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from data import near_duplicates
from data.records import Split

#: From this many labelled images on, at least one of them is kept for validation.
ENOUGH_TO_VALIDATE = 4
# Among equal photographs of different splits, an unassigned one goes where it can do the least harm.
_SAFEST_FIRST: tuple[Split, ...] = ("test", "val", "train")
# A chain of look-alikes that holds most of a project (a fixed camera's pictures) would leave nothing to
# validate on: there, only closer likeness counts.
_TIGHTER = (4, 2, 0)
# A larger group than this many times what validation wants would starve training.
_LARGEST = 2.0
# The class of groups without boxes: they are split in the same proportion, apart from the others.
_EMPTY = -1


@dataclass(frozen=True, slots=True)
class Candidate:
    """An image to be assigned.

    ``class_ids`` are the classes of its boxes, none for a checked negative; ``split`` one given by hand.
    Images with an equal ``sha256`` or close ``perceptual_hash`` show the same.
    """

    image_id: int
    sha256: str
    class_ids: frozenset[int]
    split: Split | None
    perceptual_hash: int | None = None


@dataclass(slots=True)
class _Group:
    """Images that show the same, which stay together."""

    members: list[Candidate]
    order: bytes
    split: Split | None = None
    class_ids: frozenset[int] = field(init=False)

    def __post_init__(self) -> None:
        shown = frozenset[int]().union(*(member.class_ids for member in self.members))
        self.class_ids = shown or frozenset({_EMPTY})
        given = {member.split for member in self.members}
        self.split = next((split for split in _SAFEST_FIRST if split in given), None)


def assign(candidates: Sequence[Candidate], seed: int, val_fraction: float) -> dict[int, Split]:
    """Give each image its split.

    - A split given by hand stays. Images that show the same (equal files and near duplicates, also through
      others) stay together: those without a split follow one that has it, test before validation before
      training.
    - The other groups stand in an order that seed and photographs decide. Of each class, the first groups
      validate until the class has its part, rounded down, but at least one group; groups without boxes count
      as a class of their own, without that minimum. An image of several classes validates for all of them, so
      that validation may come out a little larger than wanted.
    - The last group of each class is kept for training, unless one is by hand. So a class on one group only
      is trained on, and one on several appears in validation unless other classes need all its groups.
    - Groups with more than twice the images that validation wants are trained on. Look-alikes that would hold
      more than half of the images are told apart more strictly, at last by their bytes.

    The result depends on nothing else, not on ids or order. From four labelled images on, adding one that
    looks like no other moves at most ``k × (2 + m)`` groups across, where it shows k classes and no group
    shows more than m; mostly it moves none. Groups that it joins, or that cross one of the limits above, may
    move as wholes.

    Args:
        candidates: the images.
        seed: another seed gives another order.
        val_fraction: wanted part for validation, 0 to below 1; images given to validation by hand count.

    Returns:
        The split by image id.
    """
    groups = [_Group(members, _order(members, seed)) for members in _together(candidates)]
    counted = [group for group in groups if group.split != "test"]
    free = sorted((group for group in groups if group.split is None), key=lambda group: group.order)
    kept = _kept_for_training(counted, free)
    largest = max(_LARGEST * val_fraction * sum(len(group.members) for group in counted), ENOUGH_TO_VALIDATE)
    eligible = [group for group in free if id(group) not in kept and len(group.members) <= largest]
    validating = _first_of_each_class(eligible, _wanted(counted, val_fraction))
    result: dict[int, Split] = {}
    for group in groups:
        split: Split = group.split or ("val" if id(group) in validating else "train")
        result |= {member.image_id: member.split or split for member in group.members}
    return result


def _together(candidates: Sequence[Candidate]) -> list[list[Candidate]]:
    """Group the images that show the same."""
    by_file: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        by_file[candidate.sha256].append(candidate)
    return _alike(list(by_file.values()), len(candidates) / 2, near_duplicates.NEAR_BITS, *_TIGHTER)


def _alike(
    files: Sequence[list[Candidate]], most: float, radius: int, *tighter: int
) -> list[list[Candidate]]:
    """Merge the images of files that look alike; a group of more than ``most`` images is drawn tighter."""
    hashes = [min((c.perceptual_hash for c in file if c.perceptual_hash), default=None) for file in files]
    result: list[list[Candidate]] = []
    merged: set[int] = set()
    for group in near_duplicates.groups(hashes, radius):
        merged.update(group)
        members = [candidate for place in group for candidate in files[place]]
        if len(members) <= most:
            result.append(members)
        elif tighter:
            result += _alike([files[place] for place in group], most, *tighter)
        else:
            result += [files[place] for place in group]
    return result + [file for place, file in enumerate(files) if place not in merged]


def _order(members: Iterable[Candidate], seed: int) -> bytes:
    # The least of the hashes: a further member seldom changes it.
    return min(hashlib.sha256(f"{seed}:{member.sha256}".encode()).digest() for member in members)


def _kept_for_training(counted: Iterable[_Group], free: Iterable[_Group]) -> set[int]:
    """Choose, for each class that no image given to training shows, the last of its free groups."""
    trained = {c for group in counted if group.split == "train" for c in group.class_ids}
    last = {c: id(group) for group in free for c in group.class_ids if c not in trained and c != _EMPTY}
    return set(last.values())


def _wanted(counted: Sequence[_Group], val_fraction: float) -> dict[int, int]:
    """Count the groups that each class still needs for validation, beside those given to it by hand."""
    labelled = sum(
        bool(member.class_ids) and member.split != "test" for group in counted for member in group.members
    )
    least = int(val_fraction > 0 and labelled >= ENOUGH_TO_VALIDATE)
    showing = Counter(class_id for group in counted for class_id in group.class_ids)
    given = Counter(class_id for group in counted if group.split == "val" for class_id in group.class_ids)
    return {
        # A little more, so that 0.29 of 100 is 29 and not 28.999… rounded down.
        class_id: max(int(val_fraction * number + 1e-6), 0 if class_id == _EMPTY else least) - given[class_id]
        for class_id, number in showing.items()
    }


def _first_of_each_class(eligible: Iterable[_Group], wanted: Mapping[int, int]) -> set[int]:
    chosen: set[int] = set()
    rank: Counter[int] = Counter()
    for group in eligible:
        if any(rank[class_id] < wanted[class_id] for class_id in group.class_ids):
            chosen.add(id(group))
        rank.update(group.class_ids)
    return chosen
