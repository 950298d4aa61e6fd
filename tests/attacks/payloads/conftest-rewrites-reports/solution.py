def predict(xs):
    return ["not even a number"]
