"""How long one detection takes: the network alone, the whole call, and what is around the network.

    make bench-detect
    python -m tests.benchmarks.detection --rounds 50

Medians of one run in milliseconds, batch 1, two threads; each round times everything once, so that a machine
that slows down slows everything down. The picture is a JPEG of 640×480 in memory: coloured blobs with noise.

The networks are not trained, which no figure but the last needs: how many candidates there are. So the last
layer of the heads is scaled and shifted until offsets spread as those of a trained detector do (standard
deviation 1), scores spread over the logit scale (1.5), and 300 pairs of default box and class pass .05, which
is what a trained detector shows on a picture with a dozen objects. Suppression starts at .05 as well, so it
meets all of them, as in the live view with its slider at the left end.

With torchvision installed, its ssdlite320_mobilenet_v3_large sees the same picture, untrained too: the
300 best boxes of a class, its default, enter its suppression.
"""

from __future__ import annotations

import argparse
import io
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ssd_core.candidates import SCORE_FLOOR, candidates
from ssd_core.config import SSDConfig
from ssd_core.default_boxes import default_boxes_of
from ssd_core.litert_backend import LiteRTBackend
from ssd_core.nms import non_max_suppression
from ssd_core.preprocess import load_rgb, resize_for_network
from ssd_core.runtime import Backend, Detector
from tests.benchmarks.torchvision_peer import TorchvisionPeer

THREADS = 2
SIZE_HW = (480, 640)
CANDIDATES = 300
OFFSET_SPREAD, LOGIT_SPREAD = 1.0, 1.5
#: What is owed, in milliseconds.
AROUND_THE_NETWORK, INT8_NETWORK, ONE_CLASS = 8.0, 10.0, 2.0

Task = Callable[[], object]


