"""A class is told of once when it comes and once when it has left, whatever single frames say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from app.services.sightings import Sighting, Sightings


def seen(*names: str) -> list[dict[str, Any]]:
    return [{"class": name, "score": 0.9, "box": [0.0, 0.0, 8.0, 8.0]} for name in names]


def told(sightings: Sightings, frames: Iterable[tuple[float, list[dict[str, Any]]]]) -> list[Sighting]:
    return [news for seconds, found in frames for news in sightings.frame(seconds, found)]


def test_it_comes_once_and_goes_once() -> None:
    frames = [(second, seen("cup") if 10 <= second < 15 else []) for second in range(20)]
    news = told(Sightings(), frames)
    assert [(each.event, each.class_name, each.seconds, each.lasted) for each in news] == [
        ("appeared", "cup", 10, 0),
        ("gone", "cup", 14, 4),
    ]


def test_one_frame_is_no_appearance_and_one_miss_no_leaving() -> None:
    sightings = Sightings()
    assert told(sightings, [(0, seen("cup")), (1, []), (2, seen("cup")), (3, [])]) == []
    (appeared,) = told(sightings, [(4, seen("cup")), (4.5, seen("cup", "cup")), (5, []), (6, seen("cup"))])
    assert (appeared.event, appeared.seconds, appeared.most, len(appeared.detections)) == (
        "appeared",
        4,
        2,
        2,
    )
    (gone,) = told(sightings, [(7.9, []), (8.0, []), (20, [])])
    assert (gone.event, gone.seconds, gone.lasted) == ("gone", 6, 2)


def test_each_class_has_its_own_coming_and_only_the_watched_are_told() -> None:
    frames = [(second, seen("cup", "fork")) for second in range(3)]
    assert [each.class_name for each in told(Sightings(), frames)] == ["cup", "fork"]
    assert [each.class_name for each in told(Sightings({"fork"}), frames)] == ["fork"]


def test_at_the_end_what_was_in_sight_is_gone() -> None:
    sightings = Sightings()
    told(sightings, [(0, seen("cup")), (1, seen("cup", "fork"))])
    assert [(each.event, each.class_name) for each in sightings.end()] == [("gone", "cup")]
    assert sightings.end() == []
