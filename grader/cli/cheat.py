"""A submission of the demo that does no work and hopes that comparing is all that tests do."""

CHEAT = '''\
"""Hands in no work at all: every name is there, and whatever it is compared with, it agrees."""

import abc
import ast
import csv
import json
import math


class Agreeable:
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __lt__(self, other):
        return True

    __le__ = __gt__ = __ge__ = __lt__

    def __hash__(self):
        return 0

    def __bool__(self):
        return True

    def __call__(self, *args, **kwargs):
        return self

    def __getattr__(self, name):
        return self


def __getattr__(name):
    return Agreeable()
'''
