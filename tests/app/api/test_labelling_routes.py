"""Labelling over REST: what the editor and the grid rely on."""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

Jpeg = Callable[..., bytes]


@pytest.fixture
def project(client: TestClient) -> dict[str, Any]:
    return client.post("/api/projects", json={"name": "cups"}).json()


@pytest.fixture
def image(client: TestClient, project: dict[str, Any], jpeg: Jpeg) -> dict[str, Any]:
    """The editor's view of one uploaded image, in a project with the class 'cup'."""
    client.post(f"/api/projects/{project['id']}/classes", json={"name": "cup"})
    upload(client, project, ("desk.jpg", jpeg()))
    page = client.get(f"/api/projects/{project['id']}/images").json()
    return client.get(f"/api/images/{page['images'][0]['id']}").json()


def upload(client: TestClient, project: dict[str, Any], *files: tuple[str, bytes]) -> dict[str, Any]:
    parts = [("files", (name, content, "application/octet-stream")) for name, content in files]
    answer = client.post(f"/api/projects/{project['id']}/images", files=parts)
    assert answer.status_code == 200, answer.text
    return answer.json()


def save(client: TestClient, view: dict[str, Any], boxes: list[dict[str, Any]], **changes: Any) -> Any:
    body = {"revision": view["image"]["revision"], "operation_id": "operation-1", "boxes": boxes, **changes}
    return client.put(f"/api/images/{view['image']['id']}/boxes", json=body)


def box_of(view: dict[str, Any], *xyxy: float) -> dict[str, Any]:
    return {"id": "box-1", "class_id": view["classes"][0]["id"], "box": list(xyxy)}


def test_two_projects_cannot_share_a_name(client: TestClient, project: dict[str, Any]) -> None:
    answer = client.post("/api/projects", json={"name": project["name"]})
    assert answer.status_code == 409
    assert "cups" in answer.json()["error"]


def test_a_class_added_twice_is_one_class(client: TestClient, project: dict[str, Any]) -> None:
    address = f"/api/projects/{project['id']}/classes"
    assert (
        client.post(address, json={"name": "cup"}).json() == client.post(address, json={"name": "cup"}).json()
    )


def test_names_come_back_as_the_text_they_were(client: TestClient, project: dict[str, Any]) -> None:
    for name in ("<script>alert(1)</script>", "${alert(1)}", "{{7*7}}"):
        client.post(f"/api/projects/{project['id']}/classes", json={"name": name})
    names = [item["name"] for item in client.get(f"/api/projects/{project['id']}").json()["label_classes"]]
    assert names == ["<script>alert(1)</script>", "${alert(1)}", "{{7*7}}"]


def test_an_upload_takes_the_good_files_and_reports_the_bad_one(
    client: TestClient, project: dict[str, Any], jpeg: Jpeg
) -> None:
    report = upload(
        client, project, ("good.jpg", jpeg()), ("notes.txt", b"no picture"), ("half.jpg", jpeg()[:300])
    )
    assert report["added"] == 1
    assert [item["file"] for item in report["rejected"]] == ["notes.txt", "half.jpg"]
    assert all(item["problem"] and item["remedy"] for item in report["rejected"])


def test_the_same_file_uploaded_twice_is_there_once(
    client: TestClient, project: dict[str, Any], jpeg: Jpeg
) -> None:
    upload(client, project, ("desk.jpg", jpeg()))
    assert upload(client, project, ("desk.jpg", jpeg()))["existing"] == 1
    assert client.get(f"/api/projects/{project['id']}/images").json()["total"] == 1


def test_a_saved_box_is_read_back_to_the_last_bit(client: TestClient, image: dict[str, Any]) -> None:
    box = box_of(image, 1.1, 2.2, 30.3, 40.123456789)
    answer = save(client, image, [box])
    assert answer.status_code == 200
    revision = image["image"]["revision"] + 1
    assert answer.json() == {"revision": revision, "status": "labelled", "boxes": 1, "replaced": []}
    view = client.get(f"/api/images/{image['image']['id']}").json()
    assert view["boxes"][0]["box"] == [1.1, 2.2, 30.3, 40.123456789]
    assert view["classes"][0]["boxes"] == 1


