def predict(xs):
    return [None]
