def predict(xs):
    a, b = [1.0], {"x": 1}
    a += [a, b]
    b["a"] = a
    return a