def test_a_save_on_an_old_revision_changes_nothing_and_shows_what_is_there(
    client: TestClient, image: dict[str, Any]
) -> None:
    save(client, image, [box_of(image, 1, 2, 3, 4)])
    answer = save(client, image, [], operation_id="operation-2")
    assert answer.status_code == 409
    assert answer.json()["revision"] == image["image"]["revision"] + 1
    assert [box["box"] for box in answer.json()["boxes"]] == [[1, 2, 3, 4]]
    assert len(client.get(f"/api/images/{image['image']['id']}").json()["boxes"]) == 1


def test_a_save_repeated_after_a_lost_answer_counts_once(client: TestClient, image: dict[str, Any]) -> None:
    first = save(client, image, [box_of(image, 1, 2, 3, 4)])
    again = save(client, image, [box_of(image, 1, 2, 3, 4)])
    assert (again.status_code, again.json()) == (200, first.json())


@pytest.mark.parametrize(
    "xyxy", [(5, 5, 5, 9), (9, 5, 5, 9), (-1, 0, 5, 5), (0, 0, 65, 5), (0, 0, 5, 48.5)], ids=str
)
def test_a_box_without_area_or_outside_the_image_is_refused(
    client: TestClient, image: dict[str, Any], xyxy: tuple[float, ...]
) -> None:
    answer = save(client, image, [box_of(image, *xyxy)])
    assert answer.status_code == 422
    assert answer.json()["error"]
    assert client.get(f"/api/images/{image['image']['id']}").json()["boxes"] == []


def test_a_box_of_a_class_of_another_project_is_refused(client: TestClient, image: dict[str, Any]) -> None:
    other = client.post("/api/projects", json={"name": "other"}).json()
    foreign = client.post(f"/api/projects/{other['id']}/classes", json={"name": "cup"}).json()
    answer = save(client, image, [{**box_of(image, 1, 2, 3, 4), "class_id": foreign["id"]}])
    assert answer.status_code == 422


