"""Detection with a saved model: on LiteRT without TensorFlow, or on TensorFlow where that is asked for.

Neither importing this module nor detecting on LiteRT imports TensorFlow, so that a server starts at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ssd_core.artifacts import LITERT, load_network, read_card, read_config, read_file
from ssd_core.candidates import Candidates, candidates
from ssd_core.config import SSDConfig
from ssd_core.default_boxes import default_boxes_of
from ssd_core.errors import InvalidArtifact, InvalidConfig
from ssd_core.evaluation_detections import evaluation_detections
from ssd_core.litert_backend import LiteRTBackend
from ssd_core.nms import (
    IOU_THRESHOLD,
    MAX_BOXES,
    SCORE_THRESHOLD,
    SOFT_SIGMA,
    Detections,
    Soft,
    check_soft,
    non_max_suppression,
)
from ssd_core.preprocess import ImageSource, load_rgb, resize_for_network
from ssd_core.tensorflow_backend import TensorFlowBackend

#: What `Detector.load` can run a network on. ``auto`` is LiteRT: whether there is a GPU for TensorFlow cannot
#: be known without importing it, so whoever wants that says so.
BACKENDS = ("auto", "litert", "tensorflow")


class Backend(Protocol):
    """A network ready to run: all that differs between LiteRT and TensorFlow. One caller at a time."""

    @property
    def name(self) -> str:
        """A name of `BACKENDS`."""
        ...

    def run(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32 [B, height, width, 3], RGB, 0..255 → float32 [B, D, 4 + C], offsets first."""
        ...


@dataclass(frozen=True, slots=True)
class Milliseconds:
    """Where the time of one call went.

    Args:
        decode: reading the image file and resizing it.
        network: the network alone.
        total: the whole call, waiting for other callers and making candidates included.
    """

    decode: float
    network: float
    total: float


@dataclass(frozen=True, eq=False, slots=True)
class Prepared:
    """A picture as the network takes it.

    Args:
        pixels: float32 [height, width, 3], RGB, 0..255, of the network's input size.
        image_size_hw: (height, width) of the upright picture.
        milliseconds: what decoding and resizing it took.
    """

    pixels: NDArray[np.float32]
    image_size_hw: tuple[int, int]
    milliseconds: float


