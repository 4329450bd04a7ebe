"""Tests share processes with browsers, whose library keeps an event loop running in the main thread."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = sorted(Path(__file__).parents[1].rglob("test_*.py"))
#: Refused where a loop runs already, so that a test would fail only after a journey in its process.
RUN_A_LOOP = {"asyncio.run", "anyio.run"}


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_no_test_runs_an_event_loop_in_a_thread_that_a_browser_may_hold(path: Path) -> None:
    calls = [
        node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)
    ]
    assert RUN_A_LOOP.isdisjoint(ast.unparse(call.func) for call in calls), "use the fixture await_apart"
