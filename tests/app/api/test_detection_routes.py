"""The routes of detections as a page or a program meets them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.bootstrap import Studio
from app.services import fair_turns
from app.services.web_pictures import WebPictures
from data.records import Model
from tests.app.model_folders import PLANTED_BOX

Two = tuple[Model, Model]
Jpeg = Callable[..., bytes]
RED, MAGENTA = (250, 5, 5), (250, 5, 250)
SOON = 30.0


@pytest.fixture
def held(studio: Studio, colour_models: Two) -> Any:
    """All threads of the detection are busy with somebody else's work until it is released."""
    studio.detection.warm("m0")
    turns, go_on = studio.detection._turns, threading.Event()
    begun = threading.Barrier(turns._threads + 1)

    def hold() -> None:
        begun.wait(SOON)
        assert go_on.wait(SOON)

    for number in range(turns._threads):
        turns.submit(f"holder {number}", hold)
    begun.wait(SOON)
    yield go_on
    go_on.set()


def classes_of(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [found["class"] for found in answer.json()["detections"]]


def test_a_picture_is_the_body_or_a_form_s_file(client: TestClient, colour_models: Two, jpeg: Jpeg) -> None:
    body = client.post("/api/detect", params={"model": "right"}, content=jpeg(RED))
    assert classes_of(body) == ["nut"]
    answer = body.json()
    assert (answer["model"], answer["width"], answer["height"]) == ("m0", 64, 48)
    assert answer["detections"][0]["box"] == pytest.approx(PLANTED_BOX, abs=1e-3)
    form = client.post("/api/detect", params={"model": "m0"}, files={"file": ("a.jpg", jpeg(RED))})
    assert form.json() == answer
    assert client.post("/api/models/m0/detections", content=jpeg(RED)).json() == answer


def test_the_default_model_is_asked_where_none_is_named(
    client: TestClient, colour_models: Two, jpeg: Jpeg
) -> None:
    assert client.post("/api/detect", content=jpeg(RED)).json()["model"] == "m1"
    client.patch("/api/models/m0", json={"is_default": True})
    project = {"project_id": colour_models[0].project_id}
    assert client.post("/api/detect", params=project, content=jpeg(RED)).json()["model"] == "m0"
    for params in ({"model": "nope"}, {"project_id": 99}):
        assert client.post("/api/detect", params=params, content=jpeg(RED)).status_code == 404


@pytest.mark.parametrize("route", ["/api/detect?model=m0", "/api/models/m0/detections?"])
def test_thresholds_mean_the_same_on_every_route(
    client: TestClient, colour_models: Two, jpeg: Jpeg, route: str
) -> None:
    def seen(query: str) -> list[str]:
        return classes_of(client.post(f"{route}&{query}", content=jpeg(MAGENTA)))

    assert sorted(seen("score=.3")) == ["bolt", "nut"]
    assert len(seen("score=.3&class_agnostic=true")) == 1
    assert seen("score=.3&classes=bolt") == ["bolt"]
    assert sorted(seen("score=.3&classes=bolt&classes=nut")) == ["bolt", "nut"]
    assert seen("score=.3&class_score=bolt:.9") == ["nut"]
    assert len(seen("score=.3&max_boxes=1")) == 1
    assert sorted(seen("score=.3&tiles=2"))[:1] == ["bolt"]


def test_what_makes_no_sense_is_refused_by_name(client: TestClient, colour_models: Two, jpeg: Jpeg) -> None:
    for query, code, named in (
        ("score=2", 422, "score"),
        ("tiles=9", 422, "tiles"),
        ("max_boxes=0", 422, "max_boxes"),
        ("class_score=.4", 422, "cup:0.4"),
        ("class_score=nut:high", 422, "nut:high"),
        ("classes=cup", 400, "no class 'cup'"),
    ):
        answer = client.post(f"/api/detect?model=m0&{query}", content=jpeg(RED))
        assert (answer.status_code, named in answer.json()["error"]) == (code, True), answer.text
    answer = client.post("/api/detect?model=m0", content=b"no picture")
    assert (answer.status_code, "No image format" in answer.json()["error"]) == (422, True)
    for files in ({"photo": ("a.jpg", jpeg(RED))}, {"other": ("a.txt", b"")}):
        answer = client.post("/api/detect?model=m0", files=files)
        assert (answer.status_code, "field 'file'" in answer.json()["error"]) == (422, True)
    broken = client.post(
        "/api/detect", content=b"--", headers={"content-type": "multipart/form-data; boundary=x"}
    )
    assert broken.status_code == 422
    assert (
        client.post("/api/detect", content=b"", headers={"content-type": "multipart/form-data"}).status_code
        == 422
    )
    long = client.post("/api/detect", data={"note": "x" * 2_000_000}, files={"other": b""})
    assert (long.status_code, "1024KB" in long.json()["error"]) == (422, True)


def test_a_kind_of_body_is_known_by_its_name_however_it_is_written(
    client: TestClient, colour_models: Two, jpeg: Jpeg
) -> None:
    form = client.build_request("POST", "/api/detect?model=m0", files={"file": ("a.jpg", jpeg(RED))})
    form.headers["content-type"] = form.headers["content-type"].replace("multipart/form", "Multipart/Form")
    assert classes_of(client.send(form)) == ["nut"]


def test_an_address_of_the_web_is_fetched_only_where_that_is_allowed(
    client: TestClient, studio: Studio, colour_models: Two, jpeg: Jpeg, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"json": {"url": "https://example.org/photo.jpg"}, "params": {"model": "m0"}}
    refused = client.post("/api/detect", **asked)
    assert (refused.status_code, "SSD_STUDIO_FETCH_URLS" in refused.json()["error"]) == (403, True)
    monkeypatch.setattr(WebPictures, "fetch", lambda _, url: {asked["json"]["url"]: jpeg(RED)}[url])
    assert classes_of(client.post("/api/detect", **asked)) == ["nut"]
    assert client.post("/api/detect", json={"link": "x"}).status_code == 422


def test_a_frame_that_is_overtaken_is_answered_at_once(
    client: TestClient, held: threading.Event, jpeg: Jpeg
) -> None:
    answers: dict[int, Any] = {}
    come = {number: threading.Event() for number in (1, 2)}

    def ask(number: int) -> None:
        params = {"client": "page", "frame": number}
        answers[number] = client.post("/api/models/m0/candidates", params=params, content=jpeg(RED)).json()
        come[number].set()

    first, second = (threading.Thread(target=ask, args=[number]) for number in (1, 2))
    first.start()
    second.start()
    # Whichever arrives second: the first one is overtaken or too old, and answered while all is held.
    assert come[1].wait(SOON)
    assert answers == {1: {"superseded": True, "frame": 1}}
    held.set()
    for thread in (first, second):
        thread.join(SOON)
    assert (answers[2]["frame"], len(answers[2]["candidates"])) == (2, 1)


def test_a_turn_is_that_of_the_page_which_is_named_or_else_of_the_address(
    client: TestClient, studio: Studio, colour_models: Two, jpeg: Jpeg, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture, taken, turns = jpeg(RED), [], studio.detection._turns
    submit = turns.submit

    def noted(who: str, work: Callable[[], Any], *, size: int, **more: Any) -> Any:
        taken.append((who, size))
        return submit(who, work, size=size, **more)

    monkeypatch.setattr(turns, "submit", noted)
    routes = ["models/m0/candidates", "models/m0/candidates", "models/m0/detections", "detect"]
    for route in routes:  # the second time the model is at hand, and begins in another way
        for named in ({"client": "a"}, {}):
            assert client.post(f"/api/{route}", params=named, content=picture).status_code == 200
    assert taken == [("page a", len(picture)), ("address testclient", len(picture))] * len(routes)


def test_too_much_that_waits_is_refused_with_a_time_to_come_again(
    client: TestClient, held: threading.Event, jpeg: Jpeg, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fair_turns, "MOST_WAITING", 0)
    answer = client.post("/api/models/m0/candidates", content=jpeg(RED))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


def test_a_model_is_warmed_before_its_first_picture(client: TestClient, colour_models: Two) -> None:
    answer = client.post("/api/models/right/warm").json()
    assert (answer["model"], answer["ready"]) == ("m0", True)
    assert client.post("/api/models/nope/warm").status_code == 404


def test_the_documentation_has_an_example_of_every_answer(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    for route in ("/api/detect", "/api/models/{model_id}/candidates", "/api/models/{model_id}/detections"):
        described = paths[route]["post"]
        example = described["responses"]["200"]["content"]["application/json"]["example"]
        assert {"model", "width", "height"} <= set(example)
        assert "image/jpeg" in described["requestBody"]["content"]
    assert {"multipart/form-data", "application/json"} <= set(
        paths["/api/detect"]["post"]["requestBody"]["content"]
    )


@pytest.mark.parametrize("path", ["/api/detect", "/api/models/m0/candidates", "/api/models/m0/detections"])
def test_a_picture_whose_sending_is_broken_off_is_no_fault_of_the_server(
    studio: Studio,
    colour_models: Two,
    path: str,
    await_apart: Callable[..., Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    from app.server import create_api

    messages = [{"type": "http.request", "body": b"half", "more_body": True}, {"type": "http.disconnect"}]
    sent: list[Any] = []

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
    }
    with caplog.at_level(logging.WARNING):
        await_apart(create_api(studio), scope, receive, send)
    assert (sent[0]["status"], caplog.messages) == (400, [])


@pytest.mark.parametrize(("method", "path"), [("GET", "/api/detect"), ("POST", "/api/nothing/here")])
def test_an_address_that_there_is_not_is_answered_in_a_sentence(
    client: TestClient, method: str, path: str
) -> None:
    answer = client.request(method, path)
    error = f"There is no {method} {path}. /docs lists what there is."
    assert (answer.status_code, answer.json()) == (404, {"error": error})
