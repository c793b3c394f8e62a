"""Files are complete or absent, whatever fails during a write."""

import errno
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mnist_pipeline import files as module
from mnist_pipeline.config.load import LoadedConfig
from mnist_pipeline.errors import RunError
from mnist_pipeline.files import atomic_write, sha256
from mnist_pipeline.run.folder import Run
from tests.helpers import new_run

NOBODY = 65534
HINT = "Train into a folder of your own: --run-dir FOLDER, or MNIST_RUNS=FOLDER for all runs"


def write(file: Path, content: bytes) -> None:
    with atomic_write(file) as partial:
        partial.write_bytes(content)


def test_a_file_is_there_when_it_is_complete(tmp_path: Path) -> None:
    file = tmp_path / "file"
    with atomic_write(file) as partial:
        partial.write_bytes(b"half")
        assert not file.exists()
    assert file.read_bytes() == b"half"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("failing", ["fsync", "replace"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO], ids=errno.errorcode.get)
def test_the_former_file_stays_when_the_disk_is_full_or_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str, number: int
) -> None:
    def fail(*_: Any) -> None:
        raise OSError(number, os.strerror(number))

    file = tmp_path / "file"
    write(file, b"before")
    monkeypatch.setattr(*((os, "fsync") if failing == "fsync" else (Path, "replace")), fail)
    with pytest.raises(OSError, match=os.strerror(number)):
        write(file, b"after")
    assert file.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [file]


def interrupted(file: Path) -> None:
    with atomic_write(file) as partial:
        partial.write_bytes(b"aft")
        raise KeyboardInterrupt


def test_the_former_file_stays_when_the_writer_is_interrupted(tmp_path: Path) -> None:
    file = tmp_path / "file"
    write(file, b"before")
    with pytest.raises(KeyboardInterrupt):
        interrupted(file)
    assert file.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [file]


def left_behind(folder: Path, days: float) -> Path:
    """What a writer that was killed so many days ago left behind."""
    partial = folder / ".partial-killed"
    partial.mkdir(parents=True)
    (partial / "file").write_bytes(b"half")
    then = time.time() - days * 86_400
    os.utime(partial, (then, then))
    return partial


@pytest.mark.parametrize(("days", "there"), [(0, True), (0.9, True), (1.1, False)])
def test_files_of_a_killed_writer_are_removed_a_day_later_and_those_of_a_living_one_stay(
    tmp_path: Path, days: float, there: bool
) -> None:
    partial = left_behind(tmp_path, days)
    write(tmp_path / "other", b"content")
    assert partial.exists() == there


def test_files_of_killed_trainings_are_removed_once_nobody_else_can_be_writing(run: Run) -> None:
    partial = left_behind(run.folder, 0)
    with run.locked():
        assert not partial.exists()


@pytest.mark.skipif(os.name == "nt", reason="links take rights on Windows")
def test_a_link_among_the_files_of_killed_writers_is_not_followed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "work").touch()
    (run.folder / ".partial-link").symlink_to(tmp_path / "precious")
    with run.locked():
        assert (tmp_path / "precious" / "work").exists()


def synced_as_on_windows(descriptor: int) -> None:
    """There, only what was opened for writing can be synced."""
    import fcntl

    if fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))


def test_a_file_is_synced_through_a_handle_for_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.name == "posix":
        monkeypatch.setattr(os, "fsync", synced_as_on_windows)
    write(tmp_path / "file", b"content")
    assert (tmp_path / "file").read_bytes() == b"content"


def open_elsewhere(monkeypatch: pytest.MonkeyPatch, attempts: int) -> None:
    """As on Windows, no file can be replaced in so many attempts."""
    replace, refusals = Path.replace, iter(range(attempts))

    def refuse(partial: Path, file: Path) -> Path:
        if next(refusals, None) is None:
            return replace(partial, file)
        raise PermissionError(errno.EACCES, "Access is denied")

    monkeypatch.setattr(Path, "replace", refuse)


@pytest.fixture
def _windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WINDOWS", True)
    monkeypatch.setattr(module, "RETRY_PAUSES", (0, 0))


@pytest.mark.usefixtures("_windows")
def test_windows_replaces_a_file_once_others_have_closed_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_elsewhere(monkeypatch, attempts=2)
    write(tmp_path / "file", b"content")
    assert (tmp_path / "file").read_bytes() == b"content"


@pytest.mark.usefixtures("_windows")
def test_a_file_that_stays_open_elsewhere_is_reported(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    open_elsewhere(monkeypatch, attempts=3)
    with pytest.raises(RunError, match=r"Access is denied; if another program has this file open, close it there\. "):
        run.update(epochs=3)
    assert "epochs" not in run.record


def test_elsewhere_a_refusal_is_final(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_elsewhere(monkeypatch, attempts=1)
    with pytest.raises(PermissionError, match=r"denied$"):
        write(tmp_path / "file", b"content")


@pytest.mark.skipif(os.name != "posix", reason="the rights of a folder are those of POSIX")
def test_the_place_of_an_unfinished_file_has_the_rights_of_any_new_folder(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    with atomic_write(tmp_path / "file") as partial:
        assert partial.parent.stat().st_mode == (tmp_path / "new").stat().st_mode
        partial.touch()


@pytest.fixture
def locked(loaded: LoadedConfig) -> Iterator[Path]:
    """A folder that this process may not write to, though it be run by root."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with tempfile.TemporaryDirectory() as outer:
        folder = Path(outer, "locked")
        run = new_run(loaded, folder)
        (folder / "checkpoint.npz").touch()
        Path(outer).chmod(0o755)
        folder.chmod(0o555)
        if root:
            os.seteuid(NOBODY)
        try:
            yield run.folder
        finally:
            if root:
                os.seteuid(0)
            folder.chmod(0o755)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such folders")
def test_a_run_in_a_read_only_folder_stays_as_it_is(locked: Path) -> None:
    before = sha256(locked / "run.json")
    with pytest.raises(RunError, match=r"run\.json: cannot write this file: Permission denied"):
        Run(locked).update(epochs=3)
    assert sha256(locked / "run.json") == before


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such folders")
def test_a_file_that_cannot_be_removed_is_reported(locked: Path) -> None:
    with pytest.raises(RunError, match=r"checkpoint\.npz: cannot remove this file: Permission denied"):
        Run(locked).remove("checkpoint.npz")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such folders")
def test_no_process_trains_into_a_read_only_folder(locked: Path) -> None:
    denied = r"cannot write to this folder: Permission denied\. Copy the run .* mnist train --resume COPY"
    with pytest.raises(RunError, match=denied), Run(locked).locked():
        pytest.fail("it was claimed")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such folders")
def test_no_run_begins_in_a_read_only_folder(loaded: LoadedConfig, locked: Path) -> None:
    with pytest.raises(RunError, match=f"cannot make this folder: Permission denied. {HINT}"):
        new_run(loaded, locked / "new")
