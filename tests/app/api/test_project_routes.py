"""Projects over REST: names, the archive, and deleting for good."""

from __future__ import annotations

from datetime import datetime

from fastapi.testclient import TestClient

from app.bootstrap import Studio
from data.records import Project


def test_a_project_tells_when_it_was_changed_last(client: TestClient, labelled_project: Project) -> None:
    address = f"/api/projects/{labelled_project.id}"
    before = client.get(address).json()
    assert before["archived"] is None
    assert datetime.fromisoformat(before["updated"]).utcoffset() is not None
    (image, *_) = client.get(f"{address}/images").json()["images"]
    body = {"revision": image["revision"], "operation_id": "operation-1", "boxes": []}
    client.put(f"/api/images/{image['id']}/boxes", json=body)
    (after,) = client.get("/api/projects").json()
    assert after["updated"] > before["updated"]


def test_a_project_tells_how_many_images_must_still_be_labelled_outside_of_its_tests(
    client: TestClient, labelled_project: Project
) -> None:
    address = f"/api/projects/{labelled_project.id}"
    assert client.get(address).json()["to_train"] == 0
    ids = [image["id"] for image in client.get(f"{address}/images").json()["images"]]
    for image in ids[:3]:
        client.patch(f"/api/images/{image}", json={"split": "test"})
    assert [listed["to_train"] for listed in client.get("/api/projects").json()] == [5 - (6 - 3)]


def test_a_project_is_renamed_and_put_aside_and_taken_up_again(
    client: TestClient, labelled_project: Project
) -> None:
    address = f"/api/projects/{labelled_project.id}"
    assert client.patch(address, json={"name": "pieces"}).json()["name"] == "pieces"
    aside = client.patch(address, json={"archived": True}).json()
    assert (aside["name"], aside["images"]) == ("pieces", 6)
    assert datetime.fromisoformat(aside["archived"])
    assert client.patch(address, json={"archived": False}).json()["archived"] is None
    client.post("/api/projects", json={"name": "other"})
    answer = client.patch(address, json={"name": "other"})
    assert (answer.status_code, "Choose another name" in answer.json()["error"]) == (409, True)
    assert client.patch("/api/projects/99", json={"name": "x"}).status_code == 404
    assert client.patch(address, json={"colour": "red"}).status_code == 422


def test_statistics_tell_all_that_the_plots_need(client: TestClient, labelled_project: Project) -> None:
    found = client.get(f"/api/projects/{labelled_project.id}/statistics").json()
    positions = found.pop("positions")
    assert (positions["columns"], positions["rows"], len(positions["counts"])) == (24, 24, 576)
    # Six boxes from (8, 8) to (40, 32) on 64×48: the centre (24, 20) lies in column 9 and row 10.
    assert {place: number for place, number in enumerate(positions["counts"]) if number} == {10 * 24 + 9: 6}
    (thing,) = found.pop("classes")
    assert (thing["name"], thing["boxes"], thing["images"], thing["archived"]) == ("thing", 6, 6, False)
    assert found == {
        "images": 6,
        "by_status": {"unlabelled": 0, "labelled": 6, "empty": 0},
        "by_split": {"train": 0, "val": 0, "test": 0, "none": 6},
        "boxes": 6,
        "box_parts": {"bounds": [0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75], "counts": [0, 0, 0, 0, 0, 0, 6, 0]},
        "box_shapes": {"bounds": [0.25, 0.5, 2 / 3, 1.0, 1.5, 2.0, 4.0], "counts": [0, 0, 0, 0, 6, 0, 0, 0]},
        "coco": {"small": 6, "medium": 0, "large": 0},
        "image_sizes": [[64, 48, 6]],
        "boxes_per_image": {"counts": [0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0]},
    }
    assert client.get("/api/projects/99/statistics").status_code == 404


def test_a_project_is_deleted_by_whoever_types_its_name(
    client: TestClient, labelled_project: Project, studio: Studio
) -> None:
    address = f"/api/projects/{labelled_project.id}"
    assert client.delete(address).status_code == 422
    wrong = client.delete(address, params={"name": "Parts"})
    assert (wrong.status_code, "'parts'" in wrong.json()["error"]) == (422, True)
    assert client.delete(address, params={"name": "parts"}).status_code == 204
    assert client.get(address).status_code == 404
    assert client.get("/api/projects").json() == []


def test_a_project_in_training_is_not_deleted(client: TestClient, labelled_project: Project) -> None:
    address = f"/api/projects/{labelled_project.id}"
    run = client.post(f"{address}/runs", json={"preset": "quick", "steps": 1}).json()
    answer = client.delete(address, params={"name": "parts"})
    assert (answer.status_code, "has not ended" in answer.json()["error"]) == (409, True)
    client.post(f"/api/runs/{run['id']}/stop", json={"stop": "cancel"})
    assert client.delete(address, params={"name": "parts"}).status_code == 204
