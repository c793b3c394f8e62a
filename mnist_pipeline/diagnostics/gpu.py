"""Why TensorFlow sees no GPU, and what to do about it."""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from mnist_pipeline.framework import tf

INSTALL = "On Linux: pip install 'mnist-pipeline[gpu]'"
PCI_DEVICES = Path("/sys/bus/pci/devices")
NVIDIA_VENDOR, DISPLAY_CLASS = "0x10de", "0x03"

SYSTEMS = {
    "darwin": "TensorFlow uses none on macOS",
    "win32": "TensorFlow uses none on Windows itself. Work in WSL: https://www.tensorflow.org/install/pip",
}
NO_CARD = "there is no NVIDIA card and no driver. A container is given the card with: docker run --gpus all"
NO_DRIVER = "there is an NVIDIA card and no driver for it. Install the driver; nvidia-smi then shows the card"

NO_DEVICE = 100

# What cuInit answers (cuda.h, CUresult) -> what that means to someone who wants to train.
INIT_FAILURES = {
    NO_DEVICE: "the driver finds no GPU that it can use",
    802: "the driver is not ready yet; on a machine with NVSwitch the service nvidia-fabricmanager has to run",
    803: "the driver was updated and the old one still runs. Restart the machine",
    804: "the CUDA libraries and the driver do not fit each other. Update the NVIDIA driver",
    999: "the driver is there and does not start. Restart the machine",
}


@dataclass(frozen=True)
class Machine:
    """What is here of what a GPU needs.

    `driver`: the CUDA version that the driver knows, None without a driver; `init`: what it answers when it is
    started, 0 if all is well; `built_for`: the CUDA version of this TensorFlow, None for one without CUDA;
    `missing`: CUDA libraries that cannot be found.
    """

    system: str
    hidden: str | None
    card: bool
    driver: tuple[int, int] | None
    init: int
    built_for: tuple[int, int] | None
    missing: tuple[str, ...]


def in_use() -> str:
    """The GPUs that TensorFlow uses, or why it uses none."""
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return f"none used: {why_none()}"
    names = [tf.config.experimental.get_device_details(gpu).get("device_name", gpu.name) for gpu in gpus]
    return f"used: {', '.join(names)}"


def why_none() -> str:
    """The likeliest reason that TensorFlow sees no GPU on this machine, and what to do about it."""
    return next(reasons(machine()))


def machine() -> Machine:
    """This machine, as far as a GPU goes."""
    driver, init = _driver()
    built_for = _version(tf.sysconfig.get_build_info().get("cuda_version"))
    return Machine(
        system=sys.platform,
        hidden=os.environ.get("CUDA_VISIBLE_DEVICES"),
        card=any(map(_is_nvidia, PCI_DEVICES.glob("*"))),
        driver=driver,
        init=init,
        built_for=built_for,
        missing=_missing() if built_for else (),
    )


def reasons(found: Machine) -> Iterator[str]:
    """All that keeps TensorFlow from a GPU; first what would hide the rest."""
    hidden = f"the variable CUDA_VISIBLE_DEVICES, which is '{found.hidden}', hides them. Unset it"
    if found.hidden is not None and found.hidden.strip() in ("", "-1"):
        yield hidden
    if found.system in SYSTEMS:
        yield SYSTEMS[found.system]
    if not found.driver:
        yield NO_DRIVER if found.card else NO_CARD
    if not found.built_for:
        yield f"this TensorFlow is built for processors only. {INSTALL}"
    if found.driver and found.built_for and found.driver[0] < found.built_for[0]:
        knows, wants = (".".join(map(str, version)) for version in (found.driver, found.built_for))
        yield f"the driver knows CUDA {knows}, and this TensorFlow is built for {wants}. Update the driver"
    if found.init == NO_DEVICE and found.hidden:
        yield hidden
    if found.init:
        what = INIT_FAILURES.get(found.init, "the driver is there and does not start")
        yield f"{what} (cuInit answers {found.init})"
    if found.missing:
        yield f"these CUDA libraries are missing: {', '.join(found.missing)}. {INSTALL}"
    yield "driver and CUDA libraries are there. For TensorFlow's own words: TF_CPP_MIN_LOG_LEVEL=0 mnist doctor"


def _driver() -> tuple[tuple[int, int] | None, int]:
    """The CUDA version that the driver knows, and how it starts; as the CUDA Driver API has it."""
    try:
        cuda = ctypes.CDLL("libcuda.so.1")
        number = ctypes.c_int()
        if cuda.cuDriverGetVersion(ctypes.byref(number)):
            return None, 0
        return (number.value // 1000, number.value % 1000 // 10), cuda.cuInit(0)
    except (OSError, AttributeError):
        return None, 0


def _missing() -> tuple[str, ...]:
    """Of the CUDA libraries whose versions TensorFlow tells, those that neither the system nor pip has."""
    built = tf.sysconfig.get_build_info()
    cuda, cudnn = built["cuda_version"].split(".")[0], built["cudnn_version"].split(".")[0]
    names = [f"libcudart.so.{cuda}", f"libcublas.so.{cuda}", f"libcudnn.so.{cudnn}"]
    return tuple(name for name in names if not _found(name))


def _found(library: str) -> bool:
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
        vendor, kind = (device / name for name in ("vendor", "class"))
        return vendor.read_text().strip() == NVIDIA_VENDOR and kind.read_text().startswith(DISPLAY_CLASS)
    return False


def _version(text: str | None) -> tuple[int, int] | None:
    major, _, rest = (text or "").partition(".")
    return (int(major), int(rest.partition(".")[0] or 0)) if major.isdigit() else None
