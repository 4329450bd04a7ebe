"""Measure a model, look at its mistakes, compare two, and keep, export and import models."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.known_project import post
from tests.journeys.measured_models import MeasuredProject, make_measured_project
from tests.journeys.planted import ALARM, PLANTED_NAMES
from tests.journeys.running_studio import RunningStudio

pytestmark = pytest.mark.browser

#: A child that measures or checks a model starts in some seconds, on a busy machine in more.
PATIENCE = 120_000
MOMENT = "2026-01-01T00:00:00+00:00"


@pytest.fixture(scope="module")
def project(studio: RunningStudio, tmp_path_factory: pytest.TempPathFactory) -> MeasuredProject:
    return make_measured_project(studio, "red and blue", tmp_path_factory)


def show(page: Any, project: MeasuredProject, screen: str) -> Any:
    """Open the project and a screen of it; gives the screen."""
    page.locator("#project-select").select_option(value=str(project.id))
    page.locator(f"#tab-{screen}-button").click()
    return page.locator(f".studio-{screen}")


def card(page: Any, model: str) -> Any:
    return page.locator(f'.st-model[data-model-id="{model}"]')


def choose(page: Any, model: str, item: str) -> None:
    """Choose an item of the menu on a model's card."""
    card(page, model).locator('[data-symbol="more"]').click()
    page.get_by_role("menuitem", name=item, exact=True).click()


def model_of(studio: RunningStudio, model: str) -> dict[str, Any]:
    return dict(studio.get(f"/api/models/{model}"))


def test_a_model_is_measured_its_mistakes_are_seen_and_the_better_one_becomes_the_default(
    page: Any, studio: RunningStudio, project: MeasuredProject
) -> None:
    screen = show(page, project, "evaluate")
    screen.get_by_label("Model", exact=True).select_option(value=project.right)
    expect(screen.get_by_role("heading", name="No validation images")).to_be_visible(timeout=PATIENCE)
    screen.get_by_role("button", name="Make a split").click()
    headline = screen.locator(".st-headline h2")
    expect(headline).to_have_text("Finds 2 of 2 objects, no false alarm.", timeout=PATIENCE)
    expect(screen.locator('[data-figure="AP75"] dd').first).to_have_text("1.00")
    assert len(studio.get(f"/api/projects/{project.id}/images?split=val")["images"]) == 2

    screen.get_by_label("Model", exact=True).select_option(value=project.wrong)
    expect(headline).to_have_text("Finds 0 of 2 objects, 2 false alarms.", timeout=PATIENCE)
    nut = screen.get_by_role("row", name="nut 1").first
    assert nut.locator("td").all_text_contents()[:4] == ["1", "0", "1", "1"]
    expect(screen.locator(".st-mistake")).to_have_count(2)
    screen.get_by_role("button", name="1 × “nut” taken for “bolt”").click()
    mistake = screen.locator(".st-mistake")
    expect(mistake).to_have_count(1)
    expect(mistake).to_contain_text("nut taken for bolt")
    expect(mistake.locator("rect.st-truth-line")).to_have_count(1)
    expect(mistake.locator("rect.st-found-line")).to_have_count(1)
    mistake.get_by_role("button").click()
    expect(page.locator(".st-image-name")).to_have_text("0.jpg")

    show(page, project, "evaluate")
    screen.get_by_label("Compare with").select_option(value=project.right)
    verdict = screen.locator(".st-verdict h2")
    expect(verdict).to_contain_text("Too few images to tell: on 2 images", timeout=PATIENCE)
    everything = {"action": "split", "value": "test", "filter": {}}
    post(studio, f"projects/{project.id}/images/bulk", everything)
    screen.get_by_label("Measured on").select_option(value="test")
    expect(verdict).to_contain_text("“right” is better, and not by chance: on 10 images", timeout=PATIENCE)
    screen.get_by_role("button", name="Make it the default model").click()
    expect(screen.locator("#st-evaluate-model option", has_text="(default)")).to_have_text("right (default)")
    assert model_of(studio, project.right)["is_default"]


