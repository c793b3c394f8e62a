"""What C++ libraries write to stderr."""

import os
import tempfile

import pytest

from mnist_pipeline.native_stderr import LOG_LEVEL, capture_native_stderr


def write(error: BaseException | None, *, told: bool) -> None:
    with capture_native_stderr(replay_on_failure=told):
        os.write(2, b"raw log\n")
        if error:
            raise error


def test_is_kept_back(capfd: pytest.CaptureFixture[str]) -> None:
    write(None, told=True)
    os.write(2, b"ours\n")
    assert capfd.readouterr().err == "ours\n"


def test_what_was_kept_back_can_be_read_within() -> None:
    with capture_native_stderr() as kept:
        assert kept() == b""
        os.write(2, b"Bad code")
        assert kept() == b"Bad code"
        os.write(2, b" word\n")
        assert kept() == b"Bad code word\n"


def test_nothing_is_kept_back_where_stderr_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", None)
    with capture_native_stderr() as kept:
        assert kept() == b""


@pytest.mark.parametrize(("error", "told", "said"), [
    (ImportError("libcudart"), True, "raw log\n"),
    (ValueError("a damaged model, which is said in a line"), False, ""),
    (KeyboardInterrupt(), True, ""),
    (SystemExit(130), True, ""),
], ids=repr)  # fmt: skip
def test_is_told_after_a_failure_that_asks_for_it_and_not_after_ctrl_c(
    capfd: pytest.CaptureFixture[str], error: BaseException, told: bool, said: str
) -> None:
    with pytest.raises(type(error)):
        write(error, told=told)
    assert capfd.readouterr().err == said


@pytest.mark.parametrize(("level", "said"), [("0", "raw log\n"), ("2", "raw log\n"), ("3", ""), (None, "")])
def test_is_heard_where_the_user_asked_for_it(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], level: str | None, said: str
) -> None:
    monkeypatch.delenv(LOG_LEVEL, raising=False)
    if level:
        monkeypatch.setenv(LOG_LEVEL, level)
    write(None, told=True)
    assert capfd.readouterr().err == said


def test_is_kept_back_where_no_temporary_file_can_be_made(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def refuse() -> None:
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    write(None, told=True)
    assert capfd.readouterr().err == ""
