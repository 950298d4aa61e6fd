def predict(xs):
    nest = 1.0
    for i in range(100_000):
        nest = (nest,) if i % 2 else [nest]
    return nest
