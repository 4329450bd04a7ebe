"""The order of the queue in Label, and why an image stands where it does, in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from data.looks import Described

if TYPE_CHECKING:
    from ssd_core.uncertainty import Doubt

#: From this uncertainty on, an image is worth a label though no box of it is in doubt.
_MUCH = 0.5
#: Below this score, the best that was found is hardly anything.
_LITTLE = 0.5
_UNLIKE = "unlike what is labelled so far"
#: It is worth saying that an image is like others from so many on.
_SEVERAL = 2
_PLACE = re.compile(rf"(, {_UNLIKE})?(, like \d+ others)?$")


def reason_of(doubted: Doubt) -> str:
    """Say in words what a model made of an image."""
    scores = [f"{score:.2f}" for score in doubted.unsure_scores]
    if len(scores) == 1:
        return f"The model is unsure of a box ({scores[0]})"
    if scores:
        return f"The model is unsure of {len(scores)} boxes ({scores[-1]}–{scores[0]})"
    if doubted.best_score is None:
        return "Nothing found"
    if doubted.uncertainty >= _MUCH:
        found = "Hardly anything found" if doubted.best_score < _LITTLE else "Not sure of all that is there"
        return f"{found} ({doubted.best_score:.2f} at best)"
    return f"The model is sure of what it found ({doubted.best_score:.2f})"


def in_order(ahead: Sequence[Described], behind: Sequence[Described]) -> list[tuple[int, float, str]]:
    """Put images in the order of their use: each stands for as much as can be that the model is unsure of.

    Args:
        ahead: images that wait for labels.
        behind: finished ones.

    Returns:
        For each of ``ahead`` its id, its usefulness (higher first), and the reason in words.
    """
    import numpy as np

    from ssd_core.diversity import DESCRIPTOR_SIZE, queue

    def table(images: Sequence[Described]) -> Any:
        return np.array([each.descriptor for each in images], np.float32).reshape(-1, DESCRIPTOR_SIZE)

    uncertainty = np.array([each.uncertainty for each in ahead], np.float64)
    order = queue(uncertainty, table(ahead), table(behind))
    return [
        (each.image_id, usefulness, _with_place(each.reason, bool(behind) and newness >= 1, others))
        for each, usefulness, newness, others in zip(
            ahead, order.usefulness.tolist(), order.newness.tolist(), order.stands_for.tolist(), strict=True
        )
    ]


def _with_place(reason: str, unlike: bool, others: int) -> str:
    """The reason with what the place among the other images adds to it, instead of what it added before."""
    parts = [_PLACE.sub("", reason)]
    parts += [_UNLIKE] if unlike else []
    parts += [f"like {others} others"] if others >= _SEVERAL else []
    return ", ".join(parts)
