"""Photographs that look alike although their bytes differ: scaled, recompressed, brightened, cropped.

Two pictures count as near duplicates when at most ``NEAR_BITS`` of the 64 bits of their perceptual hashes
differ. Measured on 200 photographs (raccoon) and 200 rendered workshop pictures, 39,796 pairs that differ:

- The closest pair of different pictures is 14 bits apart (two frames of one raccoon), of rendered ones 16;
  the photographs that are in the set at several sizes, or with a caption, are all found.
  Of 1500 more rendered pictures, 1,124,250 pairs, the closest is 10 bits apart.
- Found of the altered copies: scaled to 25–150 %, JPEG at quality 25, brightness or contrast 20 % lower,
  contrast 20 % higher, grey: all; 20 % brighter, 2 % cropped, or scaled, cropped 2 %, brightened and
  recompressed together: 98–100 %; turned by 1°: 98 %; 4 % cropped: 73 %; 8 %: 20 %.
- Pictures of a fixed camera with other objects before it: 0–2 % of the pairs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from data.perceptual_hash import NO_STRUCTURE

#: Bits in which the hashes of near duplicates may differ.
NEAR_BITS = 6

# Of 64 bits in four bands, one band differs by a quarter of the bits at most: that is where to look.
_BAND_BITS, _BANDS = 16, 4
_BAND = (1 << _BAND_BITS) - 1
_WHOLE = (1 << 64) - 1
_WIDEST = 2 * _BANDS - 1
# So many pictures are looked up one by one before finding all groups at once is quicker.
_FEW = 50
# From so many pictures with an equal band on, remembering what is joined pays.
_CROWD = 64


class Joined:
    """Numbers 0 to ``count`` - 1 in disjoint groups, which joining merges (union-find)."""

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))

    def root(self, number: int) -> int:
        """Give the number that stands for the group of this one."""
        parent = self._parent
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    def join(self, first: int, second: int) -> None:
        """Merge the groups of two numbers."""
        one, other = self.root(first), self.root(second)
        self._parent[max(one, other)] = min(one, other)

    def groups(self) -> list[list[int]]:
        """List all groups, those of one number too, in ascending order."""
        found: dict[int, list[int]] = defaultdict(list)
        for number in range(len(self._parent)):
            found[self.root(number)].append(number)
        return list(found.values())


def groups(hashes: Sequence[int | None], radius: int = NEAR_BITS) -> list[list[int]]:
    """Group pictures that are near duplicates of one another, through others too.

    Takes time in proportion to the number of pictures (100,000: 3 s), unless very many that are not alike
    share a band of bits.

    Args:
        hashes: perceptual hashes; None and ``NO_STRUCTURE`` are like nothing.
        radius: bits in which two may differ, at most 7.

    Returns:
        positions in ``hashes``, ascending; only groups of two and more.

    Raises:
        ValueError: the radius is out of range.
    """
    if not 0 <= radius <= _WIDEST:
        raise ValueError(f"The radius is {radius}; it must lie between 0 and {_WIDEST}.")
    places: dict[int, list[int]] = defaultdict(list)
    for place, value in enumerate(hashes):
        if value is not None and value != NO_STRUCTURE:
            places[value & _WHOLE].append(place)
    values = list(places)
    joined = Joined(len(values))
    for shift in range(0, _BANDS * _BAND_BITS, _BAND_BITS):
        _join_by_band(values, shift, radius, joined)
    found = [
        sorted(place for number in group for place in places[values[number]]) for group in joined.groups()
    ]
    return sorted(group for group in found if len(group) > 1)


def groups_with(
    wanted: Collection[int], hashes: Sequence[int | None], radius: int = NEAR_BITS
) -> list[list[int]]:
    """Give those of ``groups(hashes)`` that hold a wanted position; quick where few are wanted."""
    if len(wanted) > _FEW:
        return [group for group in groups(hashes, radius) if not set(wanted).isdisjoint(group)]
    found: list[list[int]] = []
    seen: set[int] = set()
    for start in sorted(wanted):
        if start in seen:
            continue
        group, waiting = {start}, [start]
        while waiting:
            if len(seen) + len(group) > _FEW:
                return [one for one in groups(hashes, radius) if not set(wanted).isdisjoint(one)]
            nearest = _neighbours(hashes[waiting.pop()], hashes, radius)
            waiting += [place for place in nearest if place not in group]
            group.update(nearest)
        seen |= group
        if len(group) > 1:
            found.append(sorted(group))
    return sorted(found)


def _neighbours(value: int | None, hashes: Sequence[int | None], radius: int) -> list[int]:
    if value is None or value == NO_STRUCTURE:
        return []
    bits = value & _WHOLE
    return [
        place
        for place, other in enumerate(hashes)
        if other is not None and (bits ^ other & _WHOLE).bit_count() <= radius and other != NO_STRUCTURE
    ]


def _join_by_band(values: Sequence[int], shift: int, radius: int, joined: Joined) -> None:
    """Join near values whose bands at ``shift`` are equal or, where the radius asks for it, one bit apart."""
    buckets: dict[int, list[int]] = defaultdict(list)
    for number, value in enumerate(values):
        buckets[value >> shift & _BAND].append(number)
    flips = [1 << bit for bit in range(_BAND_BITS)] if radius >= _BANDS else []
    for band, bucket in buckets.items():
        # Each pair of buckets once: from the side whose bit is set.
        beside = [buckets[band ^ flip] for flip in flips if band & flip and band ^ flip in buckets]
        if len(bucket) > _CROWD or any(len(other) > _CROWD for other in beside):
            _join_crowd(values, bucket, beside, radius, joined)
            continue
        others = [number for other in beside for number in other]
        for place, number in enumerate(bucket, start=1):
            value = values[number]
            for other in (*others, *bucket[place:]):
                if (value ^ values[other]).bit_count() <= radius:
                    joined.join(number, other)


def _join_crowd(
    values: Sequence[int], bucket: Sequence[int], beside: Iterable[Sequence[int]], radius: int, joined: Joined
) -> None:
    """Do the same for many values: what belongs together already is not compared again.

    That keeps the series of a fixed camera, all of them near duplicates, from taking its square in time.
    """
    parts: list[list[int]] = []
    for number in bucket:
        home, apart = [number], []
        for part in parts:
            if _linked(values, [number], part, radius, joined):
                joined.join(number, part[0])
                part.extend(home)
                home = part
            else:
                apart.append(part)
        parts = [*apart, home]
    for other in beside:
        for right in _by_root(other, joined):
            for left in parts:
                if _linked(values, left, right, radius, joined):
                    joined.join(left[0], right[0])


def _linked(
    values: Sequence[int], left: Sequence[int], right: Sequence[int], radius: int, joined: Joined
) -> bool:
    """Tell whether two groups are one already or have near members; the latest first, as in a series."""
    if joined.root(left[0]) == joined.root(right[0]):
        return True
    return any(
        (values[one] ^ values[other]).bit_count() <= radius for one in left for other in reversed(right)
    )


def _by_root(bucket: Iterable[int], joined: Joined) -> list[list[int]]:
    parts: dict[int, list[int]] = defaultdict(list)
    for number in bucket:
        parts[joined.root(number)].append(number)
    return list(parts.values())
