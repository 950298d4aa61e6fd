"""A program: which documents share code, by the fingerprints of copydetect. JSON on standard input and output.

    {"documents": [{"id", "parts": [{"name", "text"}]}], "boilerplate": [{"name", "text"}], "seconds": 300}
    {"pairs": [{"left", "right", "left_share", "right_share", "left_lines", "right_lines"}], "documents", "k", "window"}

Shares are 0 to 1 of a document's own tokens; lines are `[name, first, last]` from 1. It reads text and runs none of it.
It imports nothing of Grader, so that it starts quickly and in isolation.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from bisect import bisect_right
from itertools import combinations
from typing import Any

K = 25
"""Tokens that must be alike in a row to be noticed at all (copydetect's own default)."""
WINDOW = 6
"""Fingerprints in a window: a likeness of K + WINDOW - 1 tokens is always found."""
LEAST_SHARE = 0.25
MOST_PAIRS = 1000
MOST_LINES = 20
MEMORY = 2 * 1024**3


def limit(seconds: int) -> None:
    """Never more than this: a document made to be slow ends the program, not the machine."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Document:
    """The parts of a submission as one text, with its fingerprints less those of the boilerplate."""

    def __init__(self, id: str, parts: list[dict[str, str]], known: set[int]) -> None:
        from copydetect import CodeFingerprint
        from copydetect.utils import get_token_coverage

        self.id = id
        self.names = [part["name"] for part in parts]
        self.starts: list[int] = []
        text = ""
        for part in parts:
            self.starts.append(len(text))
            text += part["text"].rstrip("\n") + "\n\n"
        self.text = text
        self.prints = CodeFingerprint(f"{id}.py", K, WINDOW, fp=io.StringIO(text), language="python")
        # copydetect's own way to leave boilerplate out mistakes a repeated fingerprint for boilerplate.
        self.prints.hashes -= known
        self.prints.hash_idx = {key: places for key, places in self.prints.hash_idx.items() if key not in known}
        covered = get_token_coverage(self.prints.hash_idx, K, len(self.prints.filtered_code))
        self.prints.token_coverage = covered

    def lines(self, slices: Any) -> list[tuple[str, int, int]]:
        """Slices of the text as lines of its parts."""
        found = []
        for start, end in sorted(zip(*slices.astype(int).tolist(), strict=True))[:MOST_LINES]:
            part = bisect_right(self.starts, start) - 1
            first = self.text.count("\n", self.starts[part], start) + 1
            found.append((self.names[part], first, first + self.text.count("\n", start, max(start, end - 1))))
        return found


def compare(task: dict[str, Any]) -> dict[str, Any]:
    """The pairs that share most, most alike first."""
    from copydetect import compare_files

    known = fingerprints(task["boilerplate"])
    documents = [Document(document["id"], document["parts"], known) for document in task["documents"]]
    pairs = []
    for left, right in combinations((document for document in documents if document.prints.hashes), 2):
        if left.prints.hashes.isdisjoint(right.prints.hashes):
            continue
        _, shares, slices = compare_files(left.prints, right.prints)
        left_share, right_share = (min(1.0, round(float(share), 4)) for share in shares)
        if max(left_share, right_share) >= LEAST_SHARE:
            pairs.append((left_share, right_share, left, right, slices))
    pairs.sort(key=lambda pair: (-max(pair[0], pair[1]), -min(pair[0], pair[1]), pair[2].id, pair[3].id))
    told = [
        {
            "left": left.id, "right": right.id, "left_share": left_share, "right_share": right_share,
            "left_lines": left.lines(slices[0]), "right_lines": right.lines(slices[1]),
        }
        for left_share, right_share, left, right, slices in pairs[:MOST_PAIRS]
    ]  # fmt: skip
    return {"pairs": told, "documents": len(documents), "k": K, "window": WINDOW}


def fingerprints(parts: list[dict[str, str]]) -> set[int]:
    """Every fingerprint of what students were given to begin with."""
    from copydetect import CodeFingerprint

    known: set[int] = set()
    for part in parts:
        known |= CodeFingerprint("starter.py", K, 1, fp=io.StringIO(part["text"]), language="python").hashes
    return known


if __name__ == "__main__":
    task = json.load(sys.stdin)
    limit(int(task["seconds"]))
    json.dump(compare(task), sys.stdout)
