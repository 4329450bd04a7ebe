"""Write ``nms_vectors.json``: cases of non-maximum suppression with the answer of a slow, plain oracle.

Run ``python tests/golden/make_nms_vectors.py`` from the repository's root; the output is the same on every
machine. The oracle shares no code with the program: it uses Python floats, rounds each operation to float32
with ``struct`` and compares every candidate with every box kept before it.
"""

from __future__ import annotations

import json
import random
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

Row = list[float]


def f32(value: float) -> float:
    """Round to the nearest float32."""
    return float(struct.unpack("<f", struct.pack("<f", value))[0])


def iou(a: Row, b: Row) -> float:
    """IoU in float32, each operation rounded, in the order that ``ssd_core/nms.py`` documents."""
    width = max(f32(min(a[2], b[2]) - max(a[0], b[0])), 0.0)
    height = max(f32(min(a[3], b[3]) - max(a[1], b[1])), 0.0)
    inter = f32(width * height)
    if inter <= 0:
        return 0.0
    area_a = f32(f32(a[2] - a[0]) * f32(a[3] - a[1]))
    area_b = f32(f32(b[2] - b[0]) * f32(b[3] - b[1]))
    return f32(inter / f32(f32(area_a + area_b) - inter))


def iou_in_double(a: Row, b: Row) -> float:
    """IoU without rounding to float32, to find cases in which the rounding decides."""
    inter = max(min(a[2], b[2]) - max(a[0], b[0]), 0) * max(min(a[3], b[3]) - max(a[1], b[1]), 0)
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - inter
    return inter / union


def kept(rows: list[Row], score_threshold: float, iou_threshold: float, max_boxes: int) -> list[int]:
    """Visit by score; keep what no kept box of its class overlaps by more than the threshold."""
    visit = sorted(range(len(rows)), key=lambda index: (-rows[index][4], index))
    survivors: list[int] = []
    for index in visit:
        row = rows[index]
        if len(survivors) == max_boxes or row[4] < f32(score_threshold):
            break
        rivals = [rows[other] for other in survivors if rows[other][5] == row[5]]
        if not any(iou(rival, row) > f32(iou_threshold) for rival in rivals):
            survivors.append(index)
    return survivors


def case(
    name: str, rows: list[Row], score: float = 0.5, iou_at: float = 0.45, most: int = 200
) -> dict[str, Any]:
    """Round the candidates to float32 and answer them."""
    rounded = [[*(f32(value) for value in row[:5]), int(row[5])] for row in rows]
    return {
        "name": name,
        "candidates": rounded,
        "score_threshold": score,
        "iou_threshold": iou_at,
        "max_boxes": most,
        "kept": kept(rounded, score, iou_at, most),
    }


def other_order(a: Row, b: Row) -> float:
    """IoU in float32 with the union added up the other way, which is not what is documented."""
    inter = f32(f32(min(a[2], b[2]) - max(a[0], b[0])) * f32(min(a[3], b[3]) - max(a[1], b[1])))
    area_a = f32(f32(a[2] - a[0]) * f32(a[3] - a[1]))
    area_b = f32(f32(b[2] - b[0]) * f32(b[3] - b[1]))
    return f32(inter / f32(area_a + f32(area_b - inter)))


def rounding_decides(name: str, wrong: Callable[[Row, Row], float], seed: int) -> dict[str, Any]:
    """Find two boxes whose IoU equals the threshold, but which a wrong way of computing puts above it."""
    source = random.Random(seed)
    while True:
        a = [f32(source.uniform(*span)) for span in ((0, 50), (0, 50), (150, 200), (150, 200))] + [0.9, 0]
        b = [f32(source.uniform(*span)) for span in ((0, 50), (0, 50), (150, 200), (150, 200))] + [0.8, 0]
        if wrong(a, b) > iou(a, b):
            return case(name, [a, b], iou_at=iou(a, b))


def crowd(seed: int, count: int, classes: int, grid: int | None = None) -> list[Row]:
    """Boxes around a few centres, best first; on a grid, many of them are equal or tie."""
    source = random.Random(seed)
    centres = [(source.uniform(40, 600), source.uniform(40, 440)) for _ in range(9)]
    rows = []
    for _ in range(count):
        x, y = source.choice(centres)
        x, y = x + source.gauss(0, 9), y + source.gauss(0, 9)
        w, h = source.uniform(40, 110), source.uniform(40, 110)
        score = source.random()
        box = [max(x - w / 2, 0), max(y - h / 2, 0), min(x + w / 2, 640), min(y + h / 2, 480)]
        if grid:
            box, score = [float(round(value / grid) * grid) for value in box], round(score, 1)
        rows.append([*box, score, source.randrange(classes)])
    return sorted(rows, key=lambda row: -f32(row[4]))


