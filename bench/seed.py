"""Fills a database with courses as they are at the end of a term, for measuring pages.

    .venv/bin/python bench/seed.py --home /tmp/term              # SQLite in that folder
    .venv/bin/python bench/seed.py --home /tmp/term --database-url postgresql+psycopg://…

Everything is drawn from one seed, so two databases of one size hold the same. Nobody has a password.
"""

from __future__ import annotations

import argparse
import itertools
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import reports
from sqlalchemy import insert
from sqlalchemy.orm import Session

from grader.config import Settings
from grader.db import Attempt, Database, Submission, assignments, courses, migrate, people, rules, suites
from grader.db.assignments import Rules
from grader.db.base import Base
from grader.db.marking import Audit, Grade, Mark, Regrade, Review, Tally
from grader.db.queries import new_id
from grader.db.school import Assignment, Enrolment, Person, PublishedSuite
from grader.intake import BlobStore, Tree
from grader.rubric import Rubric, load_suite

RUBRICS = Path(__file__).parents[1] / "rubrics"
SUITES = ("linear-model", "house-prices", "churn-notebook")
BEGIN = datetime(2026, 2, 2, 9, tzinfo=UTC)
_CHUNK = 2000
T = TypeVar("T")


@dataclass(frozen=True)
class Size:
    """How much. `attempts` are each student's in each assignment."""

    students: int = 1000
    assignments: int = 20
    attempts: int = 3
    courses: int = 2


@dataclass
class Term:
    """What was made: ids to look at."""

    admin: str = ""
    teacher: str = ""
    students: list[str] = field(default_factory=list)
    courses: list[str] = field(default_factory=list)
    assignments: list[str] = field(default_factory=list)
    submissions: list[str] = field(default_factory=list)
    """Some of the first student's, the newest last."""
    regrade: str = ""
    suite: str = ""


@dataclass(frozen=True)
class _Task:
    """An assignment with its rubric."""

    assignment: Assignment
    suite: PublishedSuite
    rubric: Rubric
    chance: random.Random


def seed(settings: Settings, size: Size | None = None) -> Term:
    """Fill an empty database; the rows of graded work are made in bulk, everything else as the pages make it."""
    size = size or Size()
    migrate(settings)
    database = Database(settings.sqlalchemy_url)
    blobs, term = BlobStore(settings.blob_root), Term()
    try:
        with database.write() as session:
            tasks = _school(session, blobs, size, term)
        blob = blobs.put(Tree("repository", {"solution.py": b"def predict(x, slope, bias):\n    return x\n"}).tar())
        for task in tasks:
            with database.write() as session:
                _term_of(session, task, blob, size, term)
        with database.write() as session:
            _regrade(session, tasks[0], term)
            if session.get_bind().dialect.name == "postgresql":
                session.connection().exec_driver_sql("ANALYZE")
    finally:
        database.dispose()
    return term


def _school(session: Session, blobs: BlobStore, size: Size, term: Term) -> list[_Task]:
    term.admin = people.add(session, email="admin@term.invalid", name="Ada Admin", role="admin").id
    term.teacher = people.add(session, email="teacher@term.invalid", name="Tess Teacher", role="instructor").id
    rows = [_person(number) for number in range(size.students)]
    term.students = [row["id"] for row in rows]
    _insert(session, Person, rows)
    tasks = []
    for number in range(size.courses):
        course = courses.add(session, f"Machine learning {number + 1}", by=term.admin)
        term.courses.append(course.id)
        courses.enrol(session, course.id, term.teacher, "instructor", by=term.admin)
        who = {"course_id": course.id, "role": "student", "created_at": BEGIN}
        _insert(session, Enrolment, [who | {"person_id": p, "alias": f"Fox {n}"} for n, p in enumerate(term.students)])
        tasks += [_task(session, blobs, course.id, n, term) for n in range(number, size.assignments, size.courses)]
    return tasks


def _person(number: int) -> dict[str, Any]:
    keys = {"id": new_id(), "session_key": new_id(), "created_at": BEGIN, "role": "student"}
    return keys | {"email": f"student{number}@term.invalid", "name": f"Student {number:04}"}


def _task(session: Session, blobs: BlobStore, course_id: str, number: int, term: Term) -> _Task:
    folder = RUBRICS / SUITES[number % len(SUITES)]
    suite = suites.publish(session, blobs, course_id=course_id, by=term.teacher, folder=folder)
    due = BEGIN + timedelta(days=7 * (number + 1))
    title = f"Week {number + 1}: {suite.title}"
    plan = Rules(title, due_at=due, penalty=10.0, leaderboard=number % 3 == 1)
    row = assignments.create(session, suite, plan, by=term.teacher)
    assignments.publish(session, row.id, by=term.teacher, published=True)
    term.assignments.append(row.id)
    term.suite = suite.id
    return _Task(row, suite, load_suite(folder).rubric, random.Random(number))  # noqa: S311 - no secret


