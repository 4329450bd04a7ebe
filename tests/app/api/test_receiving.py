"""Files that arrive as a body: what becomes of one whose sender falls silent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import HTTPException

from app.api import receiving
from app.api.receiving import receive_file
from app.services.staging import Stage
from tests.app.conftest import PATIENCE_SECONDS


class Silent:
    """A request that sends a little and then nothing more, without ending."""

    async def stream(self) -> AsyncIterator[bytes]:
        yield b"half"
        await asyncio.Event().wait()


def test_a_sender_that_falls_silent_loses_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, await_apart: Callable[..., Any]
) -> None:
    monkeypatch.setattr(receiving, "SECONDS_OF_SILENCE", 0.01)
    request: Any = Silent()
    incoming = Stage(tmp_path / "stage").receive("a.zip")
    with pytest.raises(HTTPException) as refused:
        await_apart(asyncio.wait_for, receive_file(request, incoming), PATIENCE_SECONDS)
    assert (refused.value.status_code, "Send it again" in refused.value.detail) == (408, True)
    incoming.drop()
