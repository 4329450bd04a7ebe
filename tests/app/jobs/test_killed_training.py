"""The real trainer on a tiny network, killed together with its worker; the rest of the matrix is the soak."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable

import h5py
import psutil
import pytest

from app.bootstrap import Studio
from app.settings import Settings
from data.records import Project, Run
from tests.app.jobs.conftest import processes_of

TINY = {"steps": 12, "batch": 2, "backbone": "vgg16", "input_size": 64, "seed": 1}


def weights_of(studio: Studio, run: Run) -> str:
    """A digest of every weight of the run's model, by name."""
    assert run.model_id is not None, run.error
    digest = hashlib.sha256()
    with h5py.File(studio.models.folder(run.model_id) / "model.weights.h5") as file:
        names: list[str] = []
        file.visit(names.append)
        for name in sorted(names):
            if isinstance(file[name], h5py.Dataset):
                digest.update(name.encode() + file[name][()].tobytes())
    return digest.hexdigest()


@pytest.mark.slow
@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_worker_and_trainer_killed_at_once_cost_a_run_nothing_of_its_weights(
    studio: Studio,
    settings: Settings,
    labelled_project: Project,
    start_worker: Callable[..., subprocess.Popen[bytes]],
    until: Callable[[Callable[[], bool]], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calm = studio.training.start(labelled_project.id, device="cpu", **TINY)
    start_worker("tiny", device="cpu")
    monkeypatch.setenv("SLOWLY", "1")
    run = studio.training.start(labelled_project.id, device="0", **TINY)
    worker = start_worker("tiny")
    until(lambda: studio.training.progress(run.id).run.step >= 3)
    doomed = [psutil.Process(worker.pid), *psutil.Process(worker.pid).children(recursive=True)]
    assert len(doomed) == 2
    for process in doomed:
        process.kill()
    worker.wait()
    at = studio.training.progress(run.id).run
    assert (at.outcome, at.step < 12) == (None, True)

    successor = start_worker("tiny", idle=0.0)
    disturbed, undisturbed = studio.training.wait(run.id), studio.training.wait(calm.id)
    assert (disturbed.outcome, disturbed.error, disturbed.attempts) == ("done", None, 2)
    assert weights_of(studio, disturbed) == weights_of(studio, undisturbed)
    assert {model.run_id for model in studio.models.list_all()} == {run.id, calm.id}
    assert len(studio.models.list_all()) == 2
    successor.wait(60)
    left = [process for process in processes_of(settings) if "tiny_trainer" in " ".join(process.cmdline())]
    assert left == []
