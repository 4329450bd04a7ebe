"""Other light, other colours: a photometric variation of an image (SSD paper's code; ranges of the same)."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from ssd_core.seeding import seed_for

#: The grey about which contrast turns.
MIDDLE_GREY = 127.0

_BRIGHTNESS = 32.0
_CONTRAST = (0.5, 1.5)
_SATURATION = (0.5, 1.5)
_HUE_DEGREES = 18.0


def recolour(image: Any, seed: Any) -> Any:
    """Brightness, contrast, saturation and hue in random order, as one affine map of RGB.

    Args:
        image: float32 [height, width, 3], RGB 0..255.
        seed: int [2].

    Returns:
        The same shape; values may lie beyond 0..255.
    """
    steps = tf.gather(colour_steps(seed), step_order(seed))
    # Rows (r, g, b, 1) are multiplied from the right, so the first matrix is the first step.
    whole = steps[0] @ steps[1] @ steps[2] @ steps[3]
    flat = tf.reshape(image, [-1, 3]) @ whole[:3, :3] + whole[3, :3]
    return tf.reshape(flat, tf.shape(image))


def colour_steps(seed: Any) -> Any:
    """Brightness, contrast, saturation and hue, each an affine map of rows (r, g, b, 1).

    Args:
        seed: int [2].

    Returns:
        float32 [4, 4, 4].
    """
    draws = tf.random.stateless_uniform([4], seed_for(seed, 1), -1.0, 1.0)
    brightness = _affine(tf.eye(3), tf.fill([3], draws[0] * _BRIGHTNESS))
    contrast = _between(_CONTRAST, draws[1])
    about_grey = _affine(tf.eye(3) * contrast, tf.fill([3], MIDDLE_GREY * (1.0 - contrast)))
    luma = tf.constant([0.299, 0.587, 0.114])
    saturation = _between(_SATURATION, draws[2])
    grey = tf.tile(luma[:, None], [1, 3])
    saturate = _affine(tf.eye(3) * saturation + grey * (1.0 - saturation), tf.zeros([3]))
    return tf.stack([brightness, about_grey, saturate, _hue(draws[3])])


def step_order(seed: Any) -> Any:
    """In which order the four steps are done: int32 [4], a permutation."""
    return tf.argsort(tf.random.stateless_uniform([4], seed_for(seed, 2)))


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
