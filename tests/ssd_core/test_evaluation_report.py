"""The report holds what each measurement gives, in a form that JSON can carry."""

from __future__ import annotations

import json

import pytest

from ssd_core.confusion import confusion_matrix
from ssd_core.error_types import error_types
from ssd_core.errors import InvalidExample
from ssd_core.evaluation import evaluate
from ssd_core.evaluation_report import full_report
from ssd_core.precision_recall import precision_recall_curves
from ssd_core.resampling import bootstrap_interval
from ssd_core.score_thresholds import best_score_thresholds
from ssd_core.voc_metric import voc_metrics
from tests.ssd_core.detection_cases import BOX, FAR, example, found, random_case

NAMES = ("nut", "bolt", "cog")


def test_the_report_is_all_measurements_together() -> None:
    given = (*random_case(1), NAMES)
    paper, shown = error_types(*given), error_types(*given, score_threshold=0.3)
    assert len(shown["records"]) < len(paper["records"])
    assert full_report(*given, seed=4, score_threshold=0.3, resamples=30) == {
        **evaluate(*given),
        "interval": bootstrap_interval(*given, seed=4, resamples=30),
        "curves": precision_recall_curves(*given),
        "thresholds": best_score_thresholds(*given),
        "voc": voc_metrics(*given),
        "confusion": confusion_matrix(*given, score_threshold=0.3),
        "errors": {
            "delta_AP50": paper["delta_AP50"],
            "counts": shown["counts"],
            "records": shown["records"],
            "score_threshold": 0.3,
        },
    }


def test_mistakes_are_listed_from_the_score_on_that_a_person_sees() -> None:
    report = full_report(
        [found((BOX, 0.9, 0), (FAR, 0.4, 0))], [example([BOX], [0])], NAMES, seed=0, resamples=5
    )
    assert (report["errors"]["score_threshold"], report["confusion"]["score_threshold"]) == (0.5, 0.5)
    assert report["errors"]["records"] == []


@pytest.mark.parametrize("empty", [True, False], ids=["no images", "some images"])
def test_the_report_survives_json(empty: bool) -> None:
    detections, examples = ([], []) if empty else random_case(2)
    report = full_report(detections, examples, NAMES, seed=0, resamples=5)
    assert json.loads(json.dumps(report, allow_nan=False)) == report


def test_a_class_index_without_a_name_is_refused() -> None:
    with pytest.raises(InvalidExample, match="class index 3, but there are 3 classes"):
        full_report([found()], [example([BOX], [3])], NAMES, seed=0)
