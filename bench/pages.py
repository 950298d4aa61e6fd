"""Times every page in a term of 60,000 graded attempts, as a student, an instructor and an admin see it.

    .venv/bin/python bench/pages.py                # seeds SQLite, and PostgreSQL where it is installed
    .venv/bin/python bench/pages.py --students 50  # a smaller term

Times are those of the server alone: from the request to the last byte of the answer, without a network.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from flask import Flask
from rich.console import Console
from rich.table import Table
from routes import Page, ids_of, pages, signed_in
from seed import RUBRICS, Size, Term, seed
from sqlalchemy import event

from grader.cli.places import find_settings
from grader.config import Settings
from grader.db import Database
from grader.queue import EmbeddedServer
from grader.web import create_app
from grader.web.services import services

RUNS = 5
SHOWN = 25


@dataclass(frozen=True)
class Took:
    """Milliseconds by the clock and of this process (medians), bytes, number of queries."""

    role: str
    page: str
    status: int
    ms: float
    cpu: float
    """Without what other processes did meanwhile, a database server among them."""
    size: int
    queries: int


def measure(app: Flask, term: Term) -> list[Took]:
    """Every page that each of the three may see, slowest first."""
    database = services(app).database
    ids, found = ids_of(database, term), []
    for role, person in (("student", term.students[0]), ("instructor", term.teacher), ("admin", term.admin)):
        client = signed_in(app, database, person)
        for page in pages(app, ids, role):
            took = _time(client, database, page)
            if took.status < 400:  # what a role may not see is no page of theirs
                found.append(took)
    return sorted(found, key=lambda took: -took.ms)


def _time(client: object, database: Database, page: Page) -> Took:
    queries: list[str] = []
    seconds, busy = [], []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        queries.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        for _ in range(RUNS + 1):
            queries.clear()
            begun, used = time.perf_counter(), time.thread_time()
            response = client.get(page.url)  # type: ignore[attr-defined]
            size = len(response.data)
            seconds.append(time.perf_counter() - begun)
            busy.append(time.thread_time() - used)
            if response.status_code >= 400:
                break
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    count = len([statement for statement in queries if not statement.startswith(("BEGIN", "PRAGMA"))])
    ms, cpu = (round(statistics.median(times[1:] or times) * 1000, 1) for times in (seconds, busy))  # first: caches
    return Took(page.role, page.endpoint, response.status_code, ms, cpu, size, count)


@contextlib.contextmanager
def serving(home: Path, url: str) -> Iterator[Settings]:
    """Settings of a service in this folder, with a queue."""
    plain = {"home": home, "rubrics": RUBRICS, "database_url": url}
    with EmbeddedServer(Settings(**plain, _env_file=None)) as queue:  # type: ignore[arg-type, call-arg]
        yield Settings(**plain, redis_url=queue.url, _env_file=None)  # type: ignore[arg-type, call-arg]


@contextlib.contextmanager
def databases() -> Iterator[dict[str, str]]:
    """URLs by name: SQLite, and a PostgreSQL of our own, which ends with the block."""
    sys.path.append(str(Path(__file__).parents[1] / "tests"))
    from clusters import Cluster, binaries

    folder = binaries()
    if folder is None:
        print("PostgreSQL is not installed, so only SQLite is measured.")
        yield {"SQLite": ""}
        return
    cluster = Cluster(folder)
    try:
        yield {"SQLite": "", "PostgreSQL": cluster.empty()}
    finally:
        cluster.stop()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in vars(Size()).items():
        options.add_argument(f"--{name}", type=int, default=value, help=f"default: {value}")
    size, console, results = Size(**vars(options.parse_args())), Console(), {}
    with databases() as urls:
        for name, url in urls.items():
            with tempfile.TemporaryDirectory(prefix="gp") as home, serving(Path(home), url) as settings:
                begun = time.monotonic()
                term = seed(settings, size)
                console.print(f"{name}: a term of {size} was made in {time.monotonic() - begun:.0f} s")
                app = create_app(settings)
                took = measure(app, term)
                services(app).database.dispose()
            console.print(_table(name, took))
            results[name] = [asdict(one) for one in took]
    folder = find_settings().home
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bench-pages.json").write_text(json.dumps({"size": vars(size), "pages": results}, indent=2) + "\n")


def _table(name: str, took: list[Took]) -> Table:
    middle = statistics.median(one.ms for one in took)
    table = Table(box=None, header_style="bold", title=f"{name}: {len(took)} pages, the middle one {middle:.0f} ms")
    for title in ("page", "as", "ms", "of them ours", "queries", "KB"):
        table.add_column(title, justify="left" if title in ("page", "as") else "right")
    for one in took[:SHOWN]:
        table.add_row(one.page, one.role, f"{one.ms:.0f}", f"{one.cpu:.0f}", str(one.queries), f"{one.size / 1024:.0f}")
    return table


if __name__ == "__main__":
    main()
