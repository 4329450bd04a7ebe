"""The worker of a device: takes trainings out of the queue, one at a time, until nobody needs it."""

from __future__ import annotations

import faulthandler
import logging
import math
import os
import shutil
import signal
import socket
import sys
import threading
import time
from dataclasses import asdict
from types import FrameType
from typing import Any, NoReturn

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer

from app import logs
from app.jobs.failures import Failure, failure_of_interruptions, failure_of_kills
from app.jobs.keeper import start_worker
from app.jobs.locks import somebody_present, try_lock
from app.jobs.queue import APPLICATION, VERSION, WORKFLOW, TrainingQueue, own_queue
from app.jobs.saved_state import saved_step
from app.jobs.supervision import (
    TRIES,
    TRIES_WITHOUT_PROGRESS,
    Attempt,
    Supervisor,
    TrainerCommand,
    trainer_command,
    tries_without_progress,
)
from app.settings import Settings
from app.workspace import Workspace
from data import runs
from data.database import Database
from data.errors import DatabaseUnusable, DataError
from data.records import LEASE_SECONDS, Run

log = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 1.0
SECONDS_BETWEEN_LOOKS_AT_THE_DISK = 10.0
#: A job that this worker took begins within this time.
SECONDS_TO_BEGIN = 15.0
#: A run without a sign of life for this long is taken from the worker that had it.
SECONDS_UNTIL_TAKEN_OVER = 3 * LEASE_SECONDS
#: How often a job may be taken up anew after its worker died, before it is left alone.
RECOVERIES = 50


class WorkerRefused(DataError):
    """The device already has a worker."""


def run_worker(
    settings: Settings, idle_exit: float | None = None, command: TrainerCommand = trainer_command
) -> NoReturn:
    """Serve the queue with this process until it is told to leave, then end it; call it from the main thread.

    Args:
        settings: workspace, database and device.
        idle_exit: leave after this many seconds without anybody present and without unfinished runs;
            None stays until a signal comes.
        command: makes the trainer's command.

    Raises:
        WorkerRefused: the device has a worker already.
    """
    workspace = Workspace(settings.workspace).prepare()
    # A keeper looks whether the lock is free by taking it for a moment.
    lock = try_lock(workspace.worker_lock(settings.device), wait_seconds=2.0)
    if lock is None:
        raise WorkerRefused(
            f"Device {settings.device} already has a worker in {workspace.root}. "
            "Let that one work, or name another device with --device."
        )
    # A keeper has sent stderr into the log already; a person wants to see the lines too.
    by_hand = sys.stderr.isatty()
    logs.configure(workspace.worker_log(settings.device) if by_hand else None)
    faulthandler.enable()
    leave = threading.Event()
    _leave_on_signals(leave)
    database = Database.open(settings.database_url, workspace.root)
    worker = Worker(database, settings, command)
    worker.start()
    log.info("Worker %d of device %s serves %s.", os.getpid(), settings.device, workspace.root)
    worker.serve(leave, idle_exit)
    worker.stop()
    lock.release()
    if idle_exit is not None and not leave.is_set() and workspace.locks.exists() and worker.has_work():
        # Somebody queued a run just now, saw the lock held and relied on us.
        start_worker(settings, idle_exit)
    log.info("Worker %d leaves.", os.getpid())
    logging.shutdown()
    # An attempt that was interrupted waits for ever in a thread that a normal exit would join.
    os._exit(0)


