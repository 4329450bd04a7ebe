"""Small objects on large photographs: the network looks at overlapping tiles, and seams are not seen.

A network that takes 300×300 pixels loses what is ten pixels wide on a photograph of 6000. So it looks at
n × n tiles of the photograph, at half as many a side, and so on up to the whole: each object is whole on the
tiles of some level. What becomes of a candidate depends on that alone, and never on its neighbours, so that
the result is again candidates, to which any thresholds apply:

- One that ends at a seam of its tile may be a piece of an object, and goes. The tile beside it, or a coarser
  level, sees the object whole.
- One whose middle lies in the outer part of an overlap is left to the neighbour, which sees more around it. A
  narrow band in the middle of the overlap belongs to both, so that nothing falls between; suppression removes
  the second of two equal boxes there.
- A level leaves to the finer one what is small enough to be whole there with certainty.

Tiles have the proportions of the photograph, so that objects are warped for the network as in training.
NumPy only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ssd_core.candidates import CANDIDATE_LIMIT, Candidates
from ssd_core.errors import InvalidConfig

#: The most tiles along a side; the levels of 8 are 64, 16, 4 and 1 tiles.
MOST_TILES = 8
#: The part of a tile's side that it shares with its neighbour.
OVERLAP = 0.25
#: A box that ends so near to a seam counts as cut, as a part of the tile's side: networks miss by that much.
SEAM = 0.02
#: Half the width of the band that belongs to two neighbours, as a part of the tile's side.
BAND = 0.03
#: What is shorter than this part of the finer level's overlap is left to that level.
LEFT_TO_FINER = 0.5


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of a photograph that the network looks at.

    Args:
        x0: left edge in pixels of the photograph.
        y0: upper edge.
        x1: right edge, exclusive.
        y1: lower edge, exclusive.
        shortest: boxes whose longer side is below this many pixels are left to a finer level.
    """

    x0: int
    y0: int
    x1: int
    y1: int
    shortest: float = 0.0

    def of(self, rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The tile's pixels, as a view of the photograph's."""
        return rgb[self.y0 : self.y1, self.x0 : self.x1]


def tiles_of(size_hw: tuple[int, int], per_side: int) -> tuple[Tile, ...]:
    """Lay out the tiles of a photograph: the finest level first, row by row; the whole photograph last.

    Args:
        size_hw: (height, width) of the photograph.
        per_side: tiles along each side on the finest level; 1 gives the whole photograph alone.

    Raises:
        InvalidConfig: ``per_side`` is not from 1 to `MOST_TILES`.
    """
    if per_side not in range(1, MOST_TILES + 1):
        raise InvalidConfig(f"A photograph is cut into 1 to {MOST_TILES} tiles a side, not {per_side}.")
    height, width = size_hw
    tiles: list[Tile] = []
    shortest = 0.0
    while True:
        rows, columns = (_spans(length, min(per_side, length)) for length in (height, width))
        tiles += [Tile(x0, y0, x1, y1, shortest) for y0, y1 in rows for x0, x1 in columns]
        if per_side == 1:
            return tuple(tiles)
        # The shorter overlap decides, since an object has to be whole in both directions.
        shortest = LEFT_TO_FINER * OVERLAP * min(rows[0][1], columns[0][1])
        per_side = (per_side + 1) // 2


def merged(
    tiles: Sequence[Tile], found: Sequence[Candidates], size_hw: tuple[int, int], limit: int = CANDIDATE_LIMIT
) -> Candidates:
    """Put the candidates of all tiles together as candidates of the photograph.

    Args:
        tiles: all tiles, from `tiles_of`.
        found: the candidates of each, in pixels of the tile.
        size_hw: (height, width) of the photograph.
        limit: the most candidates.

    Returns:
        Candidates in pixels of the photograph, best first; ties in the order of the tiles.
    """
    parts = [_kept(tile, each, size_hw) for tile, each in zip(tiles, found, strict=True)]
    boxes_xyxy = np.concatenate([part.boxes_xyxy for part in parts])
    scores = np.concatenate([part.scores for part in parts])
    class_ids = np.concatenate([part.class_ids for part in parts])
    best = np.argsort(-scores, kind="stable")[:limit]
    return Candidates(boxes_xyxy[best], scores[best], class_ids[best])


def tiled_candidates(
    look: Callable[[NDArray[np.uint8]], Candidates], rgb: NDArray[np.uint8], per_side: int
) -> Candidates:
    """Give the candidates of a photograph that is looked at in tiles.

    Args:
        look: gives the candidates of an image, such as ``lambda tile: detector.candidates(tile)[0]``.
        rgb: the photograph's upright pixels, uint8 [height, width, 3], from `ssd_core.preprocess.load_rgb`.
        per_side: tiles along each side on the finest level.

    Raises:
        InvalidConfig: ``per_side`` is not from 1 to `MOST_TILES`.
    """
    size_hw = (rgb.shape[0], rgb.shape[1])
    tiles = tiles_of(size_hw, per_side)
    return merged(tiles, [look(tile.of(rgb)) for tile in tiles], size_hw)


def _spans(length: int, count: int) -> list[tuple[int, int]]:
    """``count`` equal spans from end to end of a side, each sharing `OVERLAP` of itself with the next."""
    span = length / (count - (count - 1) * OVERLAP)
    starts = [round(index * span * (1 - OVERLAP)) for index in range(count)]
    size = min(length, round(span))
    return [(min(start, length - size), min(start, length - size) + size) for start in starts]


def _kept(tile: Tile, found: Candidates, size_hw: tuple[int, int]) -> Candidates:
    """Move a tile's candidates to where it lies, without those that belong to other tiles."""
    offset = np.array([tile.x0, tile.y0, tile.x0, tile.y0], np.float32)
    boxes_xyxy = found.boxes_xyxy + offset
    sides = boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]
    mine = sides.max(axis=1, initial=0) >= tile.shortest
    for axis, (start, end, length) in enumerate(
        ((tile.x0, tile.x1, size_hw[1]), (tile.y0, tile.y1, size_hw[0]))
    ):
        middles = (boxes_xyxy[:, axis] + boxes_xyxy[:, axis + 2]) / 2
        size = end - start
        if start > 0:
            mine &= boxes_xyxy[:, axis] >= start + SEAM * size
            mine &= middles >= start + (OVERLAP / 2 - BAND) * size
        if end < length:
            mine &= boxes_xyxy[:, axis + 2] <= end - SEAM * size
            mine &= middles <= end - (OVERLAP / 2 - BAND) * size
    return Candidates(boxes_xyxy[mine], found.scores[mine], found.class_ids[mine])
