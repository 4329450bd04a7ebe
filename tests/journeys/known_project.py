"""A project of four plain pictures whose every number is known, made through the REST API."""

from __future__ import annotations

import uuid
from io import BytesIO
from typing import Any

import httpx
from PIL import Image

from tests.journeys.running_studio import RunningStudio

#: Boxes of each 200 × 100 picture as (class, x0, y0, x1, y1); None stands for a picture nobody looked at.
PICTURES: dict[str, tuple[tuple[str, float, float, float, float], ...] | None] = {
    "a.jpg": (("nut", 80, 40, 120, 64), ("nut", 0, 0, 100, 100)),
    "b.jpg": (("bolt", 10, 10, 22, 30),),
    "c.jpg": (),
    "d.jpg": None,
}


def jpeg(colour: tuple[int, int, int], size: tuple[int, int] = (200, 100)) -> bytes:
    """A JPEG of one colour."""
    written = BytesIO()
    Image.new("RGB", size, colour).save(written, "JPEG")
    return written.getvalue()


def make_project(studio: RunningStudio, name: str) -> int:
    """Create the project with its pictures, classes ``nut`` and ``bolt``, and boxes; returns its id."""
    project = post(studio, "projects", {"name": name})["id"]
    classes = {
        each: post(studio, f"projects/{project}/classes", {"name": each})["id"] for each in ("nut", "bolt")
    }
    files = [
        ("files", (file, jpeg((60 * place, 90, 120)), "image/jpeg")) for place, file in enumerate(PICTURES)
    ]
    httpx.post(f"{studio.url}/api/projects/{project}/images", files=files, timeout=60).raise_for_status()
    for image in studio.get(f"/api/projects/{project}/images")["images"]:
        drawn = PICTURES[image["name"]]
        operation = {"revision": image["revision"], "operation_id": uuid.uuid4().hex}
        if drawn:
            boxes = [
                {"id": uuid.uuid4().hex, "class_id": classes[label], "box": corners}
                for label, *corners in drawn
            ]
            put(studio, f"images/{image['id']}/boxes", {**operation, "boxes": boxes})
        elif drawn is not None:
            put(studio, f"images/{image['id']}/empty", {**operation, "empty": True})
    return int(project)


def post(studio: RunningStudio, path: str, body: dict[str, Any]) -> Any:
    """Answer of a POST under the API."""
    return _ask(studio, "POST", path, body)


def put(studio: RunningStudio, path: str, body: dict[str, Any]) -> Any:
    """Answer of a PUT under the API."""
    return _ask(studio, "PUT", path, body)


def patch(studio: RunningStudio, path: str, body: dict[str, Any]) -> Any:
    """Answer of a PATCH under the API."""
    return _ask(studio, "PATCH", path, body)


def _ask(studio: RunningStudio, method: str, path: str, body: dict[str, Any]) -> Any:
    return httpx.request(method, f"{studio.url}/api/{path}", json=body, timeout=60).raise_for_status().json()
