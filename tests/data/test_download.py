"""A download lands whole, or everything stays as it was."""

import hashlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from mnist_pipeline.data import download as module
from mnist_pipeline.data.download import download
from mnist_pipeline.errors import DataError

CONTENT = bytes(range(256)) * 1024
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server(BaseHTTPRequestHandler):
    """Answers each path as its name says."""

    protocol_version = "HTTP/1.1"
    over: ClassVar[threading.Event]

    def do_GET(self) -> None:
        self.close_connection = True
        getattr(self, f"respond_{self.path.strip('/').replace('-', '_')}")()

    def log_message(self, *arguments: object) -> None:
        pass

    def head(self, status: int = 200, **headers: object) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()

    def respond_right(self) -> None:
        self.head(Content_Length=len(CONTENT))
        self.wfile.write(CONTENT)

    def respond_without_length(self) -> None:
        self.head()
        self.wfile.write(CONTENT)

    def respond_moved(self) -> None:
        self.head(302, Location="/right", Content_Length=0)

    def respond_wrong(self) -> None:
        self.head(Content_Length=5)
        self.wfile.write(b"other")

    def respond_missing(self) -> None:
        self.head(404, Content_Length=0)

    def respond_busy(self) -> None:
        self.head(503, Content_Length=0)

    def respond_cut(self) -> None:
        self.head(Content_Length=len(CONTENT))
        self.wfile.write(CONTENT[:1000])

    def respond_cut_in_a_chunk(self) -> None:
        self.head(Transfer_Encoding="chunked")
        self.wfile.write(b"FFFF\r\nonly a little")

    def respond_no_http(self) -> None:
        self.wfile.write(b"220 this is a mail server\r\n")

    def respond_nothing(self) -> None:
        pass

    def respond_stalled(self) -> None:
        self.head(Content_Length=len(CONTENT))
        self.wfile.write(CONTENT[:1000])
        self.wfile.flush()
        self.over.wait(10)

    def respond_silent(self) -> None:
        self.over.wait(10)

    def respond_moved_in_a_circle(self) -> None:
        self.head(302, Location="/moved-in-a-circle", Content_Length=0)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    Server.over = threading.Event()
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        Server.over.set()
        server.shutdown()
        thread.join(10)


@pytest.fixture(autouse=True)
def _direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy of the machine stands between."""
    monkeypatch.setenv("no_proxy", "*")


@pytest.mark.parametrize("path", ["right", "without-length", "moved"])
def test_the_right_file_lands_whole_in_a_new_folder(address: str, tmp_path: Path, path: str) -> None:
    target = tmp_path / "new" / "folder" / "file.npz"
    download(f"{address}/{path}", target, SHA256)
    assert target.read_bytes() == CONTENT
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.skipif(os.name != "posix", reason="the rights of a file are those of POSIX")
def test_the_file_may_be_read_by_whoever_may_read_a_new_file(address: str, tmp_path: Path) -> None:
    (tmp_path / "new").touch()
    download(f"{address}/right", tmp_path / "file.npz", SHA256)
    assert (tmp_path / "file.npz").stat().st_mode == (tmp_path / "new").stat().st_mode


def test_an_older_file_is_replaced(address: str, tmp_path: Path) -> None:
    target = tmp_path / "file.npz"
    target.write_bytes(b"old")
    download(f"{address}/right", target, SHA256)
    assert target.read_bytes() == CONTENT


@pytest.fixture
def _impatient(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A moment without a byte is long, where the server will send none."""
    if request.getfixturevalue("path") in ("stalled", "silent"):
        monkeypatch.setattr(module, "TIMEOUT_SECONDS", 0.3)


FAILURES = [
    "wrong", "missing", "busy", "cut", "cut-in-a-chunk", "no-http", "nothing", "stalled", "silent", "moved-in-a-circle",
]  # fmt: skip


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("older", [None, b"old"], ids=["no older file", "an older file"])
@pytest.mark.parametrize("path", FAILURES)
def test_a_failure_is_reported_and_leaves_everything_as_it_was(
    address: str, tmp_path: Path, path: str, older: bytes | None
) -> None:
    target = tmp_path / "file.npz"
    if older:
        target.write_bytes(older)
    with pytest.raises(DataError, match=f"{address}/{path}"):
        download(f"{address}/{path}", target, SHA256)
    assert [file.read_bytes() for file in tmp_path.iterdir()] == ([older] if older else [])


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("wrong", f"expected SHA-256 {SHA256}, received {hashlib.sha256(b'other').hexdigest()}"),
        ("missing", "Not Found"),
        ("silent", "timed out"),
        ("stalled", "timed out"),
    ],
)
def test_the_reason_is_reported(address: str, tmp_path: Path, path: str, reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        download(f"{address}/{path}", tmp_path / "file.npz", SHA256)


def test_a_refused_connection_is_reported(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(DataError, match="refused"):
        download(f"http://127.0.0.1:{port}/right", tmp_path / "file.npz", SHA256)
    assert list(tmp_path.iterdir()) == []


def test_far_more_than_expected_is_not_taken(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_FILE_BYTES", len(CONTENT) - 1)
    with pytest.raises(DataError, match=r"more than [\d,]+ bytes received"):
        download(f"{address}/right", tmp_path / "file.npz", SHA256)
    assert list(tmp_path.iterdir()) == []


def file_in_the_way(folder: Path) -> Path:
    (folder / "taken").write_bytes(b"")
    return folder / "taken" / "file.npz"


def folder_in_the_way(folder: Path) -> Path:
    (folder / "file.npz").mkdir()
    return folder / "file.npz"


@pytest.mark.parametrize("in_the_way", [file_in_the_way, folder_in_the_way])
def test_a_target_that_cannot_be_written_is_reported(
    address: str, tmp_path: Path, in_the_way: Callable[[Path], Path]
) -> None:
    target = in_the_way(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(DataError):
        download(f"{address}/right", target, SHA256)
    assert sorted(tmp_path.rglob("*")) == before


def test_an_interruption_leaves_nothing_behind(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "_fetch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        download(f"{address}/right", tmp_path / "file.npz", SHA256)
    assert list(tmp_path.iterdir()) == []


def test_files_of_a_killed_download_are_deleted_a_day_later(address: str, tmp_path: Path) -> None:
    leftover = tmp_path / ".partial-killed"
    leftover.mkdir()
    os.utime(leftover, (0, 0))
    download(f"{address}/right", tmp_path / "file.npz", SHA256)
    assert [file.name for file in tmp_path.iterdir()] == ["file.npz"]


def test_two_at_once_do_not_disturb_each_other(address: str, tmp_path: Path) -> None:
    target = tmp_path / "file.npz"
    with ThreadPoolExecutor(4) as pool:
        for download_ in [pool.submit(download, f"{address}/right", target, SHA256) for _ in range(8)]:
            download_.result(timeout=20)
    assert target.read_bytes() == CONTENT
    assert list(tmp_path.iterdir()) == [target]


def test_nothing_is_printed_where_there_is_no_terminal(
    address: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    download(f"{address}/right", tmp_path / "file.npz", SHA256)
    assert capfd.readouterr() == ("", "")