def cases() -> list[dict[str, Any]]:
    """All cases, small ones first."""
    chain = [[0, 0, 10, 10, 0.9, 0], [0, 0, 10, 19, 0.8, 0], [0, 9, 10, 19, 0.7, 0]]
    twins = [[10, 10, 50, 50, 0.9, 0], [10, 10, 50, 50, 0.8, 0]]
    return [
        case("nothing in, nothing out", []),
        case("one box", [[1.5, 2.25, 30, 40, 0.75, 0]]),
        case("no score reaches the threshold", [[0, 0, 10, 10, 0.4999, 0]]),
        case("a score equal to the threshold counts", [[0, 0, 10, 10, 0.5, 0]]),
        case("the score threshold is rounded to float32", [[0, 0, 10, 10, 0.7, 0]], score=0.7),
        case("of two equal boxes the better stays", twins),
        case("of two equal boxes with equal scores the first stays", [twins[0], twins[0]]),
        case(
            "equal scores keep the order given",
            [[0, 0, 9, 9, 0.6, 1], [50, 0, 59, 9, 0.6, 0], [90, 0, 99, 9, 0.6, 1]],
        ),
        case("equal boxes of two classes both stay", [twins[0], [10, 10, 50, 50, 0.8, 1]]),
        case(
            "an IoU equal to the threshold stays: one half",
            [[0, 0, 2, 1, 0.9, 0], [0, 0, 1, 1, 0.8, 0]],
            iou_at=0.5,
        ),
        case("an IoU equal to the threshold stays: 9 of 20", [[0, 0, 20, 1, 0.9, 0], [0, 0, 9, 1, 0.8, 0]]),
        case(
            "the IoU threshold is rounded to float32",
            [[0, 0, 10, 1, 0.9, 0], [0, 0, 3, 1, 0.8, 0]],
            iou_at=0.3,
        ),
        case("an IoU just above the threshold goes", [[0, 0, 20, 1, 0.9, 0], [0, 0, 9.001, 1, 0.8, 0]]),
        rounding_decides("computed in double the second box would go", iou_in_double, seed=1),
        rounding_decides("computed in double the second box would go, once more", iou_in_double, seed=2),
        rounding_decides(
            "with the union summed in another order the second box would go", other_order, seed=3
        ),
        case("a removed box removes nobody", chain),
        case("a low threshold removes the whole chain", chain, iou_at=0.05),
        case(
            "at threshold 0 touching boxes stay", [[0, 0, 10, 10, 0.9, 0], [10, 0, 20, 10, 0.8, 0]], iou_at=0
        ),
        case("at threshold 0 any overlap goes", [[0, 0, 10, 10, 0.9, 0], [9, 9, 20, 20, 0.8, 0]], iou_at=0),
        case("at threshold 1 equal boxes stay", twins, iou_at=1),
        case(
            "boxes without area overlap nobody",
            [[5, 5, 5, 9, 0.9, 0], [5, 5, 5, 9, 0.8, 0], [0, 0, 9, 9, 0.7, 0]],
        ),
        case("points overlap nobody", [[5, 5, 5, 5, 0.9, 0], [5, 5, 5, 5, 0.9, 0]], iou_at=0),
        case(
            "the cut goes across classes, best first",
            [[0, 0, 9, 9, 0.9, 0], [50, 0, 59, 9, 0.8, 1], [90, 0, 99, 9, 0.7, 0], [130, 0, 139, 9, 0.6, 1]],
            most=3,
        ),
        case("a box removed by overlap is not counted", [*twins, [90, 90, 99, 99, 0.7, 0]], most=2),
        case("no boxes wanted", twins, most=0),
        case("no boxes wanted of none", [], score=0, iou_at=0, most=0),
        case("equal boxes with equal scores in two classes", [twins[0], [*twins[0][:5], 1]] * 2),
        case(
            "of equal scores the cut takes the first",
            [[0, 0, 9, 9, 0.6, 1], [50, 0, 59, 9, 0.6, 0], [90, 0, 99, 9, 0.6, 1]],
            most=2,
        ),
        case(
            "a tie decides which of a chain stays",
            [[0, 0, 10, 10, 0.8, 0], [0, 0, 10, 15, 0.8, 0], [0, 5, 10, 15, 0.8, 0]],
        ),
        case("candidates in any order are visited by score", [twins[1], [90, 0, 99, 9, 0.7, 0], twins[0]]),
        case("200 boxes of three classes", crowd(seed=3, count=200, classes=3), score=0.05),
        case(
            "200 boxes of one class, high score", crowd(seed=4, count=200, classes=1), score=0.5, iou_at=0.3
        ),
        case("200 boxes on a grid with ties", crowd(seed=5, count=200, classes=2, grid=10), score=0.1),
        case(
            "200 boxes, the cut in the middle",
            crowd(seed=6, count=200, classes=2),
            score=0.05,
            iou_at=0.6,
            most=25,
        ),
    ]


def render() -> str:
    """The file's text: one case a line, so that a change is readable."""
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in cases())
    return '{"format": 1, "cases": [\n' + lines + "\n]}\n"


if __name__ == "__main__":
    Path(__file__).with_name("nms_vectors.json").write_text(render(), encoding="utf-8")
