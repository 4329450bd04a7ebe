"""One attempt at one run: start the trainer, give signs of life, stop it when asked, understand its end."""

from __future__ import annotations

import logging
import math
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import psutil

from app.jobs.children import python_command, trainer_environment
from app.jobs.failures import Failure, failure_of, is_full_disk
from app.jobs.finished_run import forget_checkpoints
from app.jobs.full_disk import needed_bytes
from app.jobs.locks import DeviceLocks
from app.jobs.memory_watch import out_of_memory_kills
from app.jobs.saved_state import saved_step
from app.logs import about_run
from app.settings import Settings
from app.workspace import Workspace
from data import run_progress, runs
from data.database import Database
from data.errors import DatabaseUnusable
from data.records import Outcome, Run, Stop
from data.runs import ENDED

log = logging.getLogger(__name__)

#: The trainer's exit code for "state saved, start me again to go on" (EX_TEMPFAIL of sysexits.h).
EXIT_SAVED = 75
#: Attempts in a row that end without a later state on disk than any before, until the run is given up.
TRIES_WITHOUT_PROGRESS = 3
#: Attempts at one job at all, so that a run that gains one step a time ends too.
TRIES = 20
SECONDS_BETWEEN_BEATS = 1.0
#: How long a trainer may take to save itself. A cancelled run keeps its last checkpoint and needs no other.
#: One that shall finish has to make a model first, and is not hurried.
SECONDS_TO_STOP: dict[Stop, float] = {"cancel": 3.0, "pause": 60.0}
SECONDS_TO_LEAVE = 20.0

Result = TypeVar("Result")

#: Makes the command that trains a run: (run id, number of the attempt) → arguments.
TrainerCommand = Callable[[str, int], list[str]]


def trainer_command(run_id: str, attempt: int) -> list[str]:
    """The command of the trainer that ships."""
    return python_command("app.jobs.trainer", run_id, str(attempt), str(os.getpid()))


@dataclass(frozen=True, slots=True)
class Attempt:
    """How an attempt ended: the run's outcome if it has one now, else the exit code and the step reached.

    ``saved`` is the step of the state on disk, from which the next attempt goes on. ``ran_out`` says that the
    system ended processes for want of memory meanwhile.
    """

    outcome: str | None
    exit_code: int
    step: int
    ran_out: bool = False
    saved: int = 0


def tries_without_progress(attempts: Sequence[Attempt]) -> int:
    """How many attempts ended since, and with, the last one that saved a later state than all before it."""
    furthest, tries = -1, 0
    for attempt in attempts:
        tries = 1 if attempt.saved > furthest else tries + 1
        furthest = max(furthest, attempt.saved)
    return tries


class Superseded(Exception):
    """Another worker took the run over, or it was queued anew: this attempt must not touch it any more."""


