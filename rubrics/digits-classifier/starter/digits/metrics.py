"""How good are the answers?"""


def accuracy(truth, predicted):
    """The share of right answers, a float from 0 to 1."""
    raise NotImplementedError


def confusion_matrix(truth, predicted):
    """Counts, an integer array (10, 10): the row is the true digit, the column the answer."""
    raise NotImplementedError
