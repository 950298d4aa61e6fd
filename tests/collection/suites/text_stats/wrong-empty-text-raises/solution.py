import re
from collections import Counter


def _words(text):
    return re.findall(r"[\w']+", text.lower())


def word_counts(text):
    return Counter(_words(text))


def analyse(text):
    words = _words(text)
    return {
        "words": len(words),
        "lines": len(text.splitlines()),
        "characters": len(text),
        "unique": set(words),
        "average": sum(map(len, words)) / len(words),
        "longest": max(words, key=len) if words else None,
    }
