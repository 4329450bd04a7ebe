"""Videos looked at whole: sent, processed in a process of their own one after the other, kept for a day."""

from __future__ import annotations

import json
import logging
import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.jobs import opencv
from app.jobs.evaluation import write_json
from app.jobs.locks import try_lock
from app.jobs.video_work import COCO, DETECTIONS, TABLE, VIDEO, Enough, VideoWork, thresholds_shape
from app.services.detection import Detection
from app.services.errands import Errands
from app.services.models import Models
from app.services.staging import IncomingFile, Stage, sweep
from app.services.tasks import DAY_SECONDS, Busy, OnProgress, Task, Tasks, TaskState
from app.settings import Settings
from data.errors import DataError, NotFound
from data.names import tidy_name

if TYPE_CHECKING:
    from filelock import FileLock

    from ssd_core.thresholds import Thresholds

log = logging.getLogger(__name__)

__all__ = ["COCO", "DETECTIONS", "RESULTS", "TABLE", "VIDEO", "Enough", "VideoJob", "VideoJobs"]

#: What can be fetched of a video that is done, and how browsers are told of it.
RESULTS = {VIDEO: "video/mp4", TABLE: "text/csv", COCO: "application/json", DETECTIONS: "application/json"}
#: Written last into the folder of a video: without it, the others are not whole.
_RECEIPT = "done.json"
#: What is to be done with a video that was sent, and the lock of the server that does it.
_ORDER, _LOCK = "order.json", "order.lock"
#: So many servers are killed while they have a video in work, until it is taken for what kills them.
_MOST_BEGUN = 3
_ENDING = re.compile(r"\.[a-z0-9]{1,5}")
#: A speed is told once so many seconds have shown it.
_SECONDS_MEASURED = 1.0


class VideoJob(Task):
    """A video that a model looks at: sent, then waiting, then in work.

    ``done`` of ``total`` are frames of the file; the total is 0 where the file does not tell.
    """

    def __init__(
        self, id: str, stage: Stage, name: str, model: tuple[str, str], thresholds: Mapping[str, Any]
    ) -> None:
        super().__init__(id, "uploading")
        self.stage = stage
        self.name = name
        self.model_id, self.model_name = model
        self.thresholds = dict(thresholds)
        self.created = time.time()
        self.started: float | None = None
        #: How many servers have begun with it and were killed, and whether the next one shall begin.
        self.begun = 0
        self.is_left = False
        self._held: FileLock | None = None

    @classmethod
    def told(cls, folder: Path, told: Mapping[str, Any]) -> VideoJob:
        """Know a video again by what `shape` said of it; raises KeyError, TypeError or ValueError."""
        job = cls(folder.name, Stage(folder, "video"), told["name"], tuple(told["model"]), told["thresholds"])
        job.project_id, job.created = told["project_id"], told["created"]
        return job

    @property
    def shape(self) -> dict[str, Any]:
        """What is kept of it for the next server."""
        return {
            "name": self.name,
            "model": [self.model_id, self.model_name],
            "project_id": self.project_id,
            "thresholds": self.thresholds,
            "created": self.created,
        }

    def hold(self) -> bool:
        """Keep the video for this server until it has ended; False if another one has it."""
        self._held = self._held or try_lock(self.stage.folder / _LOCK)
        return self._held is not None

    def note_order(self, begun: int) -> None:
        """Write down what is to be done, and how many servers have begun with it."""
        self.begun = begun
        write_json(self.stage.folder / _ORDER, {**self.shape, "begun": begun})

    @property
    def results(self) -> Path:
        """The folder of what was found."""
        return self.stage.folder / "results"

    @property
    def waiting(self) -> bool:
        """Whether others are before it."""
        return self.state == "running" and self.started is None

    @property
    def frames_per_second(self) -> float | None:
        """How fast it goes, once that is known."""
        took = time.time() - self.started if self.started is not None and self.state == "running" else 0.0
        return self.done / took if took >= _SECONDS_MEASURED and self.done else None

    @property
    def seconds_left(self) -> float | None:
        """How long it will still take, as far as can be told."""
        speed = self.frames_per_second
        return max(0, self.total - self.done) / speed if speed and self.total else None

    def clear(self) -> None:
        """Remove what was sent and found."""
        self.stage.clear()

    def settle(self, ended: TaskState) -> None:
        """Remove what was sent, and all of a video that came to nothing; what is left to another stays."""
        if ended == "done":
            receipt = {**self.shape, "frames": [self.done, self.total], "report": self.report}
            # Whole or not at all: another process that starts now takes half of one for a damaged video.
            write_json(self.stage.folder / _RECEIPT, receipt)
            self.stage.clear_files()
        elif self.is_left:
            self.note_order(0)
        self.let_go()
        if ended != "done" and not self.is_left:
            self.clear()

    def let_go(self) -> None:
        """Let another server have it."""
        if self._held is not None:
            self._held.release()


