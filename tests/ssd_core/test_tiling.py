"""Tiles cover a photograph, and what is merged from them has neither seams nor doubles."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ssd_core.candidates import Candidates
from ssd_core.errors import InvalidConfig
from ssd_core.nms import non_max_suppression
from ssd_core.tiling import Tile, merged, tiled_candidates, tiles_of

Rows = Sequence[tuple[Sequence[float], float, int]]
#: A photograph of 700×700 pixels in 2 × 2 tiles of 400, which share 100, and as a whole.
SIZE_HW = (700, 700)
LEFT_ABOVE, RIGHT_ABOVE, LEFT_BELOW, RIGHT_BELOW, WHOLE = range(5)


def found(*rows: tuple[Sequence[float], float, int]) -> Candidates:
    return Candidates(
        np.array([row[0] for row in rows], np.float32).reshape(-1, 4),
        np.array([row[1] for row in rows], np.float32),
        np.array([row[2] for row in rows], np.int64),
    )


def merge(**seen: Rows) -> list[list[float]]:
    """Merge what was seen on tiles of `SIZE_HW`, by their names in lower case."""
    names = ("left_above", "right_above", "left_below", "right_below", "whole")
    return merged(tiles_of(SIZE_HW, 2), [found(*seen.get(name, ())) for name in names], SIZE_HW).rows()


def test_four_tiles_and_the_whole_are_laid_out_with_a_quarter_of_overlap() -> None:
    assert tiles_of(SIZE_HW, 2) == (
        Tile(0, 0, 400, 400),
        Tile(300, 0, 700, 400),
        Tile(0, 300, 400, 700),
        Tile(300, 300, 700, 700),
        Tile(0, 0, 700, 700, shortest=50.0),
    )


def test_tiles_have_the_proportions_of_the_photograph() -> None:
    sizes = {(tile.x1 - tile.x0, tile.y1 - tile.y0) for tile in tiles_of((350, 700), 2)}
    assert sizes == {(400, 200), (700, 350)}


def test_levels_halve_up_to_the_whole() -> None:
    tiles = tiles_of((3000, 4000), 5)
    assert len(tiles) == 25 + 9 + 4 + 1
    assert tiles_of((3000, 4000), 1) == (Tile(0, 0, 4000, 3000),)


@pytest.mark.parametrize("per_side", [0, 9, -1])
def test_a_number_of_tiles_that_makes_no_sense_is_refused(per_side: int) -> None:
    with pytest.raises(InvalidConfig, match=f"1 to 8 tiles a side, not {per_side}"):
        tiles_of(SIZE_HW, per_side)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 5000), st.integers(1, 5000), st.integers(1, 8))
def test_every_pixel_lies_on_a_tile_of_every_level(height: int, width: int, per_side: int) -> None:
    tiles = tiles_of((height, width), per_side)
    assert tiles[-1].x1 - tiles[-1].x0 == width
    for level in {tile.shortest for tile in tiles}:
        of_level = [tile for tile in tiles if tile.shortest == level]
        for spans, length in (
            (sorted({(tile.x0, tile.x1) for tile in of_level}), width),
            (sorted({(tile.y0, tile.y1) for tile in of_level}), height),
        ):
            assert (spans[0][0], spans[-1][1]) == (0, length)
            assert all(after[0] <= span[1] for span, after in pairwise(spans))
            assert all(start < end for start, end in spans)


def test_boxes_come_back_in_pixels_of_the_photograph_best_first() -> None:
    assert merge(right_below=[([200, 200, 240, 230], 0.75, 1)], left_above=[([20, 30, 50, 60], 0.5, 0)]) == [
        [500, 500, 540, 530, 0.75, 1],
        [20, 30, 50, 60, 0.5, 0],
    ]


def test_nothing_on_any_tile_is_nothing() -> None:
    assert merge() == []


def test_a_piece_that_ends_at_a_seam_goes_and_the_whole_object_stays() -> None:
    # An object from 250 to 450: longer than the overlap, so both tiles see a piece of it.
    assert merge(
        left_above=[([250, 100, 400, 180], 0.9, 0)],
        right_above=[([0, 100, 150, 180], 0.9, 0)],
        whole=[([250, 100, 450, 180], 0.75, 0)],
    ) == [[250, 100, 450, 180, 0.75, 0]]


def test_a_piece_that_ends_eight_pixels_before_a_seam_stays_and_a_nearer_one_goes() -> None:
    assert merge(left_above=[([300, 100, 344, 180], 0.5, 0)]) == [[300, 100, 344, 180, 0.5, 0]]
    assert merge(left_above=[([290, 100, 392, 180], 0.5, 0)]) == [[290, 100, 392, 180, 0.5, 0]]
    assert merge(left_above=[([290, 100, 392.5, 180], 0.5, 0)]) == []


def test_the_edge_of_the_photograph_is_no_seam() -> None:
    corners = {
        "left_above": [([0, 0, 40, 40], 0.5, 0)],
        "right_above": [([360, 0, 400, 40], 0.5, 0)],
        "left_below": [([0, 360, 40, 400], 0.5, 0)],
        "right_below": [([360, 360, 400, 400], 0.5, 0)],
        "whole": [([0, 0, 700, 700], 0.5, 0)],
    }
    assert len(merge(**corners)) == 5


def test_an_object_in_the_overlap_belongs_to_the_tile_that_sees_more_around_it() -> None:
    # From 310 to 330, which is the outer part of the right tile: 10 to 30 of its own.
    both = {"left_above": [([310, 100, 330, 120], 0.5, 0)], "right_above": [([12, 100, 30, 120], 0.9, 0)]}
    assert merge(**both) == [[310, 100, 330, 120, 0.5, 0]]


def test_in_the_middle_of_the_overlap_two_tiles_see_an_object_and_suppression_keeps_one() -> None:
    both = {"left_above": [([340, 100, 360, 120], 0.5, 0)], "right_above": [([40, 100, 60, 121], 0.75, 0)]}
    assert merge(**both) == [[340, 100, 360, 121, 0.75, 0], [340, 100, 360, 120, 0.5, 0]]
    tiles = tiles_of(SIZE_HW, 2)
    seen = [found(*both.get(name, ())) for name in ("left_above", "right_above", "", "", "")]
    kept = non_max_suppression(merged(tiles, seen, SIZE_HW))
    assert kept.boxes_xyxy.tolist() == [[340, 100, 360, 121]]


def test_the_whole_leaves_small_objects_to_the_tiles() -> None:
    assert merge(whole=[([100, 100, 149, 120], 0.5, 0), ([100, 100, 150, 120], 0.5, 0)]) == [
        [100, 100, 150, 120, 0.5, 0]
    ]


def test_ties_are_in_the_order_of_the_tiles_and_the_limit_takes_the_best() -> None:
    tiles = tiles_of(SIZE_HW, 2)
    seen = [found(([100, 100, 150, 150], 0.5, index)) for index in range(5)]
    assert merged(tiles, seen, SIZE_HW).class_ids.tolist() == [0, 1, 2, 3, 4]
    assert merged(tiles, seen, SIZE_HW, limit=2).class_ids.tolist() == [0, 1]


@settings(max_examples=150, deadline=None)
@given(
    st.integers(2, 8),
    st.integers(300, 2000),
    st.integers(300, 2000),
    st.floats(0, 1),
    st.floats(0, 1),
    st.floats(0.02, 1),
    st.floats(0.02, 1),
)
def test_an_object_of_any_size_anywhere_is_found_once_and_whole(
    per_side: int, height: int, width: int, x: float, y: float, w: float, h: float
) -> None:
    """A detector that marks whatever of the object a tile shows finds it whole, and nothing else."""
    w, h = w * width, h * height
    x, y = x * (width - w), y * (height - h)
    wanted = np.array([x, y, x + w, y + h], np.float32)
    tiles = tiles_of((height, width), per_side)

    def look(tile: Tile) -> Candidates:
        edges = np.array([tile.x0, tile.y0, tile.x1, tile.y1], np.float32)
        box = np.concatenate([np.maximum(wanted[:2], edges[:2]), np.minimum(wanted[2:], edges[2:])])
        seen = (box[2:] > box[:2]).all()
        return found(*[((box - np.tile(edges[:2], 2)).tolist(), 0.5, 0)] if seen else [])

    everything = merged(tiles, [look(tile) for tile in tiles], (height, width))
    kept = non_max_suppression(everything, iou_threshold=0.9)
    assert len(kept) == 1
    np.testing.assert_allclose(kept.boxes_xyxy[0], wanted, atol=0.01)


def test_a_detector_is_shown_the_pixels_of_each_tile() -> None:
    rgb = np.arange(8 * 8 * 3, dtype=np.uint8).reshape(8, 8, 3)
    shown: list[NDArray[np.uint8]] = []

    def look(tile: NDArray[np.uint8]) -> Candidates:
        shown.append(tile)
        return found()

    assert len(tiled_candidates(look, rgb, 2)) == 0
    assert [tile.shape for tile in shown] == [(5, 5, 3)] * 4 + [(8, 8, 3)]
    assert shown[3].tolist() == rgb[3:, 3:].tolist()
