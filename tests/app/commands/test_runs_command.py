"""``ssd-studio runs``: what is there, what was measured, and how to stop it."""

from __future__ import annotations

import json

import pytest

from app.bootstrap import Studio
from app.cli import main
from app.services.workers import Workers
from data import run_progress, runs
from data.records import MetricPoint, Project, Run


@pytest.fixture
def run(studio: Studio, labelled_project: Project) -> Run:
    started = studio.training.start(labelled_project.id, "balanced")
    with studio._database.write() as session:
        runs.begin_attempt(session, started.id, "here", 1.0)
        points = [MetricPoint(1, "loss", 3.5), MetricPoint(2, "loss", 2.5)]
        run_progress.report(session, started.id, 1, step=2, total_steps=900, points=points)
    return started


def test_runs_are_listed_and_what_they_measured_is_printed(
    studio: Studio, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--workspace", str(studio.workspace.root)]
    assert main(["runs", *where, "--project", "parts"]) == 0
    line = capsys.readouterr().out
    assert line.startswith(run.id[:12])
    assert "parts balanced 1" in line
    assert "step 2 of 900" in line
    assert main(["runs", *where, run.id[:6], "--metrics", "csv"]) == 0
    assert capsys.readouterr().out == "step,loss\n1,3.5\n2,2.5\n"
    assert main(["runs", *where, run.id, "--metrics", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"loss": [[1, 3.5], [2, 2.5]]}
    assert main(["runs", *where, run.id, "--priority", "3", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["priority"] == 3
    assert main(["runs", *where, run.id, "--stop", "pause", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["stop"] == "pause"
    assert main(["runs", *where]) == 2


def test_a_run_is_resumed_with_less(
    studio: Studio, run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Workers, "ensure", lambda *_: True)
    with studio._database.write() as session:
        runs.finish(session, run.id, "failed", "No memory.", failure="out_of_memory", now=1.0)
    where = ["--workspace", str(studio.workspace.root)]
    assert main(["runs", *where, run.id, "--batch", "4"]) == 2
    assert "go with --resume" in capsys.readouterr().err
    assert main(["runs", *where, run.id, "--resume", "--batch", "1000"]) == 1
    assert "batch is 1000, but must be between 1 and 512" in capsys.readouterr().err
    assert main(["runs", *where, run.id, "--resume", "--batch", "4", "--device", "cpu", "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert (again["params"]["train_config"]["batch_size"], again["device"]) == (4, "cpu")
    assert (again["status"], again["params"]["revision"]) == ("queued", 1)
