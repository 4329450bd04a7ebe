"""Deleting projects."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import func, select

from data import (
    annotations,
    class_merging,
    classes,
    images,
    models,
    project_removal,
    projects,
    runs,
    snapshots,
    suggestions,
)
from data.errors import InvalidName, NotFound, RunBusy
from data.records import Box, Model
from data.schema import Base, FindingRow, LookRow


@pytest.fixture
def full(database, project, bolt, add_image):
    """A project that has a row in every table; gives its run and its image files."""
    drawn = [add_image(name) for name in ("a.png", "b.png")]
    with database.write() as session:
        for image in drawn:
            annotations.replace(session, image.id, [Box("1", bolt.id, 0, 0, 5, 5)], 0, "op")
        frozen = snapshots.freeze(session, project.id, seed=0)
        run = runs.create(session, project.id, frozen.id, {})
        runs.finish(session, run.id, "done", None, "model-1", now=time.time())
        made = Model("model-1", project.id, run.id, "parts 1", ("bolt",), {}, run.created)
        models.register(session, made)
        suggestions.offer(session, drawn[0].id, "model-1", [(Box("", bolt.id, 0, 0, 5, 5), 0.9)])
        corners = {"x0": 0, "y0": 0, "x1": 5, "y1": 5}
        about = {"image_id": drawn[0].id, "model_id": "model-1"}
        session.add(LookRow(**about, revision=1, uncertainty=0.5, reason="", seen=run.created))
        finding = {"kind": "missing_box", "badness": 0.5, "image_revision": 1, "created": run.created}
        session.add(FindingRow(**about, class_id=bolt.id, **corners, **finding))
        images.discard(session, drawn[1].id)
        return run, {image.sha256 for image in drawn}


def test_a_deleted_project_takes_everything_it_has_and_nothing_of_another(database, project, full):
    run, files = full
    with database.write() as session:
        other = projects.create(session, "Other")
        classes.add(session, other.id, "bolt")
        left = project_removal.remove(session, project.id, "Workshop")
    assert (left.sha256s, left.run_ids, left.model_ids) == (files, (run.id,), ("model-1",))
    with database.read() as session:
        rows = {
            table.name: session.scalar(select(func.count()).select_from(table))
            for table in Base.metadata.sorted_tables
        }
        assert {name for name, number in rows.items() if number} == {
            "project",
            "project_count",
            "label_class",
        }
        assert [entry.name for entry in projects.list_all(session)] == ["Other"]


def test_only_the_exact_name_deletes_a_project(database, project):
    with database.write() as session:
        for wrong in ("workshop", "Workshop 2"):
            with pytest.raises(InvalidName, match=r"'Workshop'\. Type it exactly"):
                project_removal.remove(session, project.id, wrong)
        project_removal.remove(session, project.id, " Workshop ")
        with pytest.raises(NotFound):
            project_removal.remove(session, project.id, "Workshop")


def test_a_project_is_not_deleted_while_a_run_of_it_has_not_ended(database, project, full):
    run, _ = full
    with database.write() as session:
        runs.create(session, project.id, run.snapshot_id, {})
        with pytest.raises(RunBusy, match="A training of 'Workshop' has not ended"):
            project_removal.remove(session, project.id, "Workshop")
        assert projects.get(session, project.id).images == 1


def test_a_project_with_merged_classes_can_be_deleted(database, project, bolt, full):
    with database.write() as session:
        nut = classes.add(session, project.id, "nut")
        class_merging.merge(session, bolt.id, nut.id)
        project_removal.remove(session, project.id, "Workshop")
        assert projects.list_all(session) == ()
