"""Detection: a model's boxes on a picture, for the live view, the API and the command line.

LiteRT runs in two threads, one network at a time: while one picture is in the network, another is decoded.
So at most two pictures are unpacked at once, however many are asked about. Pictures do not go through the
network in batches: its exported form takes one. Two networks of one thread each, side by side, answered up to
a fifth more pictures a second on two cores, but a single one takes a third longer, and twice the memory.

Where there is a GPU, one process with TensorFlow answers instead as soon as it has the model, several
pictures at once. Whenever it cannot, LiteRT does.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from app.jobs.detection_rows import named
from app.services.detectors import Detectors
from app.services.fair_turns import FairTurns
from app.services.models import Models
from app.services.tensorflow_process import TensorFlowProcess, Unable
from data.errors import NotFound

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ssd_core.candidates import Candidates
    from ssd_core.preprocess import ImageSource
    from ssd_core.runtime import Detector, Milliseconds
    from ssd_core.thresholds import Thresholds

#: Pictures worked on at the same time: one in the network, one being decoded.
THREADS = 2
#: Pictures that the process with TensorFlow may hold at the same time.
HELD_BY_TENSORFLOW = 8
#: Large photographs looked at in tiles at the same time; each is unpacked for as long as it takes.
TILED_AT_ONCE = 1
#: Whose turn it is when nobody says who asks: the command line, for one.
NOBODY = ""

T = TypeVar("T")
#: What `Detector.timed_candidates` gives, and what the network ran on.
Seen: TypeAlias = "tuple[Candidates, tuple[int, int], Milliseconds, str]"
See: TypeAlias = "Callable[[ImageSource], Seen]"


@dataclass(frozen=True, slots=True)
class Found:
    """What a model found in one picture, before suppression.

    Args:
        model: the model's id, or the name of its folder.
        class_names: the model's classes in order.
        candidates: in pixels of the upright picture.
        size_hw: (height, width) of the upright picture.
        milliseconds: where the time went: ``waited`` for its turn, ``decode``, ``network``, ``total``
            without waiting.
        runtime: what answered, in words: LiteRT with its precision, or TensorFlow.
    """

    model: str
    class_names: tuple[str, ...]
    candidates: Candidates
    size_hw: tuple[int, int]
    milliseconds: dict[str, float]
    runtime: str


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who asks about a picture and how it is looked at, as for `Detection.begin_candidates`."""

    client: str = NOBODY
    frame: int | None = None
    tiles: int = 1
    background: bool = False


