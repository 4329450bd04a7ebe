"""Database and files compared: what is told before, what is done, and what is left alone."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from datetime import UTC, datetime

import pytest

from data import annotations, backup, images, models, runs, snapshots
from data.records import Box, Model
from data.repair import Repaired, Survey, repair, survey

OLD = time.time() - 7200


@pytest.fixture
def root(tmp_path):
    return tmp_path / "workspace"


def age(blobs):
    """Let every stored file be two hours old."""
    for name, _ in blobs.each():
        os.utime(blobs.path(name), (OLD, OLD))


def test_a_workspace_without_faults_is_well_and_nothing_is_to_be_done(database, blobs, root, add_image):
    add_image("a.png")
    age(blobs)
    found = survey(database, blobs, root, thorough=True)
    assert found.is_well
    assert found == Survey((), (), (), (), ())
    assert repair(database, blobs, found) == Repaired(0, 0, 0, 0, 0)


def test_files_that_nothing_names_are_told_with_their_length_and_removed_when_asked(
    database, blobs, root, add_image
):
    add_image("a.png")
    name = blobs.put(b"left behind")
    age(blobs)
    found = survey(database, blobs, root)
    assert found.unneeded == ((name, 11),)
    assert found.is_well
    assert blobs.has(name)
    done = repair(database, blobs, found)
    assert (done.removed, done.removed_bytes) == (1, 11)
    assert not blobs.has(name)
    assert survey(database, blobs, root).unneeded == ()


@pytest.mark.parametrize("knows_models", [True, False])
def test_folders_of_runs_and_models_without_a_row_are_told_and_removed_but_no_young_one_and_none_of_a_row(
    database, blobs, root, project, bolt, add_image, knows_models
):
    added, now = [add_image("a.png"), add_image("b.png")], datetime.now(UTC)
    with database.write() as session:
        for image in added:
            annotations.replace(session, image.id, [Box("1", bolt.id, 0, 0, 5, 5)], 0, "op")
        snapshot = snapshots.freeze(session, project.id, seed=0)
        run = runs.create(session, project.id, snapshot.id, {})
        if knows_models:
            models.register(session, Model("other", project.id, None, "here", ("bolt",), {}, now))
    for kind, name, days in (
        ("models", "other", 2),
        ("runs", run.id, 2),
        ("runs", "lost", 2),
        ("models", "lost", 2),
        ("models", "young", 0),
        ("models", ".incoming-1", 2),
        ("models", "a person\udce4", 2),
        ("models", "entered", 2),
    ):
        folder = root / kind / name
        folder.mkdir(parents=True)
        os.utime(folder, (time.time() - days * 86_400,) * 2)
    found = survey(database, blobs, root)
    lost = (root / "runs" / "lost", root / "models" / "entered", root / "models" / "lost")
    if not knows_models:  # It may be the database of another workspace.
        assert found.unneeded_folders == lost[:1]
        return
    assert found.unneeded_folders == lost
    assert found.is_well
    with database.write() as session:
        models.register(session, Model("entered", project.id, None, "late", ("bolt",), {}, now))
    assert repair(database, blobs, found).removed_folders == 2
    assert [path.exists() for path in lost] == [False, True, False]


def test_files_of_images_in_the_bin_and_of_snapshots_are_needed(
    database, blobs, root, project, bolt, add_image
):
    kept, gone, binned = (add_image(f"{number}.png") for number in range(3))
    with database.write() as session:
        for image in (kept, gone):
            annotations.replace(session, image.id, [Box("1", bolt.id, 0, 0, 5, 5)], 0, "op")
        snapshots.freeze(session, project.id, seed=0)
        images.delete(session, gone.id)
        images.discard(session, binned.id)
    age(blobs)
    assert survey(database, blobs, root).unneeded == ()


def test_a_file_stored_just_now_is_not_unneeded_its_image_may_be_about_to_be_added(database, blobs, root):
    blobs.put(b"of an import that goes on")
    assert survey(database, blobs, root).unneeded == ()


def test_a_file_that_is_needed_again_since_the_survey_is_left_alone(
    database, blobs, root, add_image, picture
):
    shade = tuple(hashlib.sha256(b"a.png").digest()[:3])
    name = blobs.put(picture(colour=shade, kind="PNG"))
    age(blobs)
    found = survey(database, blobs, root)
    assert [each for each, _ in found.unneeded] == [name]
    assert add_image("a.png").sha256 == name
    age(blobs)
    assert repair(database, blobs, found).removed == 0
    assert blobs.has(name)


def test_a_missing_file_is_told_with_its_images_and_comes_back_from_the_newest_backup_that_has_it(
    database, blobs, root, add_image
):
    first, twin = add_image("a.png", colour="red"), add_image("b.png", colour="red")
    backup.create(database, root, root / "backups" / "1")
    newer = backup.create(database, root, root / "backups" / "2")
    blobs.path(first.sha256).unlink()
    (missing,) = survey(database, blobs, root).missing
    assert (missing.sha256, missing.damaged) == (first.sha256, False)
    assert missing.images == ((first.id, "a.png"), (twin.id, "b.png"))
    assert missing.copy is not None
    assert missing.copy.is_relative_to(newer.path)
    assert repair(database, blobs, survey(database, blobs, root)).brought_back == 1
    assert survey(database, blobs, root, thorough=True).is_well


def test_a_missing_file_that_no_backup_has_stays_missing(database, blobs, root, add_image):
    image = add_image("a.png")
    blobs.path(image.sha256).unlink()
    found = survey(database, blobs, root)
    assert [each.copy for each in found.missing] == [None]
    assert repair(database, blobs, found).brought_back == 0
    assert not survey(database, blobs, root).is_well


def test_a_damaged_file_is_found_by_reading_and_replaced_from_a_backup(
    database, blobs, root, tmp_path, add_image
):
    image = add_image("a.png")
    made = backup.create(database, root, root / "backups" / "1")
    # As on another disk: a link would be damaged with the original.
    shutil.copytree(made.path, tmp_path / "copy")
    shutil.rmtree(made.path)
    shutil.move(tmp_path / "copy", made.path)
    path = blobs.path(image.sha256)
    whole = path.read_bytes()
    path.write_bytes(b"x" * len(whole))
    assert survey(database, blobs, root).is_well
    found = survey(database, blobs, root, thorough=True)
    assert [(each.sha256, each.damaged) for each in found.missing] == [(image.sha256, True)]
    assert repair(database, blobs, found).brought_back == 1
    assert path.read_bytes() == whole


def test_a_model_without_its_files_is_told(database, blobs, root, project):
    with database.write() as session:
        models.register(session, Model("m1", project.id, None, "Best", (), {}, datetime.now(UTC)))
    found = survey(database, blobs, root)
    assert found.missing_models == (("m1", "Best"),)
    assert not found.is_well


def test_what_killed_backups_left_is_removed_once_it_is_old(database, blobs, root):
    left = root / "backups" / "b.unfinished-abc"
    (left / "blobs").mkdir(parents=True)
    assert survey(database, blobs, root).unfinished_backups == ()
    os.utime(left, (OLD, OLD))
    found = survey(database, blobs, root)
    assert found.unfinished_backups == (left,)
    assert repair(database, blobs, found).removed_backups == 1
    assert not left.exists()
