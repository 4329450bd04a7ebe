"""A body that is too large is refused while it arrives."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from app.api.body_limit import BodyLimit


@pytest.fixture
def client() -> TestClient:
    app = FastAPI()
    app.add_middleware(BodyLimit, max_bytes=1000, unlimited=re.compile("/files/[^/]+"))

    @app.post("/size")
    @app.post("/files/{name}")
    async def size(request: Request) -> int:
        return len(await request.body())

    return TestClient(app)


def in_parts(*sizes: int) -> Iterator[bytes]:
    for size in sizes:
        yield b"x" * size


def test_a_body_up_to_the_limit_arrives_whole(client: TestClient) -> None:
    assert client.post("/size", content=b"x" * 1000).json() == 1000


@pytest.mark.parametrize(
    "content", [b"x" * 1001, in_parts(600, 600)], ids=["at once", "in parts of no stated length"]
)
def test_a_larger_body_is_refused_in_words(client: TestClient, content: bytes | Iterator[bytes]) -> None:
    answer = client.post("/size", content=content)
    assert answer.status_code == 413
    assert "larger" in answer.json()["error"]


def test_a_path_whose_route_has_a_bound_of_its_own_takes_more(client: TestClient) -> None:
    assert client.post("/files/a.jpg", content=b"x" * 5000).json() == 5000
