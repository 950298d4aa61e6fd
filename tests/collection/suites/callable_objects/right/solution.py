class Polynomial:
    def __init__(self, *coefficients):
        self.coefficients = coefficients

    def __call__(self, x):
        total = 0
        for c in self.coefficients:
            total = total * x + c
        return total

    def derivative(self):
        n = len(self.coefficients) - 1
        return Polynomial(*[c * (n - i) for i, c in enumerate(self.coefficients[:-1])])


class Counter:
    def __init__(self, f):
        self.f = f
        self.calls = 0

    def __call__(self, *args, **kwargs):
        self.calls += 1
        return self.f(*args, **kwargs)


class Accumulator:
    def __init__(self):
        self.total = 0

    def __call__(self, x):
        self.total += x
        return self.total


class Pipeline:
    def __init__(self, *steps):
        self.steps = list(steps)

    def then(self, step):
        self.steps.append(step)
        return self

    def __len__(self):
        return len(self.steps)

    def __call__(self, value):
        for step in self.steps:
            value = step(value)
        return value


def compose(*functions):
    def composed(x):
        for f in reversed(functions):
            x = f(x)
        return x

    return composed