class Supervisor:
    """Runs trainers for one worker, one at a time.

    Args:
        database: where runs live.
        settings: workspace and device.
        command: makes the trainer's command.
    """

    def __init__(
        self, database: Database, settings: Settings, command: TrainerCommand = trainer_command
    ) -> None:
        self._database = database
        self._settings = settings
        self._workspace = Workspace(settings.workspace)
        self._command = command
        self._leaving = threading.Event()
        self._busy = threading.Lock()
        self.device = DeviceLocks(self._workspace.locks, settings.device)
        self.run_id: str | None = None
        #: The job of the latest attempt that was begun.
        self.job_id: str | None = None

    def leave(self) -> None:
        """Stop the trainer, if one runs, and wait until it has saved; its job stays open for the next worker.

        No attempt begins or ends any more: the threads that would go on wait until the process is gone.
        """
        self._leaving.set()
        self._busy.acquire(timeout=SECONDS_TO_LEAVE + 5.0)

    def attempt(self, run_id: str, job_id: str) -> Attempt:
        """Train a run until its trainer ends, for whatever reason.

        Args:
            run_id: the run.
            job_id: the job this attempt belongs to; a run that was queued anew has another.
        """
        with about_run(run_id):
            with self._busy:
                result = self._attempt_unless_leaving(run_id, job_id)
            if result is None or (self._leaving.is_set() and result.outcome is None):
                # Returning would write this attempt into the job as completed.
                threading.Event().wait()
                raise AssertionError
            return result

    def _attempt_unless_leaving(self, run_id: str, job_id: str) -> Attempt | None:
        if self._leaving.is_set():
            return None
        try:
            return self._attempt(run_id, job_id)
        except DatabaseUnusable:
            if self._leaving.is_set():
                return None
            raise

    def _attempt(self, run_id: str, job_id: str) -> Attempt:
        # From here on: until its first beat nothing else tells this worker that the run is in its own hands.
        self.run_id, self.job_id = run_id, job_id
        try:
            before = self._patiently(lambda: self._look(run_id))
            with self.device.held(self._leaving) as held:
                return self._attempt_in_hand(run_id, job_id, before) if held else Attempt(None, EXIT_SAVED, 0)
        finally:
            self.run_id = None

    def _attempt_in_hand(self, run_id: str, job_id: str, before: Run) -> Attempt:
        self._end_orphan(before)
        run = self._patiently(lambda: self._begin(before, job_id))
        if run is None:
            return Attempt("nothing to do", 0, 0)
        kills = out_of_memory_kills()
        try:
            exit_code = self._train(run)
        except Superseded:
            log.warning("Another worker took this run over, or it was queued anew.")
            return Attempt("superseded", 0, run.step)
        except OSError as error:
            log.exception("The trainer could not be run.")
            failure = self._failure_of(error, run.id)
            outcome: Outcome = "paused" if failure.kind == "disk_full" else "failed"
            return self._patiently(lambda: self._finish(run, outcome, failure))
        ran_out = exit_code < 0 and out_of_memory_kills() > kills
        return self._patiently(lambda: self._conclude(run, exit_code, ran_out=ran_out))

    def _failure_of(self, error: OSError, run_id: str) -> Failure:
        if is_full_disk(error):
            needed = needed_bytes(self._workspace.run(run_id))
            return failure_of(error, self._workspace.train_log(run_id), needed_bytes=needed)
        return Failure("unknown", f"The training process could not be run: {error}.")

    def _patiently(self, action: Callable[[], Result]) -> Result:
        """Repeat what the database refuses for the moment: an outcome must not get lost."""
        while True:
            try:
                return action()
            except DatabaseUnusable as error:
                log.warning("The database is away; trying again. %s", error)
                if self._leaving.wait(2.0):
                    raise

    def give_up(self, run_id: str, failure: Failure) -> str:
        """End a run as failed unless it has ended; returns its outcome."""
        with about_run(run_id), self._database.write() as session:
            run = runs.get(session, run_id)
            if run.outcome is None:
                log.error("%s", failure.sentence)
                runs.finish(
                    session,
                    run_id,
                    "failed",
                    error=failure.sentence,
                    failure=failure.kind,
                    failure_detail=failure.detail,
                    now=time.time(),
                )
        return run.outcome or "failed"

    def _look(self, run_id: str) -> Run:
        with self._database.read() as session:
            return runs.get(session, run_id)

    def _begin(self, before: Run, job_id: str) -> Run | None:
        self._forget_if_done(before)
        with self._database.write() as session:
            now = runs.get(session, before.id)
            # Another worker may have begun it while this one waited for its device.
            if now.job_id != job_id or now.attempts != before.attempts:
                return None
            return runs.begin_attempt(session, before.id, socket.gethostname(), time.time())

    def _train(self, run: Run) -> int:
        log.info("Attempt %d starts.", run.attempts)
        folder = self._workspace.run(run.id)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._workspace.train_log(run.id).open("ab") as output:
            trainer = subprocess.Popen(
                self._command(run.id, run.attempts),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=trainer_environment(self._settings),
            )
        try:
            return self._watch(run, trainer)
        finally:
            if trainer.poll() is None:
                trainer.kill()
                trainer.wait()

    def _watch(self, run: Run, trainer: subprocess.Popen[bytes]) -> int:
        born = _birth(trainer.pid)
        deadline = math.inf
        while True:
            # An ended trainer is noticed at once; the wait only paces the beats.
            try:
                return trainer.wait(SECONDS_BETWEEN_BEATS)
            except subprocess.TimeoutExpired:
                pass
            now = self._beat(run, trainer.pid, born)
            patience = self._seconds_to_end(now)
            if patience is None:
                continue
            if deadline == math.inf and (now is None or now.outcome is None):
                log.info("Asking the trainer to stop: %s.", (now and now.stop) or "the worker leaves")
                trainer.terminate()
            deadline = min(deadline, time.monotonic() + patience)
            if time.monotonic() >= deadline:
                log.warning("The trainer does not end and is killed; its last checkpoint counts.")
                trainer.kill()

    def _seconds_to_end(self, now: Run | None) -> float | None:
        """How long the trainer may take to end from now on, or None while it shall train."""
        if now is not None and now.outcome is None and now.stop in SECONDS_TO_STOP:
            return SECONDS_TO_STOP[now.stop]
        if self._leaving.is_set() or (now is not None and now.outcome is not None):
            return SECONDS_TO_LEAVE
        return None

    def _beat(self, run: Run, pid: int, born: float | None) -> Run | None:
        """Give a sign of life; returns the run as it is now, or None if the database is away."""
        try:
            with self._database.write() as session:
                run_progress.beat(session, run.id, run.attempts, time.time(), pid, born)
                now = runs.get(session, run.id)
                if not _is_of(now, run):
                    raise Superseded
                return now
        except DatabaseUnusable as error:
            # A database that is away for a moment must not end hours of training.
            log.warning("No sign of life could be written; trying again. %s", error)
            return None

    def _conclude(self, run: Run, exit_code: int, *, ran_out: bool) -> Attempt:
        now = self._look(run.id)
        log.info("Attempt %d ended with code %d at step %d.", run.attempts, exit_code, now.step)
        self._forget_if_done(now)
        if now.outcome is not None:
            return Attempt(now.outcome, exit_code, now.step)
        if not _is_of(now, run):
            # Paused, and resumed before this attempt was over: how it ended says nothing of the new job.
            return Attempt("superseded", exit_code, now.step)
        if now.stop in SECONDS_TO_STOP:
            return self._finish(now, ENDED[now.stop], None)
        if exit_code < 0 or exit_code == EXIT_SAVED:
            return Attempt(None, exit_code, now.step, ran_out, saved_step(self._workspace.run(run.id)))
        sentence = f"Training ended unexpectedly (exit code {exit_code})."
        last_line = _last_line(self._workspace.train_log(run.id))
        if last_line:
            sentence += f" Its log ends with: {last_line}"
        return self._finish(now, "failed", Failure("unknown", sentence))

    def _finish(self, run: Run, outcome: Outcome, failure: Failure | None) -> Attempt:
        with self._database.write() as session:
            now = runs.get(session, run.id)
            if _is_of(now, run) and now.outcome is None:
                runs.finish(
                    session,
                    run.id,
                    outcome,
                    error=failure.sentence if failure else None,
                    failure=failure.kind if failure else None,
                    failure_detail=failure.detail if failure else None,
                    now=time.time(),
                )
                return Attempt(outcome, 0, now.step)
        return Attempt(now.outcome or "superseded", 0, now.step)

    def _forget_if_done(self, run: Run) -> None:
        """Do what the trainer does last, since it may have been killed just before."""
        if run.outcome == "done":
            forget_checkpoints(self._workspace.run(run.id))

    def _end_orphan(self, run: Run) -> None:
        """End a trainer that an earlier worker of this host left behind; it saves itself when told to."""
        if run.pid is None or run.host != socket.gethostname() or run.pid_start is None:
            return
        try:
            orphan = psutil.Process(run.pid)
            if abs(orphan.create_time() - run.pid_start) > 0.5:
                return
            log.info("An earlier trainer (process %d) still runs; asking it to stop.", run.pid)
            orphan.terminate()
            try:
                orphan.wait(SECONDS_TO_LEAVE)
            except psutil.TimeoutExpired:
                orphan.kill()
                orphan.wait(SECONDS_TO_LEAVE)
        except psutil.NoSuchProcess:
            return
        except (psutil.Error, OSError):
            log.warning("The earlier trainer could not be ended; its lock decides.", exc_info=True)


def _is_of(now: Run, begun: Run) -> bool:
    """Whether a run still belongs to the attempt that was begun: to its job, and no other attempt."""
    return (now.job_id, now.attempts) == (begun.job_id, begun.attempts)


def _birth(pid: int) -> float | None:
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return None


def _last_line(path: Path) -> str | None:
    """The last line of a log that is not empty, shortened; None where there is none."""
    try:
        with path.open("rb") as stream:
            stream.seek(max(0, stream.seek(0, os.SEEK_END) - 4096))
            lines = stream.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return None
    filled = [line.strip() for line in lines if line.strip()]
    return filled[-1][:300] if filled else None
