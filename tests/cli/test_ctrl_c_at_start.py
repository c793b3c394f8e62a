"""Ctrl-C during imports: no traceback, no log, no training run, exit status 130."""

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

# Sends Ctrl-C when a module is looked for, which also writes to stderr as native libraries do.
PROGRAM = """
    import os, signal, sys

    class Hook:
        def find_spec(self, name, path=None, target=None):
            if name == {module!r}:
                os.write(2, b"raw log")
                for _ in range({signals}):
                    signal.raise_signal(signal.SIGINT)

    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.meta_path.insert(0, Hook())
    sys.argv = ["mnist", *{arguments!r}]
    from mnist_pipeline.__main__ import main
    main()
"""
OURS = "mnist_pipeline.training.fit"  # imported after TensorFlow, whose messages alone are kept back


def interrupt(folder: Path, module: str, *arguments: object, signals: int = 1) -> tuple[int, str]:
    """Exit status and stderr of a command that gets Ctrl-C as it imports `module`."""
    program = textwrap.dedent(PROGRAM).format(module=module, arguments=[*map(str, arguments)], signals=signals)
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )
    native = module.startswith(("keras", "tensorflow"))
    return result.returncode, result.stderr if native else result.stderr.replace("raw log", "", 1)


@pytest.mark.parametrize("module", ["click", "mnist_pipeline.cli.main"])
def test_the_imports_of_the_command_line_end_without_a_traceback(tmp_path: Path, module: str) -> None:
    assert interrupt(tmp_path, module, "--help") == (130, "")


@pytest.mark.parametrize("module", ["mnist_pipeline.cli.check", "mnist_pipeline.config.load"])
def test_the_imports_of_a_command_end_without_a_traceback(tmp_path: Path, module: str) -> None:
    status, stderr = interrupt(tmp_path, module, "check", "--config", "smoke")
    assert (status, stderr.strip()) == (130, "")


# TensorFlow is imported in two seconds: the first and a late module of it here; below, one in between and one after.
@pytest.mark.parametrize("module", ["keras", "keras.src.optimizers.adam"])
def test_a_new_training_leaves_nothing(tmp_path: Path, module: str) -> None:
    status, stderr = interrupt(tmp_path, module, "train", "--config", "smoke")
    assert (status, stderr.strip()) == (130, "")
    assert not list(tmp_path.glob("runs/*"))


@pytest.mark.parametrize("module", ["tensorflow.python.eager.context", OURS])
def test_a_resumed_run_stays_interrupted(tmp_path: Path, module: str) -> None:
    loaded = tiny(tmp_path)
    run = new_run(loaded, tmp_path / "run", data={"sha256": load_dataset(loaded.config.data).source.sha256})
    with pytest.raises(KeyboardInterrupt), run.record_outcome():
        raise KeyboardInterrupt
    status, stderr = interrupt(tmp_path, module, "train", "--resume", run.folder)
    assert (status, run.status) == (130, "interrupted")
    assert "raw log" not in stderr
    assert "Traceback" not in stderr


def test_a_second_ctrl_c_does_not_wait_for_tensorflow(tmp_path: Path) -> None:
    status, stderr = interrupt(tmp_path, "tensorflow", "train", "--config", "smoke", signals=2)
    assert (status, stderr.strip()) == (130, "")


@pytest.mark.skipif(sys.platform != "linux", reason="only there a process can be seen to load a library")
def test_a_process_that_loads_the_library_of_tensorflow_prints_nothing(tmp_path: Path) -> None:
    program = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from mnist_pipeline.cli.main import main; main(['train', '--config', 'smoke'])\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path, text=True, stderr=subprocess.PIPE)
    libraries = Path("/proc", str(process.pid), "maps")
    while process.poll() is None and "tensorflow" not in libraries.read_text():
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    stderr = process.communicate(timeout=120)[1]
    assert (process.returncode, stderr.strip()) == (130, "")
    assert not list(tmp_path.glob("runs/*"))


# The handling of signals around the import is ours, so these do without TensorFlow.
STAND_INS = """
import signal, sys, unittest.mock
names = ["keras", "keras.src", "keras.src.backend", "keras.src.backend.common", "tensorflow", "tensorflow.python",
         "tensorflow.python.eager", "tensorflow.python.framework"]
sys.modules |= {name: unittest.mock.MagicMock() for name in names}
sys.modules["keras"].backend.backend.return_value = "tensorflow"
from mnist_pipeline import process
process.own()
"""
SHOW_AT_EXIT = """
import atexit
atexit.register(lambda: print(signal.getsignal(signal.SIGINT) is signal.SIG_IGN))
signal.signal(signal.SIGINT, signal.SIG_IGN)
sys.argv = ["mnist", "--help"]
"""


@pytest.mark.parametrize(
    "program", ["import mnist_pipeline.framework", "import mnist_pipeline.__main__ as m; m.main()"]
)
def test_ctrl_c_that_the_shell_ignores_stays_ignored(program: str) -> None:
    arguments = [sys.executable, "-c", STAND_INS + SHOW_AT_EXIT + program]
    result = subprocess.run(arguments, capture_output=True, text=True, check=True, timeout=120)
    assert result.stdout.endswith("True\n")


def test_tensorflow_can_be_imported_by_another_thread() -> None:
    program = (
        f"{STAND_INS}import threading\n"
        "thread = threading.Thread(target=__import__, args=('mnist_pipeline.framework',))\n"
        "thread.start(); thread.join()\n"
        "assert 'mnist_pipeline.framework' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)
