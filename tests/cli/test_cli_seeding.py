"""The demo's course: made once, complete, and never where real people are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from grader.cli.seeding import begin_here, seed_demo
from grader.config import Settings
from grader.db import Database, groups, migrate, people
from grader.db.queries import now
from grader.db.school import Assignment, Enrolment, Person, PublishedSuite
from grader.errors import BadInput

Run = Callable[..., Any]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    home, rubrics = tmp_path / "home", ROOT / "rubrics"
    made = Settings(home=home, rubrics=rubrics, database_url=database_url, demo=True, _env_file=None)  # type: ignore[call-arg]
    migrate(made)
    return made


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    database = Database(settings.sqlalchemy_url)
    yield database
    database.dispose()


def test_the_demo_is_made_once_with_every_kind_of_assignment(settings: Settings, database: Database) -> None:
    assert seed_demo(settings)
    assert not seed_demo(settings)

    with database.read() as session:
        found = session.scalars(select(Assignment).order_by(Assignment.position)).all()
        student = people.by_email(session, "student@demo.invalid")
        assert student is not None
        pair = groups.group_of(session, next(one.id for one in found if one.group_size == 2), student.id)
        assert pair is not None
        assert len(groups.members(session, pair.id)) == 2
        assert session.scalar(select(func.count()).select_from(PublishedSuite)) == 4
        roles = sorted(session.scalars(select(Enrolment.role)))
    assert len(found) == 4
    assert all(one.published_at for one in found)
    assert roles == ["instructor", "student", "student"]
    overdue = [one for one in found if one.due_at and one.due_at < now()]
    soon = [one for one in found if one.due_at and now() < one.due_at < now() + timedelta(days=8)]
    assert [one.penalty for one in overdue] == [10.0]
    assert len(soon) == 1
    assert [one.leaderboard for one in found].count(True) == 1


def test_everybody_whom_the_sign_in_page_offers_is_there(settings: Settings, database: Database) -> None:
    seed_demo(settings)
    with database.read() as session:
        found = {email: people.by_email(session, email) for email in people.DEMO}
    assert all(found.values())
    assert all(person.name.startswith("Demo ") and person.password is None for person in found.values() if person)


def test_real_people_never_share_a_database_with_a_demo(settings: Settings, database: Database) -> None:
    with database.write() as session:
        people.add(session, email="real@example.org", name="Real Person", role="admin")

    with pytest.raises(BadInput, match="real accounts") as caught:
        seed_demo(settings)

    assert caught.value.fix
    with database.read() as session:
        assert [one.email for one in session.scalars(select(Person))] == ["real@example.org"]


def test_people_who_came_into_the_demo_do_not_keep_it_from_starting(settings: Settings, database: Database) -> None:
    seed_demo(settings)
    with database.write() as session:
        people.add(session, email="aaa@example.org", name="Visitor", role="student")
    assert not seed_demo(settings)


def test_serve_says_where_to_begin(settings: Settings, database: Database) -> None:
    real = settings.model_copy(update={"demo": False})
    assert "grader admin" in " ".join(begin_here(real, "http://127.0.0.1:1"))
    seed_demo(settings)
    assert begin_here(real, "http://127.0.0.1:1") == []
    said = begin_here(settings, "http://127.0.0.1:1")
    assert "http://127.0.0.1:1/sign-in" in said[0]
    assert Path(said[1].partition(",")[0]).is_file()


def test_migrate_makes_the_demo_and_says_so(grader: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADER_DEMO", "true")
    assert "demo's course" in grader("migrate").err
    assert "demo's course" not in grader("migrate").err
