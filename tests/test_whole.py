"""Files are whole or absent, whatever fails while they are written."""

import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mnist_pipeline.config.load import LoadedConfig
from mnist_pipeline.errors import RunError
from mnist_pipeline.run import Run
from mnist_pipeline.runs import create
from mnist_pipeline.whole import sha256, whole

NOBODY = 65534


def write(file: Path, content: bytes) -> None:
    with whole(file) as partial:
        partial.write_bytes(content)


def test_a_file_is_there_when_it_is_complete(tmp_path: Path) -> None:
    file = tmp_path / "file"
    with whole(file) as partial:
        partial.write_bytes(b"half")
        assert not file.exists()
    assert file.read_bytes() == b"half"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("failing", ["fsync", "replace"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO], ids=errno.errorcode.get)
def test_what_was_there_stays_when_the_disk_is_full_or_fails(
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
    with whole(file) as partial:
        partial.write_bytes(b"aft")
        raise KeyboardInterrupt


def test_what_was_there_stays_when_the_writer_is_interrupted(tmp_path: Path) -> None:
    file = tmp_path / "file"
    write(file, b"before")
    with pytest.raises(KeyboardInterrupt):
        interrupted(file)
    assert file.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [file]


@pytest.fixture
def locked(loaded: LoadedConfig) -> Iterator[Path]:
    """A folder that this process may not write to, though it be run by root."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with tempfile.TemporaryDirectory() as outer:
        folder = Path(outer, "locked")
        run = create(loaded, folder)
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
def test_no_process_trains_into_a_read_only_folder(locked: Path) -> None:
    with pytest.raises(RunError, match=r"cannot write to this folder: Permission denied"), Run(locked).claimed():
        pytest.fail("it was claimed")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such folders")
def test_no_run_begins_in_a_read_only_folder(loaded: LoadedConfig, locked: Path) -> None:
    with pytest.raises(RunError, match="cannot make this folder: Permission denied"):
        create(loaded, locked / "new")
