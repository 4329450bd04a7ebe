"""Detection with a saved model: LiteRT on the CPU, without TensorFlow.

Importing this module and detecting with it imports no TensorFlow, so that the server starts in a moment.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from ssd_core.artifacts import LITERT, read_card, read_config, read_file
from ssd_core.candidates import EVALUATION_PER_CLASS, EVALUATION_SCORE, Candidates, candidates
from ssd_core.config import SSDConfig
from ssd_core.default_boxes import default_boxes_of
from ssd_core.errors import InvalidArtifact
from ssd_core.nms import IOU_THRESHOLD, MAX_BOXES, SCORE_THRESHOLD, Detections, non_max_suppression
from ssd_core.preprocess import ImageSource, load_rgb, resize_for_network

#: Threads of one detector: on two cores a second one halves the time, further ones give little.
THREADS = 2


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


class Detector:
    """A trained model, ready to detect; several threads may use it at once. `load` reads a saved one.

    Args:
        config: the network's configuration.
        litert: the network as LiteRT, from `ssd_core.export`.
        card: what is known about the model.
        threads: CPU threads of the network; None for `THREADS`.
        origin: what messages call the model.

    Raises:
        InvalidArtifact: the bytes are no LiteRT model, or one of another configuration.
    """

    def __init__(
        self,
        config: SSDConfig,
        litert: bytes,
        card: Mapping[str, Any] | None = None,
        threads: int | None = None,
        *,
        origin: str = "the LiteRT model given",
    ) -> None:
        try:
            interpreter = Interpreter(model_content=litert, num_threads=threads or THREADS)
            interpreter.allocate_tensors()
        except (RuntimeError, ValueError) as fault:
            raise InvalidArtifact(f"LiteRT cannot use {origin}: {fault}. Copy the model again.") from fault
        _check_shapes(config, interpreter, origin)
        self._config = config
        self._card = dict(card or {})
        self._default_boxes = default_boxes_of(config)
        # The interpreter reads the weights in place, so the bytes must live as long as it does.
        self._litert = litert
        self._interpreter = interpreter
        self._input: int = interpreter.get_input_details()[0]["index"]
        self._output: int = interpreter.get_output_details()[0]["index"]
        self._lock = threading.Lock()

    @classmethod
    def load(cls, folder: Path, threads: int | None = None) -> Detector:
        """Read a model folder.

        Args:
            folder: written by `ssd_core.artifacts.save_model`.
            threads: CPU threads of the network; None for `THREADS`.

        Raises:
            InvalidArtifact: a file is missing, damaged or of another model; the message names it.
        """
        folder = Path(folder)
        card, config = read_card(folder), read_config(folder)
        runtime = card.get("runtime", "float32")
        if runtime not in LITERT:
            raise InvalidArtifact(
                f"The card in {folder} asks for the unknown runtime {runtime!r}; use float32 or int8."
            )
        content = read_file(folder, LITERT[runtime], card)
        return cls(config, content, card, threads, origin=str(folder / LITERT[runtime]))

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
    ) -> Detections:
        """Detect in one image: `candidates` and `non_max_suppression`.

        Args:
            image: a path, the bytes of an image file, or uint8 RGB [height, width, 3].
            score: the lowest score shown; below .05 there are no candidates.
            iou: the largest overlap that two boxes of one class may have.
            max_boxes: the most boxes of the image.

        Returns:
            Boxes in pixels of the upright image, best first.

        Raises:
            InvalidExample: the image cannot be decoded.
        """
        return non_max_suppression(self.candidates(image)[0], score, iou, max_boxes)

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
        prediction, image_size_hw, decode, network = self._run(image)
        found = candidates(
            prediction, self._default_boxes, self._config.variances, self._config.input_size_hw, image_size_hw
        )
        total = (time.perf_counter() - start) * 1000
        return found, image_size_hw, Milliseconds(decode, network, total)

    def predict_for_evaluation(self, image: ImageSource) -> Detections:
        """Detect as the SSD paper evaluates: score ≥ .01, best 400 of each class, IoU .45, 200 of the image.

        Args:
            image: a path, the bytes of an image file, or uint8 RGB [height, width, 3].

        Raises:
            InvalidExample: the image cannot be decoded.
        """
        prediction, image_size_hw, _, _ = self._run(image)
        found = candidates(
            prediction,
            self._default_boxes,
            self._config.variances,
            self._config.input_size_hw,
            image_size_hw,
            score_floor=EVALUATION_SCORE,
            limit=None,
            limit_per_class=EVALUATION_PER_CLASS,
        )
        return non_max_suppression(found, EVALUATION_SCORE, IOU_THRESHOLD, MAX_BOXES)

    def _run(self, image: ImageSource) -> tuple[NDArray[np.float32], tuple[int, int], float, float]:
        start = time.perf_counter()
        rgb = load_rgb(image)
        pixels = resize_for_network(rgb, self._config.input_size_hw)[None]
        decoded = time.perf_counter()
        with self._lock:
            begun = time.perf_counter()
            self._interpreter.set_tensor(self._input, pixels)
            self._interpreter.invoke()
            prediction = self._interpreter.get_tensor(self._output)[0]
            done = time.perf_counter()
        return prediction, (rgb.shape[0], rgb.shape[1]), (decoded - start) * 1000, (done - begun) * 1000


def _check_shapes(config: SSDConfig, interpreter: Interpreter, origin: str) -> None:
    for details, shape in (
        (interpreter.get_input_details(), [1, *config.input_size_hw, 3]),
        (interpreter.get_output_details(), [1, config.num_default_boxes, 4 + config.num_classes]),
    ):
        given = [([*map(int, tensor["shape"])], np.dtype(tensor["dtype"]).name) for tensor in details]
        if given != [(shape, "float32")]:
            raise InvalidArtifact(
                f"{origin} does not fit its configuration: it has {given} where float32 {shape} is wanted. "
                f"Copy the model again."
            )
