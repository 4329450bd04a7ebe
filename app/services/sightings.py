"""Sightings: when something comes into a camera's sight, and when it has left, once each.

A detector wavers: what stands still is missed in a frame now and then, and something that is not there is
seen in one. So a class has appeared once it was seen in some frames in a row, and is gone only after a while
in which it was not seen at all.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

#: Frames in a row that make an appearance.
FRAMES_TO_APPEAR = 2
#: Seconds without a sight of it after which a class is gone.
SECONDS_TO_BE_GONE = 2.0


@dataclass(frozen=True, slots=True)
class Sighting:
    """A class that has appeared or is gone.

    Args:
        event: which of the two.
        class_name: of what.
        seconds: when, on the clock of the frames: when it was first seen, or seen last.
        lasted: how long it was in sight; 0 when it appears.
        detections: what of the class is in the frame that made it certain; none when it is gone.
        most: the most of them in one frame, so far.
    """

    event: Literal["appeared", "gone"]
    class_name: str
    seconds: float
    lasted: float
    detections: tuple[Mapping[str, Any], ...]
    most: int


@dataclass(slots=True)
class _Seen:
    first: float
    last: float
    frames: int = 0
    most: int = 0
    certain: bool = False


class Sightings:
    """Follows the frames of one camera.

    Args:
        watched: names of the classes that matter; None for all.
        frames_to_appear: see `FRAMES_TO_APPEAR`.
        seconds_to_be_gone: see `SECONDS_TO_BE_GONE`.
    """

    def __init__(
        self,
        watched: Collection[str] | None = None,
        *,
        frames_to_appear: int = FRAMES_TO_APPEAR,
        seconds_to_be_gone: float = SECONDS_TO_BE_GONE,
    ) -> None:
        self._watched = None if watched is None else frozenset(watched)
        self._frames_to_appear = frames_to_appear
        self._seconds_to_be_gone = seconds_to_be_gone
        self._seen: dict[str, _Seen] = {}

    def frame(self, seconds: float, detections: Sequence[Mapping[str, Any]]) -> list[Sighting]:
        """Take a frame in, and tell what has changed by it.

        Args:
            seconds: on a clock that only goes forward.
            detections: what was found, each with its ``class``.
        """
        by_class: dict[str, list[Mapping[str, Any]]] = {}
        for found in detections:
            if self._watched is None or found["class"] in self._watched:
                by_class.setdefault(found["class"], []).append(found)
        news = []
        for name, present in by_class.items():
            seen = self._seen.setdefault(name, _Seen(seconds, seconds))
            seen.last, seen.frames = seconds, seen.frames + 1
            seen.most = max(seen.most, len(present))
            if not seen.certain and seen.frames >= self._frames_to_appear:
                seen.certain = True
                news.append(Sighting("appeared", name, seen.first, 0.0, tuple(present), seen.most))
        for name in [name for name in self._seen if name not in by_class]:
            seen = self._seen[name]
            if not seen.certain:
                del self._seen[name]
            elif seconds - seen.last >= self._seconds_to_be_gone:
                news.append(self._gone(name))
        return news

    def end(self) -> list[Sighting]:
        """Nothing will be seen any more: tell that what was in sight is gone."""
        return [self._gone(name) for name in list(self._seen) if self._seen[name].certain]

    def _gone(self, name: str) -> Sighting:
        seen = self._seen.pop(name)
        return Sighting("gone", name, seen.last, seen.last - seen.first, (), seen.most)
