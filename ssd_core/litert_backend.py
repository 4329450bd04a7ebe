"""The network on LiteRT: on the CPU, without TensorFlow."""

from __future__ import annotations

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from ssd_core.config import SSDConfig
from ssd_core.errors import InvalidArtifact

#: Threads of one network: on two cores a second one halves the time, further ones give little.
THREADS = 2


class LiteRTBackend:
    """A LiteRT network, float32 or int8 inside; one caller at a time.

    Args:
        config: the network's configuration.
        content: a flatbuffer from `ssd_core.export`.
        threads: CPU threads; None for `THREADS`.
        origin: what messages call the network.

    Raises:
        InvalidArtifact: the bytes are no LiteRT network, or one of another configuration.
    """

    name = "litert"

    def __init__(
        self,
        config: SSDConfig,
        content: bytes,
        threads: int | None = None,
        *,
        origin: str = "the LiteRT model given",
    ) -> None:
        try:
            interpreter = Interpreter(model_content=content, num_threads=threads or THREADS)
            interpreter.allocate_tensors()
        except (RuntimeError, ValueError) as fault:
            raise InvalidArtifact(f"LiteRT cannot use {origin}: {fault}. Copy the model again.") from fault
        _check_shapes(config, interpreter, origin)
        # The interpreter reads the weights in place, so the bytes must live as long as it does.
        self._content = content
        self._interpreter = interpreter
        self._input: int = interpreter.get_input_details()[0]["index"]
        self._output: int = interpreter.get_output_details()[0]["index"]

    def run(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        """Give the raw predictions of images, one after the other.

        Args:
            images: float32 [B, height, width, 3], RGB, 0..255, of the network's input size.

        Returns:
            float32 [B, D, 4 + C]: offsets, then logits with the background first.
        """
        predictions = []
        for image in images:
            self._interpreter.set_tensor(self._input, image[None])
            self._interpreter.invoke()
            predictions.append(self._interpreter.get_tensor(self._output))
        return predictions[0] if len(predictions) == 1 else np.concatenate(predictions)


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
