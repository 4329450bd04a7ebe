"""Which image validates."""

from __future__ import annotations

import hashlib

from hypothesis import example, given
from hypothesis import strategies as st

from data.splitting import Candidate, assign

# Perceptual hashes: 32 of 64 bits set; each base is far from the others.
LOOKS = [0x0F0F0F0F0F0F0F0F, 0x00FF00FF00FF00FF, 0x3333333333333333, 0x5555555555555555]


def photo(
    number: int,
    labelled: bool = True,
    split: str | None = None,
    like: int | None = None,
    shows: tuple[int, ...] = (1,),
    looks: int | None = None,
) -> Candidate:
    sha256 = hashlib.sha256(str(number if like is None else like).encode()).hexdigest()
    return Candidate(number, sha256, frozenset(shows if labelled else ()), split, looks)


def altered(looks: int, bits: int) -> int:
    """A hash that differs in so many bits."""
    return looks ^ ((1 << bits) - 1)


def counts(splits: dict[int, str]) -> dict[str, int]:
    return {name: list(splits.values()).count(name) for name in ("train", "val", "test")}


def test_a_hundred_images_give_fifteen_for_validation():
    assert counts(assign([photo(n) for n in range(100)], 0, 0.15)) == {"train": 85, "val": 15, "test": 0}


def test_a_fraction_that_binary_numbers_miss_is_taken_as_it_is_written():
    assert counts(assign([photo(n) for n in range(100)], 0, 0.29))["val"] == 29


def test_the_same_seed_gives_the_same_split_and_another_seed_another():
    images = [photo(n) for n in range(50)]
    assert assign(images, 1, 0.2) == assign(list(reversed(images)), 1, 0.2)
    assert assign(images, 1, 0.2) != assign(images, 2, 0.2)


def test_the_split_depends_on_the_photographs_and_not_on_their_ids():
    here = assign([photo(n) for n in range(50)], 0, 0.2)
    there = assign([photo(1000 - n, like=n) for n in range(50)], 0, 0.2)
    assert [here[n] for n in range(50)] == [there[1000 - n] for n in range(50)]


def test_adding_images_moves_hardly_any_across():
    before = assign([photo(n) for n in range(100)], 0, 0.2)
    after = assign([photo(n) for n in range(105)], 0, 0.2)
    assert sum(before[n] != after[n] for n in range(100)) <= 5


def test_a_split_given_by_hand_stays():
    images = [photo(n, split="test" if n < 10 else "val" if n < 13 else "train") for n in range(40)]
    splits = assign(images, 0, 0.5)
    assert all(splits[image.image_id] == image.split for image in images)


def test_validation_images_given_by_hand_count_towards_the_wanted_part():
    images = [photo(n, split="val" if n < 15 else None) for n in range(100)]
    assert counts(assign(images, 0, 0.15)) == {"train": 85, "val": 15, "test": 0}


