"""Errands: one child at a time, its progress, its error in a sentence, and its end with ours."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from app.jobs.children import CODE
from app.services import errands
from app.services.errands import Errands
from app.settings import Settings
from data.errors import DataError, NotFound
from ssd_core.errors import InvalidArtifact

PATIENCE_SECONDS = 60.0
#: A child in place of the real one: what it does is the name of its errand.
CHILD = """
import json, os, sys, threading, time
name, target = sys.argv[1:]
given = json.loads(sys.stdin.readline())
def end():
    sys.stdin.read()
    os._exit(1)
threading.Thread(target=end, daemon=True).start()
print("progress 3 7", flush=True)
print("a library speaks", flush=True)
if name == "crash":
    os.abort()
if name == "wait":
    open(given["here"], "w").write(str(os.getpid()))
    time.sleep(60)
answer = {"error": "It is damaged.", "kind": "InvalidArtifact"} if name == "fail" else {"result": given}
open(target, "w").write(json.dumps(answer))
"""


@pytest.fixture
def work(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Errands]:
    monkeypatch.setattr(errands, "python_command", lambda _, *rest: [sys.executable, "-c", CHILD, *rest])
    made = Errands(settings)
    yield made
    made.close()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_an_errand_gives_its_result_and_tells_how_far_it_is(work: Errands) -> None:
    errand = work.start("key", "do", {"answer": 42})
    until(lambda: errand.state != "running")
    assert (errand.state, errand.result, errand.error) == ("done", {"answer": 42}, None)
    assert (errand.done, errand.total) == (3, 7)
    assert work.get(errand.id) is errand


def test_one_errand_waits_for_another_and_says_so(work: Errands, tmp_path: Path) -> None:
    here = tmp_path / "pid"
    first = work.start("first", "wait", {"here": str(here)})
    until(here.exists)
    second = work.start("second", "do", {})
    until(lambda: second.waiting)
    assert (first.waiting, second.state) == (False, "running")
    until(lambda: here.read_text() != "")
    psutil.Process(int(here.read_text())).kill()
    until(lambda: second.state == "done")
    assert second.waiting is False


def test_an_error_comes_back_as_itself(work: Errands) -> None:
    with pytest.raises(InvalidArtifact, match=r"It is damaged\."):
        work.run("fail", {})
    errand = work.start("key", "fail", {})
    until(lambda: errand.state == "failed")
    assert isinstance(work.take_failure("key"), InvalidArtifact)
    assert work.take_failure("key") is None


def test_a_child_that_dies_is_said_in_a_sentence(work: Errands) -> None:
    with pytest.raises(DataError, match="ended unexpectedly"):
        work.run("crash", {})


def test_one_key_is_worked_on_once_at_a_time(work: Errands, tmp_path: Path) -> None:
    first = work.start("key", "wait", {"here": str(tmp_path / "pid")})
    assert work.start("key", "wait", {"here": str(tmp_path / "pid")}) is first
    assert work.start("other", "do", {}) is not first


def test_work_that_is_done_already_is_remembered_as_such(work: Errands) -> None:
    errand = work.remember("key", {"file": "x"})
    assert work.get(errand.id).state == "done"
    with pytest.raises(NotFound):
        work.get("nope")


def test_closing_ends_the_child_and_starts_no_other(work: Errands, tmp_path: Path) -> None:
    errand = work.start("key", "wait", {"here": str(tmp_path / "pid")})
    until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text() != "")
    work.close()
    until(lambda: errand.state == "failed")
    assert not psutil.pid_exists(int((tmp_path / "pid").read_text()))
    with pytest.raises(DataError, match="about to end"):
        work.run("do", {})


def test_a_child_ends_with_the_program_that_started_it(tmp_path: Path) -> None:
    parent = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-P', '-m', 'app.jobs.errand', 'check', 'result'],"
        " stdin=subprocess.PIPE)\n"
        "print(child.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    started = subprocess.Popen(
        [sys.executable, "-c", parent],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(CODE), "SSD_STUDIO_WORKSPACE": str(tmp_path)},
    )
    assert started.stdout is not None
    child = psutil.Process(int(started.stdout.readline()))
    started.kill()
    started.communicate()
    child.wait(PATIENCE_SECONDS)
