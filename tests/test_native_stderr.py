"""What C++ libraries write to stderr."""

import os
import tempfile

import pytest

from mnist_pipeline import process
from mnist_pipeline.native_stderr import LOG_LEVEL, capture_native_stderr


def write(error: BaseException | None = None, *, replay: bool = True, always: bool = False) -> None:
    with capture_native_stderr(replay_on_failure=replay, always=always):
        os.write(2, b"raw log\n")
        if error:
            raise error


def test_is_captured(capfd: pytest.CaptureFixture[str]) -> None:
    write()
    os.write(2, b"ours\n")
    assert capfd.readouterr().err == "ours\n"


def test_can_be_read_while_it_is_captured() -> None:
    with capture_native_stderr() as captured:
        assert captured() == b""
        os.write(2, b"Bad code")
        assert captured() == b"Bad code"
        os.write(2, b" word\n")
        assert captured() == b"Bad code word\n"


def test_is_not_captured_where_stderr_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", None)
    with capture_native_stderr() as captured:
        assert captured() == b""


@pytest.mark.parametrize("always", [False, True])
def test_is_not_captured_in_a_process_of_others(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], always: bool
) -> None:
    monkeypatch.setattr(process, "_owned", False)
    write(always=always)
    assert capfd.readouterr().err == "raw log\n"


@pytest.mark.parametrize(("error", "replay", "stderr"), [
    (ImportError("libcudart"), True, "raw log\n"),
    (ValueError("a damaged model, which is an error of one line"), False, ""),
    (KeyboardInterrupt(), True, ""),
    (SystemExit(130), True, ""),
], ids=repr)  # fmt: skip
def test_is_replayed_after_an_error_but_not_after_ctrl_c(
    capfd: pytest.CaptureFixture[str], error: BaseException, replay: bool, stderr: str
) -> None:
    with pytest.raises(type(error)):
        write(error, replay=replay)
    assert capfd.readouterr().err == stderr


@pytest.mark.parametrize(("level", "always", "stderr"), [
    ("0", False, "raw log\n"), ("2", False, "raw log\n"), ("2", True, ""), ("3", False, ""), (None, False, ""),
])  # fmt: skip
def test_is_shown_where_the_user_wants_native_logs(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], level: str | None, always: bool, stderr: str
) -> None:
    monkeypatch.delenv(LOG_LEVEL, raising=False)
    if level:
        monkeypatch.setenv(LOG_LEVEL, level)
    write(always=always)
    assert capfd.readouterr().err == stderr


def test_is_captured_where_no_temporary_file_can_be_made(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def refuse() -> None:
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.delattr(os, "memfd_create", raising=False)
    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    write()
    assert capfd.readouterr().err == ""
