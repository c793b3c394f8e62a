"""A YAML file -> a sound config. No TensorFlow."""

import os

os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looking for plugins takes as long as all of pydantic
