import functools
import warnings


def count_calls(f):
    def wrapper(*args, **kwargs):
        wrapper.calls += 1
        return f(*args, **kwargs)

    wrapper.calls = 0
    return wrapper


def repeat(n):
    def decorate(f):
        return lambda *args, **kwargs: [f(*args, **kwargs) for _ in range(n)]

    return decorate


def retry(times, on=(Exception,)):
    def decorate(f):
        def wrapper(*args, **kwargs):
            for attempt in range(times):
                try:
                    return f(*args, **kwargs)
                except on:
                    if attempt == times - 1:
                        raise

        return wrapper

    return decorate


cache = functools.lru_cache(maxsize=None)


def require_positive(f):
    def wrapper(x):
        if x <= 0:
            raise ValueError("x must be positive")
        return f(x)

    return wrapper


def debug(f):
    def wrapper(*args, **kwargs):
        result = f(*args, **kwargs)
        shown = [repr(a) for a in args] + [f"{k}={v!r}" for k, v in kwargs.items()]
        print(f"{f.__name__}({', '.join(shown)}) -> {result!r}")
        return result

    return wrapper


def deprecated(f):
    def wrapper(*args, **kwargs):
        warnings.warn(f"{f.__name__} is deprecated", DeprecationWarning, stacklevel=2)
        return f(*args, **kwargs)

    return wrapper


def singleton(f):
    made = []

    def wrapper():
        if not made:
            made.append(f())
        return made[0]

    return wrapper