def _term_of(session: Session, task: _Task, blob: str, size: Size, term: Term) -> None:
    """All submissions of an assignment in the order of their arrival, and what follows from them."""
    due, chance = task.assignment.due_at or BEGIN, task.chance
    hours = {person: sorted(chance.uniform(-140, 20) for _ in range(size.attempts)) for person in term.students}
    arrivals = sorted((hour, person, n) for person, when in hours.items() for n, hour in enumerate(when))
    works: dict[str, list[_Work]] = {person: [] for person in term.students}
    for part in _parts(arrivals):
        made = [_work(task, blob, due + timedelta(hours=hour), person, n) for hour, person, n in part]
        _insert(session, Submission, [work.submission for work in made])
        _insert(session, Attempt, [work.attempt for work in made])
        _insert(session, Mark, [mark for work in made for mark in work.marks(task)])
        for work in made:
            works[work.submission["person_id"]].append(work)
    session.execute(insert(Tally), _tallies(task, list(itertools.chain.from_iterable(works.values()))))
    _grade(session, task, works, term)
    term.submissions += [work.submission["id"] for work in works[term.students[0]]]


@dataclass
class _Work:
    submission: dict[str, Any]
    attempt: dict[str, Any]
    reviews: dict[str, float] = field(default_factory=dict)

    def marks(self, task: _Task) -> Iterator[dict[str, Any]]:
        for criterion in self.attempt["report"]["criteria"]:
            yield {
                "attempt_id": self.attempt["id"],
                "criterion": criterion["id"],
                "assignment_id": task.assignment.id,
                "points": criterion["points"],
                "max_points": criterion["max_points"],
                "status": criterion["status"],
                "metric": (criterion["metric"] or {}).get("value"),
            }


def _work(task: _Task, blob: str, at: datetime, person: str, number: int) -> _Work:
    public_id, suite = f"{task.chance.getrandbits(128):032x}", task.suite
    skill = min(1.0, task.chance.uniform(0.2, 0.8) + 0.1 * number)
    report = reports.make(task.rubric, suite.digest, at, skill, task.chance)
    submission = {
        "id": public_id, "assignment_id": task.assignment.id, "person_id": person, "rubric": suite.rubric, "suite": "",
        "kind": "repository", "filename": "solution.zip", "size": 2400, "blob": blob, "received_at": at,
        "state": "graded", "points": report["points"], "max_points": report["max_points"], "passed": report["passed"],
    }  # fmt: skip
    attempt = {
        "id": f"{public_id}-1", "submission_id": public_id, "number": 1, "suite_id": suite.id, "counts": True,
        "state": "graded", "queue": "high", "job_timeout": 1020, "sends": 1, "tries": 1, "due_at": at,
        "created_at": at, "started_at": at + timedelta(seconds=2), "finished_at": at + timedelta(seconds=9),
        "report": report,
    }  # fmt: skip
    return _Work(submission, attempt)


def _tallies(task: _Task, works: Sequence[_Work]) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    key = {"assignment_id": task.assignment.id, "suite_id": task.suite.id}
    for work in works:
        for criterion in work.attempt["report"]["criteria"]:
            for test in criterion["tests"]:
                new = {"test": test["id"], "criterion": criterion["id"], "runs": 0, "passed": 0, "seconds": 0.0}
                row = rows.setdefault(test["id"], key | new)
                row["runs"] += 1
                row["passed"] += test["status"] == "passed"
                row["seconds"] += test["seconds"]
    return list(rows.values())


def _grade(session: Session, task: _Task, works: dict[str, list[_Work]], term: Term) -> None:
    """Grades as `grader.db.grades.settle` makes them, with a review of most of those that wait for one."""
    grades, reviews, audits = [], [], []
    for person, own in works.items():
        best = max(own, key=lambda work: _final(task, work))
        if task.chance.random() < 0.7:
            reviews += _reviews(task, best, term)
        grade = _grade_row(task, person, best)
        grades.append(grade)
        audits.append(_audit_row(task, person, grade))
    _insert(session, Grade, grades)
    _insert(session, Review, reviews)
    _insert(session, Audit, audits)


