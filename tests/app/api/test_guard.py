"""Other pages of the same browser must not reach in."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.api.guard import Guard, host_name, is_trusted_host


@pytest.fixture
def client() -> TestClient:
    app = FastAPI()
    app.add_middleware(Guard, allowed_hosts=frozenset({"studio.example"}))

    @app.get("/thing")
    def read() -> str:
        return "read"

    @app.post("/thing")
    def change() -> str:
        return "changed"

    return TestClient(app)


@pytest.mark.parametrize(
    ("netloc", "name"),
    [
        ("localhost:7860", "localhost"),
        ("127.0.0.1", "127.0.0.1"),
        ("[::1]:80", "::1"),
        ("", ""),
        ("A.b:1", "a.b"),
        ("[", ""),
    ],
)
def test_the_host_is_read_without_port_and_brackets(netloc: str, name: str) -> None:
    assert host_name(netloc) == name


@pytest.mark.parametrize(
    "netloc", ["localhost:7860", "127.0.0.1:7860", "192.168.1.4:80", "[::1]:7860", "studio.example"]
)
def test_a_literal_address_or_an_allowed_name_is_trusted(netloc: str) -> None:
    assert is_trusted_host(netloc, frozenset({"studio.example"}))


@pytest.mark.parametrize(
    "netloc", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:7860", ""]
)
def test_a_foreign_name_is_refused_even_if_it_points_here(client: TestClient, netloc: str) -> None:
    assert client.get("/thing", headers={"host": netloc}).status_code == 421


def test_a_page_of_another_origin_may_not_change_anything(client: TestClient) -> None:
    answer = client.post("/thing", headers={"host": "127.0.0.1:7860", "origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "https://evil.example" in answer.json()["error"]


def test_a_page_of_another_port_of_this_machine_may_not_change_anything(client: TestClient) -> None:
    headers = {"host": "127.0.0.1:7860", "origin": "http://127.0.0.1:8000"}
    assert client.post("/thing", headers=headers).status_code == 403


def test_our_own_page_and_programs_without_origin_may(client: TestClient) -> None:
    own = {"host": "127.0.0.1:7860", "origin": "http://127.0.0.1:7860"}
    assert client.post("/thing", headers=own).json() == "changed"
    assert client.post("/thing", headers={"host": "127.0.0.1:7860"}).json() == "changed"


def test_an_opaque_origin_may_not_change_anything(client: TestClient) -> None:
    assert client.post("/thing", headers={"host": "localhost", "origin": "null"}).status_code == 403
