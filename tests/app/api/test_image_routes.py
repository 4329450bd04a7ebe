"""One image over REST: flag, note and split, ETags, If-Match, and suggestions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.bootstrap import Studio
from data import models, suggestions
from data.records import Box, Model

Jpeg = Callable[..., bytes]


@pytest.fixture
def project_id(client: TestClient, jpeg: Jpeg) -> int:
    """A project with three pictures."""
    project = client.post("/api/projects", json={"name": "cups"}).json()
    client.post(f"/api/projects/{project['id']}/classes", json={"name": "cup"})
    files = [("files", (f"{number}.jpg", jpeg((60 * number, 0, 0)), "image/jpeg")) for number in range(3)]
    client.post(f"/api/projects/{project['id']}/images", files=files)
    return int(project["id"])


@pytest.fixture
def ids(client: TestClient, project_id: int) -> list[int]:
    page = client.get(f"/api/projects/{project_id}/images").json()
    return [image["id"] for image in page["images"]]


@pytest.fixture
def address(ids: list[int]) -> str:
    """The middle image."""
    return f"/api/images/{ids[1]}"


def save(client: TestClient, address: str, operation_id: str, **options: Any) -> Any:
    class_id = client.get(address).json()["classes"][0]["id"]
    box = {"id": "b", "class_id": class_id, "box": [1.5, 2, 30, 40]}
    body = {"operation_id": operation_id, "boxes": [box], **options.pop("body", {})}
    return client.put(f"{address}/boxes", json=body, **options)


def test_flag_note_and_split_are_changed_alone_and_keep_the_revision(
    client: TestClient, address: str
) -> None:
    before = client.get(address).json()["image"]
    look = {"look": before.pop("look")}
    assert client.patch(address, json={"flag": True}).json() == {**before, "flag": True}
    changed = client.patch(address, json={"note": "<b>${note}</b>", "split": "val"}).json()
    assert changed == {**before, "flag": True, "note": "<b>${note}</b>", "split": "val"}
    assert client.patch(address, json={"note": ""}).json()["split"] == "val"
    assert client.patch(address, json={"split": None}).json()["split"] is None
    assert client.get(address).json()["image"] == {**before, **look, "flag": True}


@pytest.mark.parametrize(
    "body", [{"note": "x" * 2001}, {"split": "all"}, {"status": "empty"}], ids=["note", "split", "status"]
)
def test_what_cannot_be_changed_is_refused(client: TestClient, address: str, body: dict[str, Any]) -> None:
    answer = client.patch(address, json=body)
    assert answer.status_code == 422
    assert answer.json()["error"]


def test_an_image_is_shown_with_its_place_under_the_filter(
    client: TestClient, address: str, ids: list[int]
) -> None:
    client.patch(f"/api/images/{ids[2]}", json={"flag": True})
    client.patch(address, json={"flag": True})
    assert client.get(f"{address}?flagged=true").json()["place"] == {
        "number": 1,
        "total": 2,
        "previous_id": None,
        "next_id": ids[2],
        "next_unlabelled_id": ids[2],
    }
    client.patch(address, json={"flag": False})
    place = client.get(f"{address}?flagged=true").json()["place"]
    assert (place["number"], place["next_id"]) == (None, ids[2])


def test_an_image_in_the_bin_is_said_to_lie_there(client: TestClient, address: str) -> None:
    client.delete(address)
    for answer in (
        client.get(address),
        client.get(f"{address}/boxes"),
        client.patch(address, json={"flag": True}),
        save_nothing(client, address),
    ):
        assert answer.status_code == 404
        assert "lies in the bin" in answer.json()["error"]
    assert client.delete(address).status_code == 204


def save_nothing(client: TestClient, address: str) -> Any:
    return client.put(f"{address}/boxes", json={"revision": 0, "operation_id": "operation-0", "boxes": []})


@pytest.mark.parametrize("kind", ["thumbnail", "display", "file"])
def test_a_picture_that_the_browser_has_is_not_sent_again(
    client: TestClient, address: str, kind: str
) -> None:
    answer = client.get(f"{address}/{kind}")
    tag = answer.headers["etag"]
    for kept in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        again = client.get(f"{address}/{kind}", headers={"If-None-Match": kept})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag), kept
        assert again.headers["cache-control"] == answer.headers["cache-control"]
    for other in ('"other"', tag.strip('"')):
        assert client.get(f"{address}/{kind}", headers={"If-None-Match": other}).status_code == 200


def test_each_picture_of_each_image_has_an_etag_of_its_own(client: TestClient, ids: list[int]) -> None:
    tags = [
        client.get(f"/api/images/{image_id}/{kind}").headers["etag"]
        for image_id in ids
        for kind in ("thumbnail", "display", "file")
    ]
    assert len(set(tags)) == len(tags) == 9


def test_boxes_are_read_with_their_revision_as_etag_and_saved_if_it_matches(
    client: TestClient, address: str
) -> None:
    read = client.get(f"{address}/boxes")
    assert (read.headers["etag"], read.json()) == (
        '"0"',
        {"revision": 0, "status": "unlabelled", "boxes": []},
    )
    saved = save(client, address, "operation-1", headers={"If-Match": '"0"'})
    assert (saved.status_code, saved.headers["etag"], saved.json()["revision"]) == (200, '"1"', 1)
    read = client.get(f"{address}/boxes")
    assert (read.headers["etag"], read.json()["status"]) == ('"1"', "labelled")
    assert read.json()["boxes"] == client.get(address).json()["boxes"]


def test_a_save_whose_if_match_is_old_fails_as_one_of_an_old_revision_does(
    client: TestClient, address: str
) -> None:
    save(client, address, "operation-1", body={"revision": 0})
    conflict = save(client, address, "operation-2", body={"revision": 0})
    assert conflict.status_code == 409
    assert (conflict.json()["revision"], conflict.json()["status"]) == (1, "labelled")
    for tag in ('"0"', '"2"', "1", '"one"', "*"):
        failed = save(client, address, "operation-2", headers={"If-Match": tag})
        assert (failed.status_code, failed.json()) == (412, conflict.json()), tag
    # What the header says goes before the body.
    assert (
        save(client, address, "operation-2", headers={"If-Match": '"1"'}, body={"revision": 0}).json()[
            "revision"
        ]
        == 2
    )


def test_a_save_that_says_no_revision_is_refused(client: TestClient, address: str) -> None:
    answer = save(client, address, "operation-1")
    assert answer.status_code == 422
    assert "If-Match" in answer.json()["error"]


@pytest.fixture
def suggested(studio: Studio, client: TestClient, project_id: int, ids: list[int]) -> list[int]:
    """Three open suggestions for the middle image, the surest first."""
    class_id = client.get(f"/api/projects/{project_id}").json()["label_classes"][0]["id"]
    with studio._database.write() as session:
        models.register(session, Model("m1", project_id, None, "m1", ("cup",), {}, datetime.now(UTC)))
        found = [(Box("", class_id, k, 0, k + 5.5, 5), 0.9 - k / 10) for k in range(3)]
        return [each.id for each in suggestions.offer(session, ids[1], "m1", found)]


def test_suggestions_are_shown_with_the_image_and_counted_on_its_card(
    client: TestClient, address: str, project_id: int, suggested: list[int]
) -> None:
    view = client.get(address).json()
    assert view["suggestions"][0] == {
        "id": suggested[0],
        "class_id": view["classes"][0]["id"],
        "box": [0, 0, 5.5, 5],
        "score": 0.9,
        "model_id": "m1",
    }
    assert view["suggesting"] == [{"id": "m1", "name": "m1", "score": 0.5}]
    (card,) = client.get(f"/api/projects/{project_id}/images?suggested=true").json()["images"]
    assert (card["id"], card["suggestions"]) == (view["image"]["id"], 3)


def test_accepted_suggestions_are_boxes_and_rejected_ones_are_gone(
    client: TestClient, address: str, suggested: list[int]
) -> None:
    body = {"ids": suggested[:1], "revision": 0, "operation_id": "operation-1"}
    accepted = client.post(f"{address}/suggestions/accept", json=body).json()
    assert (accepted["revision"], accepted["status"]) == (1, "labelled")
    assert [(box["box"], box["source"]) for box in accepted["boxes"]] == [([0, 0, 5.5, 5], "model:m1")]
    assert client.post(f"{address}/suggestions/accept", json=body).json() == accepted
    assert client.post(f"{address}/suggestions/reject", json={"ids": suggested[1:2]}).status_code == 204
    view = client.get(address).json()
    assert [each["id"] for each in view["suggestions"]] == suggested[2:]
    assert view["boxes"] == accepted["boxes"]


def test_a_save_decides_on_suggestions_and_a_repeated_one_decides_nothing_anew(
    client: TestClient, address: str, suggested: list[int]
) -> None:
    first, second, third = suggested

    def saved(operation_id: str, revision: int, boxes: list[int], **decided: list[int]) -> Any:
        view = client.get(address).json()
        drawn = [
            {"id": f"suggestion-{each}", "class_id": view["classes"][0]["id"], "box": [1, 1, 9, 9]}
            for each in boxes
        ]
        body = {"revision": revision, "operation_id": operation_id, "boxes": drawn, **decided}
        return client.put(f"{address}/boxes", json=body).raise_for_status().json()

    def undecided() -> list[int]:
        return [each["id"] for each in client.get(address).json()["suggestions"]]

    assert saved("operation-1", 0, [first], rejected=[second, 10**6])["replaced"] == [10**6]
    assert undecided() == [third]
    taken_back = saved("operation-2", 1, [], reopened=[second])
    assert (taken_back["status"], taken_back["replaced"]) == ("unlabelled", [])
    assert undecided() == suggested
    assert saved("operation-1", 0, [first], rejected=[second])["revision"] == 1
    assert undecided() == suggested
    client.post(f"{address}/restore", json={"earlier": 1, "revision": 2, "operation_id": "operation-3"})
    assert undecided() == [second, third]


def test_what_a_model_found_becomes_suggestions_inside_the_image_and_of_known_classes(
    client: TestClient, address: str, suggested: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    width = client.get(address).json()["image"]["width"]
    found = [
        {"class": "cup", "score": 0.3, "box": [-4, 2, width + 9, 30]},
        {"class": "cup", "score": 0.2, "box": [-9, 2, -1, 30]},
        {"class": "cupboard", "score": 0.9, "box": [1, 2, 20, 30]},
    ]
    answer = client.post(f"{address}/suggestions", json={"model_id": "m1", "found": found})
    assert answer.status_code == 201
    (offered,) = answer.json()
    assert (offered["box"], offered["score"]) == ([0, 2, width, 30], 0.3)
    assert client.get(address).json()["suggestions"] == [offered]
    nowhere = '{"model_id": "m1", "found": [{"class": "thing", "box": [NaN, 0, 9, 9], "score": 0.5}]}'
    is_json = {"content-type": "application/json"}
    refused = client.post(f"{address}/suggestions", content=nowhere, headers=is_json)
    assert (refused.status_code, "found.0.box.0" in refused.json()["error"]) == (422, True)
    half = '{"model_id": "\\ud800", "found": []}'
    half_a_letter = client.post(f"{address}/suggestions", content=half, headers=is_json)
    assert (half_a_letter.status_code, "UTF-8" in half_a_letter.json()["error"]) == (422, True)
    assert caplog.messages == [f"{address}/suggestions: text with half a letter in it."]
    nobody = client.post(f"{address}/suggestions", json={"model_id": "m9", "found": []})
    assert nobody.status_code == 404


def test_a_suggestion_is_not_accepted_on_an_old_revision_or_for_another_image(
    client: TestClient, address: str, ids: list[int], suggested: list[int]
) -> None:
    save(client, address, "operation-1", body={"revision": 0})
    body = {"ids": suggested, "revision": 0, "operation_id": "operation-2"}
    stale = client.post(f"{address}/suggestions/accept", json=body)
    assert (stale.status_code, stale.json()["revision"]) == (409, 1)
    for path, asked in (("accept", body), ("reject", {"ids": suggested})):
        assert client.post(f"/api/images/{ids[0]}/suggestions/{path}", json=asked).status_code == 404
    assert len(client.get(address).json()["suggestions"]) == 3


def test_the_documentation_names_the_answers_that_are_not_200(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert {"409", "412"} <= set(paths["/api/images/{image_id}/boxes"]["put"]["responses"])
    for kind in ("thumbnail", "display", "file"):
        assert "304" in paths[f"/api/images/{{image_id}}/{kind}"]["get"]["responses"]
    for path in ("/api/projects/{project_id}/images", "/api/images/{image_id}"):
        names = {each["name"] for each in paths[path]["get"]["parameters"]}
        assert {"status", "split", "class_id", "flagged", "suggested", "text", "sort"} <= names
