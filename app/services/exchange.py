"""Exchange: folders, uploads and the sample come in, each with a report of what was refused and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

from data import exchange, projects, samples
from data.blobs import Blobs
from data.database import Database
from data.intake import MAX_BYTES
from data.records import ImportReport, Project, Split

SAMPLE_PROJECT = "Workshop parts"
OnProgress = Callable[[int, int], None]


class Exchange:
    """Brings images and annotations into projects; what cannot be used is reported, the rest enters."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database = database
        self._blobs = blobs

    def import_folder(
        self,
        folder: Path,
        project_name: str,
        file_format: str = "auto",
        split: Split | None = None,
        on_progress: OnProgress | None = None,
    ) -> ImportReport:
        """Import a folder of images with their annotations into the project of that name, made if missing."""
        return exchange.import_folder(
            self._database,
            self._blobs,
            project_name,
            folder,
            format=file_format,
            split=split,
            on_progress=on_progress,
        )

    def upload(self, project_id: int, files: Iterable[tuple[str, BinaryIO]]) -> ImportReport:
        """Add images that came over the network, each in a transaction of its own.

        Args:
            project_id: where they go; raises NotFound.
            files: pairs of file name as the browser told it, and the open file.
        """
        # One byte more than is taken shows that a file is too large, without reading all of it.
        contents = ((name, file.read(MAX_BYTES + 1)) for name, file in files)
        return exchange.import_images(self._database, self._blobs, project_id, contents)

    def load_samples(self, on_progress: OnProgress | None = None) -> tuple[Project, ImportReport]:
        """Put the workshop parts that ship with the program into their project; twice changes nothing."""
        report = samples.fill_project(
            self._database, self._blobs, name=SAMPLE_PROJECT, on_progress=on_progress
        )
        with self._database.read() as session:
            return projects.by_name(session, SAMPLE_PROJECT), report
