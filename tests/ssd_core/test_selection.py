"""The best state is kept, with patience for the noise of few images."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from ssd_core.selection import BestWeights


def _network(value: float) -> keras.Model:
    network = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    network.weights[0].assign(np.full((1, 1), value))
    return network


def _offered(folder: Path, scores: list[float], boxes: int) -> BestWeights:
    best = BestWeights(folder, boxes)
    for step, score in enumerate(scores, start=1):
        best.offer(_network(float(step)), score, step)
        best.forget_others()
    return best


def _kept(best: BestWeights) -> float:
    network = _network(0.0)
    assert best.load_into(network)
    return float(network.get_weights()[0][0, 0])


def test_the_state_before_a_clear_decline_is_kept(tmp_path: Path) -> None:
    assert _kept(_offered(tmp_path, [0.5, 0.8, 0.1, 0.1], boxes=50)) == 2


def test_a_later_state_wins_unless_the_loss_is_more_than_chance(tmp_path: Path) -> None:
    assert _kept(_offered(tmp_path / "few", [0.80, 0.70], boxes=10)) == 2
    assert _kept(_offered(tmp_path / "many", [0.80, 0.70], boxes=1000)) == 1


def test_many_small_declines_do_not_add_up_unnoticed(tmp_path: Path) -> None:
    best = _offered(tmp_path, [0.80, 0.76, 0.72, 0.68, 0.64, 0.60, 0.56, 0.52], boxes=10)
    assert _kept(best) == 5


def test_only_the_best_state_s_file_stays(tmp_path: Path) -> None:
    _offered(tmp_path, [0.1, 0.5, 0.9], boxes=100)
    assert [path.name for path in tmp_path.iterdir()] == ["best-00000003.weights.h5"]


def test_without_an_offer_there_is_nothing_to_load(tmp_path: Path) -> None:
    network = _network(4.0)
    assert not BestWeights(tmp_path, 5).load_into(network)
    assert network.get_weights()[0][0, 0] == 4.0
