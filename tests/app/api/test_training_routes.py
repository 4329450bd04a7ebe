"""Training over REST, without a worker: what is queued, refused and stopped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient


@pytest.fixture
def project(client: TestClient, jpeg: Callable[..., bytes]) -> dict[str, Any]:
    """A project of six labelled images."""
    made = client.post("/api/projects", json={"name": "cups"}).json()
    cup = client.post(f"/api/projects/{made['id']}/classes", json={"name": "cup"}).json()
    files = [("files", (f"{number}.jpg", jpeg((number, 90, 90)), "image/jpeg")) for number in range(6)]
    client.post(f"/api/projects/{made['id']}/images", files=files)
    for image in client.get(f"/api/projects/{made['id']}/images").json()["images"]:
        box = {"id": "box", "class_id": cup["id"], "box": [4, 4, 40, 30]}
        body = {"revision": image["revision"], "operation_id": "labelled", "boxes": [box]}
        client.put(f"/api/images/{image['id']}/boxes", json=body)
    return client.get(f"/api/projects/{made['id']}").json()


@pytest.mark.slow
def test_the_sample_arrives_once(client: TestClient) -> None:
    sample = client.post("/api/samples").json()["project"]
    assert (sample["images"], sample["labelled"] + sample["empty"]) == (80, 60)
    again = client.post("/api/samples").json()
    assert again["report"]["added"] == 0
    assert again["project"] == sample


def test_an_empty_project_says_what_it_needs_before_it_can_train(client: TestClient) -> None:
    project = client.post("/api/projects", json={"name": "nothing yet"}).json()
    options = client.get(f"/api/training/options?project={project['id']}").json()
    assert options["ready"] is False
    assert "label" in options["sentence"].lower()
    answer = client.post(f"/api/projects/{project['id']}/runs", json={"preset": "quick"})
    assert answer.status_code == 409
    assert client.get(f"/api/projects/{project['id']}/runs").json() == []


def test_a_started_run_is_queued_and_found_again(client: TestClient, project: dict[str, Any]) -> None:
    run = client.post(f"/api/projects/{project['id']}/runs", json={"preset": "quick", "steps": 3}).json()
    assert run["status"] == "queued"
    assert client.get(f"/api/projects/{project['id']}/runs").json()[0]["id"] == run["id"]
    assert client.get(f"/api/runs/{run['id']}").json() == {"run": run, "points": []}


def test_a_queued_run_that_is_cancelled_ends_at_once(client: TestClient, project: dict[str, Any]) -> None:
    run = client.post(f"/api/projects/{project['id']}/runs", json={"preset": "quick"}).json()
    assert client.post(f"/api/runs/{run['id']}/stop", json={"stop": "cancel"}).json()["status"] == "cancelled"


def test_an_unknown_preset_is_refused(client: TestClient, project: dict[str, Any]) -> None:
    answer = client.post(f"/api/projects/{project['id']}/runs", json={"preset": "forever"})
    assert answer.status_code == 422
    assert "preset" in answer.json()["error"]


def test_an_unknown_model_is_a_404(client: TestClient) -> None:
    assert client.get("/api/models").json() == []
    assert client.post("/api/models/none/candidates", content=b"x").status_code == 404


def test_the_presets_are_told_in_words_and_steps(client: TestClient, project: dict[str, Any]) -> None:
    options = client.get(f"/api/training/options?project={project['id']}").json()
    assert options["ready"] is True
    assert [preset["name"] for preset in options["presets"]] == ["quick", "balanced", "best"]
    steps = [preset["steps"] for preset in options["presets"]]
    assert steps == sorted(steps)
    assert all(preset["title"] and preset["description"] for preset in options["presets"])
