"""A small course in a database, and what happens in it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from grader.db import Database, groups, queries, submitting
from grader.db.marking import Grade, Review
from grader.db.queries import NewSubmission, Outcome, new_id
from grader.db.school import Assignment, Course, Enrolment, Group, Person, PublishedSuite

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
NEW = NewSubmission(rubric="r", suite="", queue="high", job_timeout=60)


def criterion(name: str, points: float, most: float, status: str = "", **more: Any) -> dict[str, Any]:
    status = status or ("passed" if points == most else "partial" if points else "failed")
    return {"id": name, "title": name, "points": points, "max_points": most, "status": status, "tests": [], **more}


def graded(*criteria: Mapping[str, Any]) -> Outcome:
    points, most = (sum(one[key] for one in criteria) for key in ("points", "max_points"))
    return Outcome("graded", report={"points": points, "max_points": most, "passed": True, "criteria": list(criteria)})


def person(name: str, role: Any = "student") -> Person:
    return Person(id=new_id(), email=f"{name}@example.org", name=name, role=role, session_key=new_id(), created_at=NOON)


@dataclass
class Class:
    """A course with a published assignment, a teacher and four students."""

    database: Database
    course: Course
    suite: PublishedSuite
    assignment: Assignment
    teacher: Person
    students: Sequence[Person]

    def change(self, **values: Any) -> None:
        """Change the assignment's rules."""
        with self.database.write() as session:
            row = session.get_one(Assignment, self.assignment.id)
            for name, value in values.items():
                setattr(row, name, value)
        self.assignment = row

    def hand_in(self, who: int = 0, at: datetime = NOON, **changes: Any) -> str:
        """A new submission's id."""
        new = NewSubmission(**(vars(NEW) | changes))
        with self.database.write() as session:
            row = session.get_one(Assignment, self.assignment.id)
            return submitting.add(session, row, self.students[who], new, at).id

    def finish(self, public_id: str, outcome: Outcome, number: int = 1) -> bool:
        with self.database.write() as session:
            return queries.finish(session, f"{public_id}-{number}", outcome)

    def score(self, points: float, who: int = 0, at: datetime = NOON) -> str:
        """Hand in and be graded with so many of 10 points."""
        public_id = self.hand_in(who, at)
        assert self.finish(public_id, graded(criterion("works", points, 10)))
        return public_id

    def grade(self, who: int = 0) -> Grade | None:
        with self.database.read() as session:
            return session.get(Grade, (self.assignment.id, self.students[who].id))

    def final(self, who: int = 0) -> float:
        grade = self.grade(who)
        assert grade is not None
        return grade.final_points

    def state(self, public_id: str) -> str:
        with self.database.read() as session:
            row = queries.submission(session, public_id)
            assert row is not None
            return row.state

    def review(self, public_id: str, name: str, points: float) -> None:
        with self.database.write() as session:
            session.add(
                Review(
                    submission_id=public_id, criterion=name, level="good", points=points, comment="", at=NOON,
                    reviewer_id=self.teacher.id,
                )
            )  # fmt: skip

    def group(self, *who: int) -> Group:
        """A group of these students."""
        with self.database.write() as session:
            row = session.get_one(Assignment, self.assignment.id)
            group = groups.create(session, row, self.students[who[0]].id, "The Sums")
            for other in who[1:]:
                groups.join(session, row, self.students[other].id, group.code)
            return group


def make_class(database: Database) -> Class:
    teacher = person("tess", "instructor")
    students = [person(name) for name in ("ann", "ben", "cleo", "dan")]
    course = Course(id=new_id(), title="Sums", created_at=NOON)
    suite = PublishedSuite(
        id=new_id(), course_id=course.id, rubric="sums", version=1, title="Sums", max_points=10.0, pass_mark=60.0,
        attempts=3, attempts_per="day", digest="sha256:" + "0" * 64, published_at=NOON,
    )  # fmt: skip
    assignment = Assignment(
        id=new_id(), course_id=course.id, suite_id=suite.id, title="Sums", published_at=NOON, created_at=NOON
    )
    with database.write() as session:
        session.add_all([teacher, *students, course])
        session.flush()
        session.add(suite)
        session.flush()
        session.add(assignment)
        for one in students:
            session.add(Enrolment(course_id=course.id, person_id=one.id, role="student", created_at=NOON))
    with database.read() as session:
        assignment = session.get_one(Assignment, assignment.id)
    return Class(database, course, suite, assignment, teacher, students)


def at_once(count: int, what: Callable[[int], object]) -> list[object]:
    """What each of so many threads returned or raised, all begun in one moment."""
    start, results = threading.Barrier(count), list[object]()

    def run(number: int) -> None:
        start.wait()
        try:
            results.append(what(number))
        except Exception as error:
            results.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
