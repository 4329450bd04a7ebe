"""Images come back as they were put in, from memory or from the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ssd_core.image_store import ImageStore


def _image(value: int, height: int) -> np.ndarray:
    return np.full((height, 4, 3), value, np.uint8) + np.arange(height, dtype=np.uint8)[:, None, None]


def test_images_beyond_the_limit_come_back_from_the_file(tmp_path: Path) -> None:
    store = ImageStore(tmp_path / "images.raw", memory_limit=100)
    images = [_image(1, 5), _image(20, 7), _image(90, 3), _image(200, 9)]
    for image in images:
        store.append(image)
    assert len(store) == 4
    for index, image in enumerate(images):
        np.testing.assert_array_equal(store[index], image)
    # The first (60 bytes) and the third (36) fit.
    assert (tmp_path / "images.raw").stat().st_size == 7 * 12 + 9 * 12


def test_images_within_the_limit_need_no_file(tmp_path: Path) -> None:
    store = ImageStore(tmp_path / "images.raw")
    store.append(_image(1, 5))
    assert list(tmp_path.iterdir()) == []


def test_an_old_file_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "images.raw").write_bytes(b"old" * 100)
    store = ImageStore(tmp_path / "images.raw", memory_limit=0)
    store.append(_image(7, 2))
    np.testing.assert_array_equal(store[0], _image(7, 2))