class Detector:
    """A trained model, ready to detect; several threads may use it at once. `load` reads a saved one.

    Args:
        config: the network's configuration.
        network: the network as LiteRT, from `ssd_core.export`, or a backend that holds it.
        card: what is known about the model.
        threads: CPU threads of a network given as LiteRT; None for `THREADS` of `ssd_core.litert_backend`.

    Raises:
        InvalidArtifact: the bytes are no LiteRT model, or one of another configuration.
    """

    def __init__(
        self,
        config: SSDConfig,
        network: bytes | Backend,
        card: Mapping[str, Any] | None = None,
        threads: int | None = None,
    ) -> None:
        self._backend: Backend = (
            LiteRTBackend(config, network, threads) if isinstance(network, bytes) else network
        )
        self._config = config
        self._card = dict(card or {})
        self._default_boxes = default_boxes_of(config)
        self._lock = threading.Lock()

    @classmethod
    def load(
        cls,
        folder: Path,
        threads: int | None = None,
        *,
        backend: str = "auto",
        precision: Literal["float32", "int8"] | None = None,
    ) -> Detector:
        """Read a model folder.

        Args:
            folder: written by `ssd_core.artifacts.save_model`.
            threads: CPU threads of the network on LiteRT; None for `THREADS` of `ssd_core.litert_backend`.
            backend: ``auto`` or ``litert`` for the CPU without TensorFlow; ``tensorflow`` for TensorFlow,
                which takes the first GPU if there is one.
            precision: of the network on LiteRT; None for what the card prefers.

        Raises:
            InvalidConfig: there is no such backend or precision.
            InvalidArtifact: a file is missing, damaged or of another model; the message names it.
        """
        folder = Path(folder)
        if backend not in BACKENDS:
            raise InvalidConfig(f"There is no backend {backend!r}: use {' or '.join(BACKENDS)}.")
        if precision is not None and (precision not in LITERT or backend == "tensorflow"):
            raise InvalidConfig(
                f"There is no precision {precision!r} on {backend}: use {' or '.join(LITERT)} on litert, and "
                f"none on tensorflow."
            )
        card, config = read_card(folder), read_config(folder)
        if backend == "tensorflow":
            return cls(config, TensorFlowBackend(config, load_network(folder)), card)
        runtime = precision or card.get("runtime", "float32")
        if runtime not in LITERT:
            raise InvalidArtifact(
                f"The card in {folder} asks for the unknown runtime {runtime!r}; use float32 or int8."
            )
        content = read_file(folder, LITERT[runtime], card)
        return cls(
            config, LiteRTBackend(config, content, threads, origin=str(folder / LITERT[runtime])), card
        )

    @property
    def classes(self) -> tuple[str, ...]:
        """Names without the background, in the order of the class indices."""
        return self._config.classes

    @property
    def card(self) -> dict[str, Any]:
        """What is known about the model, as written when it was trained."""
        return self._card

    @property
    def config(self) -> SSDConfig:
        """The network's configuration."""
        return self._config

    @property
    def backend(self) -> str:
        """What the network runs on: ``litert`` or ``tensorflow``."""
        return self._backend.name

    def warm(self) -> None:
        """Run once on nothing, so that the first real image does not pay for it."""
        height, width = self._config.input_size_hw
        self.predict(np.zeros((height, width, 3), np.uint8))

    def predict(
        self,
        image: ImageSource,
        score: float = SCORE_THRESHOLD,
        iou: float = IOU_THRESHOLD,
        max_boxes: int = MAX_BOXES,
        *,
        class_agnostic: bool = False,
        soft: Soft = None,
        soft_sigma: float = SOFT_SIGMA,
    ) -> Detections:
        """Detect in one image: `candidates` and `non_max_suppression`.

        Args:
            image: a path, the bytes of an image file, or uint8 RGB [height, width, 3].
            score: the lowest score shown; below .05 there are no candidates.
            iou: the largest overlap that two boxes of one class may have.
            max_boxes: the most boxes of the image.
            class_agnostic: boxes of all classes suppress each other.
            soft: ``linear`` or ``gaussian`` lower the scores of overlapping boxes; None removes these boxes.
            soft_sigma: width of the Gaussian.

        Returns:
            Boxes in pixels of the upright image, best first.

        Raises:
            InvalidExample: the image cannot be decoded.
            InvalidConfig: ``soft`` has another name, or ``soft_sigma`` is not above 0.
        """
        options: dict[str, Any] = {
            "class_agnostic": class_agnostic,
            "soft": soft,
            "soft_sigma": soft_sigma,
        }
        return self.predict_many([image], score, iou, max_boxes, **options)[0]

    def predict_many(
        self,
        images: Sequence[ImageSource],
        score: float = SCORE_THRESHOLD,
        iou: float = IOU_THRESHOLD,
        max_boxes: int = MAX_BOXES,
        *,
        class_agnostic: bool = False,
        soft: Soft = None,
        soft_sigma: float = SOFT_SIGMA,
    ) -> list[Detections]:
        """Detect in several images, which go through the network together on TensorFlow.

        Args:
            images: as for `predict`, of any sizes; so many as fit into memory at once.
            score: as for `predict`.
            iou: as for `predict`.
            max_boxes: as for `predict`, of each image.
            class_agnostic: as for `predict`.
            soft: as for `predict`.
            soft_sigma: as for `predict`.

        Returns:
            What `predict` gives for each.

        Raises:
            InvalidExample: an image cannot be decoded.
            InvalidConfig: ``soft`` has another name, or ``soft_sigma`` is not above 0.
        """
        check_soft(soft, soft_sigma)
        if not images:
            return []
        found, _ = self.candidates_together([self.prepare(image) for image in images])
        options: dict[str, Any] = {"class_agnostic": class_agnostic, "soft": soft, "soft_sigma": soft_sigma}
        return [non_max_suppression(each, score, iou, max_boxes, **options) for each in found]

    def candidates(self, image: ImageSource) -> tuple[Candidates, tuple[int, int]]:
        """Give everything with a score of .05 or more, before suppression (the best 1000).

        Args:
            image: a path, the bytes of an image file, or uint8 RGB [height, width, 3].

        Returns:
            The candidates, and (height, width) of the upright image that their pixels refer to.

        Raises:
            InvalidExample: the image cannot be decoded.
        """
        found, image_size_hw, _ = self.timed_candidates(image)
        return found, image_size_hw

    def timed_candidates(self, image: ImageSource) -> tuple[Candidates, tuple[int, int], Milliseconds]:
        """Give the same as `candidates`, and where the time went."""
        start = time.perf_counter()
        prepared = self.prepare(image)
        (found,), network = self.candidates_together([prepared])
        total = (time.perf_counter() - start) * 1000
        return found, prepared.image_size_hw, Milliseconds(prepared.milliseconds, network, total)

    def prepare(self, image: ImageSource) -> Prepared:
        """Decode and resize an image, which may be done while the network looks at others.

        Raises:
            InvalidExample: the image cannot be decoded.
        """
        start = time.perf_counter()
        rgb = load_rgb(image)
        pixels = resize_for_network(rgb, self._config.input_size_hw)
        return Prepared(pixels, (rgb.shape[0], rgb.shape[1]), (time.perf_counter() - start) * 1000)

    def candidates_together(self, prepared: Sequence[Prepared]) -> tuple[list[Candidates], float]:
        """Give the candidates of several images, which go through the network together on TensorFlow.

        Args:
            prepared: by this detector, at least one.

        Returns:
            The candidates of each, and the milliseconds that the network took.
        """
        predictions, network = self._run(prepared)
        config = self._config
        found = [
            candidates(
                prediction, self._default_boxes, config.variances, config.input_size_hw, each.image_size_hw
            )
            for prediction, each in zip(predictions, prepared, strict=True)
        ]
        return found, network

    def predict_for_evaluation(self, image: ImageSource) -> Detections:
        """Detect as the SSD paper evaluates: score ≥ .01, best 400 of each class, IoU .45, 200 of the image.

        Args:
            image: a path, the bytes of an image file, or uint8 RGB [height, width, 3].

        Raises:
            InvalidExample: the image cannot be decoded.
        """
        prepared = self.prepare(image)
        (prediction,), _ = self._run([prepared])
        return evaluation_detections(prediction, self._default_boxes, self._config, prepared.image_size_hw)

    def _run(self, prepared: Sequence[Prepared]) -> tuple[NDArray[np.float32], float]:
        """Give predictions, and the milliseconds of the network."""
        inputs = [each.pixels for each in prepared]
        batch = np.stack(inputs) if len(inputs) > 1 else inputs[0][None]
        with self._lock:
            begun = time.perf_counter()
            predictions = self._backend.run(batch)
            done = time.perf_counter()
        return predictions, (done - begun) * 1000
