"""Times employers' search among 100,000 learners with 1,000,000 skills, on SQLite and on PostgreSQL.

    make bench                      # or: .venv/bin/python bench/talent.py --learners 20000

Each search is asked for its first page and for pages 10, 100 and 1000, as far as it has as many. What is timed is all
that the server does for one request below the web framework: the queries, and reading what the page shows.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # the cluster that the tests make

from clusters import Cluster, binaries

from grader.config import Settings
from grader.db import Attempt, Database, Submission, migrate
from grader.db.base import Base
from grader.db.credentials import Badge
from grader.db.school import Assignment, Course, Person, PublishedSuite
from grader.db.talent import AT_ONCE, Evidence, Learner, LearnerSkill, Organisation, Skill
from grader.db.talent_search import Finder, Page, Place, Search, Wanted

BUDGET = 50.0
"""Milliseconds that a page may take, the median of many."""
PAGE = 20
PAGES = (1, 10, 100, 1000)
SKILLS = 200
EACH = 10
"""Skills of one learner."""
RARE = 40
"""Learners who have the rarest skill."""
TODAY = date(2026, 11, 25)
NOW = datetime(2026, 11, 25, tzinfo=UTC)
COUNTRIES = ("US", "FR", "GB", "DE", "ES", "IT", "NL", "BE", "CH", "PL", "PT", "IE", "SE", "CA", "IN", "BR", "JP", "AU")
LEVELS = ("foundation", "proficient", "advanced")
ORGANISATION = f"{1:032x}"
_CHUNK = 5000


@dataclass(frozen=True)
class Asked:
    """A search with its name."""

    name: str
    search: Search


def asked() -> list[Asked]:
    """Skill 1 is the most common, `SKILLS` the rarest."""

    def of(name: str, *skills: Wanted, **more: Any) -> Asked:
        return Asked(name, Search(ORGANISATION, skills, **more))

    return [
        of("one skill", Wanted(10, 2)),
        of("one skill, country, available", Wanted(10), country="FR", available_by=TODAY),
        of("three skills", Wanted(3, 2), Wanted(5), Wanted(8)),
        of(
            "three skills, country, available, fresh", Wanted(2, 2), Wanted(4), Wanted(7),
            country="FR", available_by=TODAY, since=TODAY - timedelta(days=365), current=True,
        ),
        of("five common skills", *(Wanted(number) for number in range(1, 6))),
        of("a rare skill", Wanted(SKILLS)),
        of("a common and a rare skill", Wanted(1), Wanted(SKILLS)),
        of("a common skill", Wanted(1)),
        of("nobody: three of middling rarity", Wanted(100, 3), Wanted(120, 3), Wanted(140, 3)),
    ]  # fmt: skip


def seed(database: Database, learners: int) -> None:
    """Fill an empty database, the same way each time."""
    with database.write() as session:
        _badge_ground(session)
        session.execute(insert(Skill), [_skill(number) for number in range(1, SKILLS + 1)])
    everybody = range(1, learners + 1)
    chance = np.random.default_rng(5)
    with database.write() as session:
        _fill(session, Person, (_person(number) for number in everybody))
        profiles = _profiles(chance, learners)
        _fill(session, Learner, profiles)
        _fill(session, Badge, (_badge(number) for number in everybody))
        rows = list(_skill_rows(chance, profiles))
        _fill(session, LearnerSkill, rows)
        _fill(session, Evidence, (_evidence(row) for row in rows))
    with database.engine.connect() as connection:
        # As the servers do by themselves in time.
        tidy = "VACUUM ANALYZE" if connection.dialect.name == "postgresql" else "ANALYZE"
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text(tidy))


def _badge_ground(session: Session) -> None:
    ids = {"course_id": f"{1:032x}", "suite_id": f"{1:032x}", "assignment_id": f"{1:032x}"}
    some = {"rubric": "digits", "version": 3, "title": "Digits", "max_points": 100.0, "digest": "sha256:" + "0" * 64}
    session.add(Organisation(id=ORGANISATION, name="Example Ltd", created_at=NOW))
    session.add(Course(id=ids["course_id"], title="Bench", created_at=NOW))
    session.flush()
    session.add(PublishedSuite(id=ids["suite_id"], course_id=ids["course_id"], published_at=NOW, **some))
    session.flush()
    session.add(
        Assignment(
            id=ids["assignment_id"], course_id=ids["course_id"], suite_id=ids["suite_id"], title="B", created_at=NOW
        )
    )
    submission = Submission(
        id=f"{1:032x}", rubric="digits", suite="", kind="repository", received_at=NOW, state="graded"
    )
    session.add(submission)
    session.flush()
    session.add(
        Attempt(
            id="attempt-1", submission_id=submission.id, number=1, state="graded", queue="high", job_timeout=60,
            due_at=NOW, created_at=NOW,
        )
    )  # fmt: skip
    session.flush()


def _skill(number: int) -> dict[str, Any]:
    return {"id": number, "key": f"urn:skill:{number}", "name": f"Skill {number}", "levels": list(LEVELS), "uri": None}


def _person(number: int) -> dict[str, Any]:
    one = f"{number:032x}"
    email = f"learner{number}@example.org"
    return {"id": one, "email": email, "name": f"L {number}", "role": "student", "session_key": one, "created_at": NOW}


def _badge(number: int) -> dict[str, Any]:
    one = f"{number:032x}"
    return {"id": one, "person_id": one, "assignment_id": f"{1:032x}", "created_at": NOW}


def _profiles(chance: np.random.Generator, learners: int) -> list[dict[str, Any]]:
    """Three in ten are available now, two in ten later. The first countries have most of the learners."""
    weights = 1 / np.arange(1, len(COUNTRIES) + 1)
    countries = chance.choice(len(COUNTRIES), learners, p=weights / weights.sum())
    availability = chance.choice(3, learners, p=(0.3, 0.2, 0.5))
    return [
        {
            "seq": number, "person_id": f"{number:032x}", "found_since": NOW, "country": COUNTRIES[country],
            "availability": ("now", "from", "no")[when], "headline": "Data analyst who likes clean tables",
            "available_from": TODAY + timedelta(days=60) if when == 1 else None, "updated_at": NOW,
        }
        for number, country, when in zip(range(1, learners + 1), countries, availability, strict=True)
    ]  # fmt: skip


def _skill_rows(chance: np.random.Generator, profiles: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Ten skills each, drawn by Zipf's law without the rarest, which the last learners have instead of one."""
    odds = np.log(1 / np.arange(1, SKILLS))
    for start in range(0, len(profiles), _CHUNK):
        some = profiles[start : start + _CHUNK]
        drawn = np.argpartition(-(odds + chance.gumbel(size=(len(some), SKILLS - 1))), EACH, axis=1)[:, :EACH] + 1
        ranks = chance.choice(3, drawn.shape, p=(0.45, 0.35, 0.2)) + 1
        ages, current = chance.integers(0, 1100, drawn.shape), chance.random(drawn.shape) < 0.7
        for place, profile in enumerate(some):
            skills = drawn[place].tolist()
            if start + place >= len(profiles) - RARE:
                skills[0] = SKILLS
            available = AT_ONCE if profile["availability"] == "now" else profile["available_from"]
            for one, skill in enumerate(skills):
                yield {
                    "learner_seq": profile["seq"], "skill_id": skill, "rank": int(ranks[place, one]),
                    "achieved_on": TODAY - timedelta(days=int(ages[place, one])), "listed": True,
                    "current": bool(current[place, one]), "country": profile["country"], "available_on": available,
                }  # fmt: skip


