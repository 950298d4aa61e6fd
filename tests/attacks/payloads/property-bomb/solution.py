"""Every look at the object does something unpleasant; bounded."""


class Touchy:
    @property
    def __dict__(self):
        raise MemoryError("do not look")

    @property
    def __doc__(self):
        return "d" * 10_000_000

    def __getattribute__(self, name):
        if name in ("__class__", "__reduce_ex__"):
            raise RecursionError(name)
        raise SystemExit(0)

    def __repr__(self):
        return "passed" * 2_000_000

    def __str__(self):
        raise KeyboardInterrupt

    def __hash__(self):
        raise GeneratorExit

    def __dir__(self):
        return ["x" * 100_000] * 100


def predict(xs):
    return Touchy()
