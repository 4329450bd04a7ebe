"""Variations of a labelled image, a pure function of the images and a seed (SSD paper, section 2.2 and 3.6).

All geometry of one variation is one window on the source, possibly larger than it, that is warped to the
network's input in a single antialiased resampling. All photometry is one affine map of the colours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from ssd_core.mosaic import TILES, mosaic
from ssd_core.pasting import paste_object
from ssd_core.photometric import recolour
from ssd_core.policies import POLICIES, Policy, policy_named
from ssd_core.seeding import chance, seed_for
from ssd_core.views import Labelled, flip_boxes, keep_visible, look_through, whole_window
from ssd_core.windows import crop, zoom_out

__all__ = ["POLICIES", "Labelled", "Policy", "augment"]

#: Gives another image of the training set, the one that a seed (int [2]) draws.
Partner = Callable[[Any], Labelled]

# What a seed is folded with, beyond the four that it is split into.
_FOR_MOSAIC, _FOR_PASTING = 5, 6


def augment(
    labelled: Labelled,
    size_hw: tuple[int, int],
    policy: str | Policy,
    seed: Any,
    partner: Partner | None = None,
) -> Labelled:
    """Give one variation, warped to the network's input.

    An object stays if its centre is still in the picture. One that is cut off but still shows is marked
    ``ignore``: half an object is neither an object to be found whole nor background.

    Args:
        labelled: an image of any size.
        size_hw: height and width of the result.
        policy: a :class:`Policy` or the name of one of :data:`POLICIES`.
        seed: int [2]; equal seeds give equal variations.
        partner: draws the other images that mosaic and paste need; without it there is neither.

    Returns:
        float32 [*size_hw, 3] in 0..255, with the boxes that are left, in its pixels and within it.

    Raises:
        InvalidConfig: there is no policy of that name.
    """
    chosen = policy_named(policy) if isinstance(policy, str) else policy
    seeds = tf.unstack(tf.random.split(seed, 4))
    if chosen.mosaic and partner is not None:
        seen = _with_mosaic(labelled, size_hw, chosen, seed, seeds, partner)
    else:
        seen = _through_one_window(labelled, size_hw, chosen, seeds)
    if chosen.paste and partner is not None:
        seen = _with_pasted_objects(seen, chosen, seed, partner)
    image, moved = seen.image, seen.boxes_xyxy
    if chosen.flip:
        flipped = chance(seeds[2]) < chosen.flip
        image = tf.cond(flipped, lambda: tf.reverse(image, [1]), lambda: image)
        moved = tf.where(flipped, flip_boxes(moved, float(size_hw[1])), moved)
    if chosen.colour:
        image = tf.cond(chance(seeds[3]) < chosen.colour, lambda: recolour(image, seeds[3]), lambda: image)
    image = tf.clip_by_value(image, 0.0, 255.0)
    return keep_visible(seen._replace(image=image, boxes_xyxy=moved))


def _through_one_window(
    labelled: Labelled, size_hw: tuple[int, int], policy: Policy, seeds: list[Any]
) -> Labelled:
    window = whole_window(labelled.image)
    if policy.zoom_out:
        wider = zoom_out(window, policy.zoom_out_most, seeds[0])
        window = tf.where(chance(seeds[0]) < policy.zoom_out, wider, window)
    if policy.crop:
        known = tf.boolean_mask(labelled.boxes_xyxy, ~labelled.ignore)
        window = tf.where(chance(seeds[1]) < policy.crop, crop(window, known, seeds[1]), window)
    seen = look_through(labelled, window, size_hw)
    return seen._replace(image=tf.ensure_shape(seen.image, [*size_hw, 3]))


def _with_mosaic(
    labelled: Labelled,
    size_hw: tuple[int, int],
    policy: Policy,
    seed: Any,
    seeds: list[Any],
    partner: Partner,
) -> Labelled:
    own_seed = seed_for(seed, _FOR_MOSAIC)

    def tiled() -> Labelled:
        others = [partner(seed_for(own_seed, 1 + index)) for index in range(TILES - 1)]
        return mosaic([labelled, *others], size_hw, seed_for(own_seed, TILES))

    return tf.cond(
        chance(own_seed) < policy.mosaic, tiled, lambda: _through_one_window(labelled, size_hw, policy, seeds)
    )


def _with_pasted_objects(seen: Labelled, policy: Policy, seed: Any, partner: Partner) -> Labelled:
    own_seed = seed_for(seed, _FOR_PASTING)
    happens = chance(own_seed) < policy.paste
    wanted = tf.random.stateless_uniform([], seed_for(own_seed, 1), 1, policy.paste_most + 1, tf.int32)
    for index in range(policy.paste_most):
        donor_seed, place_seed = (seed_for(own_seed, 2 + 2 * index + which) for which in range(2))
        seen = tf.cond(
            happens & (index < wanted),
            # Bound now, as the loop goes on before the branch is traced a second time.
            lambda seen=seen, donor=donor_seed, place=place_seed: paste_object(seen, partner(donor), place),
            lambda seen=seen: seen,
        )
    return seen
