"""A project with a model, and images that wait for labels."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from app.bootstrap import Studio
from data.records import Model

Two = tuple[Model, Model]
Jpeg = Callable[..., bytes]
RED, MAGENTA, GREY = (250, 5, 5), (150, 5, 140), (5, 5, 5)


@pytest.fixture
def waiting(studio: Studio, colour_models: Two, jpeg: Jpeg) -> Two:
    """The project of the colour models, with three images more that wait for labels."""
    colours = {"a sure.jpg": RED, "b torn.jpg": MAGENTA, "c blind.jpg": GREY}
    files = [(name, io.BytesIO(jpeg(colour))) for name, colour in colours.items()]
    studio.exchange.upload(colour_models[0].project_id, files)
    return colour_models
