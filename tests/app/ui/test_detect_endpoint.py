"""Gradio's own client reaches one endpoint, and nothing else of the pages."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.bootstrap import Studio
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
    with pytest.raises(AppError, match="no class 'cup'"):
        gradio_client.predict(picture, classes=["cup"], api_name="/detect")


def test_files_of_the_server_that_nobody_sent_are_not_read(
    gradio_client: Any, jpeg: Jpeg, studio: Studio
) -> None:
    from gradio_client.exceptions import AppError

    inside = studio.workspace.root / "secret.jpg"
    inside.write_bytes(jpeg(RED))
    with pytest.raises(AppError, match="handle_file"):
        gradio_client.predict(image={"path": str(inside)}, api_name="/detect")
