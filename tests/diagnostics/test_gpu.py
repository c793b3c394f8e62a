"""Each usual reason that TensorFlow uses no GPU is reported with a next step."""

import ctypes
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from mnist_pipeline.diagnostics import gpu

COMPLETE = gpu.GpuState("linux", None, card=True, driver=(12, 8), init=0, built_for=(12, 5), missing=())


@pytest.mark.parametrize(("changes", "reason"), [
    ({"hidden": "-1"}, "CUDA_VISIBLE_DEVICES is '-1', which hides every GPU. Unset the variable"),
    ({"hidden": ""}, "CUDA_VISIBLE_DEVICES"),
    ({"hidden": "7", "init": 100}, "CUDA_VISIBLE_DEVICES is '7'"),
    ({"system": "darwin"}, "macOS"),
    ({"system": "win32"}, "WSL"),
    ({"driver": None}, "an NVIDIA card, but no driver. Install the driver"),
    ({"driver": None, "card": False}, "no NVIDIA card and no driver"),
    ({"built_for": None}, "built without CUDA. On Linux: pip install 'mnist-pipeline[gpu]'"),
    ({"driver": (11, 4)}, "the driver supports CUDA 11.4, but this TensorFlow is built for 12.5. Update the driver"),
    ({"init": 100}, "no usable GPU (cuInit returned 100)"),
    ({"init": 803}, "Restart the machine (cuInit returned 803)"),
    ({"init": 5}, "does not start (cuInit returned 5)"),
    ({"missing": ("libcudnn.so.9",)}, "CUDA libraries not found: libcudnn.so.9. On Linux: pip install"),
    ({}, "TF_CPP_MIN_LOG_LEVEL=0"),
])  # fmt: skip
def test_each_problem_has_a_reason_with_what_to_do(changes: dict[str, object], reason: str) -> None:
    assert reason in next(gpu.reasons(replace(COMPLETE, **changes)))


def test_a_newer_driver_is_no_reason() -> None:
    newer, older = (next(gpu.reasons(replace(COMPLETE, driver=version))) for version in ((13, 0), (12, 0)))
    assert newer == older == next(gpu.reasons(COMPLETE))


def test_the_driver_is_asked_for_its_cuda_version_and_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(pointer: "ctypes._CArgObject") -> int:
        ctypes.cast(pointer, ctypes.POINTER(ctypes.c_int))[0] = 12040
        return 0

    library = SimpleNamespace(cuDriverGetVersion=version, cuInit=lambda _: 999)
    monkeypatch.setattr(gpu.ctypes, "CDLL", lambda name: {"libcuda.so.1": library}[name])
    monkeypatch.setattr(gpu, "_is_installed", lambda _: True)
    machine = gpu.machine()
    assert (machine.driver, machine.init) == ((12, 4), 999)


def test_a_machine_without_a_driver_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr(gpu.ctypes, "CDLL", absent)
    assert gpu.machine().driver is None


@pytest.mark.parametrize(("vendor", "kind", "card"), [
    ("0x10de\n", "0x030000\n", True), ("0x10de\n", "0x030200\n", True),
    ("0x10de\n", "0x040300\n", False), ("0x8086\n", "0x030000\n", False),
], ids=["graphics card", "data center card", "its sound device", "another vendor"])  # fmt: skip
def test_a_card_is_detected_on_the_bus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, vendor: str, kind: str, card: bool
) -> None:
    device = tmp_path / "0000:01:00.0"
    device.mkdir()
    (device / "vendor").write_text(vendor)
    (device / "class").write_text(kind)
    (tmp_path / "0000:02:00.0").mkdir()
    monkeypatch.setattr(gpu, "PCI_DEVICES", tmp_path)
    assert gpu.machine().card is card


def test_libraries_that_pip_installed_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu, "find_spec", lambda _: SimpleNamespace(submodule_search_locations=[str(tmp_path)]))
    monkeypatch.setattr(gpu.tf.sysconfig, "get_build_info", lambda: {"cuda_version": "12.5.1", "cudnn_version": "9"})
    names = ("libcudart.so.12", "libcublas.so.12", "libcudnn.so.9")
    for name in names[:2]:
        (tmp_path / "lib").mkdir(exist_ok=True)
        (tmp_path / "lib" / name).touch()
    assert gpu.machine().missing == names[2:]
    (tmp_path / "lib" / names[2]).touch()
    assert gpu.machine().missing == ()


def test_a_tensorflow_without_cuda_needs_no_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu.tf.sysconfig, "get_build_info", lambda: {"is_cuda_build": False})
    machine = gpu.machine()
    assert (machine.built_for, machine.missing) == (None, ())
