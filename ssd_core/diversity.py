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
#: Images of which those are chosen, the most uncertain ones, and those for which they may stand.
MOST_CANDIDATES, MOST_STOOD_FOR = 3000, 1500
#: Distance, as a part of the usual one, at which an image hardly stands for another any more.
_REACH = 0.5
#: From here on, of 0 to 1, two images are said to be alike.
_LIKE = 0.5
#: What an image's own uncertainty counts, where several add the same.
_TIE = np.float32(1e-4)
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
        stands_for: int64 [N]; how many others are like it that are like nothing labelled or ahead.
    """

    usefulness: NDArray[np.float64]
    newness: NDArray[np.float64]
    stands_for: NDArray[np.int64]


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
    """Order images so that the first ones stand for as much as can be of what the model is unsure of.

    An image stands for another as far as they are alike, and where several do, the most alike one counts. The
    one that adds most to the uncertainty that is stood for is next (facility location: Wei, Iyer and Bilmes,
    Submodularity in Data Subset Selection and Active Learning, 2015). So no two teach the same, and an odd
    image, which teaches about itself alone, waits: put first, such ones taught less than images at random.

    At most ``most`` are chosen so, one by one; the rest keeps the order of uncertainty × newness behind them.

    Args:
        uncertainty: [N]; 0 to 1.
        descriptors: [N, D].
        known: [M, D]; of what is labelled already, and stands for others too.
        seed: of the pairs by which the usual distance is measured, and of the images stood for, where there
            are more than `MOST_STOOD_FOR`.
        most: images chosen one by one.

    Returns:
        The order as numbers: image for image above 1 for those chosen, up to 1 for the rest.
    """
    count = len(uncertainty)
    usefulness, newness, stands_for = np.zeros(count), np.zeros(count), np.zeros(count, np.int64)
    if not count:
        return Queue(usefulness, newness, stands_for)
    scale = _usual_distance(np.concatenate([descriptors, known]), seed)
    own = descriptors.astype(np.float64)
    squares = np.sum(np.square(own), axis=1)
    nearest = _nearest(own, squares, known)
    chosen = _standing_for_most(uncertainty, own, nearest, scale * _REACH, min(most, count), seed)
    for rank, (best, others) in enumerate(chosen):
        stands_for[best] = others
        newness[best] = min(nearest[best] / scale, 1)
        # A whole number tells the rank, so that a later one never overtakes; the rest what it is worth.
        usefulness[best] = (len(chosen) - rank) + uncertainty[best] * newness[best]
        nearest = np.minimum(nearest, _nearest(own, squares, own[[best]]))
    left = np.ones(count, np.bool_)
    left[[best for best, _ in chosen]] = False
    newness[left] = np.minimum(nearest / scale, 1)[left]
    usefulness[left] = (uncertainty * newness)[left]
    return Queue(usefulness, newness, stands_for)


def _standing_for_most(
    uncertainty: NDArray[np.float64],
    own: NDArray[np.float64],
    nearest: NDArray[np.float64],
    reach: float,
    most: int,
    seed: int,
) -> list[tuple[int, int]]:
    """Choose images one by one, each the one that adds most to the uncertainty stood for.

    Returns:
        Each with the number of others that are like it, and like nothing labelled or chosen before it.
    """
    candidates = np.argsort(-uncertainty, kind="stable")[: max(MOST_CANDIDATES, most)]
    others = np.arange(len(own))
    if len(own) > MOST_STOOD_FOR:
        others = np.sort(np.random.default_rng(seed).choice(others, MOST_STOOD_FOR, replace=False))
    rows, columns = own[candidates], own[others]
    apart = (
        np.sum(np.square(rows), axis=1)[:, None] + np.sum(np.square(columns), axis=1) - 2 * rows @ columns.T
    )
    alike = _alike(np.sqrt(np.maximum(apart, 0) / max(1, own.shape[1])), reach)
    stood_for = _alike(nearest[others], reach)
    # Something of each counts, so that where the model is sure of all the order is that of the picture.
    weighed = (uncertainty + 1e-3).astype(np.float32)
    weights, tie_breakers = weighed[others], _TIE * weighed[candidates]
    free = np.ones(len(candidates), np.bool_)
    chosen: list[tuple[int, int]] = []
    for _ in range(most):
        # Of those that add the same, the least sure one.
        gains = np.maximum(alike - stood_for, 0) @ weights + tie_breakers
        best = int(np.argmax(np.where(free, gains, -1)))
        free[best] = False
        image = int(candidates[best])
        alone = (alike[best] >= _LIKE) & (stood_for < _LIKE) & (others != image)
        chosen.append((image, round(int(alone.sum()) * len(own) / len(others))))
        stood_for = np.maximum(stood_for, alike[best])
    return chosen


def _alike(distance: NDArray[np.float64], reach: float) -> NDArray[np.float32]:
    """1 for the same, falling to little at twice the reach."""
    return np.exp(-np.square(distance / reach)).astype(np.float32)


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
