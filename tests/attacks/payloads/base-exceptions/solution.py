"""Exceptions outside Exception, some by inheritance of two kinds."""

import asyncio


class Both(KeyboardInterrupt, ValueError):
    pass


class Own(BaseException):
    pass


def predict(xs):
    kinds = [Own, Both, GeneratorExit, asyncio.CancelledError, SystemExit]
    raise kinds[len(xs) % len(kinds)](0)
