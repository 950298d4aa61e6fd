"""Leaderboards: who is on them, what is counted and when, ranks, pages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from conftest import AsPerson, School, new_person
from flask.testing import FlaskClient
from handing_in import address, ago, ahead, change, graded, scored
from sqlalchemy import event

from grader.db import Database, leaderboard
from grader.db.school import Enrolment, Person

BOARD = "/leaderboard"


@pytest.fixture
def board(school: School, database: Database) -> School:
    return change(database, school, leaderboard=True, due_at=ahead(days=1), attempts=100, attempts_per="day")


def lines(page: str) -> list[tuple[str, str, str]]:
    """Rank, name and points of each line."""
    body = re.search(r"<tbody>(.*?)</tbody>", page, re.DOTALL)
    rank, name, points = r'class="num">(\d+)</td>', r'<th scope="row">([^<]*?)(?: <span.*?)?</th>', r'points">([\d.]+)<'
    return re.findall(rf"{rank}\s*{name}.*?{points}", body[1], re.DOTALL) if body else []


def classmate(database: Database, school: School, number: int) -> Person:
    person = new_person(f"Number{number} Student")
    with database.write() as session:
        session.add(person)
        session.flush()
        session.add(
            Enrolment(
                course_id=school.course.id, person_id=person.id, role="student", alias=f"Fox {number:02}",
                created_at=ago(days=1),
            )
        )  # fmt: skip
    return person


def test_there_is_none_unless_the_assignment_has_one(school: School, student: FlaskClient) -> None:
    assert student.get(address(school, BOARD)).status_code == 404
    assert "leaderboard" not in student.get(address(school)).text
    assert student.post(address(school, BOARD), data={"alias": "Fox"}).status_code == 404


def test_nobody_is_on_it_who_has_not_asked(
    board: School, student: FlaskClient, database: Database, report: dict[str, Any]
) -> None:
    graded(database, student, board, report)

    page = student.get(address(board, BOARD)).text
    assert "Nobody is on it yet" in page
    assert "You are not on it" in page
    student.post(address(board, BOARD), data={"alias": "Grey <Fox>"})
    page = student.get(address(board, BOARD)).text
    assert lines(page) == [("1", "Grey &lt;Fox&gt;", "3")]
    assert "Sam" not in page.split("<main", 1)[1]
    student.post(address(board, BOARD), data={"do": "leave"})
    assert "Nobody is on it yet" in student.get(address(board, BOARD)).text


def test_hidden_criteria_count_only_after_the_due_date(
    board: School, student: FlaskClient, as_person: AsPerson, database: Database, report: dict[str, Any]
) -> None:
    other = as_person(board.other_student)
    student.post(address(board, BOARD), data={"alias": "Visible"})
    other.post(address(board, BOARD), data={"alias": "Hidden"})
    graded(database, student, board, scored(report, 6.0, 0.0))
    graded(database, other, board, scored(report, 4.0, 4.0))

    page = student.get(address(board, BOARD)).text
    assert lines(page) == [("1", "Visible", "6"), ("2", "Hidden", "4")]
    assert "of 6" in page
    assert "After the due date all criteria count." in page
    change(database, board, due_at=ago(minutes=1))
    page = student.get(address(board, BOARD)).text
    assert lines(page) == [("1", "Hidden", "8"), ("2", "Visible", "6")]
    assert "of 10" in page


def test_equal_points_share_a_rank_and_the_next_one_is_skipped(
    board: School, student: FlaskClient, as_person: AsPerson, database: Database, report: dict[str, Any]
) -> None:
    student.post(address(board, BOARD), data={"alias": "Bear"})
    graded(database, student, board, scored(report, 0.1 + 0.2, 0.0))
    for number, points in ((1, 0.3), (2, 5.0), (3, 0.2)):
        graded(database, as_person(classmate(database, board, number)), board, scored(report, points, 0.0))

    page = student.get(address(board, BOARD)).text
    assert [line[:2] for line in lines(page)] == [("1", "Fox 02"), ("2", "Bear"), ("2", "Fox 01"), ("4", "Fox 03")]
    assert "Rank <strong>2</strong> of 4" in page


def test_pages_go_on_where_the_last_one_ended(
    board: School, student: FlaskClient, as_person: AsPerson, database: Database, report: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("grader.web.leaderboard.PAGE", 3)
    for number in range(8):
        client = as_person(classmate(database, board, number))
        graded(database, client, board, scored(report, 1.0 + number // 5, 0.0))

    found, path = [], address(board, BOARD)
    for _ in range(3):
        page = student.get(path).text
        found += lines(page)
        older = re.search(r'href="([^"]+)" rel="next"', page)
        path = older[1].replace("&amp;", "&") if older else ""
    assert path == ""
    assert [line[1] for line in found] == [f"Fox {n:02}" for n in (5, 6, 7, 0, 1, 2, 3, 4)]
    assert [line[0] for line in found] == ["1", "1", "1", "4", "4", "4", "4", "4"]


@pytest.mark.parametrize(
    "after", ["x", "1-", "-1-a", "1 OR 1=1", "99999999999999-a", "1-\u202e", "%00", "1-%00", "1-%ff"]
)
def test_a_page_that_cannot_be_is_no_error(board: School, student: FlaskClient, after: str) -> None:
    assert student.get(address(board, f"{BOARD}?after={after}")).status_code == 200


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"alias": "x" * 41}, "longer than 40"),
        ({"alias": "ad\u202emin"}, "cannot be seen"),
        ({"alias": "grizzly"}, "called grizzly already"),
        ({"alias": "Fox", "points": "100"}, "no such field"),
    ],
)
def test_a_name_that_cannot_be_says_why(
    board: School, student: FlaskClient, as_person: AsPerson, database: Database, fields: dict[str, str], words: str
) -> None:
    as_person(board.other_student).post(address(board, BOARD), data={"alias": "Grizzly"})

    response = student.post(address(board, BOARD), data=fields)
    assert response.status_code == 422
    assert words in response.text
    with database.read() as session:
        enrolment = session.get_one(Enrolment, (board.course.id, board.student.id))
        assert enrolment.alias is None


def test_who_teaches_sees_it_and_is_not_on_it(board: School, teacher: FlaskClient, database: Database) -> None:
    page = teacher.get(address(board, BOARD)).text
    assert "Name on leaderboards" not in page


def test_who_is_not_in_the_course_sees_none(board: School, as_person: AsPerson) -> None:
    assert as_person(board.outsider).get(address(board, BOARD)).status_code == 404


def test_it_asks_as_many_questions_with_many_students_as_with_one(
    board: School, student: FlaskClient, as_person: AsPerson, database: Database, report: dict[str, Any]
) -> None:
    graded(database, as_person(classmate(database, board, 0)), board, report)
    asked: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    student.get(address(board, BOARD))
    few = len(asked)
    for number in range(1, 7):
        graded(database, as_person(classmate(database, board, number)), board, report)

    asked.clear()
    student.get(address(board, BOARD))
    assert len(asked) == few
    assert few < 15


def test_the_name_can_be_kept_as_it_is(board: School, student: FlaskClient, database: Database) -> None:
    for _ in range(2):
        assert student.post(address(board, BOARD), data={"alias": " Grey  Fox "}).status_code == 303
    with database.write() as session:
        leaderboard.set_alias(session, board.course.id, board.student.id, "grey fox")
        assert (
            session.get_one(Enrolment, (board.course.id, board.student.id), populate_existing=True).alias == "grey fox"
        )
