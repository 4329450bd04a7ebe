"""The workspace: the one folder in which everything that a user owns lies."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from pathlib import Path

from data.errors import DatabaseUnusable, NotFound

#: Run and model ids become folder names, so nothing else may pass as one.
SAFE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where each kind of file lies under the workspace's root."""

    root: Path

    @property
    def blobs(self) -> Path:
        """Image files, named by their hash."""
        return self.root / "blobs"

    @property
    def cache(self) -> Path:
        """Thumbnails and other files that can be made again."""
        return self.root / "cache"

    @property
    def logs(self) -> Path:
        """Logs of the workers."""
        return self.root / "logs"

    @property
    def locks(self) -> Path:
        """Lock files: the kernel frees each with the process that holds it, however that process ends."""
        return self.root / "locks"

    @property
    def https(self) -> Path:
        """The studio's own certificate and its key."""
        return self.root / "https"

    def run(self, run_id: str) -> Path:
        """Folder of a run: its checkpoints and its log; raises NotFound for what cannot be an id."""
        return self.root / "runs" / _checked(run_id, "run")

    def train_log(self, run_id: str) -> Path:
        """The log file of a run; raises NotFound for what cannot be an id."""
        return self.run(run_id) / "train.log"

    def model(self, model_id: str) -> Path:
        """Folder of a finished model; raises NotFound for what cannot be an id."""
        return self.root / "models" / _checked(model_id, "model")

    def worker_log(self, device: str) -> Path:
        """The log file of a worker of this host."""
        return self.logs / f"worker-{host_in_names()}-{device}.log"

    def worker_lock(self, device: str) -> Path:
        """The lock that the worker of this host's device holds while it lives; other hosts have theirs."""
        return self.locks / f"worker-{host_in_names()}-{device}.lock"

    def prepare(self) -> Workspace:
        """Make the folders that do not exist yet, readable by their owner alone.

        Raises:
            DatabaseUnusable: the workspace cannot be made or written to.
        """
        inside = (self.blobs, self.cache, self.logs, self.locks, self.root / "runs", self.root / "models")
        try:
            for folder in (self.root, *inside):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise DatabaseUnusable(
                f"The workspace {self.root} cannot be made or written to ({error.strerror}). "
                "Choose another one with --workspace or SSD_STUDIO_WORKSPACE."
            ) from error
        return self


def host_in_names() -> str:
    """This host's name, as a part of the names of files."""
    return "".join(letter if letter.isalnum() else "-" for letter in socket.gethostname())


def _checked(name: str, kind: str) -> str:
    if not SAFE_ID.fullmatch(name):
        raise NotFound(f"There is no {kind} {name!r}.")
    return name
