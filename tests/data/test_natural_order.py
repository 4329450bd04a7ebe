"""The natural order of names."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from data.natural_order import KEY_LENGTH, natural_key


def test_numbers_in_names_are_ordered_by_value():
    names = ["raccoon-10.jpg", "raccoon-2.jpg", "Raccoon-1.jpg", "raccoon-100.jpg"]
    assert sorted(names, key=natural_key) == [
        "Raccoon-1.jpg",
        "raccoon-2.jpg",
        "raccoon-10.jpg",
        "raccoon-100.jpg",
    ]


def test_a_folder_stands_before_names_that_only_begin_like_it():
    assert sorted(["a b/1.jpg", "a/1.jpg"], key=natural_key) == ["a/1.jpg", "a b/1.jpg"]


def test_leading_zeros_do_not_count():
    assert natural_key("frame-007") == natural_key("frame-7")


@given(st.integers(0, 10**40), st.integers(0, 10**40))
def test_any_two_numbers_keep_their_order(first, second):
    assert (natural_key(f"n{first}") < natural_key(f"n{second}")) == (first < second)


@given(st.text(max_size=2000))
def test_any_name_has_a_key_that_fits_an_index(name):
    assert len(natural_key(name)) <= KEY_LENGTH
