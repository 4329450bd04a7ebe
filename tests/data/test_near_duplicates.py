"""Finding near duplicates among many."""

from __future__ import annotations

from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import near_duplicates
from data.near_duplicates import NEAR_BITS, Joined, groups, groups_with
from data.perceptual_hash import NO_STRUCTURE


def signed(bits: int) -> int:
    return bits - (1 << 64) if bits >> 63 else bits


def by_comparing_all(hashes: list[int | None], radius: int) -> list[list[int]]:
    """The same groups, found by comparing every pair."""
    joined = Joined(len(hashes))
    for (a, one), (b, other) in combinations(enumerate(hashes), 2):
        if one and other and ((one ^ other) & (2**64 - 1)).bit_count() <= radius:
            joined.join(a, b)
    return sorted(group for group in joined.groups() if len(group) > 1)


def test_pictures_at_most_six_bits_apart_are_near():
    near, far = (1 << NEAR_BITS) - 1, (1 << (NEAR_BITS + 1)) - 1
    base = 0x0F0F0F0F0F0F0F0F
    assert groups([base, base ^ near]) == [[0, 1]]
    assert groups([base, base ^ far]) == []


def test_pictures_are_near_through_others():
    assert groups([0xFF, 0xFFFFF, 0x3FFF]) == [[0, 1, 2]]


def test_the_sign_bit_counts_as_one_bit():
    assert groups([signed(1 << 63 | 0xFFFF), 0xFFFF]) == [[0, 1]]


def test_pictures_without_hash_or_structure_are_like_nothing():
    assert groups([None, None, NO_STRUCTURE, NO_STRUCTURE, 1]) == []
    assert groups_with([0, 2], [None, None, NO_STRUCTURE, NO_STRUCTURE, 1]) == []


@pytest.mark.parametrize("radius", [-1, 8])
def test_a_radius_that_the_bands_cannot_find_is_refused(radius):
    with pytest.raises(ValueError, match="between 0 and 7"):
        groups([1], radius)


SCATTERED = st.lists(
    st.one_of(
        st.none(),
        st.builds(
            lambda base, flips: signed(base ^ sum(1 << bit for bit in flips)),
            st.sampled_from([0x0F0F0F0F0F0F0F0F, 0xFFFF0000FFFF0000, 0x123456789ABCDEF0]),
            st.frozensets(st.integers(0, 63), max_size=9),
        ),
    ),
    max_size=40,
)


@given(SCATTERED, st.integers(0, 7))
def test_all_groups_are_found(hashes, radius):
    assert groups(hashes, radius) == by_comparing_all(hashes, radius)


@given(SCATTERED, st.integers(0, 7))
def test_a_crowd_in_one_band_changes_nothing(hashes, radius):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(near_duplicates, "_CROWD", 1)
        assert groups(hashes, radius) == by_comparing_all(hashes, radius)


@given(SCATTERED.filter(bool), st.sets(st.integers(0, 39)), st.sampled_from([0, 2, 50]))
def test_groups_with_some_pictures_are_those_of_all_groups(hashes, wanted, few):
    wanted = {place for place in wanted if place < len(hashes)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(near_duplicates, "_FEW", few)
        found = groups_with(wanted, hashes)
    assert found == [group for group in by_comparing_all(hashes, NEAR_BITS) if wanted & set(group)]


def test_many_pictures_are_not_compared_with_all_others(monkeypatch):
    compared = 0

    class Counted(int):
        def __xor__(self, other):
            nonlocal compared
            compared += 1
            return int(self) ^ int(other)

        def __and__(self, other):
            return self if other == 2**64 - 1 else int(self) & other

    rng = Random(0)
    hashes = [Counted(rng.getrandbits(63)) for _ in range(4000)]
    groups(hashes)
    assert 0 < compared < 4000 * 40


def test_a_series_all_alike_is_not_compared_pair_by_pair():
    rng = Random(0)
    hashes = [signed(0x0F0F0F0F0F0F0F0F ^ rng.getrandbits(16)) for _ in range(5000)]
    assert groups(hashes) == [list(range(5000))]


def test_joining_merges_groups_and_tells_them_in_order():
    joined = Joined(5)
    joined.join(4, 1)
    joined.join(3, 4)
    assert joined.groups() == [[0], [1, 3, 4], [2]]
    assert joined.root(3) == joined.root(1) != joined.root(0)
