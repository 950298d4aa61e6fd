def predict(xs):
    return ()
