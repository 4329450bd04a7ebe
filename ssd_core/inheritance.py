"""A network that begins where an earlier model ended, though classes were added, removed or reordered."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from ssd_core.artifacts import CONFIG, WEIGHTS, load_network, read_card, read_config
from ssd_core.config import SSDConfig
from ssd_core.errors import InvalidArtifact, InvalidConfig
from ssd_core.freezing import norms_within

#: What two detectors must have in common for the weights of one to mean the same in the other. The input's
#: size and the default boxes' scales may differ: what is learnt of a shape holds for its other sizes.
_IN_COMMON = ("backbone", "neck", "head", "aspect_ratios", "variances")


class EarlierModel:
    """A model folder whose network another training goes on with.

    Args:
        folder: the model's.
        config: the detector that is to be trained.

    Raises:
        InvalidArtifact: the folder is damaged or holds no Keras weights.
        InvalidConfig: the detector differs from the model's in more than its classes, input size and scales.
    """

    def __init__(self, folder: Path, config: SSDConfig) -> None:
        self._folder, self._config = Path(folder), config
        card = read_card(self._folder)
        if WEIGHTS not in card["files"]:
            raise InvalidArtifact(
                f"The model in {folder} has no {WEIGHTS}, so no training can go on from it: "
                "choose a model that this program trained."
            )
        self._earlier = read_config(self._folder)
        for name in _IN_COMMON:
            had, wanted = getattr(self._earlier, name), getattr(config, name)
            if had != wanted:
                raise InvalidConfig(
                    f"The setting {name} is {wanted!r}, but the model in {folder} that training should go on "
                    f"from has {had!r}: choose the same, or train without an earlier model."
                )
        files = card["files"]
        #: Changes with the model's weights and configuration.
        self.digest = hashlib.sha256(f"{files[CONFIG]} {files[WEIGHTS]}".encode()).hexdigest()

    def give_to(self, network: keras.Model) -> dict[str, NDArray[np.bool_]]:
        """Copy all weights into a network; classes go by name, those that are new keep their random start.

        The statistics of the trunk's normalisations are frozen, as those of every pretrained trunk.

        Args:
            network: built from the config given above.

        Returns:
            By the path of each variable that knows classes, bool of its shape: what is new. All other
            variables were copied whole.

        Raises:
            InvalidArtifact: a file is missing or damaged, or the weights are of another network.
            InvalidConfig: a layer has another shape at this input size.
        """
        earlier = load_network(self._folder)
        known = {layer.name: layer for layer in earlier.layers}
        fresh: dict[str, NDArray[np.bool_]] = {}
        for layer in network.layers:
            if not layer.weights:
                continue
            if layer.name not in known:
                raise self._misfit(layer.name)
            if _knows_classes(layer.name):
                fresh |= self._remap(known[layer.name], layer)
            else:
                self._copy(known[layer.name], layer)
        for norm in norms_within(network.get_layer("backbone")):
            norm.trainable = False
        return fresh

    def _copy(self, source: Any, target: Any) -> None:
        values = source.get_weights()
        if [value.shape for value in values] != [tuple(weight.shape) for weight in target.weights]:
            raise self._misfit(target.name)
        target.set_weights(values)

    def _remap(self, source: Any, target: Any) -> dict[str, NDArray[np.bool_]]:
        """Copy the channels of the background and of the classes that both know, of kernel and bias."""
        old, new = self._earlier.num_classes, self._config.num_classes
        rows = logit_rows(self._earlier.classes, self._config.classes)
        kept = np.flatnonzero(rows >= 0)
        fresh = {}
        for before, weight in zip(source.get_weights(), target.weights, strict=True):
            shapes = int(weight.shape[-1]) // new
            if before.shape != (*weight.shape[:-1], shapes * old):
                raise self._misfit(target.name)
            # The channels of a class lie one for each shape of default box: shape by shape, class by class.
            after = weight.numpy().reshape(*weight.shape[:-1], shapes, new)
            after[..., kept] = before.reshape(*before.shape[:-1], shapes, old)[..., rows[kept]]
            weight.assign(after.reshape(weight.shape))
            fresh[weight.path] = np.broadcast_to(rows < 0, after.shape).reshape(weight.shape)
        return fresh

    def _misfit(self, layer: str) -> InvalidConfig:
        return InvalidConfig(
            f"The layer {layer} of the model in {self._folder} does not fit a detector with the input size "
            f"{self._config.input_size_hw}: choose {self._earlier.input_size_hw}, or train without an "
            "earlier model."
        )


def logit_rows(earlier: Sequence[str], classes: Sequence[str]) -> NDArray[np.int64]:
    """Which logit of an earlier model each logit of a new one goes on from.

    Args:
        earlier: names of the earlier model's classes, without the background.
        classes: names of the new one's.

    Returns:
        int64 [1 + len(classes)]: an index with the background as 0, or -1 for a new class.
    """
    known = {name: index for index, name in enumerate(earlier, start=1)}
    return np.array([0, *(known.get(name, -1) for name in classes)], np.int64)


def _knows_classes(layer: str) -> bool:
    """Whether a layer's last axis holds a logit per class: ``logits``, or ``logits0`` … of each level."""
    rest = layer.removeprefix("logits")
    return rest != layer and (not rest or rest.isdigit())