def photograph(seed: int = 0) -> bytes:
    """A JPEG that compresses like a photograph: blobs at three scales and noise."""
    random = np.random.default_rng(seed)
    height, width = SIZE_HW
    pixels = np.zeros((height, width, 3), np.float32)
    for cells, strength in ((4, 90), (16, 40), (64, 15)):
        blobs = random.integers(0, 256, (cells * 3 // 4, cells, 3), np.uint8)
        enlarged = Image.fromarray(blobs).resize((width, height), Image.Resampling.BICUBIC)
        pixels += (np.asarray(enlarged, np.float32) - 128) * (strength / 128)
    pixels += 128 + random.normal(0, 4, pixels.shape)
    stored = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(stored, "JPEG", quality=90)
    return stored.getvalue()


def network_with_candidates(config: SSDConfig, image: NDArray[np.float32], wanted: int = CANDIDATES) -> Any:
    """An untrained network with so many candidates, with predictions spread as this file's docstring says."""
    from ssd_core.model import build_network

    network = build_network(config, "imagenet")
    for name, columns, spread in (
        ("offsets", slice(0, 4), OFFSET_SPREAD),
        ("logits", slice(4, None), LOGIT_SPREAD),
    ):
        layer = network.get_layer(name)
        prediction = network(image[None], training=False).numpy()[0, :, columns]
        layer.kernel.assign(layer.kernel * (spread / prediction.std()))
    prediction = network(image[None], training=False).numpy()[0]
    low, high = -20.0, 20.0
    for _ in range(40):
        shift = (low + high) / 2
        passing = count_passing(prediction, shift)
        low, high = (low, shift) if passing > wanted else (shift, high)
    layer = network.get_layer("logits")
    bias = layer.bias.numpy().reshape(-1, config.num_classes)
    bias[:, 1:] += low
    layer.bias.assign(bias.reshape(-1))
    return network


def count_passing(prediction: NDArray[np.float32], shift: float) -> int:
    """How many pairs reach the floor if all logits but the background's are raised."""
    logits = prediction[:, 4:].astype(np.float64)
    logits[:, 1:] += shift
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return int((powers[:, 1:] / powers.sum(axis=1, keepdims=True) >= SCORE_FLOOR).sum())


class Stopwatch:
    """A backend that takes the time of its last call."""

    def __init__(self, backend: Backend) -> None:
        self.name = backend.name
        self._backend = backend
        self.milliseconds = 0.0

    def run(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        """Run the network."""
        begun = time.perf_counter()
        predictions = self._backend.run(images)
        self.milliseconds = (time.perf_counter() - begun) * 1000
        return predictions


def time_of(task: Task) -> float:
    """Milliseconds of one call."""
    begun = time.perf_counter()
    task()
    return (time.perf_counter() - begun) * 1000


def our_backends(config: SSDConfig, network: Any, image: NDArray[np.float32]) -> dict[str, Backend]:
    """The network on everything it runs on."""
    from ssd_core.export import to_litert, to_litert_int8
    from ssd_core.tensorflow_backend import TensorFlowBackend

    flipped = [image, image[:, ::-1], image[::-1], image[::-1, ::-1]]
    return {
        "LiteRT float32": LiteRTBackend(config, to_litert(network), THREADS),
        "LiteRT int8": LiteRTBackend(config, to_litert_int8(network, flipped), THREADS),
        "TensorFlow": TensorFlowBackend(config, network),
    }


def decoding_task(config: SSDConfig, network: Any, image: NDArray[np.float32]) -> Task:
    """From the prediction to what is shown."""
    prediction = network(image[None], training=False).numpy()[0]
    default_boxes = default_boxes_of(config)

    def task() -> object:
        pairs = candidates(prediction, default_boxes, config.variances, config.input_size_hw, SIZE_HW)
        return len(pairs), len(non_max_suppression(pairs, SCORE_FLOOR))

    return task


def measure(rounds: int) -> tuple[dict[str, float], str]:
    """Medians by name, and a line on what was measured."""
    jpeg = photograph()
    one = SSDConfig(("object",))
    twenty = SSDConfig(tuple(f"class {index}" for index in range(20)))
    image = resize_for_network(load_rgb(jpeg), one.input_size_hw)
    network = network_with_candidates(one, image)
    decode_one = decoding_task(one, network, image)
    decode_twenty = decoding_task(twenty, network_with_candidates(twenty, image), image)
    counts = [f"{pairs} candidates, {kept} kept" for pairs, kept in (decode_one(), decode_twenty())]
    backends = our_backends(one, network, image)
    watches = {name: Stopwatch(backend) for name, backend in backends.items()}
    detectors = {name: Detector(one, watch) for name, watch in watches.items()}
    peer = TorchvisionPeer(jpeg, THREADS)
    times: dict[str, list[float]] = {}
    for number in range(rounds + 3):
        row = {"JPEG to pixels": time_of(lambda: load_rgb(jpeg))}
        for name, backend in backends.items():
            row[f"network, {name}"] = time_of(lambda backend=backend: backend.run(image[None]))
            whole = time_of(lambda name=name: detectors[name].predict(jpeg, SCORE_FLOOR))
            row[f"whole, {name}"] = whole
            row[f"whole − network, {name}"] = whole - watches[name].milliseconds
        row["decode + NMS, 1 class"] = time_of(decode_one)
        row["decode + NMS, 20 classes"] = time_of(decode_twenty)
        if peer.installed:
            row["whole, torchvision ssdlite320"] = peer.milliseconds()
        if number >= 3:  # the first ones warm everything up
            for name, value in row.items():
                times.setdefault(name, []).append(value)
    peer.close()
    about = f"{len(jpeg) // 1000} kB JPEG; 1 class: {counts[0]}; 20 classes: {counts[1]}"
    return {name: statistics.median(values) for name, values in times.items()}, about


def main() -> None:
    """Print a line per figure, and which goals are missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=50)
    arguments = parser.parse_args()

    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(THREADS)
    medians, about = measure(arguments.rounds)
    print(f"median of {arguments.rounds} rounds, batch 1, {THREADS} threads; {about}")
    for name, value in sorted(medians.items(), key=lambda item: item[0].partition(",")[0]):
        print(f"{name:<34} {value:7.2f} ms")
    if "whole, torchvision ssdlite320" not in medians:
        print("PyTorch is not installed: left out")
    goals = {
        "whole − network, LiteRT float32": AROUND_THE_NETWORK,
        "whole − network, LiteRT int8": AROUND_THE_NETWORK,
        "network, LiteRT int8": INT8_NETWORK,
        "decode + NMS, 1 class": ONE_CLASS,
    }
    for name, most in goals.items():
        verdict = "kept" if medians[name] <= most else "MISSED"
        print(f"goal: {name} ≤ {most:g} ms: {verdict}")


if __name__ == "__main__":
    main()
