"""The routes of looking ahead and of training again, as a page or a program meets them."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from app.bootstrap import Studio
from data import images, looks, models
from data.looks import Waiting
from data.records import Model, Project

Jpeg = Callable[..., bytes]


@pytest.fixture
def project(studio: Studio, jpeg: Jpeg) -> Project:
    """Two images that wait for labels, and a model whose files are missing."""
    made = studio.labelling.create_project("colours")
    studio.exchange.upload(made.id, [(f"{name}.jpg", io.BytesIO(jpeg((name, 9, 9)))) for name in (10, 200)])
    with studio._database.write() as session:
        model = Model("m0", made.id, None, "colours 1", ("nut",), {}, datetime.now(UTC))
        models.register(session, model)
    return made


def test_the_state_of_a_look_is_told_and_whether_it_begins_by_itself_is_set(
    client: TestClient, project: Project
) -> None:
    place = f"/api/projects/{project.id}/look-ahead"
    state = client.get(place).json()
    assert state == {
        "state": "idle",
        "done": 0,
        "total": 2,
        "model": {"id": "m0", "name": "colours 1"},
        "error": None,
        "ordered": False,
        "by_itself": True,
        "allowed": True,
    }
    assert client.patch(place, json={"by_itself": False}).json() == {**state, "by_itself": False}
    assert client.get(place).json()["by_itself"] is False
    assert client.delete(place).status_code == 204
    assert client.post(place, json={"model": "nobody"}).status_code == 404
    assert client.get("/api/projects/99/look-ahead").status_code == 404


def test_a_look_that_fails_says_why(
    client: TestClient, project: Project, until: Callable[[Callable[[], bool]], None]
) -> None:
    place = f"/api/projects/{project.id}/look-ahead"
    assert client.post(place).status_code == 202
    until(lambda: client.get(place).json()["state"] != "working")
    failed = client.get(place).json()
    assert (failed["state"], "missing" in failed["error"]) == ("failed", True)


def test_images_come_in_the_useful_order_with_the_reason(
    client: TestClient, studio: Studio, project: Project
) -> None:
    with studio._database.write() as session:
        first, second = images.page(session, project.id).images
        for image in (first, second):
            seen = Waiting(image.id, image.name, image.sha256, image.revision)
            looks.note(session, seen, "m0", 0.5, "Nothing found", [0.5], [])
        looks.put_in_order(session, [(first.id, 0.25, "little"), (second.id, 1.5, "much")])
    address = f"/api/projects/{project.id}/images"
    listed = client.get(address, params={"sort": "useful"}).json()["images"]
    assert [image["id"] for image in listed] == [second.id, first.id]
    look = {"uncertainty": 0.5, "usefulness": 1.5, "reason": "much", "model_id": "m0"}
    assert listed[0]["look"] == look
    view = client.get(f"/api/images/{second.id}", params={"sort": "useful", "status": "unlabelled"}).json()
    assert view["image"]["look"] == look
    assert (view["place"]["number"], view["place"]["next_id"]) == (1, first.id)


def test_nothing_is_offered_before_enough_is_labelled(client: TestClient, project: Project) -> None:
    offer = client.get(f"/api/projects/{project.id}/retrain-offer").json()
    assert offer == {
        "offer": False,
        "new_labels": 0,
        "batch": 0,
        "since_model": {"id": "m0", "name": "colours 1"},
        "seconds": None,
    }
    refused = client.post(f"/api/projects/{project.id}/retrain")
    assert refused.status_code in (409, 422)
    assert "label" in refused.json()["error"]
