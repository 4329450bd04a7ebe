"""Routes of devices and their workers: what one can train on here, and who does."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.api.run_shapes import devices_shape
from app.bootstrap import Studio
from app.settings import DEVICE


class WorkerBody(BaseModel):
    """The device that wants a worker; null for that of this server."""

    model_config = ConfigDict(extra="forbid")

    device: Annotated[str, Field(pattern=DEVICE)] | None = None


def devices_router(studio: Studio) -> APIRouter:
    """Make the routes under /devices and /workers."""
    router = APIRouter(tags=["devices"])

    @router.get("/devices")
    def devices() -> dict[str, Any]:
        """The CPU, each GPU, and all GPUs together; ``looking`` until TensorFlow has answered: ask again."""
        return devices_shape(studio.devices.found())

    @router.post("/workers")
    def start_worker(body: WorkerBody | None = None) -> dict[str, Any]:
        """Start a worker on this machine, unless the device has one; ``sentence`` says which of the two."""
        started = studio.workers.ensure(body.device if body else None)
        sentence = (
            "A worker is starting. It takes the run up within a minute."
            if started
            else "This machine has a worker for that device. It takes the run up within a minute."
        )
        return {"started": started, "sentence": sentence}

    return router
