"""The browser's modules under Node: what they compute and how they save, without a browser."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

STATIC_TESTS = Path(__file__).parent / "static"
#: The oldest Node whose test runner has the fake timers that the tests use.
OLDEST_NODE = (20, 4)


def node_version(node: str) -> tuple[int, int]:
    major, minor, *_ = subprocess.check_output([node, "--version"], text=True).strip().lstrip("v").split(".")
    return int(major), int(minor)


@pytest.fixture(scope="module")
def node() -> str:
    found = shutil.which("node")
    if found is not None and node_version(found) >= OLDEST_NODE:
        return found
    message = "NO NODE 20.4 OR LATER: the tests of the browser's modules did not run."
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.mark.parametrize("path", sorted(STATIC_TESTS.glob("*.test.mjs")), ids=lambda path: path.name)
def test_the_browser_modules_do_as_they_say(node: str, path: Path) -> None:
    done = subprocess.run(
        [node, "--no-warnings", "--test", "--test-reporter=spec", str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "path", sorted((STATIC_TESTS.parents[2] / "app/static").glob("*.js")), ids=lambda path: path.name
)
def test_every_browser_module_is_valid_javascript(node: str, path: Path) -> None:
    done = subprocess.run([node, "--check", str(path)], stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 0, done.stderr
