"""The timing of ten steps: what it is done on, when it gives way, and when it is tried again."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from types import SimpleNamespace

import pytest

from app.bootstrap import Studio
from app.jobs import benchmark
from app.jobs.benchmark import EXIT_GAVE_WAY, Benchmark
from app.jobs.locks import DeviceLocks
from data import snapshots
from data.database import Database
from data.records import Project
from ssd_core.train_config import TrainConfig


def test_it_gives_way_to_a_run_and_ends_with_the_studio_that_wanted_it(
    studio: Studio, database: Database, labelled_project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(benchmark, "SECONDS_BETWEEN_LOOKS", 0.0)
    asked = benchmark._GiveWay(database, os.getppid())
    assert asked() is None
    studio.training.start(labelled_project.id)
    assert asked() == "a run is queued"
    assert benchmark._GiveWay(database, os.getppid() + 1)() == "nobody waits for it"


def test_it_is_done_on_some_images_of_each_part(
    database: Database, labelled_project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(benchmark, "MOST_IMAGES", 3)
    with database.read() as session:
        composed = snapshots.compose(session, labelled_project.id, 0).snapshot()
    images = (*composed.images, *(replace(image, split="val") for image in composed.images[:2]))
    kept = benchmark._some_of(replace(composed, images=images))
    assert sorted(image.split for image in kept.images) == ["train"] * 3 + ["val"] * 3


@pytest.mark.parametrize(("code", "again"), [(0, True), (EXIT_GAVE_WAY, True), (1, False)])
def test_a_kind_whose_timing_failed_is_not_timed_again(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, code: int, again: bool
) -> None:
    child = SimpleNamespace(poll=lambda: code, returncode=code)
    monkeypatch.setattr(benchmark.subprocess, "Popen", lambda *_, **__: child)
    timing = Benchmark(studio.settings, studio.workspace)
    kind = (1, 50, "0", "efficientnet_lite0", 300, TrainConfig.preset("quick"))
    assert timing.start(*kind)
    assert timing.start(*kind) is again


def test_while_the_device_is_held_it_is_said_to_come(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[object] = []
    child = SimpleNamespace(poll=lambda: None, returncode=None)
    monkeypatch.setattr(benchmark.subprocess, "Popen", lambda *_, **__: started.append(child) or child)
    timing = Benchmark(studio.settings, studio.workspace)
    kind = (1, 50, "0", "efficientnet_lite0", 300, TrainConfig.preset("quick"))
    with DeviceLocks(studio.workspace.locks, "0").held(threading.Event()):
        assert timing.start(*kind)
        assert started == []
    assert timing.start(*kind)
    assert started == [child]