class VideoJobs:
    """The videos of this workspace that are in work or done.

    One is processed at a time, at low priority and mostly in two threads, beside a person who streams.

    Args:
        settings: handed to the process that does it.
        cache: the workspace's cache; files lie below its ``videos``.
        models: where a model lies.
        detection: knows the models' classes.
    """

    def __init__(self, settings: Settings, cache: Path, models: Models, detection: Detection) -> None:
        self._folder = cache / "videos"
        self._models = models
        self._detection = detection
        # Errands of their own: an export does not wait until a film of two hours is through.
        self._errands = Errands(settings)
        self._jobs: Tasks[VideoJob] = Tasks("video", workers=1)
        sweep(self._folder, DAY_SECONDS)
        self._take_in_earlier()

    def missing(self) -> str | None:
        """What must be installed before a video can be processed, or None."""
        return opencv.is_missing()

    def begin(
        self, model: str, name: str, thresholds: Thresholds, *, every: int = 1, tiles: int = 1
    ) -> VideoJob:
        """Begin with a video that will be sent.

        Args:
            model: an id or name.
            name: of its file.
            thresholds: what counts.
            every: only each frame of so many is looked at.
            tiles: see `app.jobs.video_work.VideoWork`.

        Raises:
            Busy: too many others have not ended.
            InvalidConfig: the thresholds name a class that the model does not know.
            NotFound: there is no such model.
            OpenCVMissing: OpenCV is not installed.
        """
        missing = self.missing()
        if missing is not None:
            raise opencv.OpenCVMissing(missing)
        record = self._models.get(model)
        self._detection.classes(record.id, thresholds)
        self.sweep()
        job_id = secrets.token_urlsafe(12)
        shape = {**thresholds_shape(thresholds), "every": every, "tiles": tiles}
        stage = Stage(self._folder / job_id, "video")
        job = VideoJob(job_id, stage, tidy_name(name, "video"), (record.id, record.name), shape)
        job.project_id = record.project_id
        return self._jobs.add(job)

    def receive(self, job: VideoJob, length: int | None = None) -> IncomingFile:
        """Begin to receive the file; see ``Stage.receive``."""
        job.touch()
        ending = Path(job.name).suffix.lower()
        return job.stage.receive(f"sent{ending if _ENDING.fullmatch(ending) else ''}", length)

    def start(self, job: VideoJob) -> VideoJob:
        """Process what was sent, as soon as the videos before it are through."""
        sent, working = job.stage.source(), job.stage.folder / "working"
        source = sent if sent.is_file() else next(sent.iterdir())
        for earlier in (working, job.results):
            shutil.rmtree(earlier, ignore_errors=True)
        working.mkdir()
        job.hold()
        job.note_order(job.begun)
        every, tiles = job.thresholds["every"], job.thresholds["tiles"]
        arguments = {
            "source": str(source),
            "name": job.name,
            "folder": str(working),
            "model": job.model_name,
            "model_folder": str(self._models.folder(job.model_id)),
            "thresholds": {
                key: job.thresholds[key] for key in job.thresholds if key not in ("every", "tiles")
            },
            "every": every,
            "tiles": tiles,
        }

        def work(progress: OnProgress) -> dict[str, Any]:
            job.started = time.time()
            job.note_order(job.begun + 1)

            def told(done: int, total: int) -> None:
                progress(done, total)
                job.stage.touch()

            report = self._errands.run("video", arguments, told)
            job.done = job.total = report["frames_read"]
            working.rename(job.results)
            return report

        self._jobs.run(job, work)
        return job

    def begin_again(self) -> None:
        """Begin anew with the videos that earlier servers had when they ended; for a server to call."""
        left: list[VideoJob] = []
        for path in self._folder.glob(f"*/{_ORDER}"):
            try:
                order = json.loads(path.read_bytes())
                job = VideoJob.told(path.parent, order)
                job.begun = order["begun"]
                done = (path.parent / _RECEIPT).exists() or self._jobs.find(job.id) is not None
                if not done and self.missing() is None and job.hold():
                    left.append(self._jobs.add(job))
            except (OSError, ValueError, KeyError, TypeError, DataError) as error:
                log.warning("The video in %s cannot be begun again: %s", path.parent, error)
        for job in sorted(left, key=lambda job: job.created):
            try:
                if job.begun >= _MOST_BEGUN:
                    raise DataError(
                        f"{job.begun} servers were killed while it was in work: perhaps there is too little "
                        "memory. Send it again to try once more."
                    )
                self.start(job)
            except OSError as error:  # As a rule the disk is full: the next server may have room.
                log.warning("The video %s cannot be begun again now: %s", job.name, error)
                job.let_go()
                job.error, job.state = f"It could not be begun: {error.strerror or error}.", "failed"
            except (KeyError, TypeError, ValueError, DataError) as error:
                log.warning("The video %s cannot be begun again: %s", job.name, error)
                job.settle("failed")
                job.error, job.state = str(error), "failed"

    def all(self, project_id: int | None = None) -> tuple[VideoJob, ...]:
        """The videos of a project, or of all, the newest first."""
        self.sweep()
        jobs = (job for job in self._jobs.all() if project_id in (None, job.project_id))
        there = (job for job in jobs if job.state != "done" or job.results.is_dir())
        return tuple(sorted(there, key=lambda job: -job.created))

    def get(self, job_id: str) -> VideoJob:
        """Give a video as it is now; raises NotFound."""
        return self._jobs.get(job_id)

    def result(self, job_id: str, kind: str) -> tuple[Path, str, str]:
        """Give a file of `RESULTS`, what to call it, and its media type.

        Raises:
            Busy: the video is not done.
            NotFound: there is no such video or file, or it was swept away.
        """
        job = self._jobs.get(job_id)
        if kind not in RESULTS:
            raise NotFound(f"There is no {kind!r} of a video. There are {', '.join(RESULTS)}.")
        if job.state != "done":
            raise Busy("The video is not done, so there is no file yet.")
        path = job.results / kind
        if not path.is_file():
            raise NotFound("What was found in the video is not there any more. Process it again.")
        stem = Path(job.name).stem or "video"
        return path, f"{stem}-boxes.mp4" if kind == VIDEO else f"{stem}-{kind}", RESULTS[kind]

    def discard(self, job_id: str) -> None:
        """Stop a video, or remove what was found in it; raises NotFound."""
        self._jobs.discard(job_id)

    def sweep(self, older_than: float = DAY_SECONDS) -> None:
        """Remove what nobody has wanted for so many seconds, of earlier processes too."""
        for job in self._jobs.all():
            if not job.ended:  # It may wait for a day until the videos before it are through.
                job.stage.touch()
        sweep(self._folder, older_than)

    def close(self) -> None:
        """Stop what is under way, and leave it to the next server."""
        for job in self._jobs.all():
            job.is_left = job.state == "running" and not job.stop.is_set()
        self._errands.close()
        self._jobs.close()

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Give a folder for the results of `process_here`; one of a process that was killed is swept away."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="here-", dir=self._folder) as folder:
            yield Path(folder)

    def process_here(
        self,
        model: str | Path,
        source: Path,
        folder: Path,
        thresholds: Thresholds,
        *,
        every: int = 1,
        tiles: int = 1,
        draws: bool = True,
        on_frame: Callable[[int, int], None],
    ) -> dict[str, Any]:
        """Process a video of this computer now, in this process; see ``process_video``.

        Args:
            model: an id, a name, or as a Path a folder.
            source: the file.
            folder: where the results go.
            thresholds: what counts.
            every: only each frame of so many is looked at.
            tiles: see `app.jobs.video_work.VideoWork`.
            draws: whether the annotated video is wanted.
            on_frame: hears how many frames have been read, and how many there are; may raise `Enough`.
        """
        from app.jobs.video_detection import process_video

        detector = self._detection.detector(model)
        called = self._models.folder(model).name
        work = VideoWork(source, source.name, folder, called, thresholds, every, tiles, draws)

        def told(done: int, total: int) -> None:
            os.utime(folder)  # Another process does not sweep it away, however long this takes.
            on_frame(done, total)

        return process_video(work, detector, told)

    def _take_in_earlier(self) -> None:
        """Know again what was done before this process began."""
        earlier: list[VideoJob] = []
        for path in self._folder.glob(f"*/{_RECEIPT}"):
            try:
                told = json.loads(path.read_bytes())
                job = VideoJob.told(path.parent, told)
                job.report, (job.done, job.total) = told["report"], told["frames"]
            except OSError:
                continue  # Another process swept it away just now.
            except (ValueError, KeyError, TypeError):
                shutil.rmtree(path.parent, ignore_errors=True)
                continue
            job.state = "done"
            earlier.append(job)
        for job in sorted(earlier, key=lambda job: job.created):
            self._jobs.add(job)
