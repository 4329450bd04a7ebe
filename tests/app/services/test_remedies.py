"""What a button offers for each kind of failure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from app.services.remedies import trouble_of
from data.records import Run


def run(**values: Any) -> Run:
    usual: dict[str, Any] = {
        "id": "r", "project_id": 1, "snapshot_id": "s", "job_id": "j", "stop": None, "outcome": "failed",
        "error": "A sentence.", "phase": "failed", "step": 40, "total_steps": 100, "epoch": 1,
        "total_epochs": 2, "seconds_left": None, "metrics": {}, "model_id": None, "attempts": 1,
        "host": "desk", "pid": None, "pid_start": None, "beat": None, "created": datetime.now(UTC),
        "started": None, "finished": None,
        "params": {"backbone": "resnet50", "input_size": 512, "train_config": {"batch_size": 8}},
    }  # fmt: skip
    return Run(**{**usual, **values})


@pytest.mark.parametrize(
    ("values", "kind", "value"),
    [
        ({"failure": "out_of_memory"}, "resume", {"batch": 4}),
        ({"failure": "weights_unavailable"}, "resume", {"backbone": "efficientnet_lite0"}),
        ({"failure": "diverged", "failure_detail": {"image_ids": [7, 8]}}, "open_image", 7),
        ({"failure": "bad_data", "failure_detail": {"image_ids": [9]}}, "open_image", 9),
        (
            {"failure": "disk_full", "outcome": "paused", "failure_detail": {"needed_bytes": 5}},
            "free_space",
            5,
        ),
        ({"failure": "worker_gone"}, "resume", {}),
        ({"failure": "bad_data"}, "open_log", None),
        ({"failure": None}, "open_log", None),
    ],
    ids=lambda case: str(case)[:40],
)
def test_each_kind_of_failure_has_its_button(values: dict[str, Any], kind: str, value: object) -> None:
    failed = run(**values)
    trouble = trouble_of(failed, failed.status(0))
    assert trouble is not None
    assert trouble.action is not None
    assert (trouble.action.kind, trouble.action.value) == (kind, value)


def test_memory_is_saved_by_the_batch_then_the_input_then_the_backbone() -> None:
    def action(batch: int, side: int, backbone: str, start: str = "imagenet") -> object:
        params = {
            "backbone": backbone,
            "input_size": side,
            "train_config": {"batch_size": batch},
            "start": start,
        }
        trouble = trouble_of(run(failure="out_of_memory", params=params), "failed")
        assert trouble is not None
        assert trouble.action is not None
        return trouble.action.value

    assert action(2, 512, "vgg16") == {"batch": 1}
    assert action(1, 512, "vgg16") == {"input_size": 300}
    assert action(1, 300, "vgg16") == {"backbone": "efficientnet_lite0"}
    # The weights of the model that it started from fit no other.
    assert action(1, 300, "vgg16", "m1") is None
    assert action(1, 300, "efficientnet_lite0") is None


def test_a_run_without_a_sign_of_life_says_that_it_resumes_by_itself() -> None:
    trouble = trouble_of(run(outcome=None, error=None), "stalled")
    assert trouble is not None
    assert trouble.kind == "worker_gone"
    assert (
        trouble.sentence == "The worker on desk gives no sign of life. "
        "The run goes on by itself from its last save, at or shortly before step 40."
    )


def test_a_run_that_is_resumed_goes_on_from_what_was_saved_not_from_what_was_reached() -> None:
    trouble = trouble_of(run(failure="worker_gone", failure_detail={"step": 30}), "failed")
    assert trouble is not None
    assert trouble.action is not None
    assert trouble.action.label == "Resume from step 30"


@pytest.mark.parametrize("outcome", ["done", "cancelled", "paused", None])
def test_a_run_that_nothing_is_wrong_with_has_no_trouble(outcome: str | None) -> None:
    fine = run(outcome=outcome, error=None)
    assert trouble_of(fine, "running") is None
