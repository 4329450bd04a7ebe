"""Whether a model folder that came from elsewhere can be taken in: every file is looked at, nothing is run.

The weights are numbers in an HDF5 file, which may also hold links to other files and data that grow when they
are read: such a file is refused before Keras opens it. TensorFlow is imported when a function is called.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from ssd_core.artifacts import CARD, CONFIG, LITERT, WEIGHTS, load_network, read_card, read_config, read_file
from ssd_core.errors import InvalidArtifact
from ssd_core.litert_backend import LiteRTBackend

#: What a model folder may consist of.
FILES = (CARD, CONFIG, WEIGHTS, *LITERT.values())
MOST_DEFAULT_BOXES = 1_000_000
MOST_CLASSES = 10_000
#: Scores of LiteRT in float32 differ from those of its network by far less.
LARGEST_SCORE_DIFFERENCE = 0.01


def check_model(folder: Path) -> dict[str, Any]:
    """Check a model folder as one that a stranger made.

    Checked are the card, the configuration, the SHA-256 of every file, the shapes of all weights against the
    network that the configuration describes, that they are finite, and that the LiteRT files are of that
    network.

    Args:
        folder: a model folder.

    Returns:
        The card.

    Raises:
        InvalidArtifact: something is missing, damaged, contradictory or not ours; says what.
    """
    card, config = read_card(folder), read_config(folder)
    try:
        json.dumps(card, allow_nan=False)
    except (ValueError, RecursionError) as fault:
        raise InvalidArtifact(f"The {CARD} has values that JSON does not have: {fault}.") from fault
    unknown = sorted(set(card["files"]) - set(FILES))
    if unknown:
        raise InvalidArtifact(
            f"The {CARD} lists {unknown[0]!r}, which is no file of a model. Do not trust it."
        )
    if WEIGHTS not in card["files"]:
        raise InvalidArtifact(f"The model has no {WEIGHTS}: copy the whole folder, or export it as a folder.")
    if config.num_default_boxes > MOST_DEFAULT_BOXES or config.num_classes > MOST_CLASSES:
        raise InvalidArtifact(
            f"The network would have {config.num_default_boxes:,} default boxes and {config.num_classes:,} "
            f"classes, more than any that this program makes. Do not trust it."
        )
    contents = {name: read_file(folder, name, card) for name in card["files"]}
    check_weights_file(folder / WEIGHTS)
    network = load_network(folder)
    if not all(np.isfinite(values).all() for values in network.get_weights()):
        raise InvalidArtifact("The weights are not all finite numbers: train the model again.")
    noise = np.random.default_rng(0).integers(0, 256, (1, *config.input_size_hw, 3)).astype(np.float32)
    wanted = _scores(np.asarray(network(noise, training=False)))
    for precision, name in LITERT.items():
        if name in contents:
            given = _scores(LiteRTBackend(config, contents[name], origin=name).run(noise))
            difference = float(np.abs(given - wanted).max())
            # What int8 costs is told by the model's own receipt; here it only has to be a network's answer.
            if not difference <= (LARGEST_SCORE_DIFFERENCE if precision == "float32" else 1.0):
                raise InvalidArtifact(f"{name} is not made from the weights beside it. Copy the model again.")
    return card


def check_weights_file(path: Path) -> None:
    """Make sure that an HDF5 file holds nothing but plain numbers, all of them inside itself.

    Raises:
        InvalidArtifact: it is damaged, or has links, data in other files or data that grow when read.
    """
    import h5py

    size = path.stat().st_size
    try:
        with h5py.File(path, "r") as opened:
            if _bytes_in(opened, h5py, set()) > size:
                raise InvalidArtifact(f"{path.name} grows when it is read. Do not trust it.")
    except (OSError, RuntimeError, KeyError, ValueError, TypeError) as fault:
        raise InvalidArtifact(f"{path.name} is damaged: {fault}. Copy the model again.") from fault


def _bytes_in(group: Any, h5py: Any, seen: set[int]) -> int:
    place = int(h5py.h5o.get_info(group.id).addr)
    if place in seen:
        raise InvalidArtifact("The weights file has a group that holds itself. Do not trust it.")
    seen.add(place)
    total = 0
    for name in group:
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            raise InvalidArtifact("The weights file has a link to somewhere else. Do not trust it.")
        item = group[name]
        if isinstance(item, h5py.Group):
            total += _bytes_in(item, h5py, seen)
        elif not isinstance(item, h5py.Dataset) or item.external or item.is_virtual:
            raise InvalidArtifact("The weights file has data outside itself. Do not trust it.")
        elif item.dtype.kind not in "fiub":
            raise InvalidArtifact(f"The weights file has {item.dtype} where numbers are. Do not trust it.")
        else:
            total += int(item.nbytes)
    return total


def _scores(predictions: Any) -> Any:
    logits = predictions[..., 4:]
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
