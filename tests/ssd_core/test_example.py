"""An example checks its boxes when it is made, and names the one that is wrong."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from ssd_core.errors import InvalidExample
from ssd_core.example import Example

PIXELS = np.zeros((10, 20, 3), np.uint8)


def test_lists_become_arrays_of_the_documented_types() -> None:
    example = Example("a.jpg", PIXELS, [[1, 2, 3.5, 4]], [2], [True])
    assert example.boxes_xyxy.dtype == np.float32
    assert example.boxes_xyxy.tolist() == [[1, 2, 3.5, 4]]
    assert example.class_ids.dtype == np.int64
    assert example.class_ids.tolist() == [2]
    assert example.ignore.tolist() == [True]


def test_an_image_without_boxes_is_an_example() -> None:
    example = Example("empty.jpg", PIXELS)
    assert example.boxes_xyxy.shape == (0, 4)
    assert example.class_ids.shape == example.ignore.shape == (0,)
    assert Example("empty.jpg", PIXELS, [], []).boxes_xyxy.shape == (0, 4)


def test_no_box_is_ignored_unless_said() -> None:
    assert Example("a.jpg", PIXELS, [[0, 0, 1, 1], [1, 1, 2, 2]], [0, 0]).ignore.tolist() == [False, False]


def test_the_arrays_are_a_copy_and_cannot_be_changed() -> None:
    boxes = np.array([[0, 0, 5, 5]], np.float32)
    example = Example("a.jpg", PIXELS, boxes, [0])
    boxes[0, 0] = 3
    assert example.boxes_xyxy[0, 0] == 0
    with pytest.raises(ValueError, match="read-only"):
        example.boxes_xyxy[0, 0] = 1


@pytest.mark.parametrize(
    ("box", "words"),
    [
        ([3, 3, 3, 8], "no area"),
        ([3, 8, 9, 3], "no area"),
        ([0, 0, float("nan"), 5], "not a finite number"),
        ([0, 0, float("inf"), 5], "not a finite number"),
        ([0, 0, 21, 5], "outside the 20×10 image"),
        ([-1, 0, 5, 5], "outside the 20×10 image"),
        ([0, 0, 5, 10.5], "outside the 20×10 image"),
    ],
)
def test_a_bad_box_is_rejected_by_image_and_index(box: list[float], words: str) -> None:
    with pytest.raises(InvalidExample, match=rf"Image 'shelf/a\.jpg'.*box 1 .*{words}"):
        Example("shelf/a.jpg", PIXELS, [[0, 0, 20, 10], box], [0, 0])


def test_places_with_nothing_are_checked_as_boxes_are() -> None:
    example = Example("a.jpg", PIXELS, negative_boxes_xyxy=[[1, 2, 3.5, 4]])
    assert example.negative_boxes_xyxy.dtype == np.float32
    assert example.negative_boxes_xyxy.tolist() == [[1, 2, 3.5, 4]]
    assert Example("a.jpg", PIXELS).negative_boxes_xyxy.shape == (0, 4)
    for places, words in (
        ([[3, 3, 3, 8]], "negative box 0 .*no area"),
        ([[0, 0, 21, 5]], "negative box 0 .*outside"),
    ):
        with pytest.raises(InvalidExample, match=words):
            Example("a.jpg", PIXELS, negative_boxes_xyxy=places)


def test_a_negative_class_index_is_rejected() -> None:
    with pytest.raises(InvalidExample, match=r"'a\.jpg'.*box 0.*class index -1"):
        Example("a.jpg", PIXELS, [[0, 0, 5, 5]], [-1])


def test_a_class_index_must_be_whole() -> None:
    with pytest.raises(InvalidExample, match="whole numbers"):
        Example("a.jpg", PIXELS, [[0, 0, 5, 5]], [0.5])


def test_counts_must_agree() -> None:
    with pytest.raises(InvalidExample, match="1 boxes, so class_ids must be"):
        Example("a.jpg", PIXELS, [[0, 0, 5, 5]], [0, 1])
    with pytest.raises(InvalidExample, match="1 boxes, so ignore must be"):
        Example("a.jpg", PIXELS, [[0, 0, 5, 5]], [0], [True, False])
    with pytest.raises(InvalidExample, match=r"must be \[N, 4\]"):
        Example("a.jpg", PIXELS, [0, 0, 5, 5], [0])


def test_a_box_off_a_file_is_found_when_the_file_is_read() -> None:
    stored = io.BytesIO()
    Image.new("RGB", (20, 10)).save(stored, "PNG")
    assert Example("a.png", stored.getvalue(), [[0, 0, 20, 10]], [0]).load().shape == (10, 20, 3)
    with pytest.raises(InvalidExample, match=r"Image 'a\.png': box 0 .*outside the 20×10 image"):
        Example("a.png", stored.getvalue(), [[0, 0, 20, 10.5]], [0]).load()


def test_an_unreadable_file_is_named() -> None:
    with pytest.raises(InvalidExample, match=r"Image 'a\.png': No image format"):
        Example("a.png", b"not an image").load()
