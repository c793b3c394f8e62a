"""Names stand for files, or for folders and all image files below them."""

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnist_pipeline.data.preprocess.files import find_files
from mnist_pipeline.data.preprocess.read import read_image, read_images
from mnist_pipeline.errors import ImageError
from tests.data.preprocess.test_read import L_SHAPE, PAGE

NOBODY = 65534  # the user who owns nothing


def files_of(*names: object) -> list[str]:
    errors: list[str] = []
    files = [file for name in names for file in find_files(str(name), errors)]
    assert errors == []
    return files


def errors_of(*names: object) -> list[str]:
    errors: list[str] = []
    assert [file for name in names for file in find_files(str(name), errors)] == []
    return errors


def touched(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def test_files_and_standard_input_stand_for_themselves() -> None:
    assert files_of("b.png", "-", "none.txt") == ["b.png", "-", "none.txt"]


def test_a_folder_stands_for_the_images_in_it_by_name(tmp_path: Path) -> None:
    touched(tmp_path, "b.png", "a.JPG", "c.webp", "notes.txt", "model.keras", "README")
    (tmp_path / "more.png").mkdir()
    assert files_of(tmp_path, "-") == [*(str(tmp_path / name) for name in ("a.JPG", "b.png", "c.webp")), "-"]


def test_a_folder_stands_for_those_in_folders_inside_it_too(tmp_path: Path) -> None:
    names = ["z.png", "1/a.png", "1/b/c/d.png", "2/a.png", "10/a.png"]
    touched(tmp_path, *names, "2/notes.txt", "empty/notes.txt")
    assert files_of(tmp_path) == [
        str(tmp_path / name) for name in ("z.png", "1/a.png", "1/b/c/d.png", "10/a.png", "2/a.png")
    ]


def test_hidden_files_and_folders_are_left_out(tmp_path: Path) -> None:
    touched(tmp_path, "a.png", "._a.png", ".git/b.png", "in/.c.png", "in/.d/e.png")
    assert files_of(tmp_path) == [str(tmp_path / "a.png")]
    assert files_of(tmp_path / ".git") == [str(tmp_path / ".git" / "b.png")]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_links_to_folders_are_followed_inside_the_folder_that_is_named_and_lead_in_no_circle(tmp_path: Path) -> None:
    touched(tmp_path, "in/a.png", "in/deep/b.png", "in/.kept/c.png")
    (tmp_path / "in" / "deep" / "up").symlink_to(tmp_path / "in")
    (tmp_path / "in" / "self").symlink_to(".")
    (tmp_path / "in" / "kept").symlink_to(".kept")
    assert files_of(tmp_path / "in") == [str(tmp_path / "in" / name) for name in ("a.png", "deep/b.png", "kept/c.png")]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_link_to_a_folder_leads_to_nothing_outside_the_folder_that_is_named(tmp_path: Path) -> None:
    touched(tmp_path, "in/a.png", "inner/b.png", "c.png", "in/.a.png")
    (tmp_path / "in" / "beside").symlink_to(tmp_path / "inner")
    (tmp_path / "in" / "above").symlink_to("..")
    assert files_of(tmp_path / "in") == [str(tmp_path / "in" / "a.png")]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_folder_may_itself_be_named_by_a_link(tmp_path: Path) -> None:
    touched(tmp_path, "in/a.png", "in/deep/b.png")
    (tmp_path / "link").symlink_to(tmp_path / "in")
    assert files_of(tmp_path / "link") == [str(tmp_path / "link" / name) for name in ("a.png", "deep/b.png")]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_a_pipe_in_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    touched(tmp_path, "a.png")
    os.mkfifo(tmp_path / "b.png")
    assert files_of(tmp_path) == [str(tmp_path / "a.png")]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_broken_link_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a.png").symlink_to(tmp_path / "none")
    assert read_images((str(tmp_path),)) == (
        [],
        [f"{tmp_path / 'a.png'}: cannot read this image: No such file or directory"],
    )


def test_files_that_can_be_written_as_images_and_not_read_are_left_out(tmp_path: Path) -> None:
    touched(tmp_path, "scan.png", "letter.pdf", "film.mpg", "weights.h5")
    assert files_of(tmp_path) == [str(tmp_path / "scan.png")]


def test_a_folder_without_images_is_reported(tmp_path: Path) -> None:
    touched(tmp_path, "notes.txt", "in/notes.txt")
    assert errors_of(tmp_path) == [f"{tmp_path}: there is no image in this folder"]


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that every user may read, while this process is another user than root."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        if root:
            os.seteuid(0)
        for each in folder.rglob("*"):
            each.chmod(0o755)


def without_root() -> None:
    if os.geteuid() == 0:
        os.seteuid(NOBODY)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such folders")
def test_a_folder_without_permission_is_reported_and_the_others_are_read(shared: Path) -> None:
    touched(shared, "a/digit.png", "b/digit.png", "c/digit.png")
    for name in "ac":
        PAGE.save(shared / name / "digit.png")
    (shared / "b").chmod(0)
    without_root()
    readable, errors = read_images((str(shared),))
    assert [name for name, _ in readable] == [str(shared / "a" / "digit.png"), str(shared / "c" / "digit.png")]
    assert errors == [f"{shared / 'b'}: cannot read this folder: Permission denied"]
    assert read_images((str(shared / "b"),)) == ([], errors)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such folders")
def test_a_folder_whose_files_cannot_be_opened_is_reported_file_by_file(shared: Path) -> None:
    touched(shared, "a/1.png", "a/2.png")
    (shared / "a").chmod(0o444)
    without_root()
    _, errors = read_images((str(shared),))
    assert errors == [
        f"{shared / 'a' / name}: cannot read this image: Permission denied" for name in ("1.png", "2.png")
    ]


def test_a_name_that_no_file_can_have_is_left_to_the_reader() -> None:
    name = "x" * 300
    assert files_of(name) == [name]
    with pytest.raises(ImageError, match="cannot read this image"):
        read_image(name)


def test_files_that_can_be_read_are_read_and_the_others_are_reported(tmp_path: Path) -> None:
    good, bad, none = (str(tmp_path / name) for name in ("good.png", "bad.png", "none.png"))
    PAGE.save(good)
    Path(bad).write_text("seven")
    ((name, image),), errors = read_images((bad, good, none))
    assert name == good
    np.testing.assert_array_equal(image, L_SHAPE)
    assert [message.partition(": ")[0] for message in errors] == [bad, none]


def test_a_file_named_twice_is_predicted_twice(tmp_path: Path) -> None:
    PAGE.save(tmp_path / "a.png")
    PAGE.transpose(Image.Transpose.ROTATE_180).save(tmp_path / "b.png")
    a, b = str(tmp_path / "a.png"), str(tmp_path / "b.png")
    readable, _ = read_images((a, b, a, str(tmp_path)))
    assert [name for name, _ in readable] == [a, b, a, a, b]
    np.testing.assert_array_equal(readable[0][1], readable[2][1])


def test_an_empty_folder_keeps_no_other_image_from_being_read(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    PAGE.save(tmp_path / "good.png")
    readable, errors = read_images((str(tmp_path / "empty"), str(tmp_path / "good.png")))
    assert [name for name, _ in readable] == [str(tmp_path / "good.png")]
    assert len(errors) == 1
