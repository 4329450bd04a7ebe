"""Gradio's own client reaches one endpoint, and nothing else of the pages."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from anyio import to_thread

from app.bootstrap import Studio
from app.ui import detect_endpoint
from data.records import Model
from tests.app.model_folders import PLANTED_BOX

Two = tuple[Model, Model]
Jpeg = Callable[..., bytes]
RED = (250, 5, 5)
PATIENCE_SECONDS = 60.0
ROOT = Path(__file__).parents[3]


@pytest.fixture
def gradio_client(studio: Studio, colour_models: Two, tmp_path: Path) -> Iterator[Any]:
    """A client of the whole web application, which another process serves."""
    from gradio_client import Client

    server = subprocess.Popen(
        [sys.executable, "-m", "tests.app.ui.served_pages", str(studio.workspace.root)],
        cwd=ROOT,
        env={**os.environ, "GRADIO_TEMP_DIR": str(tmp_path / "uploads")},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    with server.stdout as said:
        client = Client(f"http://127.0.0.1:{int(said.readline())}", verbose=False, analytics_enabled=False)
        yield client
        client.close()
        server.terminate()
        server.wait(PATIENCE_SECONDS)


def test_the_client_detects_by_name_and_finds_nothing_else_to_call(
    gradio_client: Any, jpeg: Jpeg, tmp_path: Path
) -> None:
    from gradio_client import handle_file
    from gradio_client.exceptions import AppError

    described = gradio_client.view_api(return_format="dict", print_info=False)
    assert (list(described["named_endpoints"]), described["unnamed_endpoints"]) == (["/detect"], {})
    (tmp_path / "red.jpg").write_bytes(jpeg(RED))
    picture = handle_file(str(tmp_path / "red.jpg"))
    answer = gradio_client.predict(picture, model="right", api_name="/detect")
    assert (answer["model"], answer["width"], answer["height"]) == ("m0", 64, 48)
    (found,) = answer["detections"]
    assert (found["class"], found["box"]) == ("nut", pytest.approx(PLANTED_BOX, abs=1e-3))
    chosen = {"classes": ["bolt"], "class_scores": {"bolt": 0.1}, "tiles": 2}
    assert gradio_client.predict(picture, model="m0", **chosen, api_name="/detect")["detections"] == []
    with pytest.raises(AppError, match="no model 'nope'"):
        gradio_client.predict(picture, model="nope", api_name="/detect")
    for wrong, words in (
        ({"classes": ["cup"]}, "no class 'cup'"),
        ({"classes": "cup"}, "no class 'cup'"),
        ({"score": 2}, "score is 2"),
        ({"class_scores": {"nut": "high"}}, "the score of 'nut' is 'high'"),
        ({"max_boxes": 0}, "max_boxes is 0"),
        ({"tiles": "2"}, "1 to 8 tiles"),
    ):
        with pytest.raises(AppError, match=words):
            gradio_client.predict(picture, **wrong, api_name="/detect")


def test_nothing_is_read_or_fetched_that_nobody_sent(gradio_client: Any, jpeg: Jpeg, studio: Studio) -> None:
    from gradio_client import handle_file
    from gradio_client.exceptions import AppError

    inside = studio.workspace.root / "secret.jpg"
    inside.write_bytes(jpeg(RED))
    with pytest.raises(AppError, match="handle_file"):
        gradio_client.predict(image={"path": str(inside)}, api_name="/detect")
    with pytest.raises(AppError, match="SSD_STUDIO_FETCH_URLS"):
        gradio_client.predict(handle_file("https://example.org/photo.jpg"), api_name="/detect")


def test_whoever_waits_for_a_turn_holds_no_thread_and_takes_turns_with_others(
    studio: Studio, colour_models: Two, monkeypatch: pytest.MonkeyPatch, await_apart: Callable[..., Any]
) -> None:
    taken: list[Any] = []
    monkeypatch.setattr(
        detect_endpoint, "api", lambda endpoint, **_: taken.append(endpoint) or {"inputs": []}
    )
    detect_endpoint.add_detect_endpoint(studio)
    monkeypatch.setattr(detect_endpoint, "_picture_of", lambda *_: b"a picture")
    answers: dict[str, Future[Any]] = {}

    def begin(*_: Any, client: str, **__: Any) -> Future[Any]:
        return answers.setdefault(client, Future())

    monkeypatch.setattr(studio.detection, "begin_detections", begin)

    async def both() -> list[Any]:
        to_thread.current_default_thread_limiter().total_tokens = 1
        requests = [SimpleNamespace(client=SimpleNamespace(host=host)) for host in ("10.0.0.1", "10.0.0.2")]
        waiting = [asyncio.create_task(taken[0]({}, request)) for request in requests]
        while len(answers) < len(waiting):
            await asyncio.sleep(0.01)
        for client, answer in answers.items():
            answer.set_result(client)
        return await asyncio.wait_for(asyncio.gather(*waiting), PATIENCE_SECONDS)

    assert await_apart(both) == ["address 10.0.0.1", "address 10.0.0.2"]
