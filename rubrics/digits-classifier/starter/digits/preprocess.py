"""From what people send to what a classifier takes."""


def normalise(images):
    """Images (n, 64) or (n, 8, 8) with values from 0 to 16, as a float array (n, 64) from 0 to 1."""
    raise NotImplementedError
