"""Which image is trained on and which is validated on: seeded, and nearly unmoved when images are added."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from data.records import Split

#: From this many labelled images on, at least one of them is kept for validation.
ENOUGH_TO_VALIDATE = 4
# Among equal photographs of different splits, an unassigned one goes where it can do the least harm.
_SAFEST_FIRST: tuple[Split, ...] = ("test", "val", "train")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An image to be assigned: its id, its file's hash, whether it has boxes, a split given by hand."""

    image_id: int
    sha256: str
    labelled: bool
    split: Split | None


def assign(candidates: Sequence[Candidate], seed: int, val_fraction: float) -> dict[int, Split]:
    """Give each image its split.

    A split given by hand stays. Equal photographs stay together. The others are ordered by a hash of seed and
    photograph, and the first of them, labelled and empty ones apart, validate: adding images moves at most as
    many across as the validation part grows or is displaced by.

    Args:
        candidates: the images.
        seed: another seed gives another order.
        val_fraction: wanted part for validation, 0 to below 1; images given to validation by hand count.

    Returns:
        The split by image id.
    """
    groups: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        groups[candidate.sha256].append(candidate)
    result: dict[int, Split] = {}
    free: list[list[Candidate]] = []
    for group in groups.values():
        given = {member.split for member in group}
        follows = next((split for split in _SAFEST_FIRST if split in given), None)
        if follows is None:
            free.append(group)
        else:
            result |= {member.image_id: member.split or follows for member in group}
    free.sort(key=lambda group: hashlib.sha256(f"{seed}:{group[0].sha256}".encode()).digest())
    for labelled in (True, False):
        chosen = _validation(
            [group for group in free if any(member.labelled for member in group) is labelled],
            [c for c in candidates if c.labelled is labelled and result.get(c.image_id) != "test"],
            result,
            val_fraction,
        )
        result |= dict.fromkeys(chosen, "val")
    return {c.image_id: result.get(c.image_id, "train") for c in candidates}


def _validation(
    groups: Sequence[Sequence[Candidate]],
    candidates: Sequence[Candidate],
    given: dict[int, Split],
    val_fraction: float,
) -> set[int]:
    """Choose whole groups in their order until validation has its part, leaving something to train on."""
    wanted = round(val_fraction * len(candidates))
    labelled = bool(candidates) and candidates[0].labelled
    if labelled and val_fraction > 0 and len(candidates) >= ENOUGH_TO_VALIDATE:
        wanted = max(1, wanted)
    wanted -= _count(candidates, given, "val")
    to_train = sum(map(len, groups)) + _count(candidates, given, "train")
    chosen: set[int] = set()
    for group in groups:
        if len(chosen) >= wanted:
            break
        if labelled and len(chosen) + len(group) >= to_train:
            continue
        chosen |= {member.image_id for member in group}
    return chosen


def _count(candidates: Iterable[Candidate], given: dict[int, Split], split: Split) -> int:
    return sum(given.get(candidate.image_id) == split for candidate in candidates)
