"""Classes over REST: what the class manager relies on."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.bootstrap import Studio
from data.records import Project


@pytest.fixture
def thing(studio: Studio, labelled_project: Project) -> int:
    """The class that the six images of the project are labelled with."""
    return studio.labelling.classes(labelled_project.id)[0].id


@pytest.fixture
def cup(client: TestClient, labelled_project: Project) -> dict[str, Any]:
    return client.post(f"/api/projects/{labelled_project.id}/classes", json={"name": "cup"}).json()


def names(client: TestClient, project: Project) -> list[str]:
    return [item["name"] for item in client.get(f"/api/projects/{project.id}/classes").json()]


def test_a_class_is_listed_with_its_colour_place_and_number_of_boxes(
    client: TestClient, labelled_project: Project, thing: int
) -> None:
    (listed,) = client.get(f"/api/projects/{labelled_project.id}/classes").json()
    assert listed == {
        "id": thing,
        "name": "thing",
        "colour": listed["colour"],
        "position": 0,
        "boxes": 6,
        "archived": False,
    }
    assert client.get("/api/projects/99/classes").status_code == 404


def test_a_class_is_renamed_coloured_and_archived_and_what_is_left_out_stays(
    client: TestClient, thing: int
) -> None:
    address = f"/api/classes/{thing}"
    assert client.patch(address, json={"name": " part "}).json()["name"] == "part"
    assert client.patch(address, json={"colour": "#102030"}).json()["name"] == "part"
    changed = client.patch(address, json={"archived": True}).json()
    assert (changed["name"], changed["colour"], changed["archived"]) == ("part", "#102030", True)
    for wrong in ({"colour": "red"}, {"name": ""}, {"title": "x"}):
        assert client.patch(address, json=wrong).status_code == 422


def test_a_name_in_use_is_answered_with_the_class_to_merge_into(
    client: TestClient, cup: dict[str, Any], thing: int
) -> None:
    answer = client.patch(f"/api/classes/{cup['id']}", json={"name": "thing"})
    assert (answer.status_code, answer.json()["class_id"]) == (409, thing)
    assert "'thing' already" in answer.json()["error"]


def test_an_archived_class_that_is_added_again_is_taken_up(
    client: TestClient, labelled_project: Project, cup: dict[str, Any]
) -> None:
    client.patch(f"/api/classes/{cup['id']}", json={"archived": True})
    address = f"/api/projects/{labelled_project.id}/classes"
    assert client.post(address, json={"name": "cup"}).json() == cup


def test_classes_are_put_into_another_order_all_at_once(
    client: TestClient, labelled_project: Project, cup: dict[str, Any], thing: int
) -> None:
    address = f"/api/projects/{labelled_project.id}/classes/order"
    answer = client.put(address, json={"ids": [cup["id"], thing]})
    assert [item["name"] for item in answer.json()] == ["cup", "thing"]
    assert names(client, labelled_project) == ["cup", "thing"]
    assert client.put(address, json={"ids": [thing]}).status_code == 422


def test_a_merge_tells_what_it_changed_and_an_open_tab_notices_at_its_next_save(
    client: TestClient, labelled_project: Project, cup: dict[str, Any], thing: int
) -> None:
    page = client.get(f"/api/projects/{labelled_project.id}/images").json()["images"]
    view = client.get(f"/api/images/{page[0]['id']}").json()
    answer = client.post(f"/api/classes/{thing}/merge", json={"into": cup["id"]}).json()
    assert answer == {"into": {**cup, "boxes": 6}, "images": 6, "boxes": 6}
    body = {"revision": view["image"]["revision"], "operation_id": "operation-1", "boxes": view["boxes"]}
    stale = client.put(f"/api/images/{page[0]['id']}/boxes", json=body)
    assert stale.status_code == 409
    assert [box["class_id"] for box in stale.json()["boxes"]] == [cup["id"]]
    archived = {
        item["name"]: item["archived"]
        for item in client.get(f"/api/projects/{labelled_project.id}/classes").json()
    }
    assert archived == {"thing": True, "cup": False}
    assert client.post(f"/api/classes/{thing}/merge", json={"into": thing}).status_code == 422
    assert client.post(f"/api/classes/{thing}/merge", json={"into": 99}).status_code == 404


def test_only_a_class_that_nothing_has_is_deleted(
    client: TestClient, labelled_project: Project, cup: dict[str, Any], thing: int
) -> None:
    answer = client.delete(f"/api/classes/{thing}")
    assert (answer.status_code, answer.json()["error"]) == (
        409,
        "6 boxes have the class 'thing'. Merge it into another class, or archive it.",
    )
    assert client.delete(f"/api/classes/{cup['id']}").status_code == 204
    assert names(client, labelled_project) == ["thing"]
    assert client.delete(f"/api/classes/{cup['id']}").status_code == 404
