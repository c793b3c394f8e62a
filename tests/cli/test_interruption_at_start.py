"""Ctrl-C while TensorFlow starts: no log of others, no run that is called training, exit status 130."""

import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from mnist_pipeline.data.dataset import load_dataset
from tests.configs import tiny
from tests.helpers import new_run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signal to one process")

# What is imported when the signal comes: early, in the middle and late; and, last, what comes after TensorFlow.
MOMENTS = [
    "keras", "tensorflow", "tensorflow.python.eager.context", "keras.src.optimizers.adam",
    "mnist_pipeline.training.fit",
]  # fmt: skip

PROGRAM = """
    import os, signal, sys

    class Hook:
        def find_spec(self, name, path=None, target=None):
            if name == {moment!r}:
                os.write(2, b"raw log")
                for _ in range({signals}):
                    signal.raise_signal(signal.SIGINT)

    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.meta_path.insert(0, Hook())
    from mnist_pipeline.cli.main import main
    main({arguments!r})
"""


def interrupted(folder: Path, moment: str, *arguments: object, signals: int = 1) -> tuple[int, str]:
    """The exit status of a command that gets Ctrl-C at a moment, and what it says on stderr."""
    program = textwrap.dedent(PROGRAM).format(moment=moment, arguments=[*map(str, arguments)], signals=signals)
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )
    return done.returncode, done.stderr.replace("raw log", "", moment.startswith("mnist_pipeline"))


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_new_training_leaves_nothing(tmp_path: Path, moment: str) -> None:
    status, said = interrupted(tmp_path, moment, "train", "--config", "smoke")
    assert (status, said.strip()) == (130, "")
    assert not list(tmp_path.glob("runs/*"))


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_resumed_run_stays_interrupted(tmp_path: Path, moment: str) -> None:
    loaded = tiny(tmp_path)
    run = new_run(loaded, tmp_path / "run", data={"sha256": load_dataset(loaded.config.data).source.sha256})
    with pytest.raises(KeyboardInterrupt), run.record_outcome():
        raise KeyboardInterrupt
    status, said = interrupted(tmp_path, moment, "train", "--resume", run.folder)
    assert (status, run.status) == (130, "interrupted")
    assert "raw log" not in said
    assert "Traceback" not in said


def test_a_second_ctrl_c_does_not_wait_for_tensorflow(tmp_path: Path) -> None:
    status, said = interrupted(tmp_path, "tensorflow", "train", "--config", "smoke", signals=2)
    assert (status, said.strip()) == (130, "")


@pytest.mark.skipif(sys.platform != "linux", reason="only there a process can be seen to load a library")
def test_a_process_that_loads_tensorflow_says_nothing_either(tmp_path: Path) -> None:
    program = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from mnist_pipeline.cli.main import main; main(['train', '--config', 'smoke'])\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path, text=True, stderr=subprocess.PIPE)
    loaded = Path("/proc", str(process.pid), "maps")
    while process.poll() is None and "tensorflow" not in loaded.read_text():
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=120)[1]
    assert (process.returncode, said.strip()) == (130, "")
    assert not list(tmp_path.glob("runs/*"))


def test_ctrl_c_that_the_shell_ignores_stays_ignored() -> None:
    program = (
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); import mnist_pipeline.framework\n"
        "assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)


def test_tensorflow_can_be_started_by_another_thread() -> None:
    program = (
        "import threading, signal\n"
        "thread = threading.Thread(target=__import__, args=('mnist_pipeline.framework',))\n"
        "thread.start(); thread.join()\n"
        "import sys; assert 'mnist_pipeline.framework' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)
