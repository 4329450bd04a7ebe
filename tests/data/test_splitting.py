"""Which image validates."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from data.splitting import Candidate, assign


def photo(number: int, labelled: bool = True, split: str | None = None, like: int | None = None) -> Candidate:
    sha256 = hashlib.sha256(str(number if like is None else like).encode()).hexdigest()
    return Candidate(number, sha256, labelled, split)


def counts(splits: dict[int, str]) -> dict[str, int]:
    return {name: list(splits.values()).count(name) for name in ("train", "val", "test")}


def test_a_hundred_images_give_fifteen_for_validation():
    assert counts(assign([photo(n) for n in range(100)], 0, 0.15)) == {"train": 85, "val": 15, "test": 0}


def test_the_same_seed_gives_the_same_split_and_another_seed_another():
    images = [photo(n) for n in range(50)]
    assert assign(images, 1, 0.2) == assign(list(reversed(images)), 1, 0.2)
    assert assign(images, 1, 0.2) != assign(images, 2, 0.2)


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


@given(
    st.lists(
        st.tuples(st.booleans(), st.sampled_from(["train", "val", "test", None]), st.integers(0, 8)),
        max_size=30,
    ),
    st.integers(0, 5),
    st.floats(0, 0.9),
)
def test_whatever_the_images_the_promises_hold(described, seed, fraction):
    images = [photo(n, labelled, split, like) for n, (labelled, split, like) in enumerate(described)]
    splits = assign(images, seed, fraction)
    assert splits.keys() == {image.image_id for image in images}
    for image in images:
        assert image.split in (None, splits[image.image_id])
        for twin in images:
            if twin.sha256 == image.sha256 and twin.split is image.split is None:
                assert splits[twin.image_id] == splits[image.image_id]
    usable = [image for image in images if image.labelled and splits[image.image_id] != "test"]
    if usable and not any(image.split == "val" for image in images):
        assert any(splits[image.image_id] == "train" for image in usable)
