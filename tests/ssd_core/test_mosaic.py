"""A mosaic shows four images, each object on the tile of its image."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from ssd_core.mosaic import mosaic
from ssd_core.views import Labelled

SIZE = (80, 120)
#: What the red channel of each source is, so that its tile can be found.
REDS = (20, 60, 100, 140)


def _source(index: int) -> Labelled:
    """An image with one object, which is where green is full; sources differ in size."""
    height, width = ((60, 90), (120, 70), (50, 50), (90, 130))[index]
    image = np.zeros((height, width, 3), np.uint8)
    image[..., 0] = REDS[index]
    box = np.array([[width // 4, height // 4, width * 3 // 4, height * 3 // 4]])
    ((x0, y0, x1, y1),) = box
    image[y0:y1, x0:x1, 1] = 255
    return Labelled(
        tf.constant(image),
        tf.constant(box, tf.float32),
        tf.constant([index], tf.int64),
        tf.constant([False]),
    )


_SOURCES = [_source(index) for index in range(4)]
_MOSAIC = tf.function(lambda seed: mosaic(_SOURCES, SIZE, seed))


def _made(seed: int) -> Labelled:
    return Labelled(*_MOSAIC(tf.constant([seed, 0], tf.int64)))


def _tiles(image: np.ndarray) -> list[tuple[int, int, int, int]]:
    """Where each source's tile lies, from its red: x0, y0, x1, y1."""
    found = []
    for red in REDS:
        rows, columns = np.nonzero(np.abs(image[..., 0] - red) < 1)
        found.append((columns.min(), rows.min(), columns.max() + 1, rows.max() + 1))
    return found


def test_four_tiles_meet_at_one_point_and_fill_the_picture() -> None:
    meetings = set()
    height, width = SIZE
    for seed in range(20):
        picture = _made(seed).image.numpy()
        assert picture.shape == (*SIZE, 3)
        tiles = _tiles(picture)
        x, y = tiles[0][2:]
        assert tiles == [(0, 0, x, y), (x, 0, width, y), (0, y, x, height), (x, y, width, height)]
        assert all(
            (np.abs(picture[..., 0] - red) < 1).sum() == (x1 - x0) * (y1 - y0)
            for red, (x0, y0, x1, y1) in zip(REDS, tiles, strict=True)
        )
        assert 0.3 <= x / width <= 0.7
        assert 0.3 <= y / height <= 0.7
        meetings.add((x, y))
    assert len(meetings) > 10


def test_every_box_is_on_what_it_marks() -> None:
    seen = 0
    for seed in range(30):
        made = _made(seed)
        bright = made.image.numpy()[..., 1] > 190
        for box in made.boxes_xyxy.numpy():
            x0, y0, x1, y1 = box
            inner = bright[int(np.ceil(y0)) + 1 : int(y1) - 1, int(np.ceil(x0)) + 1 : int(x1) - 1]
            assert inner.all()
            seen += inner.size > 0
        covered = np.zeros(SIZE, bool)
        for x0, y0, x1, y1 in made.boxes_xyxy.numpy():
            covered[max(int(y0) - 1, 0) : int(y1) + 2, max(int(x0) - 1, 0) : int(x1) + 2] = True
        assert not (bright & ~covered).any()
    assert seen > 60


def test_a_box_does_not_leave_its_tile() -> None:
    for seed in range(20):
        made = _made(seed)
        tiles = _tiles(made.image.numpy())
        for box, source in zip(made.boxes_xyxy.numpy(), made.class_ids.numpy(), strict=True):
            x0, y0, x1, y1 = tiles[int(source)]
            assert (box >= (x0, y0, x0, y0)).all()
            assert (box <= (x1, y1, x1, y1)).all()


def test_objects_shrink_and_keep_the_shape_that_the_warp_of_the_whole_image_gives() -> None:
    shapes = []
    for seed in range(30):
        made = _made(seed)
        whole = {0: (44 / 90, 30 / 60), 1: (35 / 70, 60 / 120), 2: (25 / 50, 25 / 50), 3: (65 / 130, 45 / 90)}
        for box, source, cut in zip(
            made.boxes_xyxy.numpy(), made.class_ids.numpy(), made.ignore.numpy(), strict=True
        ):
            width, height = (box[2:] - box[:2]) / (SIZE[1], SIZE[0]) / whole[int(source)]
            assert max(width, height) <= 1.05
            if not cut:
                shapes.append(width / height)
    # Most objects are whole, and those have the ratio of the whole image's warp.
    assert abs(np.median(shapes) - 1) < 0.05


def test_equal_seeds_give_equal_mosaics_and_others_do_not() -> None:
    for left, right in zip(_made(3), _made(3), strict=True):
        np.testing.assert_array_equal(left, right)
    assert not np.array_equal(_made(3).image, _made(4).image)
