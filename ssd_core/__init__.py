"""The SSD detector: a library that stands alone (TensorFlow, NumPy, LiteRT)."""
