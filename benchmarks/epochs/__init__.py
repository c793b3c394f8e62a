"""The same epochs by different means. Each module prints the seconds of its epochs as JSON, validation included.

They share data (48,000 images to learn from, 12,000 to validate on), batches of 128, Adam and its learning rate.
"""
