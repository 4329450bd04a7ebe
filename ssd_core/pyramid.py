"""A feature pyramid: fine maps learn from coarse ones what they see (arXiv 1612.03144, section 3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras import layers

from ssd_core.new_layers import NewLayers

#: Channels of every level.
WIDTH = 96


def feature_pyramid(new: NewLayers, maps: Sequence[Any], mixed: int) -> list[Any]:
    """Bring all maps to one width and add to each of the finest what the next coarser one knows.

    Args:
        new: makes the layers.
        maps: [batch, height, width, channels] each, finest first.
        mixed: how many of the finest maps, those of the backbone, exchange what they know.

    Returns:
        As many maps of the same sides, :data:`WIDTH` channels each.
    """
    merged = []
    for level, feature_map in enumerate(maps):
        x = new.full(f"lateral{level}", WIDTH, 1, use_bias=False)(feature_map)
        merged.append(new.norm(f"lateral{level}_norm")(x))
    for level in range(mixed - 2, -1, -1):
        merged[level] = layers.Add(name=f"merge{level}")([merged[level], _enlarged(merged, level)])
    return [_smoothed(new, x, level) for level, x in enumerate(merged)]


def _enlarged(maps: Sequence[Any], level: int) -> Any:
    """The next coarser map, each cell repeated, cut to the sides of a level."""
    height, width = maps[level].shape[1:3]
    coarse = maps[level + 1]
    factors = (-(-height // coarse.shape[1]), -(-width // coarse.shape[2]))
    x = layers.UpSampling2D(factors, name=f"enlarge{level}")(coarse)
    surplus = ((0, x.shape[1] - height), (0, x.shape[2] - width))
    return layers.Cropping2D(surplus, name=f"cut{level}")(x) if surplus != ((0, 0), (0, 0)) else x


def _smoothed(new: NewLayers, x: Any, level: int) -> Any:
    """A 3×3 over the sum, against the steps that repeating cells leaves."""
    x = layers.ReLU(6.0)(x)
    if new.depthwise_wanted:
        x = new.depthwise(f"smooth{level}_depthwise", padding="same")(x)
        x = new.full(f"smooth{level}", WIDTH, 1, use_bias=False)(x)
    else:
        x = new.full(f"smooth{level}", WIDTH, 3, padding="same", use_bias=False)(x)
    return new.norm_relu(x, f"smooth{level}_norm")
