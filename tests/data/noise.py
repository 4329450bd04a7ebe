"""Pictures of noise that are the same in every run, which Pillow's own are not."""

from __future__ import annotations

from random import Random

from PIL import Image


def noise(size: tuple[int, int], spread: float, seed: int = 0) -> Image.Image:
    """A grey picture whose pixels are drawn around the middle of the range."""
    rng = Random(f"{seed}/{size}/{spread}")
    values = (round(rng.gauss(128, spread)) for _ in range(size[0] * size[1]))
    return Image.frombytes("L", size, bytes(min(255, max(0, value)) for value in values))
