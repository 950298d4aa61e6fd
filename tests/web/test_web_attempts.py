"""Several attempts and several people: history, two attempts compared, groups."""

from __future__ import annotations

import re
from typing import Any

import pytest
from conftest import AsPerson, School
from flask.testing import FlaskClient
from handing_in import address, change, graded, hand_in, scored, work

from grader.db import Database, groups


def test_older_submissions_are_a_page_away(student: FlaskClient, school: School) -> None:
    ids = [hand_in(student, school, work(token=str(n))) for n in range(10)]

    page = student.get(address(school)).text
    assert ids[-1] in page
    assert ids[0] not in page
    older = re.search(r'href="([^"]+before=[0-9a-f]+)#history"', page)
    assert older is not None
    assert ids[0] in student.get(older[1]).text


def test_two_attempts_are_compared_criterion_by_criterion_and_test_by_test(
    student: FlaskClient, school: School, database: Database, report: dict[str, Any]
) -> None:
    first = graded(database, student, school, report)
    better = scored(report, 6.0, 0.0)
    better["criteria"][0]["tests"] = [{**t, "status": "passed", "message": ""} for t in report["criteria"][0]["tests"]]
    second = graded(database, student, school, better)

    page = student.get(f"/submissions/{first}/compare/{second}").text
    assert "3 points gained" in page
    assert page.index("Gained 3") < page.index("Adds more") < page.index('<span class="badge calm">Same</span>')
    assert re.search(r'badge good">Gained</span> <code>test_big</code> <span class="soft">Failed, then passed', page)
    assert "1 test as before." in page
    assert student.get(f"/submissions/{second}/compare/{first}").text == page


def test_only_two_graded_submissions_of_one_assignment_are_compared(
    student: FlaskClient, school: School, database: Database, report: dict[str, Any]
) -> None:
    first, waiting = graded(database, student, school, report), hand_in(student, school)

    for pair in ((first, waiting), (first, first), (first, "0" * 32)):
        assert student.get(f"/submissions/{pair[0]}/compare/{pair[1]}").status_code == 404


def test_a_group_hands_in_together_and_every_member_sees_it(
    school: School, student: FlaskClient, as_person: AsPerson, database: Database, report: dict[str, Any]
) -> None:
    school = change(database, school, group_size=2)
    page, other = address(school, "/group"), as_person(school.other_student)
    assert student.post(page, data={"do": "create", "name": "Adders <1>"}).status_code == 303
    code = re.search(r'class="big-code">(\w+)<', student.get(page).text)
    assert code is not None
    assert other.post(page, data={"do": "join", "code": f" {code[1].upper()} "}).status_code == 303
    assert "Sam Student" in other.get(page).text
    assert "Adders &lt;1&gt;" in other.get(page).text
    assert "The group is full." in other.get(page).text

    public_id = graded(database, student, school, report)
    assert "This is your grade:" in other.get(f"/submissions/{public_id}").text
    assert '3<span class="of"> of 10' in other.get(f"/courses/{school.course.id}").text
    assert public_id in other.get("/").text
    refused = other.post(page, data={"do": "leave"})
    assert refused.status_code == 422
    assert "nobody can leave" in refused.text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"do": "join", "code": "nope"}, "No group of this assignment has that code."),
        ({"do": "create", "name": " "}, "needs a name"),
        ({"do": "leave"}, "You are in no group"),
        ({"do": "rule"}, "neither create, join nor leave"),
        ({"do": "create", "name": "x", "person_id": "1"}, "no such field"),
    ],
)
def test_a_group_form_that_cannot_be_done_says_why(
    school: School, student: FlaskClient, database: Database, fields: dict[str, str], words: str
) -> None:
    school = change(database, school, group_size=2)
    response = student.post(address(school, "/group"), data=fields)

    assert response.status_code == 422
    assert words in response.text
    with database.read() as session:
        assert groups.group_of(session, school.assignment.id, school.student.id) is None


def test_work_done_alone_has_no_group_page(school: School, student: FlaskClient) -> None:
    assert student.get(address(school, "/group")).status_code == 404
