"""A model for use elsewhere, as one zip: with a receipt of what it lost on the way, and how to run it.

::

    model.… or saved_model/   the model itself
    parity.json               the receipt: what it was compared with, on how many images, and what differs
    example.py                a program of ten lines that runs it
    decoding.py               what that program needs besides, with detector.json and default_boxes.npy

The format ``folder`` is the model folder as this program keeps it, with a receipt and an example.
TensorFlow is imported only by formats that must be made; LiteRT was made when the model was trained.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ssd_core import standalone
from ssd_core.artifacts import CARD, LITERT, load_network, read_card, read_config, read_file
from ssd_core.config import SSDConfig
from ssd_core.default_boxes import default_boxes_of
from ssd_core.errors import InvalidArtifact
from ssd_core.example import Example
from ssd_core.example_programs import PROGRAMS
from ssd_core.nms import IOU_THRESHOLD, SCORE_THRESHOLD
from ssd_core.onnx_export import OnnxNetwork, require_packages, to_onnx
from ssd_core.parity import Run, parity_receipt

FORMATS = tuple(PROGRAMS)
#: Training images on which int8 is calibrated, where the model has no int8 yet.
CALIBRATION_IMAGES = 32
_PRECISIONS = {"litert": "float32", "litert_int8": "int8"}
#: A moment for every entry, so that equal models give equal archives.
_MOMENT = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Material:
    """What an export may need to look at: labelled images.

    Args:
        compare: to compare the export with the network on; may be empty.
        calibrate: to take the ranges of int8 from.
        on_image: called before each; what it raises ends the work.
    """

    compare: Sequence[Example] = ()
    calibrate: Sequence[Example] = ()
    on_image: Callable[[], None] = field(default=lambda: None)


def export_bundle(
    folder: Path, export_format: str, target: Path, material: Material | None = None, name: str | None = None
) -> dict[str, Any]:
    """Write a model in a format, with its receipt and an example, as a zip archive.

    Args:
        folder: the model folder.
        export_format: a name of `FORMATS`.
        target: the archive; it appears complete or not at all, and replaces one of that name.
        material: images; without any, nothing can be compared that was not compared before.
        name: the model's name now; None for that of its card.

    Returns:
        The receipt, as ``parity.json`` holds it.

    Raises:
        InvalidArtifact: the model is damaged, or cannot be had in this format; says why.
        InvalidExample: an image cannot be decoded.
    """
    if export_format not in FORMATS:
        raise InvalidArtifact(f"There is no format {export_format!r}: use {', '.join(FORMATS)}.")
    card, config = read_card(folder), read_config(folder)
    card = {**card, "name": name or card.get("name", folder.name)}
    files, figures = _made(folder, export_format, card, config, material or Material())
    receipt = {
        "model": card["name"],
        "format": export_format,
        "compared_with": "the trained network in Keras",
        **figures,
        "files": {path: hashlib.sha256(content).hexdigest() for path, content in sorted(files.items())},
    }
    files["parity.json"] = _json(receipt)
    files["example.py"] = PROGRAMS[export_format].encode()
    if export_format != "folder":
        files["decoding.py"] = Path(standalone.__file__).read_bytes()
        files["detector.json"] = _json(_about(card, config))
        files["default_boxes.npy"] = _npy(default_boxes_of(config))
    _write_zip(target, files)
    return receipt


def _made(
    folder: Path, export_format: str, card: Mapping[str, Any], config: SSDConfig, material: Material
) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Give the files of a format and the figures of its receipt."""
    known = card.get("parity") or {}
    if export_format == "folder":
        files = {path: read_file(folder, path, card) for path in card["files"]}
        # Comparing is not needed: these are the trained network's own weights.
        return {**files, CARD: _json(card)}, {"note": "The trained network itself.", "exports": known}
    if export_format in _PRECISIONS:
        precision = _PRECISIONS[export_format]
        file, compared = LITERT[precision], (known.get("exports") or {}).get(precision)
        if file in card["files"] and compared and "failed" not in compared:
            figures = {"images": known["images"], "reference": known["reference"], "export": compared}
            return {file: read_file(folder, file, card)}, figures
    return _converted(folder, export_format, card, config, material)


def _converted(
    folder: Path, export_format: str, card: Mapping[str, Any], config: SSDConfig, material: Material
) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Make an export with TensorFlow where it is not there, and compare it with the network."""
    from ssd_core.litert_backend import LiteRTBackend
    from ssd_core.tensorflow_backend import TensorFlowBackend

    if export_format == "onnx":
        # Before the network is loaded, which takes seconds.
        require_packages()
    network = load_network(folder)
    run: Run
    if export_format == "onnx":
        content = to_onnx(network, config)
        files, run = {"model.onnx": content}, OnnxNetwork(content).run
    elif export_format == "saved_model":
        files, run = _saved_model(network, config)
    else:
        precision = _PRECISIONS[export_format]
        file = LITERT[precision]
        content = (
            read_file(folder, file, card)
            if file in card["files"]
            else _litert(network, config, precision, material)
        )
        files, run = {file: content}, LiteRTBackend(config, content, origin=file).run
    receipt = parity_receipt(
        config,
        TensorFlowBackend(config, network).run,
        {"export": run},
        material.compare,
        on_image=material.on_image,
    )
    figures = {"images": receipt["images"], "reference": receipt["reference"]}
    return files, {**figures, "export": receipt["exports"]["export"]}


def _litert(network: Any, config: SSDConfig, precision: str, material: Material) -> bytes:
    from ssd_core.export import to_litert, to_litert_int8
    from ssd_core.parity import evenly_spread
    from ssd_core.preprocess import resize_for_network

    if precision == "float32":
        return to_litert(network)
    if not material.calibrate:
        raise InvalidArtifact(
            "The model has no int8 version, and making one needs labelled images in its project. Label some."
        )
    images = []
    for example in evenly_spread(material.calibrate, CALIBRATION_IMAGES):
        material.on_image()
        images.append(resize_for_network(example.load(), config.input_size_hw))
    return to_litert_int8(network, images, on_image=material.on_image)


def _saved_model(network: Any, config: SSDConfig) -> tuple[dict[str, bytes], Run]:
    import tensorflow as tf

    from ssd_core.export import to_saved_model

    with tempfile.TemporaryDirectory(prefix="ssd-studio-") as scratch:
        made = Path(scratch) / "saved_model"
        to_saved_model(network, config, made)
        files = {
            f"saved_model/{path.relative_to(made).as_posix()}": path.read_bytes()
            for path in sorted(made.rglob("*"))
            if path.is_file()
        }
        loaded = tf.saved_model.load(str(made))
    return files, lambda images: loaded.predict(tf.constant(images))["predictions"].numpy()


def _about(card: Mapping[str, Any], config: SSDConfig) -> dict[str, Any]:
    usual = {"score": SCORE_THRESHOLD, "iou": IOU_THRESHOLD}
    return {
        "name": card["name"],
        "classes": list(config.classes),
        "input_size_hw": list(config.input_size_hw),
        "variances": list(config.variances),
        "thresholds": {**usual, **card.get("thresholds", {})},
    }


def _npy(values: Any) -> bytes:
    stream = io.BytesIO()
    np.save(stream, values, allow_pickle=False)
    return stream.getvalue()


def _json(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _write_zip(target: Path, files: Mapping[str, bytes]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, content in sorted(files.items()):
                entry = zipfile.ZipInfo(path, _MOMENT)
                entry.external_attr = 0o100644 << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, content)
        Path(partial).chmod(0o644)
        Path(partial).replace(target)
    finally:
        Path(partial).unlink(missing_ok=True)
