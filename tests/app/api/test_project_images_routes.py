"""Many images over REST: pages under a filter, the film strip, changes to many, and the bin."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

Jpeg = Callable[..., bytes]


@pytest.fixture
def address(client: TestClient, jpeg: Jpeg) -> str:
    """A project with the class 'cup' and four pictures, the second of which has a cup."""
    project = client.post("/api/projects", json={"name": "cups"}).json()
    address = f"/api/projects/{project['id']}"
    cup = client.post(f"{address}/classes", json={"name": "cup"}).json()
    files = [("files", (f"{number}.jpg", jpeg((60 * number, 0, 0)), "image/jpeg")) for number in range(4)]
    client.post(f"{address}/images", files=files)
    box = {"id": "b", "class_id": cup["id"], "box": [1.5, 2, 30, 40]}
    body = {"revision": 0, "operation_id": "operation-1", "boxes": [box]}
    client.put(f"/api/images/{ids_of(client, address)[1]}/boxes", json=body)
    return address


def ids_of(client: TestClient, address: str, **query: Any) -> list[int]:
    page = client.get(f"{address}/images", params=query).json()
    return [image["id"] for image in page["images"]]


def bulk(client: TestClient, address: str, action: str, value: Any, **chosen: Any) -> dict[str, Any]:
    answer = client.post(f"{address}/images/bulk", json={"action": action, "value": value, **chosen})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_page_is_filtered_sorted_and_cut_anywhere(client: TestClient, address: str) -> None:
    first, second, third, fourth = ids_of(client, address)
    assert ids_of(client, address, status="unlabelled", sort="-name") == [fourth, third, first]
    assert ids_of(client, address, sort="-boxes", limit=2) == [second, fourth]
    page = client.get(f"{address}/images?offset=2&limit=1").json()
    assert [image["id"] for image in page["images"]] == [third]
    assert (page["total"], page["offset"], page["next_after"]) == (4, 2, third)
    assert ids_of(client, address, text="2.JP", split="none") == [third]


def test_a_page_carries_the_boxes_to_draw_if_they_are_wanted(client: TestClient, address: str) -> None:
    class_id = client.get(address).json()["label_classes"][0]["id"]
    page = client.get(f"{address}/images?with_boxes=true&class_id={class_id}").json()
    (image,) = page["images"]
    assert image["drawn"] == [[class_id, 1.5, 2, 30, 40]]
    assert (image["flag"], image["note"], image["warning"], image["suggestions"]) == (False, "", "", 0)
    assert "drawn" not in client.get(f"{address}/images").json()["images"][0]


@pytest.mark.parametrize(
    "query",
    ["status=perhaps", "split=all", "sort=size", "class_id=0", "flagged=perhaps", "offset=-1", "limit=501"],
)
def test_a_filter_that_cannot_be_is_refused_by_name(client: TestClient, address: str, query: str) -> None:
    answer = client.get(f"{address}/images?{query}")
    assert answer.status_code == 422
    assert query.split("=")[0] in answer.json()["error"]


def test_the_film_strip_shows_the_neighbours_under_the_filter(client: TestClient, address: str) -> None:
    first, second, third, fourth = ids_of(client, address)
    strip = client.get(f"{address}/images/around?image_id={third}&before=1&after=5").json()
    assert [image["id"] for image in strip["images"]] == [second, third, fourth]
    assert (strip["number"], strip["total"]) == (2, 4)
    assert len(strip["images"][0]["drawn"]) == 1
    strip = client.get(f"{address}/images/around?image_id={second}&status=unlabelled").json()
    assert ([image["id"] for image in strip["images"]], strip["number"]) == ([first, third, fourth], 1)


def test_the_film_strip_of_another_projects_image_is_not_found(client: TestClient, address: str) -> None:
    other = client.post("/api/projects", json={"name": "other"}).json()
    image_id = ids_of(client, address)[0]
    answer = client.get(f"/api/projects/{other['id']}/images/around?image_id={image_id}")
    assert answer.status_code == 404


def test_the_counts_tell_what_each_filter_finds(client: TestClient, address: str) -> None:
    first, *_, last = ids_of(client, address)
    client.patch(f"/api/images/{first}", json={"flag": True})
    client.delete(f"/api/images/{last}")
    assert client.get(f"{address}/images/counts").json() == {
        "unlabelled": 2,
        "labelled": 1,
        "empty": 0,
        "flagged": 1,
        "suggested": 0,
        "total": 3,
        "bin": 1,
    }


def test_many_images_are_marked_at_once_and_posting_what_undo_says_takes_it_back(
    client: TestClient, address: str
) -> None:
    ids = ids_of(client, address)
    done = bulk(client, address, "status", "empty", ids=ids)
    assert done["changed"] == 3
    assert done["skipped"] == [{"id": ids[1], "name": "1.jpg", "problem": "It has boxes: delete them first."}]
    assert done["skipped_total"] == 1
    for step in done["undo"]:
        assert client.post(f"{address}/images/bulk", json=step).json()["changed"] == 3
    assert ids_of(client, address, status="empty") == []


def test_all_images_of_a_filter_are_given_a_split(client: TestClient, address: str) -> None:
    assert bulk(client, address, "split", "val", filter={"status": "unlabelled"})["changed"] == 3
    assert ids_of(client, address, split="none") == [ids_of(client, address)[1]]
    assert bulk(client, address, "split", None, filter={"text": "0."})["changed"] == 1


@pytest.mark.parametrize(
    "body",
    [
        {"action": "flag", "value": True},
        {"action": "flag", "value": True, "ids": [1], "filter": {}},
        {"action": "flag", "ids": [1]},
        {"action": "split", "ids": [1]},
        {"action": "split", "value": "all", "ids": [1]},
        {"action": "status", "value": "labelled", "ids": [1]},
        {"action": "delete", "value": True, "ids": [1]},
        {"action": "burn", "value": None, "ids": [1]},
        {"action": "delete", "filter": {"colour": "red"}},
    ],
    ids=str,
)
def test_a_change_that_is_not_clear_is_refused_and_changes_nothing(
    client: TestClient, address: str, body: dict[str, Any]
) -> None:
    before = client.get(f"{address}/images").json()
    answer = client.post(f"{address}/images/bulk", json=body)
    assert answer.status_code == 422
    assert answer.json()["error"]
    assert client.get(f"{address}/images").json() == before


def test_deleted_images_lie_in_the_bin_until_they_are_put_back(client: TestClient, address: str) -> None:
    ids = ids_of(client, address)
    client.delete(f"/api/images/{ids[0]}")
    undo = bulk(client, address, "delete", None, ids=ids[1:3])["undo"]
    found = client.get(f"{address}/bin?limit=1&offset=1").json()
    assert (len(found["images"]), found["total"], found["keep_days"]) == (1, 3, 30)
    deleted = client.get(f"{address}/bin").json()["images"]
    assert {image["id"] for image in deleted} == set(ids[:3])
    assert all(datetime.fromisoformat(image["deleted"]).tzinfo for image in deleted)
    assert client.get(f"/api/images/{ids[0]}/thumbnail").status_code == 200
    assert bulk(client, address, undo[0]["action"], None, ids=undo[0]["ids"])["changed"] == 2
    assert ids_of(client, address) == ids[1:]
    assert bulk(client, address, "put_back", None, filter={})["changed"] == 1
    assert ids_of(client, address) == ids


def test_a_cleared_bin_gives_nothing_back(client: TestClient, address: str) -> None:
    ids = ids_of(client, address)
    bulk(client, address, "delete", None, ids=ids[:2])
    assert client.delete(f"{address}/bin").json() == {"removed": 2}
    assert client.delete(f"{address}/bin").json() == {"removed": 0}
    assert client.get(f"{address}/bin").json()["images"] == []
    done = bulk(client, address, "put_back", None, ids=ids[:2])
    assert (done["changed"], [each["name"] for each in done["skipped"]]) == (0, ["", ""])


def test_an_unknown_project_has_neither_images_nor_a_bin(client: TestClient) -> None:
    for method, path in (
        ("GET", "images"),
        ("GET", "images/around?image_id=1"),
        ("GET", "images/counts"),
        ("GET", "bin"),
        ("DELETE", "bin"),
    ):
        answer = client.request(method, f"/api/projects/9/{path}")
        assert answer.status_code == 404, path
        assert answer.json()["error"].endswith(".")
    body = {"action": "delete", "value": None, "filter": {}}
    assert client.post("/api/projects/9/images/bulk", json=body).status_code == 404
