"""Four images in one picture, meeting at a random point (YOLOv4, arXiv 2004.10934, section 3.4).

Objects get smaller and stand beside objects of other images: variety that a small set lacks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from ssd_core.seeding import seed_for
from ssd_core.views import Labelled, keep_visible, look_through, whole_window

#: How many images one mosaic shows.
TILES = 4

#: Where the tiles may meet, in sides of the picture.
_MEETING = (0.3, 0.7)


def mosaic(sources: Sequence[Labelled], size_hw: tuple[int, int], seed: Any) -> Labelled:
    """Tile a picture with parts of four images.

    Each tile shows a part of its image as large as can be or smaller, warped as the whole image would be, so
    that tiles of any shape distort no object further.

    Args:
        sources: four images: top left, top right, bottom left, bottom right.
        size_hw: height and width of the picture.
        seed: int [2].

    Returns:
        float32 [*size_hw, 3]; boxes are clipped to their tiles, cut objects marked ``ignore``.
    """
    size = tf.constant(size_hw, tf.float32)
    meeting = tf.random.stateless_uniform([2], seed_for(seed, 1), *_MEETING)
    first = tf.cast(tf.round(meeting * size), tf.int32)
    second = tf.constant(size_hw, tf.int32) - first
    tiles = []
    for index, source in enumerate(sources):
        row, column = divmod(index, 2)
        tile_hw = tf.stack([(first, second)[row][0], (first, second)[column][1]])
        window = _part_for(source, tf.cast(tile_hw, tf.float32) / size, seed_for(seed, 2 + index))
        corner = tf.cast(tf.stack([first[1] * column, first[0] * row]), tf.float32)
        tile = keep_visible(look_through(source, window, tile_hw))
        tiles.append(tile._replace(boxes_xyxy=tile.boxes_xyxy + tf.tile(corner, [2])))
    images = [tile.image for tile in tiles]
    picture = tf.concat([tf.concat(images[:2], 1), tf.concat(images[2:], 1)], 0)
    return Labelled(
        tf.ensure_shape(picture, [*size_hw, 3]),
        *(tf.concat(parts, 0) for parts in zip(*(tile[1:] for tile in tiles), strict=True)),
    )


def _part_for(source: Labelled, tile: Any, seed: Any) -> Any:
    """A random window within the source, of the tile's shape.

    Args:
        source: the image.
        tile: float32 [2], the tile's height and width in sides of the picture.
        seed: int [2].

    Returns:
        float32 [4], xyxy.
    """
    enlarged, along_x, along_y = tf.unstack(tf.random.stateless_uniform([3], seed))
    # At the smallest factor the window reaches from border to border one way; at 1 objects keep their size.
    smallest = tf.reduce_max(tile)
    sides = tf.reverse(tile, [0]) / (smallest + enlarged * (1.0 - smallest))
    whole = whole_window(source.image)[2:]
    low = (1.0 - sides) * tf.stack([along_x, along_y]) * whole
    return tf.concat([low, low + sides * whole], 0)
