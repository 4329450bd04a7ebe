"""The routes of Review as a page meets them."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.bootstrap import Studio
from data import annotations, findings
from data.findings import Doubt, LookedAt
from data.records import Image, Model

Two = tuple[Model, Model]
OPERATION = "operation-1"


@pytest.fixture
def image(studio: Studio, colour_models: Two) -> Image:
    """An image on which a look has missed a box, and doubts the one that there is."""
    image = studio.labelling.images(colour_models[0].project_id).images[0]
    nut = studio.labelling.classes(image.project_id)[0]
    with studio._database.write() as session:
        (drawn,) = annotations.read(session, image.id)
        doubts = [
            Doubt("missing_box", nut.id, (1, 2, 11, 12), 0.9, 0.97),
            Doubt("unseen_box", nut.id, drawn.xyxy, 0.5, None, drawn.id),
        ]
        findings.put(session, "m0", [LookedAt(image.id, image.revision, doubts)])
    return image


def review(client: TestClient, image: Image, **wanted: Any) -> dict[str, Any]:
    answer = client.get(f"/api/projects/{image.project_id}/review", params=wanted)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_findings_come_with_all_that_is_needed_to_judge_them(client: TestClient, image: Image) -> None:
    answer = review(client, image)
    assert (answer["state"], answer["images"], answer["model"], answer["recall"], answer["weak"]) == (
        "idle",
        4,
        None,
        None,
        False,
    )
    assert answer["counts"] == {"missing_box": 1, "unseen_box": 1, "other_class": 0, "poor_fit": 0}
    first, second = answer["findings"]
    assert (first["kind"], first["box"], first["score"]) == ("missing_box", [1, 2, 11, 12], 0.97)
    assert (first["image"]["id"], first["image"]["revision"]) == (image.id, image.revision)
    assert [box["id"] for box in first["boxes"]] == [second["box_id"]]
    assert [each["name"] for each in answer["classes"]] == ["nut", "bolt"]


def test_kinds_and_pages_can_be_asked_for(client: TestClient, image: Image) -> None:
    (only,) = review(client, image, kind="unseen_box")["findings"]
    assert only["kind"] == "unseen_box"
    first = review(client, image, limit=1)
    rest = review(client, image, limit=1, after=first["next_after"])
    assert [each["kind"] for each in (*first["findings"], *rest["findings"])] == ["missing_box", "unseen_box"]
    assert review(client, image, limit=0)["findings"] == []
    assert client.get(f"/api/projects/{image.project_id}/review?kind=odd").status_code == 422
    assert client.get("/api/projects/99/review").status_code == 404


def test_a_finding_is_carried_out_and_taken_back(client: TestClient, image: Image) -> None:
    first, _ = review(client, image)["findings"]
    change = {"revision": image.revision, "operation_id": OPERATION}
    answer = client.post(f"/api/findings/{first['id']}/draw", json=change).json()
    assert (answer["revision"], len(answer["boxes"])) == (image.revision + 1, 2)
    assert answer["finding"]["state"] == "fixed"
    assert review(client, image)["fixed"] == 1
    back = {"earlier": image.revision, "revision": answer["revision"], "operation_id": "operation-2"}
    assert client.post(f"/api/images/{image.id}/restore", json=back).status_code == 200
    again = review(client, image)
    assert (again["findings"][0]["id"], again["fixed"]) == (first["id"], 0)


def test_a_change_meanwhile_is_told_with_what_there_is_now(client: TestClient, image: Image) -> None:
    first, _ = review(client, image)["findings"]
    stale = client.post(f"/api/findings/{first['id']}/draw", json={"revision": 0, "operation_id": OPERATION})
    assert (stale.status_code, stale.json()["revision"]) == (409, image.revision)
    assert (
        client.post("/api/findings/99/draw", json={"revision": 0, "operation_id": OPERATION}).status_code
        == 404
    )


def test_a_person_may_say_that_it_is_right_as_it_is(client: TestClient, image: Image) -> None:
    first, _ = review(client, image)["findings"]
    address = f"/api/findings/{first['id']}"
    assert client.post(address, json={"state": "dismissed"}).json()["state"] == "dismissed"
    after = review(client, image)
    assert (len(after["findings"]), after["dismissed"]) == (1, 1)
    client.post(address, json={"state": "open"})
    assert len(review(client, image)["findings"]) == 2
    assert client.post(address, json={"state": "odd"}).status_code == 422


def test_a_look_is_begun_and_stopped(client: TestClient, image: Image) -> None:
    begun = client.post(f"/api/projects/{image.project_id}/review", json={"model": "right"})
    assert begun.status_code == 202
    assert begun.json()["state"] in ("running", "done")
    assert client.delete(f"/api/projects/{image.project_id}/review").status_code == 204
    assert client.post(f"/api/projects/{image.project_id}/review", json={"model": "odd"}).status_code == 404