def test_equal_photographs_stay_together():
    images = [photo(n, like=n // 2) for n in range(60)]
    splits = assign(images, 3, 0.3)
    assert all(splits[n] == splits[n + 1] for n in range(0, 60, 2))
    assert counts(splits)["val"] == 18


def test_the_twin_of_a_test_image_is_not_trained_on():
    splits = assign([photo(0, split="test"), photo(1, like=0), *map(photo, range(2, 6))], 0, 0)
    assert splits[1] == "test"


def test_the_twin_of_a_validation_image_validates_even_beside_a_training_one():
    images = [photo(0, split="val"), photo(1, split="train", like=0), photo(2, like=0)]
    assert assign(images, 0, 0) == {0: "val", 1: "train", 2: "val"}


def test_four_labelled_images_keep_one_for_validation_and_three_do_not():
    assert counts(assign([photo(n) for n in range(4)], 0, 0.15))["val"] == 1
    assert counts(assign([photo(n) for n in range(3)], 0, 0.15))["val"] == 0


def test_empty_images_alone_do_not_make_the_validation_part():
    images = [photo(n, labelled=n < 4) for n in range(24)]
    splits = assign(images, 0, 0.15)
    assert sum(splits[n] == "val" for n in range(4)) == 1
    assert sum(splits[n] == "val" for n in range(4, 24)) == 3


def test_no_fraction_means_no_validation():
    assert counts(assign([photo(n) for n in range(20)], 0, 0))["val"] == 0


def test_photographs_that_are_all_equal_are_trained_on():
    assert counts(assign([photo(n, like=0) for n in range(8)], 0, 0.15)) == {"train": 8, "val": 0, "test": 0}


def test_nothing_is_split_into_nothing():
    assert assign([], 0, 0.15) == {}


def test_every_class_has_its_part_of_validation():
    images = [photo(n, shows=(1,) if n < 100 else (2,) if n < 140 else (3,)) for n in range(160)]
    for seed in range(10):
        splits = assign(images, seed, 0.15)
        assert sum(splits[n] == "val" for n in range(100)) == 15
        assert sum(splits[n] == "val" for n in range(100, 140)) == 6
        assert sum(splits[n] == "val" for n in range(140, 160)) == 3


def test_a_class_on_two_photographs_is_trained_on_and_validated():
    images = [photo(n, shows=(2,) if n in (3, 50) else (1,)) for n in range(60)]
    for seed in range(10):
        splits = assign(images, seed, 0.15)
        assert {splits[3], splits[50]} == {"train", "val"}


def test_a_class_on_a_single_photograph_is_trained_on():
    images = [photo(n, shows=(1, 2) if n == 7 else (1,)) for n in range(60)]
    assert all(assign(images, seed, 0.5)[7] == "train" for seed in range(10))


def test_an_image_of_several_classes_validates_for_all_of_them():
    images = [photo(n, shows=(1, 2, 3)) for n in range(40)]
    assert counts(assign(images, 0, 0.25))["val"] == 10


def test_near_duplicates_stay_together_through_others_too():
    chain = [photo(n, looks=altered(LOOKS[0], 4 * n)) for n in range(3)]
    images = [*chain, *map(photo, range(3, 60))]
    for seed in range(10):
        splits = assign(images, seed, 0.3)
        assert splits[0] == splits[1] == splits[2]
    # The ends of the chain alone are 8 bits apart, too far to be held together.
    apart = [chain[0], chain[2], *images[3:]]
    assert any((split := assign(apart, seed, 0.3))[0] != split[2] for seed in range(10))


def test_a_free_near_duplicate_of_a_test_image_is_kept_out_of_training():
    images = [photo(0, split="test", looks=LOOKS[0]), photo(1, looks=altered(LOOKS[0], 6))]
    others = [photo(n) for n in range(2, 10)]
    splits = assign([*images, *others], 0, 0.15)
    assert splits[1] == "test"


def test_a_series_larger_than_twice_the_validation_part_is_trained_on():
    series = [photo(n, looks=altered(LOOKS[0], n % 3)) for n in range(31)]
    images = [*series, *map(photo, range(31, 100))]
    for seed in range(20):
        assert {assign(images, seed, 0.15)[n] for n in range(31)} == {"train"}


def test_the_series_of_a_fixed_camera_is_told_apart_more_strictly_so_that_something_validates():
    # All within 6 bits of one another through others; 4 bits tell four places apart.
    images = [photo(n, looks=altered(LOOKS[0], 6 * (n % 4))) for n in range(40)]
    splits = assign(images, 0, 0.25)
    assert counts(splits)["val"] == 10
    assert all(splits[n] == splits[n % 4] for n in range(40))


def test_pictures_that_all_look_the_same_are_at_last_told_apart_by_their_bytes():
    assert counts(assign([photo(n, looks=LOOKS[0]) for n in range(40)], 0, 0.15))["val"] == 6


CLASSES = st.frozensets(st.integers(1, 4), max_size=3)


@given(
    st.lists(
        st.tuples(
            CLASSES,
            st.sampled_from(["train", "val", "test", None]),
            st.integers(0, 8),
            st.sampled_from([None, 0, *LOOKS]),
            st.integers(0, 9),
        ),
        max_size=30,
    ),
    st.integers(0, 5),
    st.floats(0, 0.9),
)
def test_whatever_the_images_the_promises_hold(described, seed, fraction):
    images = [
        photo(n, bool(shows), split, like, tuple(shows), looks and altered(looks, bits))
        for n, (shows, split, like, looks, bits) in enumerate(described)
    ]
    splits = assign(images, seed, fraction)
    assert splits.keys() == {image.image_id for image in images}
    assert splits == assign(list(reversed(images)), seed, fraction)
    for image in images:
        assert image.split in (None, splits[image.image_id])
        for twin in images:
            if twin.sha256 == image.sha256 and twin.split is image.split is None:
                assert splits[twin.image_id] == splits[image.image_id]
    if any(image.split == "val" for image in images):
        return
    in_use = [image for image in images if splits[image.image_id] != "test"]
    for class_id in frozenset[int]().union(*(image.class_ids for image in in_use)):
        assert any(splits[image.image_id] == "train" for image in in_use if class_id in image.class_ids)


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 6), CLASSES), min_size=1, max_size=25),
    st.integers(0, 5),
)
def test_near_duplicates_are_never_on_both_sides(described, seed):
    # Up to 25 pictures with a look among 60 others, so that no series holds half of the images.
    looks = [hash_of(base) for base in range(10)]
    images = [
        photo(n, bool(shows), None, None, tuple(shows), altered(looks[base], bits))
        for n, (base, bits, shows) in enumerate(described)
    ]
    splits = assign([*images, *map(photo, range(100, 160))], seed, 0.3)
    for image in images:
        for other in images:
            assert image.perceptual_hash is not None
            assert other.perceptual_hash is not None
            if (image.perceptual_hash ^ other.perceptual_hash).bit_count() <= 6:
                assert splits[image.image_id] == splits[other.image_id]


