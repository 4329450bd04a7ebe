"""Exchange: data sets, uploads and the sample come in, each with a report; projects go out as data sets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import BinaryIO, Literal

from data import exchange, export, preview, projects, samples
from data.blobs import Blobs
from data.database import Database
from data.formats import registry
from data.formats.registry import Format
from data.intake import MAX_BYTES
from data.records import ExportReport, ImportPreview, ImportReport, OnExisting, Project, Split

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
        *,
        voc_base: Literal["auto", "0", "1"] = "auto",
        on_existing: OnExisting = "keep",
        class_map: Mapping[str, str | None] | None = None,
        on_progress: OnProgress | None = None,
    ) -> ImportReport:
        """Import a data set, a folder or a zip archive, into the project of that name, made if missing.

        Args:
            folder: images with their annotations.
            project_name: where they go.
            file_format: one of ``data.records.FORMATS``; ``auto`` finds out.
            split: given to every image added; None gives those that the data set states.
            voc_base: what coordinates of Pascal VOC count from.
            on_existing: whether images that are here keep their boxes where the files' differ.
            class_map: other names for classes of the data set; None leaves a class out.
            on_progress: hears how many images are done, and of how many.
        """
        return exchange.import_folder(
            self._database,
            self._blobs,
            project_name,
            folder,
            format=file_format,
            split=split,
            voc_base=voc_base,
            on_existing=on_existing,
            class_map=class_map,
            on_progress=on_progress,
        )

    def preview(
        self,
        folder: Path,
        project_name: str,
        file_format: str = "auto",
        split: Split | None = None,
        *,
        voc_base: Literal["auto", "0", "1"] = "auto",
        class_map: Mapping[str, str | None] | None = None,
        on_progress: OnProgress | None = None,
    ) -> ImportPreview:
        """Tell what an import with these arguments would find; writes nothing."""
        return preview.preview_folder(
            self._database,
            self._blobs,
            project_name,
            folder,
            format=file_format,
            split=split,
            voc_base=voc_base,
            class_map=class_map,
            on_progress=on_progress,
        )

    def export(
        self,
        project_name: str,
        target: Path,
        file_format: str,
        *,
        with_images: bool = True,
        split: Split | None = None,
        on_progress: OnProgress | None = None,
    ) -> ExportReport:
        """Write a project's labelled images as a data set: a new folder, or a zip archive by its ending.

        Args:
            project_name: the project.
            target: what is made; must not be there yet.
            file_format: one of ``data.records.EXPORT_FORMATS``.
            with_images: whether the image files are written as well.
            split: only the images of this split.
            on_progress: hears how many image files are written, and of how many.
        """
        return self.export_project(
            self.project_named(project_name).id,
            target,
            file_format,
            with_images=with_images,
            split=split,
            on_progress=on_progress,
        )

    def export_project(
        self,
        project_id: int,
        target: Path,
        file_format: str,
        *,
        with_images: bool = True,
        split: Split | None = None,
        on_progress: OnProgress | None = None,
    ) -> ExportReport:
        """Do what ``export`` does, for the project of an id."""
        return export.export_project(
            self._database,
            self._blobs,
            project_id,
            target,
            file_format,
            with_images=with_images,
            split=split,
            on_progress=on_progress,
        )

    def project_named(self, name: str) -> Project:
        """Read the project of a name; raises NotFound."""
        with self._database.read() as session:
            return projects.by_name(session, name)

    def project(self, project_id: int) -> Project:
        """Read the project of an id; raises NotFound."""
        with self._database.read() as session:
            return projects.get(session, project_id)

    def formats(self) -> tuple[Format, ...]:
        """The formats that are read and written, the usual ones first."""
        return tuple(registry.WRITTEN.values())

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