def _reviews(task: _Task, work: _Work, term: Term) -> Iterator[dict[str, Any]]:
    for criterion in task.rubric.criteria:
        if criterion.review:
            level = task.chance.choice(criterion.review.levels)
            work.reviews[criterion.id] = level.points
            yield {
                "submission_id": work.submission["id"], "criterion": criterion.id, "level": level.name,
                "points": level.points, "comment": "Clear. Say **why** next time.", "reviewer_id": term.teacher,
                "at": work.submission["received_at"] + timedelta(days=2),
            }  # fmt: skip


def _final(task: _Task, work: _Work) -> float:
    points = work.attempt["report"]["points"] + sum(work.reviews.values())
    return rules.after_penalty(points, _late(task, work), task.assignment.penalty)


def _late(task: _Task, work: _Work) -> int:
    return rules.late_days(work.submission["received_at"], task.assignment.due_at, task.assignment.grace_days)


def _grade_row(task: _Task, person: str, work: _Work) -> dict[str, Any]:
    points, final = work.attempt["report"]["points"] + sum(work.reviews.values()), _final(task, work)
    most = task.rubric.max_points
    percent = rules.percent_of(final, most)
    pending = any(criterion.review and criterion.id not in work.reviews for criterion in task.rubric.criteria)
    return {
        "assignment_id": task.assignment.id, "person_id": person, "submission_id": work.submission["id"],
        "attempt_id": work.attempt["id"], "points": round(points, 4), "max_points": most,
        "late_days": _late(task, work), "final_points": final, "percent": percent,
        "passed": percent >= task.rubric.pass_mark and not pending, "pending": pending,
        "updated_at": work.attempt["finished_at"],
    }  # fmt: skip


def _audit_row(task: _Task, person: str, grade: dict[str, Any]) -> dict[str, Any]:
    told = {key: value for key, value in grade.items() if key not in ("assignment_id", "person_id", "updated_at")}
    return {
        "at": grade["updated_at"], "person_id": None, "course_id": task.assignment.course_id, "action": "grade.settled",
        "about": f"grade:{task.assignment.id}:{person}", "before": None, "after": told,
        "why": f"attempt 1 of submission {grade['submission_id']} was graded",
    }  # fmt: skip


def _regrade(session: Session, task: _Task, term: Term) -> None:
    """A dry run of the first assignment that waits for a decision, with as many attempts as there are grades."""
    term.regrade, at = new_id(), BEGIN + timedelta(days=60)
    session.execute(
        insert(Regrade),
        {
            "id": term.regrade, "assignment_id": task.assignment.id, "suite_id": task.suite.id, "state": "ready",
            "why": "A test was too strict.", "created_by": term.teacher, "created_at": at,
        },
    )  # fmt: skip
    counting = session.query(Grade.submission_id).where(Grade.assignment_id == task.assignment.id).all()
    for part in _parts([row[0] for row in counting]):
        works = [_work(task, reports.DIGEST, at, "", 1) for _ in part]
        for work, public_id in zip(works, part, strict=True):
            work.attempt |= {
                "id": f"{public_id}-2", "submission_id": public_id, "number": 2, "counts": False, "queue": "batch",
                "regrade_id": term.regrade,
            }  # fmt: skip
        _insert(session, Attempt, [work.attempt for work in works])
        _insert(session, Mark, [mark for work in works for mark in work.marks(task)])


def _insert(session: Session, table: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    copying = session.get_bind().dialect.name == "postgresql"
    for part in _parts(list(rows)):
        _copy(session, table.__tablename__, part) if copying else session.execute(insert(table), part)


def _copy(session: Session, table: str, rows: Sequence[dict[str, Any]]) -> None:
    """PostgreSQL's own way to take many rows, several times as fast."""
    from psycopg.types.json import Json

    columns = ", ".join(rows[0])
    cursor = session.connection().connection.cursor()
    with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:  # type: ignore[attr-defined]
        for row in rows:
            copy.write_row([Json(value) if isinstance(value, dict) else value for value in row.values()])


def _parts(rows: Sequence[T]) -> Iterator[list[T]]:
    for start in range(0, len(rows), _CHUNK):
        yield list(rows[start : start + _CHUNK])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument(
        "--home", type=Path, required=True, help="folder of blobs, and of the database if it is SQLite"
    )
    options.add_argument("--database-url", default="", help="another database, empty")
    for name, value in vars(Size()).items():
        options.add_argument(f"--{name}", type=int, default=value, help=f"default: {value}")
    given = vars(options.parse_args())
    settings = Settings(home=given.pop("home"), database_url=given.pop("database_url"), rubrics=RUBRICS)
    size, begun = Size(**given), time.monotonic()
    seed(settings, size)
    print(f"{size.students * size.assignments * size.attempts} attempts in {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