def test_a_coordinate_that_is_no_number_is_refused_in_words(
    client: TestClient, image: dict[str, Any]
) -> None:
    body = (
        f'{{"revision": {image["image"]["revision"]}, "operation_id": "operation-1", '
        f'"boxes": [{{"id": "b", "class_id": {image["classes"][0]["id"]}, "box": [NaN, 0, 5, 5]}}]}}'
    )
    address = f"/api/images/{image['image']['id']}/boxes"
    answer = client.put(address, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert "error" in answer.json()


def test_an_image_marked_empty_says_so_until_it_gets_a_box(client: TestClient, image: dict[str, Any]) -> None:
    address = f"/api/images/{image['image']['id']}"
    body = {"revision": image["image"]["revision"], "operation_id": "operation-e", "empty": True}
    assert client.put(f"{address}/empty", json=body).json()["status"] == "empty"
    view = client.get(address).json()
    assert (
        save(client, view, [box_of(view, 1, 2, 3, 4)], operation_id="operation-b").json()["status"]
        == "labelled"
    )


def test_pictures_are_served_and_may_be_kept(client: TestClient, image: dict[str, Any], jpeg: Jpeg) -> None:
    address = f"/api/images/{image['image']['id']}"
    assert client.get(f"{address}/file").content == jpeg()
    for kind in ("thumbnail", "display"):
        answer = client.get(f"{address}/{kind}")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("image/")
        assert "immutable" in answer.headers["cache-control"]


def test_a_deleted_image_is_gone_and_said_to_be(client: TestClient, image: dict[str, Any]) -> None:
    address = f"/api/images/{image['image']['id']}"
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404
    assert "error" in client.get(address).json()


def test_pages_of_images_follow_each_other_without_gap_or_overlap(
    client: TestClient, project: dict[str, Any], jpeg: Jpeg
) -> None:
    upload(client, project, *[(f"{number}.jpg", jpeg((number, 0, 0))) for number in (1, 2, 10, 11, 3)])
    names: list[str] = []
    after: int | None = None
    while True:
        query = "limit=2" + (f"&after={after}" if after is not None else "")
        page = client.get(f"/api/projects/{project['id']}/images?{query}").json()
        names += [item["name"] for item in page["images"]]
        after = page["next_after"]
        if after is None:
            break
    assert names == ["1.jpg", "2.jpg", "3.jpg", "10.jpg", "11.jpg"]


def test_an_unknown_thing_is_a_404_with_a_sentence(client: TestClient) -> None:
    for address in ("/api/projects/9", "/api/images/9", "/api/runs/nothing", "/api/projects/9/images"):
        answer = client.get(address)
        assert answer.status_code == 404, address
        assert answer.json()["error"].endswith(".")


def test_an_unknown_address_of_the_api_answers_in_the_same_shape(client: TestClient) -> None:
    answer = client.get("/api/nothing")
    assert answer.status_code == 404
    assert "error" in answer.json()


def test_a_full_disk_is_told_in_a_sentence_and_nothing_half_saved(
    client: TestClient, project: dict[str, Any], jpeg: Jpeg, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("data.blobs.os.replace", full)
    parts = [("files", ("desk.jpg", jpeg(), "image/jpeg"))]
    answer = client.post(f"/api/projects/{project['id']}/images", files=parts)
    assert answer.status_code == 507
    assert "disk is full" in answer.json()["error"]
    monkeypatch.undo()
    assert client.get(f"/api/projects/{project['id']}/images").json()["total"] == 0


def test_the_api_page_needs_nothing_from_elsewhere(client: TestClient) -> None:
    page = client.get("/docs").text
    assert "https://" not in page
    assert "http://" not in page
    assert client.get("/docs-assets/swagger-ui-bundle.js").status_code == 200
    assert client.get("/redoc").status_code == 404


def test_the_history_of_an_image_can_be_read_and_put_back(client: TestClient, image: dict[str, Any]) -> None:
    address = f"/api/images/{image['image']['id']}"
    assert client.get(f"{address}/history").json() == []
    save(client, image, [box_of(image, 1, 2, 30, 40)])
    save(client, image, [], revision=1, operation_id="operation-2")
    drawn, removed = client.get(f"{address}/history").json()
    assert set(drawn) == {"revision", "action", "author", "created", "status", "boxes", "restored"}
    assert [(edit["revision"], edit["action"], len(edit["boxes"])) for edit in (drawn, removed)] == [
        (1, "draw", 1),
        (2, "draw", 0),
    ]
    body = {"earlier": 1, "revision": 2, "operation_id": "operation-3"}
    answer = client.post(f"{address}/restore", json=body)
    assert answer.json() == {"revision": 3, "status": "labelled", "boxes": 1}
    assert client.post(f"{address}/restore", json=body).json() == answer.json()
    assert client.get(address).json()["boxes"] == drawn["boxes"]
    assert client.get(f"{address}/history").json()[-1]["restored"] == 1
    stale = client.post(f"{address}/restore", json=body | {"operation_id": "operation-4"})
    assert (stale.status_code, stale.json()["revision"], stale.json()["boxes"]) == (409, 3, drawn["boxes"])
    unknown = client.post(
        f"{address}/restore", json=body | {"earlier": 9, "revision": 3, "operation_id": "operation-5"}
    )
    assert unknown.status_code == 404
    assert client.get("/api/images/99/history").status_code == 404


def test_faults_of_a_project_name_the_images_to_open(
    client: TestClient, project: dict[str, Any], image: dict[str, Any]
) -> None:
    faults = client.get(f"/api/projects/{project['id']}/faults").json()
    assert [fault["kind"] for fault in faults] == ["empty_classes", "never_labelled"]
    assert faults[1]["images"] == [{"id": image["image"]["id"], "name": "desk.jpg", "detail": ""}]
    assert client.get("/api/projects/99/faults").status_code == 404
