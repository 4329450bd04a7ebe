"""How images differ at a glance, and which of many to take so that no two teach the same. NumPy only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ssd_core.preprocess import resize_for_network

#: A picture is looked at in so many parts a side.
PARTS = 4
#: Numbers of a descriptor: red, green, blue and roughness of each part.
DESCRIPTOR_SIZE = PARTS * PARTS * 4
_SIDE = 64
#: Images chosen one by one; those behind follow by what they are worth beside these.
MOST_GREEDY = 200
#: An image that is as far from all others as this part of all pairs are is as new as can be: further away lie
#: mostly odd ones, which teach about themselves alone.
_FAR_ENOUGH = 0.5
#: Pairs from which the usual distance is measured.
_PAIRS = 2000
#: Pairs of images compared at once, so that a hundred thousand images need no gigabytes.
_PAIRS_AT_ONCE = 4_000_000


@dataclass(frozen=True, eq=False, slots=True)
class Queue:
    """What each of some images is worth next, and why.

    Args:
        usefulness: float64 [N], higher first.
        newness: float64 [N]; 0 (seen already) to 1 (unlike everything labelled or ahead in the queue).
    """

    usefulness: NDArray[np.float64]
    newness: NDArray[np.float64]


def descriptor(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Describe a picture by its colours and how rough they are, part by part.

    Args:
        rgb: uint8 [height, width, 3]; a small copy is enough.

    Returns:
        float32 [`DESCRIPTOR_SIZE`], 0 to 1, rounded to thousandths.
    """
    small = resize_for_network(rgb, (_SIDE, _SIDE)) / np.float32(255)
    grey = small.mean(axis=2)
    down = np.abs(np.diff(grey, axis=0, append=grey[-1:]))
    across = np.abs(np.diff(grey, axis=1, append=grey[:, -1:]))
    part = _SIDE // PARTS
    layers = np.concatenate([small, (down + across)[:, :, None]], axis=2)
    parts = layers.reshape(PARTS, part, PARTS, part, 4).mean(axis=(1, 3))
    # Roughness seldom exceeds a quarter: it counts as much as a colour.
    parts[..., 3] = np.minimum(parts[..., 3] * 4, 1)
    return np.round(parts.reshape(-1).astype(np.float32), 3)


def queue(
    uncertainty: NDArray[np.float64],
    descriptors: NDArray[np.float32],
    known: NDArray[np.float32],
    *,
    seed: int = 0,
    most: int = MOST_GREEDY,
) -> Queue:
    """Order images by uncertainty × newness, each compared with what is known and with those put before it.

    The best ones are chosen one by one, farthest first, at most ``most``; the rest is compared with what was
    known and those chosen, and keeps its order behind them. So the cost grows with the number of images, not
    with its square.

    Args:
        uncertainty: [N]; 0 to 1.
        descriptors: [N, D].
        known: [M, D]; of what is labelled already.
        seed: of the pairs by which the usual distance is measured.
        most: images chosen one by one.

    Returns:
        The order as numbers: image for image above 1 for those chosen, up to 1 for the rest.
    """
    count = len(uncertainty)
    usefulness, newness = np.zeros(count), np.zeros(count)
    if not count:
        return Queue(usefulness, newness)
    scale = _usual_distance(np.concatenate([descriptors, known]), seed)
    own = descriptors.astype(np.float64)
    squares = np.sum(np.square(own), axis=1)
    nearest = _nearest(own, squares, known)
    left = np.ones(count, np.bool_)
    taken = min(most, count)
    for rank in range(taken):
        new = np.minimum(nearest / scale, 1)
        worth = np.where(left, uncertainty * new, -1)
        best = int(np.argmax(worth))
        # A whole number tells the rank, so that a later one never overtakes; the rest what it was worth.
        usefulness[best], newness[best] = (taken - rank) + worth[best], new[best]
        left[best] = False
        nearest = np.minimum(nearest, _nearest(own, squares, own[[best]]))
    new = np.minimum(nearest / scale, 1)
    usefulness[left], newness[left] = (uncertainty * new)[left], new[left]
    return Queue(usefulness, newness)


def _nearest(
    own: NDArray[np.float64], squares: NDArray[np.float64], known: NDArray[np.floating[Any]]
) -> NDArray[np.float64]:
    """How far each image is from the nearest known one; infinitely if none is known."""
    nearest = np.full(len(own), np.inf)
    block = max(1, _PAIRS_AT_ONCE // max(1, len(own)))
    for begin in range(0, len(known), block):
        some = known[begin : begin + block].astype(np.float64)
        # Without the squares of the images, which all of a column have in common.
        apart = (-2 * some) @ own.T
        apart += np.sum(np.square(some), axis=1)[:, None]
        nearest = np.minimum(nearest, apart.min(axis=0))
    return np.sqrt(np.maximum(nearest + squares, 0) / max(1, own.shape[1]))


def _usual_distance(descriptors: NDArray[np.float32], seed: int) -> float:
    draw = np.random.default_rng(seed)
    pairs = draw.integers(0, len(descriptors), (_PAIRS, 2))
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    if not len(pairs):
        return 1.0
    apart = np.sqrt(np.mean(np.square(descriptors[pairs[:, 0]] - descriptors[pairs[:, 1]]), axis=1))
    return float(max(np.quantile(apart, _FAR_ENOUGH), 1e-6))
