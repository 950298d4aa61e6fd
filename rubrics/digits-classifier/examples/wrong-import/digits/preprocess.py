"""From what people send to what a classifier takes."""

import numpy as np


def normalise(images):
    """Images (n, 64) or (n, 8, 8) with values from 0 to 16, as rows (n, 64) from 0 to 1."""
    images = np.array(images, dtype=float)
    if images.ndim == 3 and images.shape[1:] == (8, 8):
        images = images.reshape(len(images), 64)
    if images.ndim != 2 or images.shape[1] != 64 or len(images) == 0:
        raise ValueError(f"expected images of 64 values, got the shape {images.shape}")
    if not ((images >= 0) & (images <= 16)).all():
        raise ValueError("the values of an image go from 0 to 16")
    return images / 16
