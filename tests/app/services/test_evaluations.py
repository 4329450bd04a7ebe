"""Reports and comparisons: measured once, kept until something changes, fair to both models."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.bootstrap import Studio
from app.jobs import evaluation, model_images
from app.services.errands import Errand
from data import annotations, classes, images, models, runs, snapshots
from data.blobs import Blobs
from data.errors import DataError, NotFound
from data.records import Box, Model, Split
from ssd_core.errors import InvalidArtifact
from tests.app.model_folders import PLANTED_BOX

Two = tuple[Model, Model]
PATIENCE_SECONDS = 120.0


def waited(ask: Callable[[], dict[str, Any] | Errand]) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not isinstance(answer := ask(), dict):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
    return answer


def test_a_report_tells_everything_about_a_model(studio: Studio, colour_models: Two) -> None:
    right, wrong = colour_models
    seen: list[tuple[int, int]] = []
    report = studio.evaluations.measure("right", "test", lambda *far: seen.append(far))
    assert seen == [(0, 4), (1, 4), (2, 4), (3, 4)]
    assert (report["split"], report["images"], report["boxes"]) == ("test", 4, 4)
    assert (report["AP"], report["AP50"], report["AP75"]) == (1, 1, 1)
    assert report["interval"]["AP"][1] == 1
    nut = report["per_class"]["nut"]
    assert (nut["precision"], nut["recall"], nut["F1"], nut["missed"]) == (1, 1, 1, 0)
    assert 0 < nut["threshold"] < 1
    assert report["confusion"]["matrix"] == [[2, 0, 0], [0, 2, 0], [0, 0, 0]]
    assert sum(size["boxes"] for size in report["sizes"].values()) == 4
    assert set(report["curves"]) == {"nut", "bolt"}
    assert report["gallery_totals"] == dict.fromkeys(report["gallery"], 0)
    mistaken = studio.evaluations.measure(wrong.id, "test")
    assert mistaken["confusion"]["matrix"] == [[0, 2, 0], [2, 0, 0], [0, 0, 0]]
    assert mistaken["gallery_totals"]["wrong_classes"] == 4
    nuts = mistaken["confusion_cells"]["0,1"]
    assert set(mistaken["confusion_cells"]) == {"0,1", "1,0"}
    assert [(cell["true"], cell["predicted"], len(cell["box"])) for cell in nuts] == [("nut", "bolt", 4)] * 2
    image_ids = {image.id for image in studio.labelling.images(right.project_id).images}
    assert {entry["image_id"] for entry in mistaken["gallery"]["wrong_classes"]} == image_ids


def test_a_report_is_kept_until_a_box_changes(studio: Studio, colour_models: Two) -> None:
    model = colour_models[0]
    first = studio.evaluations.measure(model.id, "test")
    path = studio.workspace.model(model.id) / "evaluation.test.json"
    marked = {**json.loads(path.read_text()), "marked": True}
    path.write_text(json.dumps(marked))
    assert studio.evaluations.report(model.id, "test") == marked
    with studio._database.write() as session:
        image = images.page(session, model.project_id).images[0]
        annotations.replace(session, image.id, [], image.revision, uuid.uuid4().hex)
        annotations.mark_empty(session, image.id, image.revision + 1, uuid.uuid4().hex)
    again = studio.evaluations.measure(model.id, "test")
    assert (first["boxes"], again["boxes"], again["images"]) == (4, 3, 4)


def test_a_split_without_images_has_a_report_that_says_so(studio: Studio, colour_models: Two) -> None:
    report = studio.evaluations.measure(colour_models[0].id, "val")
    assert (report["images"], report["AP"]) == (0, None)


def test_the_server_measures_in_another_process(studio: Studio, colour_models: Two) -> None:
    model = colour_models[0]
    begun = studio.evaluations.report(model.id, "test")
    assert isinstance(begun, Errand)
    assert studio.evaluations.report(model.id, "test") is begun or begun.state == "done"
    report = waited(lambda: studio.evaluations.report(model.id, "test"))
    assert report["AP"] == 1


def test_a_model_that_cannot_be_measured_says_why_and_may_be_tried_again(
    studio: Studio, colour_models: Two
) -> None:
    model = colour_models[0]
    (studio.workspace.model(model.id) / "model.float32.tflite").write_bytes(b"x")
    for _ in range(2):
        with pytest.raises(InvalidArtifact, match="damaged"):
            waited(lambda: studio.evaluations.report(model.id, "test"))


def test_a_model_that_is_not_there_has_no_report(studio: Studio, colour_models: Two) -> None:
    studio.models.delete(colour_models[0].id)
    for unknown in ("nope", colour_models[0].id):
        with pytest.raises(NotFound):
            studio.evaluations.report(unknown, "test")


def test_of_two_models_the_better_one_is_named_once_there_are_images_enough_to_tell(
    studio: Studio, colour_models: Two, jpeg: Callable[..., bytes]
) -> None:
    made = studio.evaluations.compare("wrong", "right", "test")
    assert (made["images"], made["classes"], made["left_out"]) == (4, ["nut", "bolt"], [])
    assert (made["a"]["AP"], made["b"]["AP"]) == (0, 1)
    assert made["models"]["b"]["name"] == "right"
    assert (made["verdict"]["AP"]["difference"], made["verdict"]["better"]) == (1, None)
    assert made["verdict"]["sentence"].startswith("Too few images to tell: on 4 images")
    project = colour_models[0].project_id
    bolt = studio.labelling.classes(project)[1]
    files = [(f"{number}.jpg", io.BytesIO(jpeg((number, 5, 250)))) for number in (6, 7)]
    studio.exchange.upload(project, files)
    with studio._database.write() as session:
        for image in images.page(session, project).images[4:]:
            annotations.replace(session, image.id, [Box("b", bolt.id, *PLANTED_BOX)], 0, uuid.uuid4().hex)
            images.change(session, image.id, split="test")
    made = studio.evaluations.compare("wrong", "right", "test")
    assert made["verdict"]["sentence"].startswith("Model B is better, and not by chance: on 6 images")
    other_way = studio.evaluations.compare("right", "wrong", "test")
    assert (made["verdict"]["better"], other_way["verdict"]["better"]) == ("b", "a")


def test_a_comparison_is_made_in_another_process_and_kept(studio: Studio, colour_models: Two) -> None:
    a, b = colour_models
    made = waited(lambda: studio.evaluations.comparison(a.id, b.id, "test"))
    assert made["verdict"]["AP"]["difference"] == -1
    assert isinstance(studio.evaluations.comparison(a.id, b.id, "test"), dict)


def test_what_cannot_be_compared_says_why(studio: Studio, colour_models: Two) -> None:
    a, b = colour_models
    with pytest.raises(DataError, match="one and the same"):
        studio.evaluations.compare(a.id, a.id, "test")
    with pytest.raises(DataError, match="split Test"):
        studio.evaluations.compare(a.id, b.id, "val")
    elsewhere = studio.labelling.create_project("elsewhere")
    with studio._database.write() as session:
        models.register(session, replace(a, id="m9", project_id=elsewhere.id, name="other"))
    with pytest.raises(DataError, match="different projects"):
        studio.evaluations.compare(a.id, "m9", "test")


def test_images_that_either_model_learnt_from_are_not_compared_on(studio: Studio, colour_models: Two) -> None:
    a, b = colour_models
    with studio._database.write() as session:
        everything = images.page(session, a.project_id).images
        for image, split in zip(everything, ("train", "val", "val", "train"), strict=True):
            images.change(session, image.id, split=split)
        snapshot = snapshots.freeze(session, a.project_id, seed=0)
        run = runs.create(session, a.project_id, snapshot.id, {})
        trained = models.register(session, replace(a, id="m8", name="trained", run_id=run.id))
        for image, split in zip(everything, ("val", "val", "train", "train"), strict=True):
            images.change(session, image.id, split=split)
        snapshot = snapshots.freeze(session, a.project_id, seed=0)
        run = runs.create(session, a.project_id, snapshot.id, {})
        other = models.register(session, replace(b, id="m9", name="other", run_id=run.id))
        fair = model_images.of_both(session, trained, other, "val")
        shared = model_images.of_both(session, trained, other, "train")
    assert [image.image_id for image in fair.images] == [everything[1].id]
    assert [image.image_id for image in shared.images] == [everything[3].id]


def trained(studio: Studio, like: Model, model_id: str, *splits: Split, **more: Any) -> Model:
    """A model as a run on the project's images in these splits would have left it."""
    with studio._database.write() as session:
        for image, split in zip(images.page(session, like.project_id).images, splits, strict=True):
            images.change(session, image.id, split=split)
        snapshot = snapshots.freeze(session, like.project_id, seed=0)
        run = runs.create(session, like.project_id, snapshot.id, {})
        shutil.copytree(studio.workspace.model(like.id), studio.workspace.model(model_id))
        return models.register(session, replace(like, id=model_id, name=model_id, run_id=run.id, **more))


