"""Gradebook and statistics: right numbers, no formulas, and a class of any size in the same memory."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from collections.abc import Callable
from datetime import timedelta

import pytest
from desk_class import NOW, Desk, open_desk, report
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, insert, select, update

from grader.config import Settings
from grader.db import Database, gradebook, reviews, statistics
from grader.db.marking import Grade
from grader.db.queries import new_id, now
from grader.db.reviews import NewMark
from grader.db.school import Assignment, Enrolment, Person
from grader.db.tables import Submission
from grader.rubric import load_suite
from grader.web.desk.export import safe

AsPerson = Callable[[Person], FlaskClient]


@pytest.fixture
def desk(settings: Settings, database: Database) -> Desk:
    return open_desk(settings, database)


@pytest.fixture
def teacher(desk: Desk, as_person: AsPerson) -> FlaskClient:
    return as_person(desk.teacher)


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def mark(desk: Desk, work: str, level: str, settings: Settings) -> None:
    with desk.database.write() as session:
        row = session.scalars(select(Submission).where(Submission.id == work)).one()
        rubric = load_suite(settings.rubrics / "essay").rubric
        reviews.mark(session, row, rubric, [NewMark("clear", level, "", None)], by=desk.teacher.id,
                     course_id=desk.course.id)  # fmt: skip


def test_a_row_for_each_student_with_the_points_of_each_criterion(
    desk: Desk, teacher: FlaskClient, settings: Settings
) -> None:
    ada = desk.student("Ada Student")
    desk.student("Bob Without")
    work = desk.hand_in(ada, grade={"works": 6, "secret": 2.5})
    mark(desk, work, "Very", settings)

    answer = teacher.get(f"/desk/assignments/{desk.assignment.id}/grades.csv")

    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="grades-first--essay-')
    found = {row["name"]: row for row in rows(answer.data)}
    assert set(found) == {"Ada Student", "Bob Without"}  # and no teacher
    row = found["Ada Student"]
    assert (row["points"], row["max_points"], row["final_points"], row["percent"]) == ("18.5", "22", "18.5", "84.09")
    assert (row["works"], row["secret"], row["clear"], row["cited"]) == ("6", "2.5", "10", "")
    assert (row["passed"], row["pending"], row["submission"]) == ("no", "yes", work)
    assert (found["Bob Without"]["points"], found["Bob Without"]["email"]) == ("", "bob.without@example.org")

    told = json.loads(teacher.get(f"/desk/assignments/{desk.assignment.id}/grades.json").data)
    grade = next(row for row in told["grades"] if row["name"] == "Ada Student")["grade"]
    assert grade["criteria"] == {"works": 6.0, "secret": 2.5, "clear": 10.0}
    assert (grade["final_points"], grade["pending"]) == (18.5, True)
    assert next(row for row in told["grades"] if row["name"] == "Bob Without")["grade"] is None


EVIL = ['=HYPERLINK("http://x","y")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\uff1d1"]


@pytest.mark.parametrize("name", EVIL)
def test_no_name_is_a_formula(desk: Desk, teacher: FlaskClient, name: str) -> None:
    student = desk.student("Ada Student")
    with desk.database.write() as session:
        session.execute(update(Person).where(Person.id == student.id).values(name=name))
        session.execute(update(Assignment).values(title=name))

    for address in (f"/desk/assignments/{desk.assignment.id}/grades.csv", f"/desk/courses/{desk.course.id}/grades.csv"):
        data = teacher.get(address).data.decode("utf-8-sig")
        assert data.startswith('"')
        table = list(csv.reader(io.StringIO(data, newline="")))
        assert table[1][0] == f"'{name}"
        for line in table:
            assert not any(field.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for field in line)


def test_every_field_is_quoted_and_numbers_are_plain() -> None:
    assert [safe(value) for value in (12.5, 3.0, 100, 0, True, None, "a\0b", "O'Hara", 33.33333)] == [
        "12.5", "3", "100", "0", "yes", "", "ab", "O'Hara", "33.3333",
    ]  # fmt: skip


def test_a_course_has_a_column_for_each_assignment(desk: Desk, teacher: FlaskClient) -> None:
    desk.hand_in(desk.student("Ada Student"), grade={"works": 6})

    (row,) = rows(teacher.get(f"/desk/courses/{desk.course.id}/grades.csv").data)
    assert (row["First <essay> (points)"], row["First <essay> (%)"]) == ("6", "27.27")
    told = json.loads(teacher.get(f"/desk/courses/{desk.course.id}/grades.json").data)
    assert told["students"][0]["grades"][desk.assignment.id]["final_points"] == 6.0


def crowd(desk: Desk, stop: int, start: int = 0) -> None:
    """So many students, without work."""
    people = [
        {"id": new_id(), "email": f"s{n}@example.org", "name": f"Student {n}", "role": "student",
         "session_key": new_id(), "created_at": NOW}
        for n in range(start, stop)
    ]  # fmt: skip
    with desk.database.write() as session:
        session.execute(insert(Person), people)
        session.execute(
            insert(Enrolment),
            [{"course_id": desk.course.id, "person_id": row["id"], "role": "student", "created_at": NOW}
             for row in people],
        )  # fmt: skip


def test_pages_of_the_gradebook_hold_everybody_once(desk: Desk) -> None:
    crowd(desk, 25)

    found = [entry.person.id for entry in gradebook.entries(desk.database, desk.assignment, page=10)]
    assert len(found) == len(set(found)) == 25
    found = [line.person.id for line in gradebook.lines(desk.database, desk.course.id, page=25)]
    assert len(found) == len(set(found)) == 25


def test_an_export_begins_before_it_is_read_and_takes_no_more_memory_for_more_students(
    app: Flask, desk: Desk, teacher: FlaskClient
) -> None:
    def peak() -> int:
        answer = teacher.get(f"/desk/assignments/{desk.assignment.id}/grades.csv", buffered=False)
        assert answer.is_streamed
        parts = answer.iter_encoded()
        assert next(parts).decode("utf-8-sig") == ""
        tracemalloc.start()
        for _ in parts:
            pass
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    crowd(desk, 600)
    peak()  # what is loaded once
    few = peak()
    crowd(desk, 3000, start=600)

    assert peak() < 1.2 * few


def test_statistics_tell_grades_criteria_tests_and_times(desk: Desk, teacher: FlaskClient, settings: Settings) -> None:
    works = {}
    for name, points in (("Ada", {"works": 6, "secret": 4}), ("Bob", {"works": 3}), ("Cy", {"works": 0})):
        works[name] = desk.hand_in(desk.student(f"{name} Student"), grade=points)
    desk.student("Dan Without")
    mark(desk, works["Ada"], "Very", settings)
    mark(desk, works["Bob"], "Half & half", settings)
    with desk.database.write() as session:
        session.execute(update(Submission).values(received_at=now() - timedelta(minutes=4)))

    with desk.database.read() as session:
        whole = statistics.overview(session, desk.assignment)
        spreads = statistics.criteria(session, desk.assignment.id)
        tests = statistics.hardest(session, desk.assignment.id, desk.suite.id)
        times = statistics.waiting(session, desk.assignment.id)
        bins = statistics.grades(session, desk.assignment.id)
        often = statistics.attempts(session, desk.assignment.id)

    assert (whole.students, whole.graded, whole.passed, whole.waiting, whole.submissions) == (4, 3, 0, 3, 3)
    assert whole.mean == pytest.approx((20 / 22 + 8 / 22 + 0) / 3 * 100, abs=0.01)
    assert bins == (1, 0, 0, 1, 0, 0, 0, 0, 0, 1)
    clear, cited, secret = spreads["clear"], spreads["cited"], spreads["secret"]
    assert (clear.count, clear.waiting, clear.mean, clear.full, clear.none) == (2, 1, 7.5, 1, 0)
    assert (clear.bins[5], clear.bins[9]) == (1, 1)
    assert (cited.count, cited.waiting) == (0, 3)
    assert (secret.full, secret.none, secret.bins) == (1, 2, (2, 0, 0, 0, 0, 0, 0, 0, 0, 1))
    assert [(tally.test[:18], tally.passed, tally.runs) for tally in tests] == [
        ("tests/test_shut.py", 1, 3), ("tests/test_open.py", 2, 3),
    ]  # fmt: skip
    assert times.median is not None
    assert timedelta(minutes=3) <= times.median < timedelta(minutes=5)
    assert often[1] == 3
    page = teacher.get(f"/desk/assignments/{desk.assignment.id}/statistics").text
    assert page.count("<svg") >= 6
    assert " style=" not in page
    assert "90 to 100" in page  # the table beside the chart
    assert "33.33 %" in page


def test_dry_runs_are_no_part_of_statistics(desk: Desk, teacher: FlaskClient) -> None:
    work = desk.hand_in(desk.student("Ada Student"), grade={"works": 6})
    fields = {"suite": desk.suite.id, "why": "Try.", "action": "start"}
    teacher.post(f"/desk/assignments/{desk.assignment.id}/regrade", data=fields)
    desk.finish(f"{work}-2", report({"works": 0}))

    with desk.database.read() as session:
        assert statistics.criteria(session, desk.assignment.id)["works"].mean == 6.0
        assert {tally.runs for tally in statistics.hardest(session, desk.assignment.id, desk.suite.id)} == {1}


def test_statistics_ask_as_many_questions_for_many_students_as_for_few(
    desk: Desk, teacher: FlaskClient, database: Database
) -> None:
    def ask() -> int:
        asked: list[str] = []
        listener = lambda *args: asked.append(args[2])  # noqa: E731
        event.listen(database.engine, "before_cursor_execute", listener)
        assert teacher.get(f"/desk/assignments/{desk.assignment.id}/statistics").status_code == 200
        event.remove(database.engine, "before_cursor_execute", listener)
        return len(asked)

    desk.hand_in(desk.student("Ada Student"), grade={"works": 1})
    few = ask()
    for number in range(15):
        desk.hand_in(desk.student(f"Student {number}"), grade={"works": 1})
    assert ask() == few


def test_an_empty_class_has_a_page_that_says_so(desk: Desk, teacher: FlaskClient) -> None:
    with desk.database.read() as session:
        assert session.scalars(select(Grade)).all() == []

    assert "No grades yet" in teacher.get(f"/desk/assignments/{desk.assignment.id}/statistics").text
