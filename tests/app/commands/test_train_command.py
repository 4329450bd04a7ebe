"""``ssd-studio train`` with a real worker and a fake network."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from app.bootstrap import Studio
from app.cli import main
from app.commands.train import line_of
from app.jobs.children import child_environment
from app.services.training import RunView
from app.settings import Settings
from data.records import Project

WORKER = Path(__file__).parents[1] / "jobs" / "worker_process.py"


def test_waiting_prints_the_finished_model_and_progress_goes_to_stderr(
    studio: Studio,
    settings: Settings,
    labelled_project: Project,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with subprocess.Popen(
        [sys.executable, str(WORKER), "quick", "-1"], env=child_environment(settings)
    ) as worker:
        try:
            while not studio.workers.is_alive():
                assert worker.poll() is None
            arguments = ["train", "--workspace", str(settings.workspace), "--project", labelled_project.name]
            assert main([*arguments, "--preset", "quick", "--wait", "--json"]) == 0
            out, err = capsys.readouterr()
            result = json.loads(out)
            assert set(result) == {"run", "model", "status", "seconds", "metrics"}
            assert result["status"] == "done"
            assert result["seconds"] > 0
            assert result["metrics"] == {"split": "val", "AP": 0.5, "AP50": 0.9}
            assert studio.models.get(result["model"]).run_id == result["run"]
            assert err.startswith("queued")
            assert "AP50" in err
            assert main(arguments) == 0
            out, err = capsys.readouterr()
            assert out.startswith("Run ")
            assert "in the background" in err
            latest = next(iter(studio.training.runs(labelled_project.id)), None)
            assert latest is not None
            assert latest.id in out
            assert studio.training.wait(latest.id).outcome == "done"
        finally:
            worker.terminate()


def test_the_progress_line_says_phase_step_loss_and_time_left(
    studio: Studio, labelled_project: Project
) -> None:
    run = studio.training.start(labelled_project.id)
    assert line_of(RunView(run, "queued", ()), None) == "queued"
    now = replace(run, phase="training", step=30, total_steps=75, seconds_left=65.0, metrics={"AP50": 0.5})
    assert line_of(RunView(now, "running", ()), 2.345678) == (
        "training · step 30 of 75 (40 %) · loss 2.346 · AP50 0.500 · 1:05 min left"
    )
    assert line_of(RunView(now, "stalled", ()), None).startswith("stalled · step 30")
    exporting = replace(now, phase="exporting", seconds_left=0.0)
    assert line_of(RunView(exporting, "running", ()), None) == "exporting · step 30 of 75 (40 %) · AP50 0.500"


@pytest.mark.parametrize(("pressed", "outcome"), [(1, None), (2, "cancelled")])
def test_ctrl_c_leaves_the_run_alone_unless_it_is_pressed_twice(
    studio: Studio,
    settings: Settings,
    labelled_project: Project,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    pressed: int,
    outcome: str | None,
) -> None:
    presses = iter([KeyboardInterrupt] * pressed)

    def interrupted(*_: object) -> None:
        for press in presses:
            raise press

    monkeypatch.setattr("app.services.workers.Workers.keep", lambda _: nullcontext())
    monkeypatch.setattr("app.services.training.Training.wait", interrupted)
    monkeypatch.setattr("app.commands.train.time.sleep", interrupted)
    arguments = [
        "train",
        "--workspace",
        str(settings.workspace),
        "--project",
        labelled_project.name,
        "--wait",
    ]
    assert main(arguments) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "goes on in the background" in err
    latest = next(iter(studio.training.runs(labelled_project.id)), None)
    assert latest is not None
    assert latest.outcome == outcome
