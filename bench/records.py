"""Times issuing and verifying a badge, warm, beside the cheapest honest thing there is: one bare signature.

    make bench                      # or: .venv/bin/python bench/records.py -n 50

`issue` builds, signs as JSON and JWT, and verifies both; `verify` is what a stranger's look takes, with the signed
status list checked too. What counts is the time of one badge, and the ratio to PyLD's plain normalisation of the same
badge, which every signer of this kind has to do once.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pyld import jsonld
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "records"))  # the badge that the tests make

import made

from grader.records import TranscriptInput
from grader.records.drawing import render
from grader.records.linked import canonical
from grader.records.proof import unsigned
from grader.records.vendored import context

BUDGET = 30.0
"""Milliseconds that issuing and verifying may each take."""


def main() -> None:
    """Print the table, and what is over the budget."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("-n", metavar="N", type=int, default=40, help="runs of each (default: 40)")
    runs: int = parser.parse_args().n
    measured = {name: measure(work, runs) for name, work in works().items()}
    base = measured["PyLD normalises it once"]
    table = Table(box=None, pad_edge=False, header_style="bold", title="A badge of the digits suite, warm")
    for title in ("", "median ms", "ratio to PyLD"):
        table.add_column(title, justify="right" if title else "left")
    for name, median in measured.items():
        table.add_row(name, f"{median:.1f}", f"{median / base:.2f}")
    Console().print(table)
    over = [name for name in ("issue", "verify JSON", "verify JWT", "verify PNG") if measured[name] > BUDGET]
    print(f"over {BUDGET:g} ms: {', '.join(over)}" if over else f"each under {BUDGET:g} ms")


def works() -> dict[str, Callable[[], Any]]:
    """What is timed."""
    school = made.School.create()
    given = made.given()
    badge = school.issuer.issue(given)
    lists = {url: school.status_list(url) for url in (f"{made.BASE}/status/1", f"{made.BASE}/status/1/suspension")}
    bare = unsigned(badge.credential)
    now = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)
    twenty = TranscriptInput(given.learner, [badge.json] * 20, "urn:uuid:1", made.NOW, made.NOW + timedelta(days=1))
    record = school.issuer.transcript(twenty, lists.get)
    loader = {"documentLoader": _load, "algorithm": "URDNA2015", "format": "application/n-quads"}

    def look(data: bytes | str) -> Callable[[], Any]:
        return lambda: school.verify(data, status_lists=lists.get, now=now)

    return {
        "PyLD normalises it once": lambda: jsonld.normalize(bare, loader),
        "we normalise it once": lambda: canonical(bare),
        "issue": lambda: school.issuer.issue(given),
        "verify JSON": look(badge.json),
        "verify JWT": look(badge.jwt),
        "verify PNG": look(badge.png),
        "verify SVG": look(badge.svg),
        "draw 512 pixels": lambda: render.__wrapped__(badge.face),
        "verify a record of 20": look(record),
    }


def _load(url: str, _options: Any) -> dict[str, Any]:
    return {"contextUrl": None, "documentUrl": url, "document": context(url), "contentType": "application/ld+json"}


def measure(work: Callable[[], Any], runs: int) -> float:
    """Median milliseconds of warm runs."""
    work()
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


if __name__ == "__main__":
    main()
