"""torchvision's ssdlite320_mobilenet_v3_large on a picture, in a process of its own.

Started by `tests.benchmarks.detection`, because PyTorch and TensorFlow in one process may crash it. Reads the
length of a JPEG and the JPEG, says ``ready`` or ``missing``, then answers each line with the milliseconds of
one detection, from the JPEG on.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

from ssd_core.preprocess import load_rgb


class TorchvisionPeer:
    """The process, for as long as it is needed.

    Args:
        jpeg: the picture.
        threads: of PyTorch.
    """

    def __init__(self, jpeg: bytes, threads: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.torchvision_peer", str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Threads that spin while they wait take fifty times as long beside any other busy process.
            env={"OMP_WAIT_POLICY": "PASSIVE", **os.environ},
        )
        self._send(f"{len(jpeg)}\n".encode() + jpeg)
        #: Whether PyTorch and torchvision are installed.
        self.installed = self._answer() == "ready"

    def milliseconds(self) -> float:
        """Detect once."""
        self._send(b"\n")
        return float(self._answer())

    def close(self) -> None:
        """End the process."""
        self._process.communicate()

    def _send(self, content: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(content)
        self._process.stdin.flush()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().decode().strip()


def main() -> None:
    """Answer until the input ends."""
    jpeg = sys.stdin.buffer.read(int(sys.stdin.buffer.readline()))
    try:
        import torch
        import torchvision
    except ImportError:
        print("missing", flush=True)
        return
    torch.set_num_threads(int(sys.argv[1]))
    # Random weights lead to numbers so small that they slow a processor down; trained ones do not.
    torch.set_flush_denormal(True)
    detection = torchvision.models.detection
    model = detection.ssdlite320_mobilenet_v3_large(weights=None, weights_backbone=None, num_classes=2).eval()
    print("ready", flush=True)
    while sys.stdin.buffer.readline():
        begun = time.perf_counter()
        pixels = torch.from_numpy(load_rgb(jpeg).copy()).permute(2, 0, 1).float() / 255
        with torch.inference_mode():
            model([pixels])
        print((time.perf_counter() - begun) * 1000, flush=True)


if __name__ == "__main__":
    main()
