"""Labelled images for benchmarks that use the detector as a library: a VOC folder, or rendered pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from ssd_core.example import Example


def voc_examples(folder: Path, count: int | None = None) -> tuple[list[Example], tuple[str, ...]]:
    """The first images of a Pascal VOC folder (``annotations/`` and ``images/``), and its classes."""
    from data.formats.voc import read_folder

    files = [file for file in read_folder(folder).files if file.labels is not None][:count]
    boxes = [[(box.x0, box.y0, box.x1, box.y1) for box in file.labels.boxes] for file in files]
    named = [[box.class_name for box in file.labels.boxes] for file in files]
    classes = tuple(sorted({name for names in named for name in names}))
    examples = []
    for file, corners, names in zip(files, boxes, named, strict=True):
        with Image.open(file.path) as image:
            limits = [*image.size] * 2
        clipped = np.clip(np.array(corners, np.float32).reshape(-1, 4), 0, limits)
        examples.append(Example(file.name, file.path, clipped, [classes.index(name) for name in names]))
    return examples, classes


def rendered_examples(count: int, seed: int = 0) -> tuple[list[Example], tuple[str, ...]]:
    """The first rendered pictures of workshop parts, and their classes."""
    from data.samples import render
    from data.workshop.layout import CLASSES

    names = tuple(CLASSES)
    examples = []
    for index in range(count):
        jpeg, boxes = render(index, seed)
        corners = np.array([box[1:] for box in boxes], np.float32).reshape(-1, 4)
        ids = [names.index(box[0]) for box in boxes]
        examples.append(Example(f"workshop part {index}", jpeg, corners, ids))
    return examples, names
