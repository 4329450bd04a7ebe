"""Looking before a run: each thing that can be missing, said with what to do about it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from app.bootstrap import Studio
from app.jobs.pace import Pace, Paces
from app.services import preflight, training_material
from app.services.preflight import Answer, Check
from app.services.run_params import Wanted
from app.services.training_material import Material
from data import bulk
from data.errors import NothingToTrain
from data.records import Box, ImageFilter, Model, Project
from data.snapshots import Composed

AddLabelled = Callable[[Project, int], None]


def look(studio: Studio, project: Project, **wanted: Any) -> Answer:
    return studio.preflight.look(project.id, Wanted(**wanted), measure=False)


def check(answer: Answer, name: str) -> Check:
    return next(check for check in answer.checks if check.name == name)


def test_a_project_without_labels_cannot_be_trained_on(studio: Studio) -> None:
    answer = look(studio, studio.labelling.create_project("empty"))
    assert not answer.ok
    images = check(answer, "images")
    assert (images.state, images.remedy) == ("stop", "Draw boxes on at least 2 more images.")


def test_a_small_project_may_be_trained_on_with_a_word_about_its_classes(
    studio: Studio, labelled_project: Project
) -> None:
    answer = look(studio, labelled_project)
    assert answer.ok
    assert check(answer, "images").sentence == "6 labelled images to train on."
    assert check(answer, "classes").sentence == "On fewer than 10 images: thing (6)."
    assert check(answer, "boxes").state == "ok"
    assert check(answer, "validation").sentence == "1 image kept aside to measure on."
    assert check(answer, "weights").state == "ok"


def test_a_class_that_is_on_no_image_is_named(studio: Studio, labelled_project: Project) -> None:
    studio.labelling.add_class(labelled_project.id, "never drawn")
    classes = check(look(studio, labelled_project), "classes")
    assert (classes.state, classes.sentence) == (
        "warn",
        "On fewer than 10 images: thing (6), never drawn (0).",
    )


def test_what_would_keep_a_run_from_being_started_is_said_before(
    studio: Studio, labelled_project: Project
) -> None:
    thing = studio.labelling.classes(labelled_project.id)[0]
    studio.organising.change_class(thing.id, archived=True)
    answer = look(studio, labelled_project)
    images = check(answer, "images")
    assert (answer.ok, images.state) == (False, "stop")
    with pytest.raises(NothingToTrain) as refused:
        studio.training.start(labelled_project.id)
    assert images.sentence == str(refused.value)


def test_objects_too_small_for_the_input_are_named_with_the_size_that_helps(
    studio: Studio, labelled_project: Project
) -> None:
    thing = studio.labelling.classes(labelled_project.id)[0]
    image = studio.labelling.images(labelled_project.id).images[0]
    # Of 64×48 pixels scaled to 300, a box of 2 by 1.5 is 9.4 pixels; scaled to 512 it is 16.
    small = [Box(f"{number}", thing.id, 3 * number, 2, 3 * number + 2, 3.5) for number in range(6)]
    studio.labelling.save_boxes(image.id, small, image.revision, uuid.uuid4().hex)
    found = check(look(studio, labelled_project), "small_objects")
    assert found.sentence.startswith("6 of 11 boxes of thing are smaller than 10 pixels")
    assert found.action is not None
    assert found.action.value == {"input_size": 512}
    assert not any(
        each.name == "small_objects" for each in look(studio, labelled_project, input_size=512).checks
    )


def test_a_project_is_looked_through_again_only_after_it_changed(
    studio: Studio, labelled_project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []
    compose = training_material.snapshots.compose

    def counted(*given: Any, **more: Any) -> Composed:
        looks.append(1)
        return compose(*given, **more)

    monkeypatch.setattr(training_material.snapshots, "compose", counted)
    for _ in range(3):
        look(studio, labelled_project)
    # A run gets what was looked at, so that nobody waits for it a second time.
    before = studio.training.start(labelled_project.id).snapshot_id
    assert len(looks) == 1
    image = studio.labelling.images(labelled_project.id).images[0]
    studio.labelling.save_boxes(image.id, [], image.revision, uuid.uuid4().hex)
    assert studio.training.start(labelled_project.id).snapshot_id != before
    look(studio, labelled_project)
    assert len(looks) == 2
    with studio._database.write() as session:
        bulk.change(session, labelled_project.id, "split", "test", ImageFilter())
    look(studio, labelled_project)
    assert len(looks) == 3


def test_a_project_trained_on_whole_is_offered_a_part_for_validation(
    studio: Studio, labelled_project: Project
) -> None:
    with studio._database.write() as session:
        bulk.change(session, labelled_project.id, "split", "train", ImageFilter())
    found = check(look(studio, labelled_project), "validation")
    assert found.state == "warn"
    assert found.action is not None
    assert found.action.kind == "split"
    assert studio.preflight.make_validation_split(labelled_project.id) == 6
    assert check(look(studio, labelled_project), "validation").state == "ok"


def test_a_model_that_learnt_from_all_images_leaves_none_to_measure_on() -> None:
    model = Model("m1", 1, "r1", "quick 1", ("nut",), {}, datetime.now(UTC))
    found = preflight._validation(Material(train=40, val=0, sizes=(), wrong=(), refusal=None), 0, model)
    assert "The model quick 1 has learnt from all" in found.sentence
    assert "ImageNet" in str(found.remedy)


def test_too_little_room_on_the_disk_stops_a_run_and_too_little_memory_warns(
    studio: Studio, labelled_project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        free = 1_000_000
        total = 4_000_000_000
        available = 2_000_000_000

    monkeypatch.setattr(preflight.shutil, "disk_usage", lambda _: Full)
    monkeypatch.setattr(preflight.psutil, "virtual_memory", lambda: Full)
    answer = look(studio, labelled_project)
    assert not answer.ok
    assert check(answer, "disk").state == "stop"
    memory = check(answer, "memory")
    assert memory.state == "warn"
    assert memory.action is not None
    assert memory.action.value == {"batch": 4}


def test_weights_that_are_neither_here_nor_reachable_stop_a_run_with_the_offline_backbone_as_remedy(
    studio: Studio, labelled_project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preflight.Path, "home", lambda: studio.workspace.root)
    monkeypatch.setattr(preflight, "_reachable", lambda: False)
    answer = look(studio, labelled_project, backbone="resnet50")
    weights = check(answer, "weights")
    assert (answer.ok, weights.state) == (False, "stop")
    assert weights.action is not None
    assert weights.action.value == {"backbone": "efficientnet_lite0"}
    monkeypatch.setattr(preflight, "_reachable", lambda: True)
    assert look(studio, labelled_project, backbone="resnet50").ok


def test_the_promise_is_measured_once_a_run_of_the_kind_was(
    studio: Studio, labelled_project: Project
) -> None:
    answer = look(studio, labelled_project, steps=100)
    assert not answer.measured
    assert answer.seconds > 0
    Paces(studio.workspace.cache).keep("0", "efficientnet_lite0", 300, 8, Pace(5, 0, 2, 0, 15, 0))
    answer = look(studio, labelled_project, steps=100)
    assert (answer.measured, answer.seconds) == (True, 220)
    # Another kind of run is judged by this one, and not called measured.
    larger = look(studio, labelled_project, steps=100, batch=16)
    assert (larger.measured, larger.seconds) == (False, 420)


def test_a_run_on_a_device_that_is_not_here_is_warned_of(studio: Studio, labelled_project: Project) -> None:
    found = check(look(studio, labelled_project, device="7"), "device")
    assert found.state == "warn"
    assert "ssd-studio worker --device 7" in found.remedy
    assert check(look(studio, labelled_project, device="cpu"), "device").state == "ok"
