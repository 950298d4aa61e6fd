class Awkward(ValueError):
    def __str__(self):
        raise SystemExit(0)

    def __repr__(self):
        raise RecursionError

    @property
    def args(self):
        raise KeyboardInterrupt

    def __reduce__(self):
        raise GeneratorExit

    @property
    def __traceback__(self):
        raise MemoryError

    @property
    def __dict__(self):
        return {"x" * 1000: self}


def predict(xs):
    raise Awkward
