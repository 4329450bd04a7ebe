"""One process with TensorFlow: asked for once, started anew when it dies, gone with whoever started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from app.bootstrap import Studio, open_studio
from app.jobs.children import child_environment, python_command
from app.services import tensorflow_process
from app.services.detection import Detection
from app.services.devices import Device, Found
from app.services.tensorflow_process import TensorFlowProcess, Unable
from app.settings import Settings
from data.records import Model
from ssd_core.errors import InvalidExample

Until = Callable[[Callable[[], bool]], None]
Start = Callable[..., TensorFlowProcess]
FAKE = [sys.executable, str(Path(__file__).with_name("fake_detector.py"))]
SOON = 30.0
MODEL, OTHER = Path("/models/one"), Path("/models/other")


class Host:
    """A host with one GPU, which TensorFlow can use or not."""

    def __init__(self, usable: bool = True) -> None:
        self.gpu = Device("0", "T4", None, None, usable, "")

    def found(self, *, wait: bool) -> Found:
        assert wait
        return Found((Device("cpu", "CPU", None, None, True, ""), self.gpu), (), False)


@pytest.fixture
def start(settings: Settings) -> Iterator[Start]:
    """Make processes that are ended afterwards; the fake one unless another command is given."""
    made: list[TensorFlowProcess] = []

    def begin(host: Any = None, command: Any = FAKE, **chosen: Any) -> TensorFlowProcess:
        with_them = settings.model_copy(update=chosen)
        made.append(TensorFlowProcess(with_them, host or Host(), command))
        return made[-1]

    yield begin
    for process in made:
        process.close()


def pid_of(process: TensorFlowProcess) -> int:
    assert process._child is not None
    return process._child.process.pid


def test_a_server_has_one_and_a_command_stays_on_litert(studio: Studio) -> None:
    assert studio.detection._tensorflow is not None
    with open_studio(studio.settings, trains=False) as of_command:
        assert of_command.detection._tensorflow is None


def test_a_model_answers_once_it_is_loaded_and_many_at_once_get_their_own_answers(
    start: Start, until: Until
) -> None:
    process = start()
    assert not process.has(MODEL)
    with pytest.raises(Unable):
        process.look(MODEL, b"1")
    until(lambda: process.has(MODEL))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: process.look(MODEL, b"%d" % number), range(1, 60)))
    assert [found.boxes_xyxy.tolist() for found, _, _ in answers] == [
        [[0, 0, number, 9]] for number in range(1, 60)
    ]
    found, size_hw, took = answers[0]
    assert (found.class_ids.tolist(), size_hw, took.decode, took.network) == ([1], (48, 64), 1, 2)


def test_a_picture_that_cannot_be_read_is_told_and_one_that_it_is_unable_to_see_is_left_to_litert(
    start: Start, until: Until
) -> None:
    process = start()
    until(lambda: process.has(MODEL))
    with pytest.raises(InvalidExample, match="No image format"):
        process.look(MODEL, b"unreadable")
    assert process.has(MODEL)
    with pytest.raises(Unable):
        process.look(MODEL, b"unable")
    assert process._child is not None
    assert not process._child.ready
    # It may have been given up for others; it is loaded again.
    until(lambda: process.has(MODEL))


def test_a_model_that_cannot_be_loaded_is_not_asked_for_again_and_others_are(
    start: Start, until: Until
) -> None:
    process = start()
    broken = Path("/models/broken")
    assert not process.has(broken)
    until(lambda: process.has(MODEL))
    until(lambda: not process._coming)
    assert not process.has(broken)
    assert not process._coming


def test_a_model_that_litert_looks_through_sooner_stays_there_unless_tensorflow_is_asked_for_by_name(
    start: Start, until: Until
) -> None:
    slow = Path("/models/slow")
    process = start()
    assert not process.has(slow)
    until(lambda: slow in process._slower)
    assert not process.has(slow)
    assert not process._coming  # it is not asked for again
    until(lambda: process.has(MODEL))
    named = start(detection="tensorflow")
    until(lambda: named.has(slow))


def test_after_its_death_another_process_is_started(start: Start, until: Until) -> None:
    process = start()
    until(lambda: process.has(MODEL))
    first = pid_of(process)
    with pytest.raises(Unable):
        process.look(MODEL, b"die")
    until(lambda: process.has(MODEL))
    assert pid_of(process) != first
    assert process.look(MODEL, b"5")[0].boxes_xyxy.tolist() == [[0, 0, 5, 9]]


def test_a_process_that_dies_again_and_again_without_an_answer_is_given_up(
    start: Start, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    process = start()
    for _ in range(tensorflow_process.TRIES):
        until(lambda: process.has(MODEL))
        with pytest.raises(Unable):
            process.look(MODEL, b"die")
        until(lambda: process._child is None)
    assert not process.has(MODEL)
    assert not process._coming
    assert "Detection stays on LiteRT" in caplog.text


def test_a_process_that_hangs_is_ended(start: Start, until: Until, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tensorflow_process, "SECONDS_FOR_ANSWER", 0.05)
    monkeypatch.setattr(tensorflow_process, "SECONDS_BETWEEN_LOOKS", 0.02)
    process = start()
    until(lambda: process.has(MODEL))
    first = psutil.Process(pid_of(process))
    with pytest.raises(Unable):
        process.look(MODEL, b"hang")
    until(lambda: not first.is_running())


@pytest.mark.parametrize(
    ("usable", "chosen", "runs"),
    [
        (True, {}, True),
        (True, {"device": "all"}, True),
        (True, {"device": "1"}, False),
        (True, {"device": "cpu"}, False),
        (True, {"detection": "litert"}, False),
        (False, {}, False),
        (False, {"detection": "tensorflow", "device": "cpu"}, True),
    ],
)
def test_it_runs_where_the_chosen_device_is_a_gpu_or_it_was_asked_for(
    start: Start, until: Until, usable: bool, chosen: dict[str, str], runs: bool
) -> None:
    process = start(Host(usable), **chosen)
    until(lambda: process.has(MODEL) or not process._wanted)
    assert process.has(MODEL) is runs
    assert (process._child is not None) is runs


def test_closing_ends_it_and_no_other_is_started(start: Start, until: Until) -> None:
    process = start()
    until(lambda: process.has(MODEL))
    child = psutil.Process(pid_of(process))
    process.close()
    until(lambda: not child.is_running())
    assert not process.has(OTHER)


def test_nobody_waits_while_it_is_being_started(
    start: Start, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    starting, go_on, ended = threading.Event(), threading.Event(), threading.Event()
    popen = subprocess.Popen

    def slowly(*given: Any, **more: Any) -> Any:
        starting.set()
        assert go_on.wait(SOON)
        return popen(*given, **more)

    monkeypatch.setattr(tensorflow_process.subprocess, "Popen", slowly)
    process = start()
    process.has(MODEL)
    assert starting.wait(SOON)
    asking = threading.Thread(target=lambda: process.has(MODEL) or ended.set())
    asking.start()
    assert ended.wait(SOON / 10)
    process.close()
    go_on.set()
    until(lambda: not process._coming)
    assert process._child is None


def test_what_it_holds_when_it_dies_is_answered_by_litert(
    studio: Studio, colour_models: tuple[Model, Model], jpeg: Callable[..., bytes], start: Start, until: Until
) -> None:
    process = start()
    detection = Detection(studio.models, process)
    folder = studio.models.folder("m0")
    detection.warm("m0")
    until(lambda: process.has(folder))
    assert detection.candidates("m0", b"1")["runtime"] == "TensorFlow"
    holding = [detection.begin_candidates("m0", b"hang", client=f"page {page}") for page in range(3)]
    until(lambda: process._child is not None and len(process._child.held) == 3)
    os.kill(pid_of(process), signal.SIGKILL)
    # The fake one's pictures are none that LiteRT could read.
    assert [type(answer.exception(SOON)) for answer in holding] == [InvalidExample] * 3
    answer = detection.candidates("m0", jpeg((250, 5, 5)))
    assert (answer["candidates"][0][5], answer["runtime"]) == (0, "LiteRT float32")
    detection.close()


@pytest.mark.slow
def test_tensorflow_sees_what_litert_sees_and_may_be_killed_at_any_time(
    studio: Studio, tmp_path: Path, jpeg: Callable[..., bytes], start: Start, until: Until
) -> None:
    from tests.app.model_folders import crowded_model

    picture = jpeg((200, 120, 40))
    folder = crowded_model(tmp_path / "crowded", picture)
    process = start(command=None, detection="tensorflow", device="cpu")
    detection = Detection(studio.models, process)
    by_litert = np.array(detection.candidates(folder, picture)["candidates"])
    until(lambda: process.has(folder))
    begun = [detection.begin_candidates(folder, picture, client=f"page {page}") for page in range(12)]
    assert process._child is not None
    for answer in begun:
        by_tensorflow = np.array(answer.result(SOON)["candidates"])
        assert_same(by_litert, by_tensorflow)
    assert process._child.answered
    begun = [detection.begin_candidates(folder, picture, client=f"page {page}") for page in range(12)]
    os.kill(pid_of(process), signal.SIGKILL)
    for answer in begun:
        assert_same(by_litert, np.array(answer.result(SOON)["candidates"]))
    detection.close()


def assert_same(ours: np.ndarray, theirs: np.ndarray) -> None:
    """Every sure candidate of one is among the other's, within what an export may move it."""
    for one, other in ((ours, theirs), (theirs, ours)):
        sure = one[one[:, 4] > 0.1]
        assert len(sure) > 100
        near = (np.abs(sure[:, None, :4] - other[None, :, :4]) < 0.01).all(-1)
        near &= (np.abs(sure[:, None, 4:] - other[None, :, 4:]) < 1e-4).all(-1)
        assert near.any(1).all()


def test_it_ends_with_whoever_started_it(settings: Settings, until: Until) -> None:
    program = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)"
    )
    command = [sys.executable, "-c", program, *python_command("app.jobs.tensorflow_detector")]
    environment = child_environment(settings)
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as starter:
        assert starter.stdout is not None
        child = psutil.Process(int(starter.stdout.readline()))
        assert child.is_running()
        starter.kill()
    until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
