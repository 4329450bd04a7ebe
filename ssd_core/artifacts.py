"""A model as a folder: how it is written without ever being half there, and read without trust.

::

    config.json           the network's configuration and how images are prepared for it
    model.weights.h5      Keras weights; the network itself is built from the configuration
    model.float32.tflite  LiteRT, for detection
    model.int8.tflite     the same in int8, if it was exported
    card.json             name, classes, parameters, metrics, thresholds, and the SHA-256 of the other files

No file holds code. TensorFlow is imported when a function needs it, not with this module.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ssd_core.config import SSDConfig
from ssd_core.errors import InvalidArtifact, InvalidConfig
from ssd_core.export import to_litert

if TYPE_CHECKING:
    import keras

FORMAT = 1
CARD = "card.json"
CONFIG = "config.json"
WEIGHTS = "model.weights.h5"
LITERT = {"float32": "model.float32.tflite", "int8": "model.int8.tflite"}

# Models from before there was a choice have no word on it.
_BEFORE_NECKS = {"neck": "none"}

#: What `ssd_core.preprocess` does, written into each model so that a program that differs notices.
PREPROCESSING: dict[str, Any] = {
    "colour": "RGB",
    "resize": "pillow bilinear",
    "keep_aspect_ratio": False,
    "value_range": [0, 255],
    "normalisation": "inside the network",
}


def save_model(
    folder: Path,
    network: keras.Model,
    config: SSDConfig,
    card: Mapping[str, Any],
    *,
    litert: Mapping[str, bytes] | None = None,
) -> dict[str, Any]:
    """Write a model folder; it appears complete or not at all, and replaces one of the same name.

    Args:
        folder: the folder to make; its parent is made too.
        network: the trained network that ``config`` describes.
        config: the network's configuration.
        card: what is known about the model (``name``, ``snapshot``, ``params``, ``metrics``, ``thresholds``).
            ``format``, ``classes`` and ``files`` are filled in; so are ``created`` and ``runtime`` if absent.
        litert: the exports that exist already, under ``float32`` and, if wanted, ``int8``; None to export
            float32 here.

    Returns:
        The card as written.

    Raises:
        InvalidArtifact: the network cannot be exported, or the card holds what JSON cannot.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    making = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".making", dir=folder.parent))
    try:
        making.chmod(0o755)
        _write_json(making / CONFIG, _config_document(config))
        network.save_weights(making / WEIGHTS)
        for precision, content in (litert or {"float32": to_litert(network)}).items():
            (making / LITERT[precision]).write_bytes(content)
        complete = {"created": datetime.now(UTC).isoformat(timespec="seconds"), "runtime": "float32", **card}
        complete |= {"format": FORMAT, "classes": list(config.classes)}
        complete["files"] = {path.name: _sha256(path.read_bytes()) for path in sorted(making.iterdir())}
        _write_json(making / CARD, complete)
        for path in making.iterdir():
            _sync(path)
        _sync(making)
        _put_in_place(making, folder)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return complete


def read_card(folder: Path) -> dict[str, Any]:
    """Read and check a model's card.

    Args:
        folder: a model folder.

    Returns:
        The card: at least ``format``, ``classes`` and ``files`` (name → SHA-256).

    Raises:
        InvalidArtifact: there is no card, or it is damaged, of a newer format or not one of ours.
    """
    if not (folder / CARD).is_file():
        raise InvalidArtifact(
            f"{folder} is not a model: it has no {CARD}. Give the folder that training made."
        )
    card = _read_json(folder / CARD)
    if card.get("format") != FORMAT:
        raise InvalidArtifact(
            f"The model in {folder} has format {card.get('format')!r}, while this program reads {FORMAT}; "
            f"update the program or train the model again."
        )
    classes, files = card.get("classes"), card.get("files")
    if not (isinstance(classes, list) and classes and all(isinstance(name, str) for name in classes)):
        raise InvalidArtifact(f"The {CARD} in {folder} does not list its classes; copy the model again.")
    if not isinstance(files, dict) or not {CONFIG, LITERT["float32"]} <= files.keys():
        raise InvalidArtifact(
            f"The {CARD} in {folder} does not list the model's files; copy the model again."
        )
    if any(Path(name).name != name for name in files):
        raise InvalidArtifact(
            f"The {CARD} in {folder} names files outside the folder; do not use this model."
        )
    return card