class Detection:
    """Runs finished models by LiteRT here, or by TensorFlow in another process. Close it at the end.

    Args:
        models: where the models are.
        tensorflow: the other process; None for LiteRT alone.
    """

    def __init__(self, models: Models, tensorflow: TensorFlowProcess | None = None) -> None:
        self._models = models
        self._tensorflow = tensorflow
        self._tensorflow_turns = FairTurns(HELD_BY_TENSORFLOW)
        self._detectors = Detectors()
        self._turns = FairTurns(THREADS)
        self._tiled_turns = FairTurns(TILED_AT_ONCE)

    def close(self) -> None:
        """Give up what waits, and wait for what is under way."""
        if self._tensorflow is not None:
            self._tensorflow.close()
        self._tensorflow_turns.close()
        self._turns.close()
        self._tiled_turns.close()

    def detector(self, model: str | Path) -> Detector:
        """The detector of a model given by id, name or folder; the last few stay loaded."""
        return self._detectors.get(self._models.folder(model))

    def classes(self, model: str | Path, thresholds: Thresholds | None = None) -> tuple[str, ...]:
        """The classes of a model in order; it is loaded, and stays so for a while.

        Raises:
            InvalidConfig: the thresholds name a class that the model does not know.
        """
        from ssd_core.thresholds import check_classes

        class_names = self.detector(model).classes
        if thresholds is not None:
            check_classes(thresholds, class_names)
        return class_names

    def warm(self, model: str | Path) -> dict[str, Any]:
        """Load a model while others answer: ``model``, ``ready`` and the ``milliseconds`` it took."""
        begun = time.perf_counter()
        folder = self._models.folder(model)
        self._detectors.get(folder)
        if self._tensorflow is not None:
            self._tensorflow.has(folder)
        return {"model": folder.name, "ready": True, "milliseconds": _since(begun)}

    def chosen(self, model: str | None = None, project_id: int | None = None) -> str:
        """The id of the model that is meant: the one named, else a project's default, else the only one's.

        Raises:
            NotFound: there is no such model or project, it has no model, or several projects have one.
        """
        if model:
            return self._models.get(model).id
        if project_id is None:
            projects = {each.project_id for each in self._models.list_all()}
            if len(projects) != 1:
                several = "Several projects have models" if projects else "There is no model yet"
                raise NotFound(f"{several}: say which model by its id or name, or which project.")
            (project_id,) = projects
        found = self._models.default_of(project_id)
        if found is None:
            raise NotFound(f"Project {project_id} has no model yet. Train one first.")
        return found.id

    def begin_candidates(
        self,
        model: str | Path,
        image: bytes | Path,
        *,
        client: str = NOBODY,
        frame: int | None = None,
        tiles: int = 1,
        background: bool = False,
    ) -> Future[dict[str, Any]]:
        """Begin what `candidates` gives; loads the model first, where it is not loaded.

        Args:
            model: an id, a name, or as a Path a folder from anywhere.
            image: a picture's file, or its bytes.
            client: whose turn it takes.
            frame: the number of a frame of a stream; a newer one of the client supersedes it.
            tiles: as for `detect`.
            background: nobody waits for it: its turn comes when nobody asks for anything else. Of all of a
                client's work or of none, and not in tiles.

        Raises:
            NotFound: there is no such model.
            InvalidArtifact: its files are damaged.
            Overloaded: too much is waiting.
        """
        return self._begin(model, image, _candidates_shape, _Asked(client, frame, tiles, background))

    def begin_at_once(
        self, model: str, image: bytes, *, client: str = NOBODY, frame: int | None = None
    ) -> Future[dict[str, Any]] | None:
        """Begin what `begin_candidates` gives if that waits for nothing, as frames of a stream allow.

        None where the model has to be looked up or loaded first; arguments and errors as there.
        """
        folder = self._models.folder_at_hand(model)
        detector = None if folder is None else self._detectors.ready(folder)
        if folder is None or detector is None:
            return None
        return self._begin_on(folder, detector, image, _candidates_shape, _Asked(client, frame))

    def begin_detections(
        self,
        model: str | Path,
        image: bytes | Path,
        thresholds: Thresholds,
        *,
        client: str = NOBODY,
        tiles: int = 1,
    ) -> Future[dict[str, Any]]:
        """Begin what `detect` gives; arguments and errors as for `begin_candidates`."""
        asked = _Asked(client, tiles=tiles)
        return self._begin(model, image, lambda found: detections_shape(found, thresholds), asked)

    def candidates(self, model: str | Path, image: bytes | Path, *, tiles: int = 1) -> dict[str, Any]:
        """Boxes before non-maximum suppression, for a browser that applies thresholds itself.

        Returns ``model``, ``width``, ``height``, ``classes``, ``candidates`` as rows
        ``[x0, y0, x1, y1, score, class]`` (float32 pixels of the upright image, best score first),
        ``milliseconds`` and ``runtime``, what answered, such as ``LiteRT int8`` or ``TensorFlow``.
        """
        return self.begin_candidates(model, image, tiles=tiles).result()

    def detect(
        self,
        model: str | Path,
        image: bytes | Path,
        thresholds: Thresholds | None = None,
        *,
        tiles: int = 1,
    ) -> dict[str, Any]:
        """``model``, ``width``, ``height`` and ``detections`` (class, score, box) of one picture.

        Args:
            model: an id, a name, or as a Path a folder from anywhere.
            image: a picture's file, or its bytes.
            thresholds: what to show; None for the usual ones.
            tiles: a large photograph is looked at in so many tiles a side; 1 for as a whole.

        Raises:
            InvalidConfig: the thresholds name a class that the model does not know, or tiles are too many.
            InvalidExample: the picture cannot be decoded.
        """
        from ssd_core.thresholds import Thresholds

        return self.begin_detections(model, image, thresholds or Thresholds(), tiles=tiles).result()

    def _begin(
        self, model: str | Path, image: bytes | Path, finish: Callable[[Found], T], asked: _Asked
    ) -> Future[T]:
        folder = self._models.folder(model)
        # In the caller's thread, so that those of other models go on having their turns.
        detector = self._detectors.get(folder)
        return self._begin_on(folder, detector, image, finish, asked)

    def _begin_on(
        self,
        folder: Path,
        detector: Detector,
        image: bytes | Path,
        finish: Callable[[Found], T],
        asked: _Asked,
    ) -> Future[T]:
        if asked.tiles == 1:
            turns, see = self._sight(folder, detector, asked)
        else:
            turns, see = self._tiled_turns, lambda image: self._seen_in_tiles(folder, detector, image, asked)
        begun = time.perf_counter()

        def look() -> T:
            waited = _since(begun)
            found, size_hw, took, runtime = see(image)
            times = {"waited": waited, **asdict(took)}
            return finish(Found(folder.name, detector.classes, found, size_hw, times, runtime))

        return turns.submit(
            asked.client, look, frame=asked.frame, size=_size_of(image), background=asked.background
        )

    def _sight(self, folder: Path, detector: Detector, asked: _Asked) -> tuple[FairTurns, See]:
        """Whose turns a picture takes, and how it is looked at then: on TensorFlow if that has the model."""

        def see_here(image: ImageSource) -> Seen:
            return *detector.timed_candidates(image), f"LiteRT {detector.card.get('runtime', 'float32')}"

        process = self._tensorflow
        if process is None or not process.has(folder):
            return self._turns, see_here

        def see(image: ImageSource) -> Seen:
            try:
                return *process.look(folder, image), "TensorFlow"
            except Unable:
                return self._turns.submit(
                    asked.client,
                    lambda: see_here(image),
                    size=_size_of(image),
                    background=asked.background,
                ).result()

        return self._tensorflow_turns, see

    def _seen_in_tiles(self, folder: Path, detector: Detector, image: ImageSource, asked: _Asked) -> Seen:
        """Look at a photograph tile by tile; each tile is a turn, so that others go on having theirs."""
        from ssd_core.preprocess import load_rgb
        from ssd_core.runtime import Milliseconds
        from ssd_core.tiling import tiled_candidates

        begun = time.perf_counter()
        rgb = self._turns.submit(asked.client, lambda: load_rgb(image), size=_size_of(image)).result()
        decoded = _since(begun)
        network = 0.0
        runtimes: set[str] = set()

        def look(tile: NDArray[np.uint8]) -> Candidates:
            nonlocal decoded, network
            turns, see = self._sight(folder, detector, asked)
            found, _, took, runtime = turns.submit(asked.client, lambda: see(tile)).result()
            decoded, network = decoded + took.decode, network + took.network
            runtimes.add(runtime)
            return found

        found = tiled_candidates(look, rgb, asked.tiles)
        took = Milliseconds(decoded, network, _since(begun))
        return found, (rgb.shape[0], rgb.shape[1]), took, " and ".join(sorted(runtimes))


def detections_shape(found: Found, thresholds: Thresholds) -> dict[str, Any]:
    """What thresholds leave, as every face gives it."""
    from ssd_core.thresholds import detections

    shown = detections(found.candidates, thresholds, found.class_names)
    height, width = found.size_hw
    return {
        "model": found.model,
        "width": width,
        "height": height,
        "detections": named(shown, found.class_names),
    }


def _candidates_shape(found: Found) -> dict[str, Any]:
    height, width = found.size_hw
    return {
        "model": found.model,
        "width": width,
        "height": height,
        "classes": list(found.class_names),
        "candidates": found.candidates.rows(),
        "milliseconds": found.milliseconds,
        "runtime": found.runtime,
    }


def _size_of(image: ImageSource) -> int:
    """Bytes that a picture has packed; none of a file that is not there, or of pixels."""
    if isinstance(image, bytes):
        return len(image)
    if not isinstance(image, Path):
        return 0
    try:
        return image.stat().st_size
    except OSError:
        return 0


def _since(begun: float) -> float:
    return (time.perf_counter() - begun) * 1000
