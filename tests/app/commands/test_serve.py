"""``serve``: what it says of its address, and https as a browser meets it."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
import uvicorn

import app.server
from app.bootstrap import Studio
from app.commands import serve
from app.services.certificates import Certificate
from app.settings import Settings

SOON = 30.0


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"https": True})


def test_a_key_without_its_certificate_is_not_passed_over(
    studio: Studio, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "_run_server", lambda *_: pytest.fail("it served"))
    alone = studio.settings.model_copy(update={"https": False, "https_key": Path("key.pem")})
    assert serve.serve(replace(studio, settings=alone)) == 2
    assert "--https-cert" in capsys.readouterr().err


def test_a_server_begins_again_with_the_videos_of_an_earlier_one_and_looks_ahead_by_itself(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(serve, "_run_server", lambda *_: told.append("served"))
    monkeypatch.setattr(serve.signal, "signal", lambda *_: None)
    made = replace(
        studio,
        settings=studio.settings.model_copy(update={"https": False}),
        videos=SimpleNamespace(begin_again=lambda: told.append("begun")),
        looking_ahead=SimpleNamespace(glance=lambda: told.append("glanced"), seconds_between_glances=60),
        workers=SimpleNamespace(keep=nullcontext),
    )
    assert serve.serve(made) == 0
    assert told[0] == "begun"
    assert sorted(told[1:]) == ["glanced", "served"]


@pytest.fixture
def served(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Certificate]]:
    """The REST API on https; its address, and the certificate."""
    # The pages take seconds to build, and are behind the same door.
    monkeypatch.setattr(app.server, "create_app", app.server.create_api)
    made: list[uvicorn.Server] = []
    monkeypatch.setattr(
        uvicorn.Server,
        "run",
        lambda self, sockets, run=uvicorn.Server.run: made.append(self) or run(self, sockets),
    )
    certificate = serve._certificate(studio.settings, studio.workspace.https)
    listener = serve._listen("127.0.0.1", 0)
    thread = threading.Thread(target=serve._run_server, args=(studio, listener, certificate))
    thread.start()
    yield f"127.0.0.1:{listener.getsockname()[1]}", certificate
    made[0].should_exit = True
    thread.join(SOON)


def test_https_answers_whoever_trusts_the_certificate_and_lets_its_own_page_change_things(
    served: tuple[str, Certificate], capsys: pytest.CaptureFixture[str]
) -> None:
    address, certificate = served
    trusting = ssl.create_default_context(cafile=str(certificate.certificate))
    with httpx.Client(base_url=f"https://{address}", verify=trusting, timeout=SOON) as client:
        own = {"origin": f"https://{address}"}
        assert client.post("/api/projects", json={"name": "a"}, headers=own).is_success
        foreign = {"origin": "https://evil.example"}
        assert client.post("/api/projects", json={"name": "b"}, headers=foreign).status_code == 403
        named = {"host": f"{socket.gethostname()}:1"}
        assert [each["name"] for each in client.get("/api/projects", headers=named).json()] == ["a"]
        assert client.get("/api/projects", headers={"host": "evil.example"}).status_code == 421
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"https://{address}/api/projects")
    said = capsys.readouterr()
    assert f"https://{address}" in said.out
    assert certificate.fingerprint in said.err