def read_config(folder: Path) -> SSDConfig:
    """Read a model's configuration.

    Args:
        folder: a model folder.

    Returns:
        The configuration that the network was built from; its classes are those of the card.

    Raises:
        InvalidArtifact: a file is missing or damaged, classes differ between card and configuration, or
            images would have to be prepared in another way than this program's.
    """
    card = read_card(folder)
    document = _parse(read_file(folder, CONFIG, card), folder / CONFIG)
    if document.get("preprocessing") != PREPROCESSING:
        raise InvalidArtifact(
            f"The model in {folder} wants its images prepared as {document.get('preprocessing')}, which this "
            f"program does not do; use the version that trained it."
        )
    try:
        config = SSDConfig.from_json({**_BEFORE_NECKS, **(document.get("network") or {})})
    except (InvalidConfig, TypeError, ValueError) as fault:
        raise InvalidArtifact(f"The {CONFIG} in {folder} cannot be used. {fault}") from fault
    if list(config.classes) != card["classes"]:
        raise InvalidArtifact(
            f"The model in {folder} contradicts itself: {CARD} lists the classes {card['classes']}, "
            f"{CONFIG} lists {list(config.classes)}; copy the model again."
        )
    return config


def read_file(folder: Path, name: str, card: Mapping[str, Any]) -> bytes:
    """Read one of a model's files and hold it against the card.

    Args:
        folder: a model folder.
        name: the file's name.
        card: the folder's card.

    Returns:
        The file's bytes, whose SHA-256 is the card's.

    Raises:
        InvalidArtifact: the file is missing, not listed in the card, or differs from what was saved.
    """
    if name not in card["files"]:
        raise InvalidArtifact(f"The model in {folder} has no {name}; train or export it again.")
    try:
        content = (folder / name).read_bytes()
    except OSError as fault:
        raise InvalidArtifact(
            f"The model in {folder} is incomplete: {name} cannot be read ({fault.strerror}). "
            f"Copy the model again."
        ) from fault
    if _sha256(content) != card["files"][name]:
        raise InvalidArtifact(
            f"The model in {folder} is damaged: {name} is not the file that was saved. Copy the model again."
        )
    return content


def load_network(folder: Path) -> keras.Model:
    """Build a model's Keras network and load its weights, to evaluate it or to train on.

    Args:
        folder: a model folder.

    Returns:
        float32 [B, height, width, 3], 0..255 → float32 [B, D, 4 + C].

    Raises:
        InvalidArtifact: a file is missing or damaged, or the weights are of another network.
    """
    from ssd_core.model import build_network

    config = read_config(folder)
    read_file(folder, WEIGHTS, read_card(folder))
    network = build_network(config, weights=None)
    try:
        network.load_weights(folder / WEIGHTS)
    except (OSError, ValueError, KeyError) as fault:
        raise InvalidArtifact(
            f"The weights in {folder} do not fit the network of its {CONFIG}: {fault}"
        ) from fault
    return network


def _config_document(config: SSDConfig) -> dict[str, Any]:
    return {"format": FORMAT, "network": config.to_json(), "preprocessing": PREPROCESSING}


def _put_in_place(making: Path, folder: Path) -> None:
    if folder.exists():
        # A folder that is not empty cannot be replaced in one step; the old model makes way for a moment.
        aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".making", dir=folder.parent))
        folder.rename(aside / "old")
        making.rename(folder)
        shutil.rmtree(aside, ignore_errors=True)
    else:
        making.rename(folder)
    _sync(folder.parent)


def _sweep(folder: Path) -> None:
    """Remove what a run that was killed while saving the same model left behind."""
    for entry in folder.parent.iterdir():
        if entry.name.startswith(f".{folder.name}.") and entry.name.endswith(".making"):
            shutil.rmtree(entry, ignore_errors=True)


def _sync(path: Path) -> None:
    if os.name == "nt" and path.is_dir():
        return  # Windows cannot flush a folder
    handle = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _write_json(path: Path, document: Mapping[str, Any]) -> None:
    try:
        text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as fault:
        raise InvalidArtifact(f"{path.name} cannot be written: {fault}.") from fault
    path.write_text(text + "\n", encoding="utf-8")


def _read_json(path: Path) -> dict[str, Any]:
    try:
        return _parse(path.read_bytes(), path)
    except OSError as fault:
        raise InvalidArtifact(f"{path} cannot be read ({fault.strerror}). Copy the model again.") from fault


def _parse(content: bytes, path: Path) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as fault:
        raise InvalidArtifact(
            f"{path} is damaged: it is not JSON ({fault}). Copy the model again."
        ) from fault
    if not isinstance(document, dict):
        raise InvalidArtifact(f"{path} is damaged: it holds no JSON object. Copy the model again.")
    return document
