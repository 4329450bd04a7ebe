"""The form that imports a folder of this computer with its annotations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from data.errors import DataError

if TYPE_CHECKING:
    from app.bootstrap import Studio
    from data.records import ImportReport


def summary_of(report: ImportReport) -> str:
    """Say in a sentence or two what an import did."""
    boxes = f"{report.boxes} {'box' if report.boxes == 1 else 'boxes'}"
    classes = f"{len(report.classes)} {'class' if len(report.classes) == 1 else 'classes'}"
    sentences = [f"{report.added} images added, {report.existing} already there; {boxes} of {classes}."]
    if report.rejected:
        sentences.append(f"{len(report.rejected)} problems are listed below; everything else is in.")
    return " ".join([*sentences, *report.notes])


def import_form(studio: Studio) -> None:
    """Lay out the form and wire it to the exchange service."""

    def run_import(
        folder: str,
        project: str,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 - how Gradio injects it
    ) -> tuple[str, dict[str, Any], list[list[str]]]:
        if not folder.strip() or not project.strip():
            raise gr.Error("Name both the folder and the project.", title="Nothing imported")
        try:
            report = studio.exchange.import_folder(
                Path(folder.strip()).expanduser(),
                project.strip(),
                on_progress=lambda done, total: progress((done, total), unit="images"),
            )
        except DataError as error:
            raise gr.Error(str(error), title="The import ended early") from error
        except (OSError, RuntimeError) as error:
            # A full disk, a folder that may not be read, or a ~name that is nobody's.
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise gr.Error(
                f"{reason}. What was imported before is in.", title="The import ended early"
            ) from error
        rows = [
            [problem.file, "" if problem.line is None else str(problem.line), problem.problem, problem.remedy]
            for problem in report.rejected
        ]
        return summary_of(report), gr.update(visible=bool(rows)), rows

    with gr.Accordion("Import a labelled folder of this computer", open=False, elem_id="import-form"):
        with gr.Row(equal_height=True):
            folder = gr.Textbox(
                label="Folder",
                info="Or a .zip of it: Pascal VOC, COCO, YOLO, LabelMe, Label Studio, CVAT, Open Images, CSV",
                placeholder="/home/me/datasets/raccoon",
                max_lines=1,
                scale=3,
                elem_id="import-folder",
            )
            project = gr.Textbox(
                label="Into project",
                info="Made if there is none of that name",
                placeholder="raccoon",
                max_lines=1,
                scale=2,
                elem_id="import-project",
            )
            button = gr.Button("Import", variant="primary", scale=0, min_width=120, elem_id="import-start")
        summary = gr.Textbox(label="Result", interactive=False, lines=2, elem_id="import-result")
        problems = gr.Dataframe(
            headers=["File", "Line", "Problem", "What to do"],
            datatype="str",
            interactive=False,
            wrap=True,
            visible=False,
            elem_id="import-problems",
        )
    button.click(
        run_import,
        [folder, project],
        [summary, problems, problems],
        api_visibility="private",
        concurrency_limit=1,
    ).then(None, js="() => window.dispatchEvent(new CustomEvent('studio:changed'))", api_visibility="private")
