"""A page asks the database as often for a term of work as for a week of it: no query for each row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from redis import Redis
from routes import ids_of, pages, signed_in
from seed import RUBRICS, Size, Term, seed
from sqlalchemy import event

from grader.config import Settings
from grader.db import Database, grades
from grader.db.marking import Grade
from grader.web import create_app
from grader.web.services import services

SMALL = Size(students=4, assignments=6, attempts=2, courses=2)
LARGE = Size(students=23, assignments=10, attempts=5, courses=2)
Counts = dict[tuple[str, str], int]


def made(home: Path, redis_url: str, database_url: str, size: Size) -> tuple[Flask, Term]:
    settings = Settings(home=home, rubrics=RUBRICS, redis_url=redis_url, database_url=database_url, _env_file=None)  # type: ignore[call-arg]
    term = seed(settings, size)
    return create_app(settings), term


def counts(app: Flask, term: Term) -> Iterator[tuple[tuple[str, str], int]]:
    """Queries of every page by role and endpoint, each asked for twice: the first time fills caches of the process."""
    database = services(app).database
    ids = ids_of(database, term)
    for role, person in (("student", term.students[0]), ("instructor", term.teacher), ("admin", term.admin)):
        client = signed_in(app, database, person)
        for page in pages(app, ids, role):
            client.get(page.url)
            with counted(database) as asked:
                response = client.get(page.url)
            assert response.status_code < 500, f"{page.url} as {role}: {response.text[:300]}"
            if response.status_code == 200:
                yield (role, page.endpoint), sum(asked.values())


class counted:
    """Counts statements by their text while the block runs."""

    def __init__(self, database: Database) -> None:
        self._engine = database.engine
        self._found: Counter[str] = Counter()

    def __enter__(self) -> Counter[str]:
        event.listen(self._engine, "before_cursor_execute", self._note)
        return self._found

    def __exit__(self, *_: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._note)

    def _note(self, connection: object, cursor: object, statement: str, *rest: object) -> None:
        self._found[statement] += 1


@pytest.fixture
def small(tmp_path: Path, redis: Redis, redis_url: str, database_url: str) -> Iterator[tuple[Flask, Term]]:
    app, term = made(tmp_path / "small", redis_url, database_url, SMALL)
    yield app, term
    services(app).database.dispose()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_page_asks_more_of_a_long_history(small: tuple[Flask, Term], tmp_path: Path, redis_url: str) -> None:
    large = made(tmp_path / "large", redis_url, "", LARGE)
    few: Counts = dict(counts(*small))
    many: Counts = dict(counts(*large))
    services(large[0]).database.dispose()

    both = few.keys() & many.keys()  # "next to review" is a page only when nothing is left
    assert len(both) > 60
    grew = {name: f"{few[name]} queries, and {many[name]} for more rows" for name in both if few[name] != many[name]}
    assert grew == {}


def test_every_page_works_on_a_term(small: tuple[Flask, Term]) -> None:
    seen = dict(counts(*small))
    assert {
        ("student", "pages.result"),
        ("instructor", "desk.submissions"),
        ("admin", "admin.people_page"),
    } <= seen.keys()


def test_the_seeded_grades_are_those_that_would_be_settled(small: tuple[Flask, Term]) -> None:
    app, term = small
    with services(app).database.write() as session:
        before = {(row.assignment_id, row.person_id): row.updated_at for row in session.query(Grade)}
        assert len(before) == SMALL.students * SMALL.assignments
        for assignment_id in term.assignments:
            grades.settle_all(session, assignment_id, why="again")
        session.expire_all()
        after = {(row.assignment_id, row.person_id): row.updated_at for row in session.query(Grade)}
    assert before == after
