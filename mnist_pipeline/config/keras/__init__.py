"""How a config names Keras' objects: signatures, types, notation."""