def _evidence(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "learner_seq": row["learner_seq"], "skill_id": row["skill_id"], "badge_id": f"{row['learner_seq']:032x}",
        "attempt_id": "attempt-1", "level": LEVELS[row["rank"] - 1], "share": 55.0 + 15 * row["rank"], "version": 3,
        "rubric": "digits", "title": "Recognise digits", "freshness": "Up to date.",
        "marks": [{"title": "Recognises what it has not seen", "points": 30.0, "max_points": 40.0}],
    }  # fmt: skip


def _fill(session: Session, table: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    rows = iter(rows)
    postgresql = session.get_bind().dialect.name == "postgresql"
    while some := list(islice(rows, _CHUNK)):
        if postgresql:
            _copy(session, table, some)
        else:
            session.execute(insert(table), some)


def _copy(session: Session, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """PostgreSQL's own way to take many rows: ten times as fast as INSERT."""
    from psycopg.types.json import Json

    names = list(rows[0])
    columns = ", ".join(f'"{name}"' for name in names)
    driver: Any = session.connection().connection.driver_connection
    with driver.cursor().copy(f"COPY {table.__tablename__} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([Json(row[name]) if isinstance(row[name], list) else row[name] for name in names])


def measure(database: Database, one: Asked, runs: int) -> dict[int, tuple[float, int]]:
    """Median milliseconds of each page, and how many learners are on it; without those that the search has not."""
    found = {}
    for number in PAGES:
        with database.read() as session:
            before = Finder(session, one.search).places((number - 1) * PAGE) if number > 1 else []
        if number > 1 and len(before) < (number - 1) * PAGE:
            break
        after = before[-1] if before else None
        rows = len(_page(database, one.search, after).found)
        found[number] = (_median(lambda after=after: _page(database, one.search, after), runs), rows)  # type: ignore[misc]
    return found


def _page(database: Database, search: Search, after: Place | None) -> Page:
    """What the website asks for a page: the first one comes with counts."""
    with database.read() as session:
        finder = Finder(session, search)
        if after is None:
            finder.counts()
        return finder.page(PAGE, after)


def _median(work: Callable[[], object], runs: int) -> float:
    work()
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


@contextmanager
def databases(learners: int) -> Iterator[list[tuple[str, Database]]]:
    """Both, filled. Without PostgreSQL's programs only SQLite."""
    home = Path(tempfile.mkdtemp(prefix="gt"))
    folder, cluster, opened = binaries(), None, []
    try:
        urls = {"SQLite": ""}
        if folder is not None:
            cluster = Cluster(folder)
            urls["PostgreSQL"] = cluster.empty()
        for name, url in urls.items():
            settings = Settings(home=home, database_url=url, _env_file=None)  # type: ignore[call-arg]
            migrate(settings)
            filling = Database(settings.sqlalchemy_url, foreign_keys=False)
            began = time.perf_counter()
            seed(filling, learners)
            filling.dispose()
            opened.append((name, Database(settings.sqlalchemy_url)))
            with opened[-1][1].read() as session:
                rows = session.scalar(select(func.count()).select_from(LearnerSkill))
            print(f"{name}: {learners} learners, {rows} skills, filled in {time.perf_counter() - began:.0f} s")
        yield opened
    finally:
        for _, database in opened:
            database.dispose()
        if cluster is not None:
            cluster.stop()
        shutil.rmtree(home, ignore_errors=True)


def main() -> None:
    """Print a table for each database, and what is over the budget."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--learners", metavar="N", type=int, default=100_000, help="how many (default: 100000)")
    parser.add_argument("-n", metavar="N", type=int, default=15, help="runs of each page (default: 15)")
    given = parser.parse_args()
    over = []
    with databases(given.learners) as opened:
        for name, database in opened:
            table = Table(box=None, pad_edge=False, header_style="bold", title=f"Search on {name}, median ms")
            table.add_column("")
            for page in PAGES:
                table.add_column(f"page {page}", justify="right")
            for one in asked():
                found = measure(database, one, given.n)
                cells = [f"{found[page][0]:.1f}" if page in found and found[page][1] else "" for page in PAGES]
                empty = not found[1][1]
                table.add_row(one.name, *([f"{found[1][0]:.1f} (none)", *cells[1:]] if empty else cells))
                over += [f"{one.name} on {name}" for median, _ in found.values() if median > BUDGET]
            Console().print(table)
    print(f"over {BUDGET:g} ms: {', '.join(over)}" if over else f"each under {BUDGET:g} ms")


if __name__ == "__main__":
    main()
