"""Detectors kept ready: a model is loaded beside those that answer, which never wait for it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ssd_core.runtime import Detector

#: Detectors kept ready; each holds about 20 MB.
DETECTORS_KEPT = 3


class Detectors:
    """The detectors that were used last, by folder; safe to share among threads."""

    def __init__(self, kept: int = DETECTORS_KEPT) -> None:
        self._kept = kept
        self._lock = threading.Lock()
        self._loaded: OrderedDict[Path, Future[Detector]] = OrderedDict()

    def get(self, folder: Path) -> Detector:
        """Give a folder's detector; whoever asks first loads and warms it, and others of it wait for that.

        Raises:
            InvalidArtifact: a file is missing, damaged or of another model.
        """
        with self._lock:
            known = self._loaded.get(folder)
            mine = known is None
            coming: Future[Detector] = Future() if known is None else known
            self._loaded[folder] = coming
            self._loaded.move_to_end(folder)
            while len(self._loaded) > self._kept:
                self._loaded.popitem(last=False)
        if mine:
            self._load(folder, coming)
        return coming.result()

    def ready(self, folder: Path) -> Detector | None:
        """Give a folder's detector if it answers at once, else None; waits for nothing."""
        with self._lock:
            known = self._loaded.get(folder)
            if known is None or not known.done() or known.exception() is not None:
                return None
            self._loaded.move_to_end(folder)
            return known.result()

    def _load(self, folder: Path, coming: Future[Detector]) -> None:
        from ssd_core.runtime import Detector

        try:
            detector = Detector.load(folder)
            detector.warm()
        except BaseException as error:  # noqa: BLE001 - given to all who wait for it
            # The next who asks tries again: the files may have been repaired.
            with self._lock:
                if self._loaded.get(folder) is coming:
                    del self._loaded[folder]
            coming.set_exception(error)
        else:
            coming.set_result(detector)