class Worker:
    """The queue's executor in this process.

    Args:
        database: open database.
        settings: workspace and device.
        command: makes the trainer's command.
    """

    def __init__(self, database: Database, settings: Settings, command: TrainerCommand) -> None:
        self._database = database
        self._device = settings.device
        self._workspace = Workspace(settings.workspace)
        self._supervisor = Supervisor(database, settings, command)
        self._queue = TrainingQueue(database)
        self._executor = f"{socket.gethostname()}:{settings.device}"
        self._taken: tuple[str, float] | None = None
        #: By run, its latest sign of life and when this worker saw it first; and when it looked last.
        self._beats: dict[str, tuple[float | None, float]] = {}
        self._looked = -math.inf
        self._looked_at_disk = -SECONDS_BETWEEN_LOOKS_AT_THE_DISK

    def start(self) -> None:
        """Take part in the queue; jobs of this device that an earlier worker left open are taken up again."""
        config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_engine": self._database.queue_engine(),
            "application_version": VERSION,
            "executor_id": self._executor,
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "WARNING",
        }
        DBOS(config=config)
        self._register_job()
        own = own_queue(self._executor)
        DBOS.listen_queues([own])
        DBOS.launch()
        DBOS.register_queue(own, worker_concurrency=1, polling_interval_sec=0.5)

    def serve(self, leave: threading.Event, idle_exit: float | None) -> None:
        """Look after the queue until ``leave`` is set or nobody has needed this worker for a while."""
        locks = self._workspace.locks
        needed = time.monotonic()
        while not leave.wait(SECONDS_BETWEEN_LOOKS):
            if not locks.exists():
                log.warning("The workspace is gone.")
                return
            try:
                self._resume_what_waits_for_space()
                unfinished = self.unfinished()
                self._take_one(unfinished)
            except DatabaseUnusable as error:
                log.warning("The database is away; trying again. %s", error)
                continue
            if self._has_work(unfinished) or somebody_present(locks):
                needed = time.monotonic()
            elif idle_exit is not None and time.monotonic() - needed >= idle_exit:
                return

    def stop(self) -> None:
        """Let a running trainer save itself, and take no more jobs; its job stays open."""
        self._supervisor.leave()
        DBOS.destroy()
        self._queue.close()

    def unfinished(self) -> tuple[Run, ...]:
        """Runs that have no outcome yet, of any host and device, in the order of the queue."""
        with self._database.read() as session:
            return runs.unfinished(session)

    def has_work(self) -> bool:
        """Tell whether a run that this device may train has no outcome yet."""
        return self._has_work(self.unfinished())

    def _has_work(self, unfinished: tuple[Run, ...]) -> bool:
        return any(run.device in (None, self._device) for run in unfinished)

    def _register_job(self) -> None:
        supervisor = self._supervisor

        @DBOS.step(name="attempt")
        def attempt(run_id: str) -> dict[str, Any]:
            return asdict(supervisor.attempt(run_id, str(DBOS.workflow_id)))

        @DBOS.step(name="give_up")
        def give_up(run_id: str, failure: dict[str, Any]) -> str:
            return supervisor.give_up(run_id, Failure(**failure))

        @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=RECOVERIES)
        def train(run_id: str) -> str:
            ended: list[Attempt] = []
            for _ in range(TRIES):
                try:
                    result = Attempt(**attempt(run_id))
                except Exception as error:  # noqa: BLE001 - whatever it is, the run must not hang without a word
                    failure = Failure("unknown", f"Training could not be carried out: {error}")
                    return give_up(run_id, asdict(failure))
                if result.outcome is not None:
                    return result.outcome
                ended.append(result)
                if tries_without_progress(ended) >= TRIES_WITHOUT_PROGRESS:
                    break
            else:
                return give_up(run_id, asdict(failure_of_interruptions(TRIES, result.step, result.saved)))
            furthest = max(attempt.step for attempt in ended)
            failure = failure_of_kills(
                TRIES_WITHOUT_PROGRESS, result.exit_code, furthest, result.saved, ran_out=result.ran_out
            )
            return give_up(run_id, asdict(failure))

    def _take_one(self, unfinished: tuple[Run, ...]) -> None:
        """Take the first run that waits for this worker or that another one began and never came back to."""
        free = not self._is_busy() and self._supervisor.device.are_free()
        self._notice(unfinished)
        for run in unfinished:
            silent = math.inf if run.beat is None else self._looked - self._beats[run.id][1]
            if run.id == self._supervisor.run_id or silent < SECONDS_UNTIL_TAKEN_OVER:
                continue
            with logs.about_run(run.id):
                if self._take(run, free=free and run.device in (None, self._device)):
                    return

    def _notice(self, unfinished: tuple[Run, ...]) -> None:
        """Note which runs have given a sign of life, by this worker's own watch: clocks of hosts differ."""
        now = time.monotonic()
        if now - self._looked > LEASE_SECONDS:
            # This machine slept, or the database was away: whoever is alive needs a moment to say so.
            self._beats = {}
        first_seen = {(run_id, beat): since for run_id, (beat, since) in self._beats.items()}
        self._beats = {run.id: (run.beat, first_seen.get((run.id, run.beat), now)) for run in unfinished}
        self._looked = now

    def _is_busy(self) -> bool:
        if self._supervisor.run_id is not None:
            return True
        if self._taken is None:
            return False
        job_id, since = self._taken
        return self._supervisor.job_id != job_id and time.monotonic() - since < SECONDS_TO_BEGIN

    def _take(self, run: Run, *, free: bool) -> bool:
        status = DBOS.get_workflow_status(run.job_id) if run.job_id else None
        state = status.status if status else "lost"
        if state not in ("ENQUEUED", "DELAYED", "PENDING", "CANCELLED"):
            self._end_without_job(run, state)
            return False
        # Its worker may be between taking it out of its queue and the first sign of life.
        taken_out = status.updated_at / 1000 if status and status.updated_at else 0.0
        if not free or (state == "PENDING" and time.time() - taken_out < SECONDS_UNTIL_TAKEN_OVER):
            return False
        with self._database.write() as session:
            if not runs.claim_stale(session, run.id, run.beat, time.time()):
                return False
        if run.beat is not None:
            log.warning("Its worker on %s gives no sign of life; taking the run over.", run.host)
        job_id = str(run.job_id)
        if state == "PENDING":
            DBOS.cancel_workflow(job_id)
        DBOS.resume_workflow(job_id, queue_name=own_queue(self._executor))
        self._taken = (job_id, time.monotonic())
        return True

    def _end_without_job(self, run: Run, state: str) -> None:
        if run.beat is None and time.time() - run.created.timestamp() < SECONDS_UNTIL_TAKEN_OVER:
            return
        log.error("The job of this run is %s without an outcome.", state)
        sentence = (
            "Training was given up: its worker died each time it was tried. Resume the run to try again."
        )
        saved = saved_step(self._workspace.run(run.id))
        self._supervisor.give_up(run.id, Failure("worker_gone", sentence, {"step": saved}))

    def _resume_what_waits_for_space(self) -> None:
        """Queue the runs that paused on a full disk anew, once there is room for their next state."""
        if time.monotonic() - self._looked_at_disk < SECONDS_BETWEEN_LOOKS_AT_THE_DISK:
            return
        self._looked_at_disk = time.monotonic()
        # Most looks find nothing, and must not hold up those who write.
        with self._database.read() as session:
            if not any(map(self._has_room, runs.waiting_for_space(session))):
                return
        with self._database.write() as session:
            for run in filter(self._has_room, runs.waiting_for_space(session, locked=True)):
                with logs.about_run(run.id):
                    log.info("There is room again; the run goes on.")
                    runs.reopen(session, run.id)
                    runs.attach_job(session, run.id, self._queue.enqueue(session, run.id))

    def _has_room(self, run: Run) -> bool:
        needed = (run.failure_detail or {}).get("needed_bytes", 0)
        return free_bytes(self._workspace) >= int(needed)


def free_bytes(workspace: Workspace) -> int:
    """Room on the workspace's disk."""
    return shutil.disk_usage(workspace.root).free


def _leave_on_signals(leave: threading.Event) -> None:
    def asked(number: int, _frame: FrameType | None) -> None:
        if leave.is_set():
            os._exit(128 + number)
        leave.set()

    signal.signal(signal.SIGTERM, asked)
    signal.signal(signal.SIGINT, asked)
