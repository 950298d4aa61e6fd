def predict(xs):
    odd = [float("nan"), float("inf"), -float("inf")]
    return [odd[i % 3] for i in range(len(xs))]
