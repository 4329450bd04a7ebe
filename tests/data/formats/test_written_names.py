"""The paths that images are written to."""

from __future__ import annotations

from pathlib import PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.formats.annotated import AnnotatedFile, Reading
from data.formats.written_names import NAMES_FILE, Layout, names_file, place, restore_names
from tests.data.formats.folders import write

FLAT = Layout(prefix=lambda _split: "")


def placed(*names: str, ending=".jpg", by_stem=False) -> list[str]:
    return place([(name, None, ending) for name in names], Layout(FLAT.prefix, by_stem))


def test_names_stay_as_they_are_with_their_folders_blanks_and_letters():
    names = ["a.jpg", "sub dir/ü 日本.JPG", "photo.2024.final.jpeg"]
    assert placed(*names) == names


def test_the_layout_puts_a_folder_in_front():
    layout = Layout(prefix=lambda split: f"images/{split}/")
    assert place([("a.jpg", "val", ".jpg")], layout) == ["images/val/a.jpg"]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("images/a.jpg", "a.jpg"),
        ("JPEGImages/x/a.jpg", "x/a.jpg"),
        ('a<b>:"|?*.jpg', "a_b______.jpg"),
        ("a\nb\u2028c.jpg", "a_b_c.jpg"),
        ("con.jpg", "_con.jpg"),
        ("x/NUL.x.jpg", "x/_NUL.x.jpg"),
        ("end. /a.jpg", "end_/a.jpg"),
        (".hidden/.a.jpg", "_.hidden/_.a.jpg"),
        ("__MACOSX/a.jpg", "___MACOSX/a.jpg"),
        ("a.jpg/b.jpg", "a_jpg/b.jpg"),
        ("classes.jpg", "_classes.jpg"),
    ],
)
def test_what_a_system_or_a_format_cannot_hold_is_changed(name, path):
    assert placed(name) == [path]


@pytest.mark.parametrize(
    ("name", "ending", "path"),
    [
        ("a.tiff", ".png", "a.png"),
        ("a.jpg", ".png", "a.png"),
        ("a.jfif", ".jpg", "a.jpg"),
        ("a", ".jpg", "a.jpg"),
        ("v1.5", ".webp", "v1.5.webp"),
    ],
)
def test_the_ending_is_that_of_the_file_that_is_written(name, ending, path):
    assert placed(name, ending=ending) == [path]


def test_names_that_a_system_or_a_format_takes_for_one_are_numbered():
    assert placed("a.jpg", "A.jpg", "a.jpg") == ["a.jpg", "A-2.jpg", "a-3.jpg"]
    assert placed("a.jpg", "a.jpeg") == ["a.jpg", "a.jpeg"]
    assert placed("a.jpg", "a.jpeg", by_stem=True) == ["a.jpg", "a-2.jpeg"]


def test_a_very_long_name_is_cut_and_stays_its_own():
    first, second = placed("日" * 200 + "1.jpg", "日" * 200 + "2.jpg")
    assert first != second
    assert max(len(part.encode()) for part in first.split("/")) < 200


@given(st.lists(st.text(min_size=1, max_size=40).filter(lambda name: name.strip("/. ")), max_size=6))
def test_any_names_give_paths_that_every_system_can_hold_and_tell_apart(names):
    paths = placed(*(name.strip("/") or "x" for name in names), by_stem=True)
    assert len({path.casefold().rsplit(".", 1)[0] for path in paths}) == len(paths)
    for path in paths:
        assert not PureWindowsPath(path).is_absolute()
        assert not set(path) & set('<>:"|?*\\\n\r\x00')
        for part in path.split("/"):
            assert part.strip(". ") or not part


def test_names_that_were_changed_come_back_and_only_they_are_written_down(tmp_path):
    assert names_file([("a.jpg", "a.jpg")]) is None
    data = names_file([("images/b.jpg", "b.jpg"), ("images/a.jpg", "x/ü.jpg")])
    write(tmp_path, {NAMES_FILE: data})
    files = tuple(AnnotatedFile(name, tmp_path / name) for name in ("images/a.jpg", "images/c.jpg"))
    restored = restore_names(tmp_path, Reading(files))
    assert [file.name for file in restored.files] == ["x/ü.jpg", "images/c.jpg"]
    assert [file.path for file in restored.files] == [file.path for file in files]


@pytest.mark.parametrize("content", [b"[1]", b'{"images/a.jpg": 5}', b'{"images/a.jpg": ""}'])
def test_a_list_of_names_that_is_wrong_changes_nothing(tmp_path, content):
    write(tmp_path, {NAMES_FILE: content})
    reading = Reading((AnnotatedFile("images/a.jpg", tmp_path / "images/a.jpg"),))
    assert restore_names(tmp_path, reading) == reading


def test_a_list_of_names_that_is_broken_is_told(tmp_path):
    write(tmp_path, {NAMES_FILE: b"{"})
    assert restore_names(tmp_path, Reading(())).problems[0].file == NAMES_FILE
