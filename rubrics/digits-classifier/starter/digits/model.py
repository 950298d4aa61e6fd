"""The classifier."""


class Classifier:
    """What `train` returns."""

    def predict(self, images):
        """The digits, an integer array (n,)."""
        raise NotImplementedError

    def predict_proba(self, images):
        """The chance of each of the ten digits, a float array (n, 10)."""
        raise NotImplementedError


def train(images, labels, seed=0):
    """A classifier that has seen these images; the same seed gives the same classifier."""
    raise NotImplementedError
