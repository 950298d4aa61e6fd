"""The start page, the page of a course and the page of an assignment."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from conftest import AsPerson, School
from flask.testing import FlaskClient
from handing_in import address, ago, ahead, change, count, graded, hand_in, work
from sqlalchemy import event

from grader.config import Settings
from grader.db import Database
from grader.db.queries import new_id
from grader.db.school import Assignment, Extension


def test_who_is_not_signed_in_learns_what_this_is(client: FlaskClient) -> None:
    page = client.get("/").text

    assert "Marks AI projects, and says why" in page
    assert 'href="/sign-in"' in page
    assert "Sign out" not in page


@pytest.mark.parametrize(
    "path", ["/courses/{course}", "/assignments/{assignment}", "/assignments/{assignment}/starter.zip"]
)
def test_pages_of_a_course_ask_to_sign_in(client: FlaskClient, school: School, path: str) -> None:
    response = client.get(path.format(course=school.course.id, assignment=school.assignment.id))

    assert response.status_code == 303
    assert response.headers["Location"].startswith("/sign-in?next=%2F") or "next=/" in response.headers["Location"]


def test_who_is_in_no_course_learns_how_to_get_into_one(school: School, as_person: AsPerson) -> None:
    page = as_person(school.outsider).get("/").text

    assert "You are in no course yet" in page
    assert 'name="code"' in page
    assert school.course.id not in page


def test_a_course_without_assignments_says_what_will_be_there(
    school: School, student: FlaskClient, database: Database
) -> None:
    change(database, school, published_at=None)

    page = student.get(f"/courses/{school.course.id}").text
    assert "No assignments yet" in page
    assert "First sums" not in page
    assert student.get(address(school)).status_code == 404
    assert "Nothing is due" in student.get("/").text


def test_the_start_page_shows_what_is_due_next_and_the_last_results(
    school: School, student: FlaskClient, database: Database, report: dict[str, Any]
) -> None:
    school = change(database, school, due_at=ahead(days=2, hours=1))
    public_id = graded(database, student, school, report)

    page = student.get("/").text
    assert "Adding &lt;up&gt;" in page
    assert page.index("Due next") < page.index("First sums") < page.index("Last results") < page.index(public_id)
    assert "in 2 days" in page
    assert "Not passed yet" in page


def test_what_is_overdue_and_still_taken_is_due_next_until_something_is_handed_in(
    school: School, student: FlaskClient, database: Database
) -> None:
    change(database, school, due_at=ago(hours=30), closes_at=ago(hours=1))
    assert "Nothing is due" in student.get("/").text

    change(database, school, closes_at=ahead(days=1))
    assert "Overdue" in student.get("/").text

    hand_in(student, school)
    assert "Nothing is due" in student.get("/").text


def test_a_course_shows_points_status_and_due_dates(
    school: School, student: FlaskClient, database: Database, report: dict[str, Any]
) -> None:
    change(database, school, due_at=ago(hours=30))
    page = student.get(f"/courses/{school.course.id}").text
    assert "Overdue" in page
    assert "1 day ago" in page
    assert "10 points" in page

    hand_in(student, school)
    assert "Waiting for a grader" in student.get(f"/courses/{school.course.id}").text


def test_an_extension_shows_its_own_date(school: School, student: FlaskClient, database: Database) -> None:
    change(database, school, due_at=ago(hours=1))
    with database.write() as session:
        session.add(
            Extension(
                assignment_id=school.assignment.id,
                person_id=school.student.id,
                due_at=ahead(days=5, hours=1),
                why="ill",
                granted_at=ago(days=1),
            )
        )

    for page in (student.get("/").text, student.get(address(school)).text):
        assert "in 5 days" in page
        assert "extended for you" in page


def test_an_assignment_shows_brief_criteria_rules_and_form(
    school: School, student: FlaskClient, database: Database
) -> None:
    change(
        database, school, due_at=ahead(days=2), closes_at=ahead(days=9), penalty=10.0, grace_days=1, attempts=3,
        attempts_per="week",
    )  # fmt: skip

    page = student.get(address(school)).text
    for words in (
        "Adds more", "Hidden: you see which tests passed", "60 % pass", "The first day costs nothing",
        "loses 10 % of its points for each day begun", "Nothing is taken after", "3 of 3 in any 7 days",
        "<code>solution.py</code>", "no network", "Your best submission counts.", 'data-max="1048576"', "At most 1 MiB",
    ):  # fmt: skip
        assert words in page
    assert "<script>alert" not in page
    assert "javascript:" not in page.split("<main", 1)[1].replace("[x](javascript:alert(1))", "")


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({"opens_at": ahead(days=1)}, "not open yet"),
        ({"closes_at": ago(days=1)}, "nothing is taken any more"),
    ],
)
def test_a_form_that_would_be_refused_is_not_offered(
    school: School, student: FlaskClient, database: Database, rules: dict[str, Any], words: str
) -> None:
    change(database, school, **rules)

    page = student.get(address(school)).text
    assert words in page
    assert 'id="form"' not in page
    response = student.post(address(school, "/submissions"), data=work())
    assert response.status_code == 422
    assert count(database) == 0


def test_used_attempts_say_when_the_next_one_is_free(
    school: School, student: FlaskClient, database: Database, report: dict[str, Any]
) -> None:
    school = change(database, school, attempts=1, attempts_per="day")
    graded(database, student, school, report)

    page = student.get(address(school)).text
    assert "0 of 1 in any 24 hours" in page
    assert "The next attempt is free" in page
    assert "in 23 hours" in page
    assert 'id="form"' not in page


def test_starter_files_are_a_zip_of_plain_files(school: School, student: FlaskClient, settings: Settings) -> None:
    assert "starter.zip" not in student.get(address(school)).text
    assert student.get(address(school, "/starter.zip")).status_code == 404
    folder = settings.rubrics / "adding" / "starter" / "data"
    folder.mkdir(parents=True)
    (folder.parent / "solution.py").write_text("def add(a, b): ...\n")
    (folder / "rows.csv").write_text("a,b\n")

    assert "starter.zip" in student.get(address(school)).text
    response = student.get(address(school, "/starter.zip"))
    with zipfile.ZipFile(io.BytesIO(response.data)) as archive:
        assert archive.namelist() == ["data/rows.csv", "solution.py"]
        assert {entry.external_attr >> 16 for entry in archive.infolist()} == {0o100644}
    assert response.headers["Content-Disposition"] == "attachment; filename=addition-starter.zip"
    assert student.get(address(school, "/starter.zip")).data == response.data


def test_a_link_among_the_starter_files_is_never_followed(
    school: School, student: FlaskClient, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("secret")
    starter = settings.rubrics / "adding" / "starter"
    starter.mkdir()
    (starter / "solution.py").symlink_to(tmp_path / "secret")

    response = student.get(address(school, "/starter.zip"))
    assert response.status_code != 200
    assert b"secret" not in response.data


@pytest.mark.parametrize("page", ["/", "/courses/{course}", "/assignments/{assignment}"])
def test_a_page_asks_as_many_questions_with_many_assignments_as_with_one(
    school: School, student: FlaskClient, database: Database, report: dict[str, Any], page: str
) -> None:
    path = page.format(course=school.course.id, assignment=school.assignment.id)
    school = change(database, school, due_at=ahead(days=1), attempts=100, attempts_per="day")
    graded(database, student, school, report)
    asked: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    student.get(path)
    few, most = len(asked), 0
    with database.write() as session:
        for number in range(12):
            session.add(
                Assignment(
                    id=new_id(), course_id=school.course.id, suite_id=school.suite.id, title=f"Sums {number}",
                    created_at=ago(days=1), published_at=ago(days=1), due_at=ahead(days=number + 1),
                )
            )  # fmt: skip
    for _ in range(4):
        graded(database, student, school, report)

    asked.clear()
    student.get(path)
    most = len(asked)
    assert few == most
    assert few < 25