def test_what_a_model_learnt_from_before_it_was_trained_on_is_no_fair_image_either(
    studio: Studio, colour_models: Two
) -> None:
    a, b = colour_models
    first = trained(studio, a, "m7", "train", "train", "val", "val")
    going_on = trained(studio, a, "m8", "val", "train", "train", "val", parent_id=first.id)
    other = trained(studio, b, "m9", "val", "train", "train", "val")
    with studio._database.read() as session:
        fair = model_images.of_both(session, going_on, other, "val")
    assert [image.name for image in fair.images] == ["3.jpg"]


def test_models_from_before_and_after_a_class_was_renamed_are_compared_on_it(
    studio: Studio, colour_models: Two
) -> None:
    a, b = colour_models
    before = trained(studio, a, "m8", "train", "train", "val", "val")
    with studio._database.write() as session:
        nut = classes.list_all(session, a.project_id)[0]
        classes.change(session, nut.id, name="hexagon nut")
    after = trained(studio, b, "m9", "train", "train", "val", "val", classes=("hexagon nut", "bolt"))
    folder = studio.workspace.model(after.id)
    for name in ("card.json", "config.json"):
        (folder / name).write_text((folder / name).read_text().replace('"nut"', '"hexagon nut"'))
    card = json.loads((folder / "card.json").read_text())
    card["files"]["config.json"] = hashlib.sha256((folder / "config.json").read_bytes()).hexdigest()
    (folder / "card.json").write_text(json.dumps(card))
    made = studio.evaluations.compare(before.id, after.id, "val")
    assert (made["classes"], made["left_out"]) == (["hexagon nut", "bolt"], [])
    assert (made["a"]["per_class"]["hexagon nut"]["AP"], made["b"]["AP"]) == (1, 0)
    back = studio.evaluations.compare(after.id, before.id, "val")
    assert (back["classes"], back["a"]["AP"], back["b"]["AP"]) == (["nut", "bolt"], 0, 1)


