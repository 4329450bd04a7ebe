"""A fingerprint of how a picture looks: 64 bits that hardly change when it is scaled or recompressed.

It tells which of a picture's 64 coarsest waves are stronger than their median: the discrete cosine transform
of the picture shrunk to 32 × 32 grey pixels, without the waves that run along one axis only, which a horizon
or light falling off share with many others. After C. Zauner, Implementation and Benchmarking of Perceptual
Image Hash Functions (2010), section 3.2.
"""

from __future__ import annotations

import math
from operator import mul
from statistics import median

from PIL import Image

#: What a picture without structure gets (a blank page, a plain gradient): it is like nothing else.
NO_STRUCTURE = 0

_SIDE = 32
_WAVES = range(1, 9)
_COSINES = [[math.cos(math.pi * (2 * x + 1) * wave / (2 * _SIDE)) for x in range(_SIDE)] for wave in _WAVES]
# A wave one grey level high measures a quarter of the number of pixels.
_FAINTEST = 0.5 * _SIDE * _SIDE / 4


def perceptual_hash(picture: Image.Image) -> int:
    """Give the 64 bits of a picture as a signed number, as databases store it.

    Args:
        picture: upright, without transparency, 8 bits a channel.

    Returns:
        the bits, or ``NO_STRUCTURE``; near_duplicates tells which are close.
    """
    grey = picture if picture.mode in {"L", "RGB"} else picture.convert("RGB")
    small = grey.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0).convert("L")
    pixels = small.tobytes()
    rows = [pixels[start : start + _SIDE] for start in range(0, len(pixels), _SIDE)]
    across = [[sum(map(mul, row, cosine)) for row in rows] for cosine in _COSINES]
    strengths = [sum(map(mul, column, cosine)) for cosine in _COSINES for column in across]
    if max(map(abs, strengths)) < _FAINTEST:
        return NO_STRUCTURE
    middle = median(strengths)
    bits: int = sum((strength > middle) << place for place, strength in enumerate(strengths))
    return bits - (1 << 64) if bits >> 63 else bits
