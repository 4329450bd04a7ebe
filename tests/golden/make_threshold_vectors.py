"""Write ``threshold_vectors.json``: what thresholds leave of candidates, by a slow, plain oracle.

Run ``python tests/golden/make_threshold_vectors.py`` from the repository's root; the output is the same on
every machine. The oracle goes through the candidates one by one, as a person would with the sliders.
"""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).parent
CLASSES = ["nut", "bolt", "gear"]

Row = list[float]


def _oracle() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_nms_vectors", HERE / "make_nms_vectors.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ORACLE = _oracle()
USUAL: dict[str, Any] = {
    "score": 0.5,
    "iou": 0.45,
    "max_boxes": 200,
    "class_agnostic": False,
    "classes": None,
    "class_scores": {},
}


def kept(rows: list[Row], thresholds: dict[str, Any]) -> list[int]:
    """Visit by score; keep what is shown, reaches its class's score and has no kept rival too near."""
    visit = sorted(range(len(rows)), key=lambda index: (-rows[index][4], index))
    survivors: list[int] = []
    for index in visit:
        row = rows[index]
        name = CLASSES[int(row[5])]
        if thresholds["classes"] is not None and name not in thresholds["classes"]:
            continue
        if row[4] < ORACLE.f32(thresholds["class_scores"].get(name, thresholds["score"])):
            continue
        if len(survivors) == thresholds["max_boxes"]:
            break
        rivals = [rows[other] for other in survivors]
        if not thresholds["class_agnostic"]:
            rivals = [rival for rival in rivals if rival[5] == row[5]]
        if not any(ORACLE.iou(rival, row) > ORACLE.f32(thresholds["iou"]) for rival in rivals):
            survivors.append(index)
    return survivors


def case(name: str, rows: list[Row], **chosen: Any) -> dict[str, Any]:
    """Round the candidates to float32 and answer them."""
    rounded = [[*(ORACLE.f32(value) for value in row[:5]), int(row[5])] for row in rows]
    thresholds = {**USUAL, **chosen}
    return {
        "name": name,
        "classes": CLASSES,
        "candidates": rounded,
        "thresholds": thresholds,
        "kept": kept(rounded, thresholds),
    }


def cases() -> list[dict[str, Any]]:
    """All cases, small ones first."""
    stack = [[10, 10, 50, 50, 0.9, 0], [10, 10, 50, 50, 0.8, 1], [10, 10, 50, 50, 0.7, 2]]
    tied = [[10, 10, 50, 50, 0.6, index] for index in (2, 0, 1, 0)]
    crowd = ORACLE.crowd(seed=7, count=200, classes=3)
    grid = ORACLE.crowd(seed=8, count=200, classes=3, grid=10)
    some = {"nut": 0.3, "bolt": 0.9}
    return [
        case("nothing in, nothing out", []),
        case("nothing in, whatever is chosen", [], class_agnostic=True, classes=["nut"], class_scores=some),
        case("boxes of three classes at one place all stay", stack),
        case("over all classes only the best stays", stack, class_agnostic=True),
        case("over all classes the first of equal scores stays", tied, class_agnostic=True),
        case("class by class the first of equal scores stays", tied),
        case("no class is shown", stack, classes=[]),
        case("one class is shown", stack, classes=["bolt"]),
        case("a hidden class suppresses nobody", stack, class_agnostic=True, classes=["bolt", "gear"]),
        case("a class has its own score", stack, class_scores={"nut": 0.95, "gear": 0.7}),
        case("a class's own score is rounded to float32", stack, score=0, class_scores={"gear": 0.7}),
        case(
            "what is below its class's score suppresses nobody",
            stack,
            class_agnostic=True,
            class_scores={"nut": 0.95},
        ),
        case("a score of a hidden class does not matter", stack, classes=["nut"], class_scores={"bolt": 0}),
        case("the cut counts what is left after all of it", stack, classes=["bolt", "gear"], max_boxes=1),
        case("200 boxes of three classes over all classes", crowd, score=0.05, class_agnostic=True),
        case("200 boxes with scores of their own", crowd, score=0.5, class_scores=some),
        case(
            "200 boxes on a grid with ties, over all classes",
            grid,
            score=0.1,
            class_agnostic=True,
            max_boxes=20,
        ),
        case(
            "200 boxes on a grid, two classes shown",
            grid,
            classes=["gear", "nut"],
            class_scores=some,
            iou=0.3,
        ),
    ]


def render() -> str:
    """The file's text: one case a line, so that a change is readable."""
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in cases())
    return '{"format": 1, "cases": [\n' + lines + "\n]}\n"


if __name__ == "__main__":
    (HERE / "threshold_vectors.json").write_text(render(), encoding="utf-8")
