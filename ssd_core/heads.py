"""The heads: from feature maps to offsets and class logits of every default box."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras import layers, ops

from ssd_core.new_layers import NewLayers


def own_heads(
    new: NewLayers, maps: Sequence[Any], boxes_per_cell: Sequence[int], values: int, name: str
) -> list[Any]:
    """A head of its own for each level (SSD paper, section 2.1).

    Args:
        new: makes the layers.
        maps: [batch, height, width, channels] each, finest first.
        boxes_per_cell: of each level.
        values: per box: 4 offsets, or a logit per class.
        name: of the layers.

    Returns:
        [batch, cells × boxes, values] per level.
    """
    return [
        _own_head(new, feature_map, boxes, values, f"{name}{level}")
        for level, (feature_map, boxes) in enumerate(zip(maps, boxes_per_cell, strict=True))
    ]


def shared_heads(
    new: NewLayers, maps: Sequence[Any], aspect_ratios: Sequence[Sequence[float]], values: int, name: str
) -> list[Any]:
    """One head for all levels (arXiv 1708.02002, section 4), with norms of their own.

    What one level learns about an object serves the others, which counts where examples are few. A channel
    belongs to one aspect ratio; levels that do not have it leave it out.

    Args:
        new: makes the layers.
        maps: [batch, height, width, channels] each, of one width, finest first.
        aspect_ratios: of each level's default boxes, without the extra square that comes last.
        values: per box: 4 offsets, or a logit per class.
        name: of the layers.

    Returns:
        [batch, cells × boxes, values] per level.
    """
    known = sorted({ratio for level in aspect_ratios for ratio in level})
    width = maps[0].shape[-1]
    if new.depthwise_wanted:
        tower = [new.depthwise(f"{name}_depthwise", padding="same")]
        tower.append(new.full(f"{name}_mix", width, 1, use_bias=False))
    else:
        tower = [new.full(f"{name}_mix", width, 3, padding="same", use_bias=False)]
    last = new.prediction(name, (len(known) + 1) * values, 1)
    outputs = []
    for level, (x, ratios) in enumerate(zip(maps, aspect_ratios, strict=True)):
        for layer in tower:
            x = layer(x)
        x = last(new.norm_relu(x, f"{name}{level}_norm"))
        x = layers.Reshape((-1, len(known) + 1, values), name=f"{name}{level}_shapes")(x)
        places = [known.index(ratio) for ratio in ratios] + [len(known)]
        if places != list(range(len(known) + 1)):
            x = ops.take(x, places, axis=2)
        outputs.append(layers.Reshape((-1, values), name=f"{name}{level}_boxes")(x))
    return outputs


def _own_head(new: NewLayers, feature_map: Any, boxes: int, values: int, name: str) -> Any:
    """3×3: depthwise with its own norm, then 1×1; or plain."""
    filters = boxes * values
    if new.depthwise_wanted:
        x = new.depthwise(f"{name}_depthwise", padding="same")(feature_map)
        x = new.norm_relu(x, f"{name}_norm")
        x = new.prediction(name, filters, 1)(x)
    else:
        x = new.prediction(name, filters, 3, padding="same")(feature_map)
    return layers.Reshape((-1, values), name=f"{name}_boxes")(x)
