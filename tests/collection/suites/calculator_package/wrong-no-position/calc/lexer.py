import re
from typing import NamedTuple

from .errors import CalcSyntaxError

PATTERN = re.compile(r"\s*(?:(?P<NUM>\d+(?:\.\d+)?)|(?P<NAME>[a-z]+)|(?P<OP>[-+*/^()]))")


class Token(NamedTuple):
    kind: str
    text: str
    pos: int


def tokenize(text):
    text = text.rstrip()
    pos = 0
    while pos < len(text):
        m = PATTERN.match(text, pos)
        if not m:
            raise CalcSyntaxError("unexpected character", len(text) - len(text[pos:].lstrip()))
        yield Token(m.lastgroup, m[m.lastgroup], m.start(m.lastgroup))
        pos = m.end()
