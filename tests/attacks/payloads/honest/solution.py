"""The reference answer."""


def predict(xs):
    result = []
    for x in xs:
        result.append(x * 2 + 1)
    return result
