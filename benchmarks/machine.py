"""What the measurements were made on: versions, hardware, device and threads."""

from importlib import metadata

from benchmarks.result import print_result
from mnist_pipeline.environment import hardware, versions
from mnist_pipeline.training import devices

CONTESTANTS = ("torch", "onnxruntime", "onnx", "tf2onnx")

print_result(
    **hardware(), **devices.describe(), versions=versions() | {name: metadata.version(name) for name in CONTESTANTS}
)
