"""Routes of devices: what one can train on here."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from app.api.run_shapes import devices_shape
from app.bootstrap import Studio


def devices_router(studio: Studio) -> APIRouter:
    """Make the routes under /devices."""
    router = APIRouter(tags=["devices"])

    @router.get("/devices")
    def devices() -> dict[str, Any]:
        """The CPU, each GPU, and all GPUs together; ``looking`` until TensorFlow has answered: ask again."""
        return devices_shape(studio.devices.found())

    return router
