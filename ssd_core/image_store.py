"""Decoded images: in memory while they fit, in a file mapped into memory beyond that."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

#: Bytes of decoded images kept in memory.
MEMORY_LIMIT = 1_500_000_000


class ImageStore:
    """A growing sequence of uint8 images.

    Args:
        overflow: file for images beyond the limit; it is written only if needed, and begun anew.
        memory_limit: bytes of images kept in memory.
    """

    def __init__(self, overflow: Path, memory_limit: int = MEMORY_LIMIT) -> None:
        self._overflow = overflow
        self._left = memory_limit
        self._entries: list[NDArray[np.uint8] | tuple[int, tuple[int, ...]]] = []
        self._written = 0

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, index: int) -> NDArray[np.uint8]:
        entry = self._entries[index]
        if isinstance(entry, np.ndarray):
            return entry
        offset, shape = entry
        return np.memmap(self._overflow, np.uint8, "r", offset, shape)

    def append(self, rgb: NDArray[np.uint8]) -> None:
        """Keep one image.

        Args:
            rgb: uint8 [height, width, 3].
        """
        if rgb.nbytes <= self._left:
            self._left -= rgb.nbytes
            self._entries.append(rgb)
            return
        with self._overflow.open("ab" if self._written else "wb") as file:
            file.write(rgb.tobytes())
        self._entries.append((self._written, rgb.shape))
        self._written += rgb.nbytes
