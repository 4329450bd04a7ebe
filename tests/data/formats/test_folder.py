"""Finding files."""

from __future__ import annotations

from data.formats.folder import IMAGE_ENDINGS, list_files, read_images, relative_name


def test_images_are_found_in_natural_order_whatever_the_case_of_their_ending(tmp_path):
    for name in ("b/10.jpg", "b/9.JPG", "a.png", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = [relative_name(tmp_path, path) for path in list_files(tmp_path, IMAGE_ENDINGS)]
    assert found == ["a.png", "b/9.JPG", "b/10.jpg"]
    assert [file.name for file in read_images(tmp_path).files] == found


def test_hidden_files_and_masks_are_passed_over(tmp_path):
    for name in (".git/x.jpg", "__MACOSX/x.jpg", "SegmentationClass/x.png", "._x.jpg", "x.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [path.name for path in list_files(tmp_path, IMAGE_ENDINGS)] == ["x.jpg"]


def test_a_link_to_a_folder_is_not_followed_so_that_loops_end(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "x.jpg").touch()
    (tmp_path / "in" / "loop").symlink_to(tmp_path, target_is_directory=True)
    assert len(list_files(tmp_path, IMAGE_ENDINGS)) == 1
