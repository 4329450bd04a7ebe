"""Training over REST, without a worker: what is queued, refused and stopped."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image as Picture

from app.bootstrap import Studio
from app.jobs import errand
from app.services.errands import Errands
from data import run_progress, runs
from data.records import MetricPoint


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


def test_a_worker_is_started_where_there_is_none(
    client: TestClient, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str | None] = []
    monkeypatch.setattr(studio.workers, "ensure", lambda device: asked.append(device) or len(asked) == 1)
    first, second = (client.post("/api/workers", json={"device": "1"}).json() for _ in range(2))
    assert (first["started"], second["started"]) == (True, False)
    assert "is starting" in first["sentence"]
    assert "has a worker" in second["sentence"]
    assert client.post("/api/workers").status_code == 200
    assert asked == ["1", "1", None]
    assert client.post("/api/workers", json={"device": "../x"}).status_code == 422


def test_a_run_is_looked_at_before_it_is_started(client: TestClient, project: dict[str, Any]) -> None:
    looked = client.post(f"/api/projects/{project['id']}/preflight?measure=false", json={"epochs": 3}).json()
    assert looked["ok"] is True
    assert looked["promise"]["seconds"] > 0
    assert looked["promise"]["measured"] is False
    states = {check["name"]: check["state"] for check in looked["checks"]}
    assert (states["images"], states["weights"], states["disk"]) == ("ok", "ok", "ok")
    wrong = client.post(f"/api/projects/{project['id']}/preflight", json={"epochs": 3, "steps": 3})
    assert wrong.status_code == 400
    assert "both say how long" in wrong.json()["error"]


def test_an_image_is_shown_as_augmentation_makes_it_until_its_boxes_change(
    client: TestClient, project: dict[str, Any], studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def here(_errands: Errands, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        made.append(name)
        return errand.ERRANDS[name](errand._Desk(studio.settings), arguments, lambda *_: None)

    monkeypatch.setattr(Errands, "run", here)
    image = client.get(f"/api/projects/{project['id']}/images").json()["images"][0]
    address = f"/api/projects/{project['id']}/augmentation-preview?image_id={image['id']}"
    plain = client.get(f"{address}&policy=none")
    assert Picture.open(io.BytesIO(plain.content)).size == (300, 300)
    told = json.loads(plain.headers["X-Boxes"])
    assert (told["width"], told["height"]) == (300, 300)
    assert [box["box"] for box in told["boxes"]] == [[18.8, 25.0, 187.5, 187.5]]
    assert client.get(f"{address}&policy=strong&seed=7").content != plain.content
    assert made == ["vary"]
    empty = {"revision": image["revision"], "operation_id": "was emptied", "boxes": []}
    answer = client.put(f"/api/images/{image['id']}/boxes", json=empty)
    assert answer.status_code == 200, answer.text
    assert json.loads(client.get(f"{address}&policy=none").headers["X-Boxes"])["boxes"] == []
    assert made == ["vary", "vary"]
    assert client.get(f"{address}&policy=wild").status_code == 422
    assert client.get(f"{address}99").status_code == 404


def test_the_devices_are_told_with_their_memory(client: TestClient) -> None:
    found = client.get("/api/devices").json()
    assert found["devices"][0]["id"] == "cpu"
    assert found["devices"][0]["memory_bytes"] > found["devices"][0]["free_bytes"] > 0


def test_a_run_is_moved_in_the_queue(client: TestClient, project: dict[str, Any]) -> None:
    run = client.post(f"/api/projects/{project['id']}/runs", json={"priority": 7, "device": "cpu"}).json()
    assert (run["priority"], run["device"]) == (7, "cpu")
    assert client.patch(f"/api/runs/{run['id']}", json={"priority": 2}).json()["priority"] == 2


def test_what_a_run_measured_is_read_as_points_as_a_table_and_by_name(
    client: TestClient, project: dict[str, Any], studio: Studio
) -> None:
    run = client.post(f"/api/projects/{project['id']}/runs", json={}).json()["id"]
    points = [MetricPoint(1, "loss", 3.5), MetricPoint(2, "loss", 2.5), MetricPoint(2, "val_AP", 0.25)]
    with studio._database.write() as session:
        runs.begin_attempt(session, run, "here", 1.0)
        run_progress.report(session, run, 1, points=points)
    assert client.get(f"/api/runs/{run}/metrics?after_step=1").json() == [
        {"step": 2, "name": "loss", "value": 2.5},
        {"step": 2, "name": "val_AP", "value": 0.25},
    ]
    assert client.get(f"/api/runs/{run}/metrics.csv").text == "step,loss,val_AP\n1,3.5,\n2,2.5,0.25\n"
    assert client.get(f"/api/runs/{run}/metrics.json").json() == {
        "loss": [[1, 3.5], [2, 2.5]],
        "val_AP": [[2, 0.25]],
    }
    assert client.get(f"/api/runs/{run}/log").json() == {"text": "", "next": 0}
    assert client.get(f"/api/runs/{run}/progress-images").json() == []
    assert client.get("/api/runs/none/log").status_code == 404
    assert client.get(f"/api/runs/{run}/log?after={10**30}").status_code == 422


def test_a_failed_run_tells_its_failure_with_a_button_that_resumes_it_with_less(
    client: TestClient, project: dict[str, Any], studio: Studio
) -> None:
    run = client.post(f"/api/projects/{project['id']}/runs", json={}).json()["id"]
    with studio._database.write() as session:
        runs.finish(session, run, "failed", "No memory.", failure="out_of_memory", now=1.0)
    failure = client.get(f"/api/runs/{run}").json()["run"]["failure"]
    assert failure == {
        "kind": "out_of_memory",
        "sentence": "No memory.",
        "action": {"kind": "resume", "label": "Retry with half the batch", "value": {"batch": 4}},
    }
    for nonsense in ({"batch": "x"}, {"batch": [4]}, {"input_size": 7}, {"device": 5}, {"backbone": []}):
        assert client.post(f"/api/runs/{run}/resume", json={"changes": nonsense}).status_code == 422
    assert "start a new one" in client.post(f"/api/runs/{run}/resume", json={"changes": {"seed": 3}}).text
    again = client.post(f"/api/runs/{run}/resume", json={"changes": failure["action"]["value"]}).json()
    assert again["params"]["train_config"]["batch_size"] == 4
    assert (again["status"], again["failure"]) == ("queued", None)
    assert client.post(f"/api/runs/{run}/stop", json={"how": "finish"}).json()["status"] == "cancelled"


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
    seconds = [preset["seconds"] for preset in options["presets"]]
    assert seconds == sorted(seconds)