def test_a_model_is_renamed_noted_made_the_default_deleted_and_put_back(
    page: Any, studio: RunningStudio, project: MeasuredProject
) -> None:
    screen = show(page, project, "models")
    choose(page, project.wrong, "Rename…")
    page.get_by_label("Name", exact=True).fill(PLANTED_NAMES[0])
    page.keyboard.press("Enter")
    expect(card(page, project.wrong).locator("h3 .st-name")).to_have_text(PLANTED_NAMES[0])
    # The list was drawn anew, and the keyboard is where it was.
    expect(card(page, project.wrong).locator('[data-symbol="more"]')).to_be_focused()
    choose(page, project.wrong, "Write a note…")
    page.get_by_role("textbox", name="Note").fill("takes each\nfor the other")
    page.get_by_role("button", name="Save").click()
    expect(card(page, project.wrong).locator(".st-model-note")).to_contain_text("takes each")
    choose(page, project.wrong, "Make it the default")
    expect(card(page, project.wrong).locator(".st-badge")).to_have_text("Default")
    stored = model_of(studio, project.wrong)
    assert (stored["name"], stored["note"]) == (PLANTED_NAMES[0], "takes each\nfor the other")
    assert (stored["is_default"], model_of(studio, project.right)["is_default"]) == (True, False)

    choose(page, project.wrong, "Delete")
    expect(card(page, project.wrong)).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(card(page, project.wrong).locator(".st-badge")).to_have_text("Default")
    choose(page, project.wrong, "Delete")
    screen.get_by_text("Bin (1)").click()
    screen.get_by_role("button", name=f"Put {PLANTED_NAMES[0]} back").click()
    expect(card(page, project.wrong)).to_be_visible()
    expect(screen.locator(".st-model-bin")).to_be_hidden()

    card(page, project.right).get_by_role("button", name="Open in Live").click()
    expect(page.locator("#st-live-model")).to_have_value(project.right)


def test_a_model_folder_is_imported_and_exported_with_its_receipt(
    page: Any, studio: RunningStudio, project: MeasuredProject, tmp_path: Path
) -> None:
    screen = show(page, project, "models")
    screen.get_by_role("button", name="Import a model").click()
    dialog = page.get_by_role("dialog")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "notes.txt").write_text("no model")
    dialog.locator(".st-model-folder").set_input_files(tmp_path / "notes")
    expect(dialog.get_by_role("alert")).to_contain_text("This is no model: there is no card.json in it.")

    dialog.locator(".st-model-folder").set_input_files(project.elsewhere)
    expect(dialog.locator(".st-import-result")).to_have_text(
        "“parts quick 1” passed every check and is in.", timeout=PATIENCE
    )
    dialog.get_by_role("button", name="Close").last.click()
    (taken,) = [each for each in studio.get("/api/models") if each["name"] == "parts quick 1"]
    assert taken["project_id"] == project.id

    imported = card(page, taken["id"])
    expect(imported.locator(".st-badge")).to_contain_text(["Imported"])
    # Whoever does something else meanwhile is told of it all the same.
    asked: list[Any] = []
    page.route(re.compile("/api/models/import"), lambda route: asked.append(route))
    screen.get_by_role("button", name="Import a model").click()
    dialog.get_by_label("Path of a model folder or zip").fill("/models/other")
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("Checking the model")
    page.keyboard.press("Escape")
    asked[0].fulfill(json={**taken, "name": "the other"})
    expect(page.locator(".st-toast")).to_contain_text("“the other” passed every check and is in.")
    imported.get_by_role("button", name="Export…").click()
    dialog.get_by_label("Weights and configuration").check()
    dialog.get_by_role("button", name="Export", exact=True).click()
    expect(dialog.locator(".st-export-notes")).to_contain_text(
        "The trained network itself.", timeout=PATIENCE
    )
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Download").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert {"card.json", "config.json", "model.weights.h5", "parity.json", "example.py"} <= set(
            archive.namelist()
        )


def hostile_figures(names: list[str]) -> dict[str, Any]:
    """What a report and each side of a comparison have in common, of classes with such names."""
    curve = {"recall": [0, 0.5, 1], "precision": [1, 0.5, 0], "score": [0.9, 0.5, None]}
    point = {
        "AP50": 0.5, "boxes": 2, "threshold": 0.4, "right": 1, "wrong": 1, "missed": 1,
        "precision": 0.5, "recall": 0.5, "F1": 0.5,
    }  # fmt: skip
    size = len(names) + 1
    return {
        "images": 3, "boxes": 2 * len(names), "AP": 0.4, "AP50": 0.5, "AP75": 0.3,
        "interval": {"AP": [0.3, 0.5], "AP50": [0.4, 0.6], "AP75": None, "level": 0.95, "images": 3},
        "classes": names, "score_threshold": 0.3,
        "per_class": dict.fromkeys(names, point), "curves": dict.fromkeys(names, curve),
        "sizes": {key: {"AP": 0.5, "AR": 0.5, "boxes": 2} for key in ("small", "medium", "large")},
        "confusion": {
            "labels": [*names, "background"], "matrix": [[1] * size] * size, "score_threshold": 0.3,
        },
    }  # fmt: skip


