"""What the figures were measured on and with: versions, hardware, device and threads."""

from importlib import metadata

from benchmarks.result import tell
from mnist_pipeline.environment import hardware, versions
from mnist_pipeline.training import devices

CONTESTANTS = ("torch", "onnxruntime", "onnx", "tf2onnx")

tell(**hardware(), **devices.describe(), versions=versions() | {name: metadata.version(name) for name in CONTESTANTS})
