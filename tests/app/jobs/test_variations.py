"""Pictures of what training makes of an image."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

from app.jobs.variations import COUNT, make_variations
from ssd_core.example import Example
from ssd_core.policies import POLICIES


def test_each_policy_gets_its_pictures_with_the_boxes_that_are_left(tmp_path: Path) -> None:
    picture = np.zeros((48, 64, 3), np.uint8)
    picture[8:32, 8:40] = 200
    example = Example("a", picture, [[8, 8, 40, 32]], [0])
    make_variations(tmp_path, example, [example], [71], 96)
    assert len(list(tmp_path.glob("*.jpg"))) == len(POLICIES) * COUNT
    with Image.open(tmp_path / "none-0.jpg") as plain:
        assert plain.size == (96, 96)
    assert json.loads((tmp_path / "none-0.json").read_text()) == {
        "width": 96,
        "height": 96,
        "boxes": [{"class_id": 71, "box": [12.0, 16.0, 60.0, 64.0]}],
    }
    assert (tmp_path / "strong-0.jpg").read_bytes() != (tmp_path / "strong-1.jpg").read_bytes()
