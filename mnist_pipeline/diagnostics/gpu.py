"""Why TensorFlow uses no GPU, and what to do about it."""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from mnist_pipeline.framework import tf

INSTALL = "On Linux: pip install 'mnist-pipeline[gpu]'"
PCI_DEVICES = Path("/sys/bus/pci/devices")
NVIDIA_VENDOR, DISPLAY_CLASS = "0x10de", "0x03"

UNSUPPORTED_SYSTEMS = {
    "darwin": "TensorFlow has no GPU support on macOS",
    "win32": "TensorFlow has no GPU support on Windows itself. Use WSL: https://www.tensorflow.org/install/pip",
}
NO_CARD = "no NVIDIA card and no driver found. To give a container the card: docker run --gpus all"
NO_DRIVER = "there is an NVIDIA card, but no driver. Install the driver; nvidia-smi then shows the card"

NO_DEVICE = 100

# Status codes of cuInit (CUresult in cuda.h) -> what is wrong, and what to do.
INIT_ERRORS = {
    NO_DEVICE: "the driver finds no usable GPU",
    802: "the driver is not ready yet; on a machine with NVSwitch the service nvidia-fabricmanager has to run",
    803: "the driver was updated, but the old one is still loaded. Restart the machine",
    804: "the CUDA libraries do not match the driver. Update the NVIDIA driver",
    999: "the driver is installed, but does not start. Restart the machine",
}


@dataclass(frozen=True)
class GpuState:
    """What this machine has of what TensorFlow needs to use a GPU.

    `hidden`: the value of CUDA_VISIBLE_DEVICES; `driver`: the CUDA version that the driver supports, None without a
    driver; `init`: the status of cuInit, 0 for success; `built_for`: the CUDA version of TensorFlow, None for a build
    without CUDA; `missing`: the CUDA libraries that are not found.
    """

    system: str
    hidden: str | None
    card: bool
    driver: tuple[int, int] | None
    init: int
    built_for: tuple[int, int] | None
    missing: tuple[str, ...]


def usage() -> str:
    """The GPUs that TensorFlow uses, or why it uses none."""
    gpus = tf.config.list_physical_devices("GPU")
    return f"used: {', '.join(map(device_name, gpus))}" if gpus else f"none used: {why_none()}"


def device_name(gpu: Any) -> str:
    """`NVIDIA A100-SXM4-40GB`, for example."""
    name: str = tf.config.experimental.get_device_details(gpu).get("device_name", gpu.name)
    return name


def why_none() -> str:
    """The most likely reason that TensorFlow uses no GPU, and the next step."""
    return next(reasons(machine()))


def machine() -> GpuState:
    """What this machine has for a GPU."""
    driver, init = _driver()
    built_for = _version(tf.sysconfig.get_build_info().get("cuda_version"))
    return GpuState(
        system=sys.platform,
        hidden=os.environ.get("CUDA_VISIBLE_DEVICES"),
        card=any(map(_is_nvidia, PCI_DEVICES.glob("*"))),
        driver=driver,
        init=init,
        built_for=built_for,
        missing=_missing() if built_for else (),
    )


def reasons(machine: GpuState) -> Iterator[str]:
    """Everything that keeps TensorFlow from a GPU, in the order to fix it."""
    hidden = f"CUDA_VISIBLE_DEVICES is '{machine.hidden}', which hides every GPU. Unset the variable"
    if machine.hidden is not None and machine.hidden.strip() in ("", "-1"):
        yield hidden
    if machine.system in UNSUPPORTED_SYSTEMS:
        yield UNSUPPORTED_SYSTEMS[machine.system]
    if not machine.driver:
        yield NO_DRIVER if machine.card else NO_CARD
    if not machine.built_for:
        yield f"this TensorFlow is built without CUDA. {INSTALL}"
    if machine.driver and machine.built_for and machine.driver[0] < machine.built_for[0]:
        supported, required = (".".join(map(str, version)) for version in (machine.driver, machine.built_for))
        yield f"the driver supports CUDA {supported}, but this TensorFlow is built for {required}. Update the driver"
    if machine.init == NO_DEVICE and machine.hidden:
        yield hidden
    if machine.init:
        error = INIT_ERRORS.get(machine.init, "the driver is installed, but does not start")
        yield f"{error} (cuInit returned {machine.init})"
    if machine.missing:
        yield f"CUDA libraries not found: {', '.join(machine.missing)}. {INSTALL}"
    yield "driver and CUDA libraries are found. To see TensorFlow's own messages: TF_CPP_MIN_LOG_LEVEL=0 mnist doctor"


def _driver() -> tuple[tuple[int, int] | None, int]:
    """The CUDA version that the driver supports, and the status of cuInit."""
    try:
        cuda = ctypes.CDLL("libcuda.so.1")
        number = ctypes.c_int()
        if cuda.cuDriverGetVersion(ctypes.byref(number)):
            return None, 0
        return (number.value // 1000, number.value % 1000 // 10), cuda.cuInit(0)
    except (OSError, AttributeError):
        return None, 0


def _missing() -> tuple[str, ...]:
    """The CUDA libraries that neither the system nor pip has.

    In the versions that TensorFlow was built with.
    """
    build = tf.sysconfig.get_build_info()
    cuda, cudnn = build["cuda_version"].split(".")[0], build["cudnn_version"].split(".")[0]
    names = [f"libcudart.so.{cuda}", f"libcublas.so.{cuda}", f"libcudnn.so.{cudnn}"]
    return tuple(name for name in names if not _is_installed(name))


def _is_installed(library: str) -> bool:
    spec = find_spec("nvidia")
    for folder in spec.submodule_search_locations or () if spec else ():
        if any(Path(folder).glob(f"**/{library}")):
            return True
    with suppress(OSError):
        ctypes.CDLL(library)
        return True
    return False


def _is_nvidia(device: Path) -> bool:
    with suppress(OSError):
        vendor, device_class = (device / name for name in ("vendor", "class"))
        return vendor.read_text().strip() == NVIDIA_VENDOR and device_class.read_text().startswith(DISPLAY_CLASS)
    return False


def _version(text: str | None) -> tuple[int, int] | None:
    major, _, rest = (text or "").partition(".")
    return (int(major), int(rest.partition(".")[0] or 0)) if major.isdigit() else None
