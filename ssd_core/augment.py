"""Variations of a labelled image, a pure function of the image and a seed (SSD paper, section 2.2 and 3.6).

All geometry of one variation is one window on the source, possibly larger than it, that is warped to the
network's input in a single antialiased resampling. All photometry is one affine map of the colours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import tensorflow as tf

from ssd_core.box_coding import areas, iou_matrix
from ssd_core.errors import InvalidConfig

#: What zooming out shows around the image: the grey that the default backbone normalises to zero.
FILL = 127.0

_CROP_TRIALS = 50
_CROP_MIN_IOU = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9)
_SMALLEST_CROP = 0.3
_CROP_RATIOS = (0.5, 2.0)
_BRIGHTNESS = 32.0
_CONTRAST = (0.5, 1.5)
_SATURATION = (0.5, 1.5)
_HUE_DEGREES = 18.0
_SMALLEST_SIDE = 1.0


@dataclass(frozen=True)
class Policy:
    """How often each kind of variation happens.

    Attributes:
        flip: probability of mirroring left and right.
        colour: probability of changing brightness, contrast, saturation and hue, in random order.
        zoom_out: probability of placing the image on a larger grey canvas.
        zoom_out_most: the canvas's sides at most, in image sides.
        crop: probability of a crop that shows enough of some object.
    """

    flip: float = 0.0
    colour: float = 0.0
    zoom_out: float = 0.0
    zoom_out_most: float = 3.0
    crop: float = 0.0


POLICIES: dict[str, Policy] = {
    "none": Policy(),
    "light": Policy(flip=0.5, colour=0.5),
    "standard": Policy(flip=0.5, colour=0.5, zoom_out=0.25, crop=0.5),
}


class Labelled(NamedTuple):
    """An image with its objects, as tensors.

    Attributes:
        image: [height, width, 3], RGB 0..255.
        boxes_xyxy: float32 [G, 4], pixels of that image.
        class_ids: int [G].
        ignore: bool [G].
    """

    image: Any
    boxes_xyxy: Any
    class_ids: Any
    ignore: Any


def augment(labelled: Labelled, size_hw: tuple[int, int], policy: str | Policy, seed: Any) -> Labelled:
    """Give one variation, warped to the network's input.

    An object stays if its centre is still in the picture. One that is cut off but still shows is marked
    ``ignore``: half an object is neither an object to be found whole nor background.

    Args:
        labelled: an image of any size.
        size_hw: height and width of the result.
        policy: a :class:`Policy` or the name of one of :data:`POLICIES`.
        seed: int [2]; equal seeds give equal variations.

    Returns:
        float32 [*size_hw, 3] in 0..255, with the boxes that are left, in its pixels and within it.

    Raises:
        InvalidConfig: there is no policy of that name.
    """
    chosen = policy_named(policy) if isinstance(policy, str) else policy
    seeds = tf.unstack(tf.random.split(seed, 4))
    height, width = tf.shape(labelled.image)[0], tf.shape(labelled.image)[1]
    window = tf.cast(tf.stack([0, 0, width, height]), tf.float32)
    if chosen.zoom_out:
        window = _either(seeds[0], chosen.zoom_out, zoom_out(window, chosen.zoom_out_most, seeds[0]), window)
    if chosen.crop:
        known = tf.boolean_mask(labelled.boxes_xyxy, ~labelled.ignore)
        window = _either(seeds[1], chosen.crop, crop(window, known, seeds[1]), window)
    image, moved = _look_through(labelled, window, size_hw)
    if chosen.flip:
        flipped = _chance(seeds[2]) < chosen.flip
        image = tf.cond(flipped, lambda: tf.reverse(image, [1]), lambda: image)
        moved = tf.where(flipped, flip_boxes(moved, float(size_hw[1])), moved)
    if chosen.colour:
        image = tf.cond(_chance(seeds[3]) < chosen.colour, lambda: _recolour(image, seeds[3]), lambda: image)
    return _with_visible_objects(tf.clip_by_value(image, 0.0, 255.0), moved, labelled, size_hw)


def policy_named(name: str) -> Policy:
    """The policy of that name.

    Raises:
        InvalidConfig: there is none.
    """
    if name not in POLICIES:
        raise InvalidConfig(f"There is no augmentation policy {name!r}: choose one of {', '.join(POLICIES)}.")
    return POLICIES[name]


def zoom_out(window: Any, most: float, seed: Any) -> Any:
    """A larger window that holds the given one at a random place.

    Args:
        window: float32 [4], xyxy.
        most: the largest factor of the sides.
        seed: int [2].

    Returns:
        float32 [4], xyxy.
    """
    factor, along_x, along_y = tf.unstack(tf.random.stateless_uniform([3], _fold(seed, 1)))
    size = window[2:] - window[:2]
    grown = size * (1.0 + factor * (most - 1.0))
    low = window[:2] - (grown - size) * tf.stack([along_x, along_y])
    return tf.concat([low, low + grown], 0)


def crop(window: Any, boxes_xyxy: Any, seed: Any) -> Any:
    """A smaller window that shows enough of an object.

    One of six demands is drawn: any object's centre lies inside, or besides its IoU with the window is at
    least .1, .3, .5, .7 or .9. The first of 50 random windows that meets it is taken.

    Args:
        window: float32 [4], xyxy, what there is to crop.
        boxes_xyxy: float32 [G, 4]. With no boxes, every window will do.
        seed: int [2].

    Returns:
        float32 [4], xyxy; the window itself if none of the 50 meets the demand.
    """
    size = window[2:] - window[:2]
    sides = tf.random.stateless_uniform([_CROP_TRIALS, 2], _fold(seed, 1), _SMALLEST_CROP, 1.0)
    places = tf.random.stateless_uniform([_CROP_TRIALS, 2], _fold(seed, 2))
    demand = tf.random.stateless_uniform([], _fold(seed, 3), 0, len(_CROP_MIN_IOU), tf.int32)
    least = tf.gather(tf.constant(_CROP_MIN_IOU), demand)
    low = window[:2] + places * (1.0 - sides) * size
    trials = tf.concat([low, low + sides * size], 1)
    ratio = sides[:, 0] / sides[:, 1]
    good = (ratio >= _CROP_RATIOS[0]) & (ratio <= _CROP_RATIOS[1])
    shows = centres_inside(boxes_xyxy, trials) & (iou_matrix(trials, boxes_xyxy) >= least)
    good &= tf.reduce_any(shows, axis=1) | tf.equal(tf.shape(boxes_xyxy)[0], 0)
    first = tf.argmax(tf.cast(good, tf.int32))
    return tf.where(tf.reduce_any(good), trials[first], window)


def centres_inside(boxes_xyxy: Any, windows_xyxy: Any) -> Any:
    """Which boxes have their centre in which window.

    Args:
        boxes_xyxy: float32 [G, 4].
        windows_xyxy: float32 [W, 4], half-open.

    Returns:
        bool [W, G].
    """
    centres = (boxes_xyxy[:, :2] + boxes_xyxy[:, 2:]) / 2.0
    after = centres[None] >= windows_xyxy[:, None, :2]
    before = centres[None] < windows_xyxy[:, None, 2:]
    return tf.reduce_all(after & before, axis=-1)


def flip_boxes(boxes_xyxy: Any, width: float) -> Any:
    """Mirror boxes left and right.

    Args:
        boxes_xyxy: float32 [G, 4].
        width: of the image.

    Returns:
        float32 [G, 4].
    """
    x0, y0, x1, y1 = tf.unstack(boxes_xyxy, axis=-1)
    return tf.stack([width - x1, y0, width - x0, y1], axis=-1)


def _look_through(labelled: Labelled, window: Any, size_hw: tuple[int, int]) -> tuple[Any, Any]:
    """Warp what the window shows to the given size; the boxes follow, unclipped."""
    size_wh = tf.constant([size_hw[1], size_hw[0]], tf.float32)
    scale = size_wh / (window[2:] - window[:2])
    shift = -window[:2] * scale
    # Beyond the source the sampler gives zeros, so the fill colour is made zero for its time.
    image = tf.raw_ops.ScaleAndTranslate(
        images=tf.cast(labelled.image, tf.float32)[None] - FILL,
        size=tf.constant(size_hw, tf.int32),
        scale=tf.reverse(scale, [0]),
        translation=tf.reverse(shift, [0]),
        kernel_type="triangle",
        antialias=True,
    )
    moved = labelled.boxes_xyxy * tf.tile(scale, [2]) + tf.tile(shift, [2])
    return tf.ensure_shape(image[0] + FILL, [*size_hw, 3]), moved


def _with_visible_objects(image: Any, moved: Any, labelled: Labelled, size_hw: tuple[int, int]) -> Labelled:
    limits = tf.constant([size_hw[1], size_hw[0]] * 2, tf.float32)
    visible = tf.clip_by_value(moved, 0.0, limits)
    seen = tf.reduce_all(visible[:, 2:] - visible[:, :2] >= _SMALLEST_SIDE, axis=-1) & (areas(moved) > 0)
    whole_picture = tf.concat([[0.0, 0.0], limits[:2]], 0)
    kept = centres_inside(moved, whole_picture[None])[0]
    return Labelled(
        image,
        tf.boolean_mask(visible, seen),
        tf.boolean_mask(labelled.class_ids, seen),
        tf.boolean_mask(labelled.ignore | ~kept, seen),
    )


def _recolour(image: Any, seed: Any) -> Any:
    """Brightness, contrast, saturation and hue in random order, as one affine map of RGB."""
    draws = tf.random.stateless_uniform([4], _fold(seed, 1), -1.0, 1.0)
    brightness = _affine(tf.eye(3), tf.fill([3], draws[0] * _BRIGHTNESS))
    contrast = _between(_CONTRAST, draws[1])
    about_grey = _affine(tf.eye(3) * contrast, tf.fill([3], FILL * (1.0 - contrast)))
    luma = tf.constant([0.299, 0.587, 0.114])
    saturation = _between(_SATURATION, draws[2])
    grey = tf.tile(luma[:, None], [1, 3])
    saturate = _affine(tf.eye(3) * saturation + grey * (1.0 - saturation), tf.zeros([3]))
    steps = tf.stack([brightness, about_grey, saturate, _hue(draws[3])])
    order = tf.argsort(tf.random.stateless_uniform([4], _fold(seed, 2)))
    steps = tf.gather(steps, order)
    whole = steps[0] @ steps[1] @ steps[2] @ steps[3]
    flat = tf.reshape(image, [-1, 3]) @ whole[:3, :3] + whole[3, :3]
    return tf.reshape(flat, tf.shape(image))


def _hue(draw: Any) -> Any:
    """Turn the colours about the grey axis, in the YIQ space of analogue television."""
    angle = draw * (_HUE_DEGREES * 3.141592653589793 / 180.0)
    to_yiq = tf.constant([[0.299, 0.596, 0.211], [0.587, -0.274, -0.523], [0.114, -0.322, 0.312]])
    cos, sin, one, none = tf.cos(angle), tf.sin(angle), tf.ones([]), tf.zeros([])
    turn = tf.reshape(tf.stack([one, none, none, none, cos, sin, none, -sin, cos]), [3, 3])
    return _affine(to_yiq @ turn @ tf.linalg.inv(to_yiq), tf.zeros([3]))


def _affine(matrix: Any, shift: Any) -> Any:
    """[4, 4] that acts on rows (r, g, b, 1) from the right."""
    last = tf.constant([[0.0], [0.0], [0.0], [1.0]])
    return tf.concat([tf.concat([matrix, shift[None]], 0), last], 1)


def _between(limits: tuple[float, float], draw: Any) -> Any:
    return limits[0] + (draw + 1.0) / 2.0 * (limits[1] - limits[0])


def _either(seed: Any, probability: float, varied: Any, plain: Any) -> Any:
    return tf.where(_chance(seed) < probability, varied, plain)


def _chance(seed: Any) -> Any:
    return tf.random.stateless_uniform([], _fold(seed, 0))


def _fold(seed: Any, purpose: int) -> Any:
    return tf.random.fold_in(seed, purpose)