def hash_of(number: int) -> int:
    return int.from_bytes(hashlib.sha256(f"look {number}".encode()).digest()[:8]) >> 1


@given(st.lists(CLASSES, min_size=4, max_size=40), CLASSES, st.integers(0, 50), st.floats(0.05, 0.6))
@example([frozenset({1})] * 4, frozenset({1}), 0, 0.5)
def test_one_more_image_moves_no_more_groups_than_promised(shown, added, seed, fraction):
    images = [photo(n, bool(shows), shows=tuple(shows)) for n, shows in enumerate(shown)]
    if sum(bool(shows) for shows in shown) < 4:
        images += [photo(1000 + n) for n in range(4)]
    before = assign(images, seed, fraction)
    after = assign([*images, photo(2000, bool(added), shows=tuple(added))], seed, fraction)
    moved = sum(after[image_id] != split for image_id, split in before.items())
    most = max(max(1, len(image.class_ids)) for image in images)
    assert moved <= max(1, len(added)) * (2 + most)


def test_a_hundred_images_added_one_by_one_to_eighty_move_fewer_than_they_are():
    shown = [tuple({n % 3, n % 7 % 3}) for n in range(180)]
    images = [photo(n, shows=shows) for n, shows in enumerate(shown)]
    moved, before = 0, assign(images[:80], 0, 0.15)
    for number in range(81, 181):
        after = assign(images[:number], 0, 0.15)
        moved += sum(after[image_id] != split for image_id, split in before.items())
        before = after
    assert moved < 50


@given(st.lists(CLASSES, min_size=8, max_size=60), st.integers(0, 9))
def test_a_class_on_several_photographs_validates_where_other_classes_leave_it_one(shown, seed):
    images = [photo(n, bool(shows), shows=tuple(shows)) for n, shows in enumerate(shown)]
    if sum(bool(shows) for shows in shown) < 4:
        return
    splits = assign(images, seed, 0.2)
    for class_id in range(1, 5):
        showing = [image for image in images if class_id in image.class_ids]
        if len(showing) > 4:  # Four classes keep one image each for training.
            validating = sum(splits[image.image_id] == "val" for image in showing)
            assert validating >= max(1, len(showing) // 5)