def test_a_class_renamed_after_the_training_is_still_the_models_class(
    studio: Studio, colour_models: Two
) -> None:
    model = colour_models[0]
    with studio._database.write() as session:
        nut = classes.list_all(session, model.project_id)[0]
        for image in images.page(session, model.project_id).images:
            images.change(session, image.id, split="train")
        snapshot = snapshots.freeze(session, model.project_id, seed=0)
        run = runs.create(session, model.project_id, snapshot.id, {})
        trained = models.register(session, replace(model, id="m8", run_id=run.id))
        classes.change(session, nut.id, name="hexagon nut")
        newer = classes.get_or_create(session, model.project_id, "nut")
        labelled = model_images.of_model(session, trained, "test")
    assert labelled.names[nut.id] == "nut"
    assert newer.id not in labelled.names, "it was never taught"


def test_the_report_that_a_training_leaves_is_taken_for_the_models_own(
    studio: Studio, colour_models: Two
) -> None:
    model = colour_models[0]
    with studio._database.write() as session:
        for image, split in zip(
            images.page(session, model.project_id).images, ("train", "train", "val", "val"), strict=True
        ):
            images.change(session, image.id, split=split)
        snapshot = snapshots.freeze(session, model.project_id, seed=0)
        run = runs.create(session, model.project_id, snapshot.id, {})
        trained = models.register(session, replace(model, id="m8", run_id=run.id))
    folder = Path(shutil.copytree(studio.workspace.model(model.id), studio.workspace.model("m8")))
    blobs = Blobs(studio.workspace.blobs)
    left = evaluation.measure_and_store(folder, "val", model_images.of_training(snapshot, "val"), blobs)
    assert studio.evaluations.report(trained.id, "val") == left
    assert (left["images"], left["AP"]) == (2, 1)
