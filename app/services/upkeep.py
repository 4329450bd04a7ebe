"""Upkeep: faults of a project's labels, missing and unneeded files, backups and their return."""

from __future__ import annotations

from pathlib import Path

from app.settings import Settings
from app.workspace import Workspace
from data import backup, box_statistics, duplicates, faults, repair, restoring, summary
from data.backup import Backup, OnProgress
from data.blobs import Blobs
from data.box_statistics import GRID, PART_BOUNDS, SHAPE_BOUNDS, BoxStatistics
from data.database import Database
from data.faults import Fault
from data.repair import Repaired, Survey
from data.restoring import Restored
from data.summary import Summary

__all__ = ["GRID", "PART_BOUNDS", "SHAPE_BOUNDS", "Upkeep", "restore_backup", "verify_backup"]


class Upkeep:
    """Looks after what a workspace holds; nothing is changed unless a method says so."""

    def __init__(self, database: Database, blobs: Blobs, workspace: Workspace) -> None:
        self._database = database
        self._blobs = blobs
        self._workspace = workspace

    def faults(self, project_id: int) -> tuple[Fault, ...]:
        """Tell what is probably wrong with a project's labels, the worst first; raises NotFound."""
        with self._database.read() as session:
            return faults.of(session, project_id)

    def complete_hashes(self) -> int:
        """Compute the hashes by which photographs that look alike are found, where they are missing."""
        return duplicates.hash_missing(self._database, self._blobs)

    def statistics(self, project_id: int) -> tuple[Summary, BoxStatistics]:
        """Count a project's images and measure its boxes, at one moment; raises NotFound."""
        with self._database.read() as session:
            return summary.of(session, project_id), box_statistics.of(session, project_id)

    def survey(self, *, thorough: bool = False) -> Survey:
        """Compare database and files; ``thorough`` reads every image file through."""
        return repair.survey(self._database, self._blobs, self._workspace.root, thorough=thorough)

    def repair(self, found: Survey) -> Repaired:
        """Remove files that nothing needs, and bring back missing ones that a backup has."""
        return repair.repair(self._database, self._blobs, found)

    def back_up(
        self, target: Path | None = None, *, rows: bool = False, on_progress: OnProgress | None = None
    ) -> Backup:
        """Make a backup while others work; raises AlreadyExists, DiskFull or DatabaseUnusable."""
        return backup.create(self._database, self._workspace.root, target, rows=rows, on_progress=on_progress)


def verify_backup(folder: Path, on_progress: OnProgress | None = None) -> tuple[str, ...]:
    """Tell what is wrong with a backup, a sentence each; raises BackupUnusable for what is none."""
    return backup.verify(folder, on_progress)


def restore_backup(settings: Settings, folder: Path, on_progress: OnProgress | None = None) -> Restored:
    """Bring a backup into the workspace of the settings, which must be empty.

    Raises:
        BackupUnusable: the backup is damaged or does not fit, or the workspace has a database.
        DatabaseUnusable: a newer program made the backup, or the workspace cannot be written to.
    """
    return restoring.restore(folder, settings.database_url, settings.workspace, on_progress)
