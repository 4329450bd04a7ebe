"""A new training is offered when enough was labelled, and goes on from the model that there is."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from app.bootstrap import Studio
from app.services import retraining
from data import images
from data.errors import RunBusy
from data.records import Box, ImageFilter, Model
from tests.app.model_folders import PLANTED_BOX

Two = tuple[Model, Model]


def test_a_new_training_is_offered_after_ten_labels_and_goes_on_from_the_model(
    studio: Studio, waiting: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    project_id = waiting[0].project_id
    monkeypatch.setattr(retraining, "FEWEST_NEW", 2)
    with studio._database.write() as session:
        for image in images.page(session, project_id, wanted=ImageFilter(status="labelled")).images:
            images.change(session, image.id, split="train")
    nothing_yet = studio.retraining.offer(project_id)
    assert (nothing_yet.offer, nothing_yet.new_labels, nothing_yet.batch) == (False, 0, 0)
    nut = studio.labelling.classes(project_id)[0]
    todo = studio.labelling.images(project_id, wanted=ImageFilter(status="unlabelled")).images[:2]
    for number, image in enumerate(todo):
        box = Box("1", nut.id, *PLANTED_BOX)
        studio.labelling.save_boxes(image.id, [box], image.revision, uuid.uuid4().hex)
        assert studio.retraining.offer(project_id).offer == (number == 1)
    offer = studio.retraining.offer(project_id)
    assert (offer.new_labels, offer.batch) == (2, 1)
    assert offer.since_model is not None
    assert offer.seconds is not None
    assert offer.seconds > 0
    run = studio.retraining.start(project_id)
    assert (run.params["start"], run.params["preset"]) == (offer.since_model.id, "quick")
    # While it is on its way, nothing is offered, and whoever still sees the offer begins no second one.
    assert not studio.retraining.offer(project_id).offer
    with pytest.raises(RunBusy, match="on its way"):
        studio.retraining.start(project_id)


def test_a_retraining_has_the_settings_of_the_run_that_made_the_model(studio: Studio, waiting: Two) -> None:
    model = waiting[0]
    with studio._database.write() as session:
        labelled = images.page(session, model.project_id, wanted=ImageFilter(status="labelled")).images
        for image in labelled:
            images.change(session, image.id, split="none")
    first = studio.training.start(model.project_id, preset="balanced", steps=123, batch=4, seed=7)
    wanted = retraining._wanted(model, first)
    assert (wanted.preset, wanted.steps, wanted.batch, wanted.seed) == ("balanced", 123, 4, 7)
    assert (wanted.start, wanted.augmentation) == (model.id, "standard")


def test_a_project_is_looked_through_for_an_offer_once_and_not_after_each_label(
    studio: Studio, waiting: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    project_id = waiting[0].project_id
    monkeypatch.setattr(retraining, "FEWEST_NEW", 2)
    plain, looked = studio.preflight.look, []

    def counted(*given: Any, **options: Any) -> Any:
        looked.append(given)
        return plain(*given, **options)

    monkeypatch.setattr(studio.preflight, "look", counted)
    with studio._database.write() as session:
        for image in images.page(session, project_id, wanted=ImageFilter(status="labelled")).images:
            images.change(session, image.id, split="train")
    nut = studio.labelling.classes(project_id)[0]
    offers = []
    for image in studio.labelling.images(project_id, wanted=ImageFilter(status="unlabelled")).images:
        box = Box("1", nut.id, *PLANTED_BOX)
        studio.labelling.save_boxes(image.id, [box], image.revision, uuid.uuid4().hex)
        offers.append(studio.retraining.offer(project_id))
    assert [(each.offer, each.new_labels, each.batch) for each in offers] == [
        (False, 1, 0),
        (True, 2, 1),
        (True, 3, 1),
    ]
    assert (offers[2].seconds, len(looked)) == (offers[1].seconds, 1)
