"""What a policy makes of an image, for people to look at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from ssd_core.augment import augment
from ssd_core.example import Example
from ssd_core.policies import Policy
from ssd_core.views import Labelled


class Variation(NamedTuple):
    """One variation of an image.

    Attributes:
        rgb: uint8 [height, width, 3].
        boxes_xyxy: float32 [G, 4], pixels of that image.
        class_ids: int64 [G].
        ignore: bool [G]; True also for objects that were cut.
    """

    rgb: NDArray[np.uint8]
    boxes_xyxy: NDArray[np.float32]
    class_ids: NDArray[np.int64]
    ignore: NDArray[np.bool_]


def preview(
    example: Example,
    policy: str | Policy,
    n: int,
    *,
    size_hw: tuple[int, int],
    seed: int,
    others: Sequence[Example] = (),
) -> list[Variation]:
    """Vary an image as training does.

    Args:
        example: the image.
        policy: a :class:`~ssd_core.policies.Policy` or the name of one.
        n: number of variations.
        size_hw: height and width of each, in pixels.
        seed: equal seeds give equal variations.
        others: images that mosaics and pasted objects may come from; none means from the image itself.

    Returns:
        ``n`` variations.

    Raises:
        InvalidConfig: there is no policy of that name.
        InvalidExample: an image cannot be decoded, or a box does not lie on it; names it.
    """
    given = _labelled(example)

    def partner(drawn: Any) -> Labelled:
        if not others:
            return given
        return _labelled(others[int(tf.random.stateless_uniform([], drawn, 0, len(others), tf.int64))])

    seeds = (tf.constant([seed, index], tf.int64) for index in range(n))
    return [_as_arrays(augment(given, size_hw, policy, each, partner)) for each in seeds]


def _labelled(example: Example) -> Labelled:
    arrays = (example.load(), example.boxes_xyxy, example.class_ids, example.ignore)
    return Labelled(*(tf.constant(array) for array in arrays))


def _as_arrays(varied: Labelled) -> Variation:
    rgb = tf.cast(tf.round(varied.image), tf.uint8).numpy()
    return Variation(rgb, *(part.numpy() for part in varied[1:]))