def hostile_answers(project: int, image: int, names: list[str]) -> dict[str, Any]:
    """Models, a report and a comparison in which everything that has a name has one of these."""
    lineage = {
        "parent": {"id": "m-2", "name": names[1], "deleted": False}, "run": names[2], "snapshot": names[3],
        "images": {"train": 2, "val": 1}, "program": names[4], "runtime": names[5], "reason": names[6],
        "parity": {}, "imported": None,
    }  # fmt: skip
    models = [
        {
            "id": f"m-{number}", "project_id": project, "run_id": "r", "name": names[number],
            "classes": names, "colours": ["#3b82f6"] * len(names), "created": MOMENT,
            "metrics": {"AP50": 0.5, "split": "val"},
            "params": {"preset": names[7], "backbone": names[8]}, "note": names[9], "is_default": False,
            "parent_id": None, "thresholds": {"score": 0.3, "iou": 0.45}, "lineage": lineage, "deleted": None,
        }
        for number in (1, 2)
    ]  # fmt: skip
    figures = hostile_figures(names)
    mistakes = [
        {
            "type": "cls", "image_id": image, "name": name, "width": 64, "height": 48, "score": 0.5,
            "iou": 0.6, "predicted": name, "box": [1, 1, 20, 20],
            "true": names[0], "truth_box": [2, 2, 22, 22],
        }
        for name in names
    ]  # fmt: skip
    kinds = ("false_positives", "wrong_classes", "poor_fits", "misses")
    part = {"difference": 0.1, "interval": [0.05, 0.2], "b_better": 1, "within_noise": False}
    heads = [
        {"id": each["id"], "name": each["name"], "created": MOMENT, "params": {"preset": each["name"]}}
        for each in models
    ]
    return {
        r"/api/models\?.*deleted=true": [{**models[0], "id": "m-9", "deleted": MOMENT}],
        r"/api/models\?project_id=\d+$": models,
        r"/api/models/m-\d/evaluation\?.*": {
            **figures, "split": "val", "measured": MOMENT, "gallery": dict.fromkeys(kinds, mistakes),
            "gallery_totals": dict.fromkeys(kinds, len(mistakes)), "confusion_cells": {"0,1": mistakes},
        },
        r"/api/models/compare$": {
            "split": "val", "models": dict(zip("ab", heads, strict=True)), "images": 3, "boxes": 2,
            "classes": names, "left_out": names, "a": figures, "b": figures,
            "verdict": {"AP": part, "AP50": part, "better": "b", "sentence": "Model B is better: surely."},
        },
    }  # fmt: skip


def test_no_name_is_executed_where_models_are_measured_and_kept(
    page: Any, studio: RunningStudio, project: MeasuredProject
) -> None:
    """Answered in the server's place: no model could be made of such names in reasonable time."""
    page.add_init_script(ALARM)
    names = list(PLANTED_NAMES)
    image = studio.get(f"/api/projects/{project.id}/images")["images"][0]["id"]
    for path, answer in hostile_answers(project.id, image, names).items():
        page.route(re.compile(path), lambda route, _, answer=answer: route.fulfill(json=answer))
    page.reload()

    def is_harmless() -> None:
        assert page.locator("[data-planted], [src*='planted-picture'], [href*='planted()']").count() == 0
        for size in ({"width": 390, "height": 844}, {"width": 1440, "height": 900}):
            page.set_viewport_size(size)
            page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
            over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert page.evaluate(over) <= 0, f"too wide at {size['width']} px"

    screen = show(page, project, "evaluate")
    expect(screen.locator(".st-headline")).to_be_visible()
    for name in names:
        expect(screen.locator(".st-by-class").get_by_text(name, exact=True)).to_have_count(1)
    screen.locator('[data-cell="0,1"]').click()
    expect(screen.locator(".st-mistake")).to_have_count(len(names))
    is_harmless()
    screen.get_by_label("Compare with").select_option(value="m-2")
    expect(screen.locator(".st-verdict h2")).to_contain_text(f"“{names[2]}” is better")
    is_harmless()

    kept = show(page, project, "models")
    for summary in kept.locator("details > summary").all():
        summary.click()
    expect(kept.locator(".st-model-note").first).to_contain_text(names[9])
    is_harmless()
    card(page, "m-1").get_by_role("button", name="Export…").click()
    expect(page.get_by_role("dialog")).to_contain_text(names[1])
    is_harmless()
