"""The coarser levels on top of the backbone (SSD paper, section 2.1: "extra feature layers")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras import layers

from ssd_core.new_layers import NewLayers

#: Output channels of the levels added to the backbone; further ones have as many as the last.
_CHANNELS = (512, 256, 256, 128)


def with_extra_levels(new: NewLayers, maps: Sequence[Any], levels: int) -> list[Any]:
    """Add levels until there are enough, each of half the side of the one before.

    Args:
        new: makes the layers.
        maps: of the backbone, [batch, height, width, channels] each, finest first.
        levels: how many maps are wanted.

    Returns:
        The maps given and the added ones.
    """
    result = list(maps)
    while len(result) < levels:
        extra = len(result) - len(maps)
        channels = _CHANNELS[min(extra, len(_CHANNELS) - 1)]
        result.append(_coarser(new, result[-1], channels, f"extra{extra}"))
    return result


def _coarser(new: NewLayers, feature_map: Any, channels: int, name: str) -> Any:
    """1×1 to half the channels, then 3×3 with stride 2."""
    x = new.full(f"{name}_reduce", channels // 2, 1, use_bias=False)(feature_map)
    x = new.norm_relu(x, f"{name}_reduce_norm")
    padding = tuple(_padding(side) for side in feature_map.shape[1:3])
    x = layers.ZeroPadding2D(padding, name=f"{name}_pad")(x)
    if new.depthwise_wanted:
        x = new.depthwise(f"{name}_depthwise", strides=2)(x)
        x = new.norm_relu(x, f"{name}_depthwise_norm")
        x = new.full(name, channels, 1, use_bias=False)(x)
    else:
        x = new.full(name, channels, 3, strides=2, use_bias=False)(x)
    return new.norm_relu(x, f"{name}_norm")


def _padding(side: int) -> tuple[int, int]:
    """Zeros around a side, so that a 3×3 of stride 2 halves it, rounding up, and three cells become one."""
    if side == 3:
        return (0, 0)
    return (1, 1) if side % 2 else (0, 1)
