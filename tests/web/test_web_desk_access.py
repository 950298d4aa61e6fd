"""Who may not see a desk page gets the page for an address that leads nowhere, on every route there is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from desk_class import NOW, Desk, open_desk, report
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from grader.config import Settings
from grader.db import Database, regrades
from grader.db.extensions import grant
from grader.db.queries import new_id
from grader.db.school import Assignment, Person
from grader.web.services import services

AsPerson = Callable[[Person], FlaskClient]


@pytest.fixture
def desk(settings: Settings, database: Database) -> Desk:
    return open_desk(settings, database)


@pytest.fixture
def places(desk: Desk) -> dict[str, str]:
    """Something real for every variable of an address."""
    student = desk.student("Sam Student")
    public_id = desk.hand_in(student)
    desk.finish(f"{public_id}-1", report({"works": 6}), candidate_log=b"hello", examiner_log=b"")
    with desk.database.write() as session:
        assignment = session.get_one(Assignment, desk.assignment.id)
        grant(session, assignment, student.id, NOW + timedelta(days=9), why="Ill", by=desk.teacher.id)
        asked = regrades.Asked(desk.suite, "Again", desk.teacher.id, 60)
        regrade, _ = regrades.start(session, assignment, asked)
    return {
        "course_id": desk.course.id, "suite_id": desk.suite.id, "assignment_id": desk.assignment.id,
        "public_id": public_id, "regrade_id": regrade.id, "attempt_id": f"{public_id}-1", "person_id": student.id,
    }  # fmt: skip


def routes(app: Flask, places: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Method, address, and the same address with another first id, of every route of the desk."""
    build = app.url_map.bind("localhost").build
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("desk."):
            continue
        names = re.findall(r"<(?:\w+:)?(\w+)>", rule.rule)
        values = {name: places[name] for name in names if name != "name"}
        if "name" in names:
            values["name"] = "candidate.log" if "attempt_id" in names else "solution.py"
        assert names, f"{rule.rule} names nothing whose access could be checked"
        unknown = {**values, names[0]: new_id()}
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):  # type: ignore[operator]
            yield method, build(rule.endpoint, values), build(rule.endpoint, unknown)


def test_students_strangers_and_outsiders_get_the_page_for_an_unknown_id_on_every_route(
    app: Flask, desk: Desk, places: dict[str, str], as_person: AsPerson
) -> None:
    found = list(routes(app, places))
    assert len(found) > 30
    for person in (desk.students[0], desk.stranger, desk.outsider):
        client = as_person(person)
        for method, address, unknown in found:
            answer, nothing = client.open(address, method=method), client.open(unknown, method=method)
            assert (method, address, answer.status_code) == (method, address, 404), person.name
            assert nothing.status_code == 404
            assert answer.data == nothing.data, address


def test_who_teaches_the_course_reaches_every_route(
    app: Flask, desk: Desk, places: dict[str, str], as_person: AsPerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.web.desk.similarity._installed", lambda: False)  # a comparison outlives this test
    client = as_person(desk.colleague)
    for method, address, unknown in sorted(routes(app, places)):  # GET comes first: a POST may change what is there
        assert client.open(address, method=method).status_code in (200, 303, 422), (method, address)
        assert client.open(unknown, method=method).status_code == 404, (method, unknown)


def test_nobody_signed_in_is_asked_to_sign_in(app: Flask, places: dict[str, str], client: FlaskClient) -> None:
    for method, address, _ in routes(app, places):
        answer = client.open(address, method=method)
        assert answer.status_code == 303, address
        assert answer.headers["Location"].startswith("/sign-in"), address


@pytest.mark.parametrize("bad", ["1 OR 1=1", "'; DROP TABLE grades; --", "..%2f..%2fetc", "{{7*7}}", "a" * 3000])
def test_an_id_that_is_none_leads_nowhere(desk: Desk, as_person: AsPerson, bad: str) -> None:
    client = as_person(desk.teacher)
    for kind, rest in (("courses", ""), ("suites", ""), ("assignments", "/submissions"), ("submissions", ""),
                       ("regrades", "")):  # fmt: skip
        assert client.get(f"/desk/{kind}/{bad}{rest}").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["sort=points;DROP", "sort=password", "state=x'--", "late=maybe", "passed=1", "waiting=no", "order=asc",
     "after=1 OR 1=1", f"after={'0' * 32}"],
)  # fmt: skip
def test_a_word_that_no_filter_knows_is_refused(desk: Desk, as_person: AsPerson, query: str) -> None:
    answer = as_person(desk.teacher).get(f"/desk/assignments/{desk.assignment.id}/submissions?{query}")

    assert answer.status_code == 422


def test_fields_that_a_form_does_not_have_are_refused_and_nothing_changes(
    desk: Desk, places: dict[str, str], as_person: AsPerson, app: Flask
) -> None:
    client = as_person(desk.teacher)
    extra = {"points": "100", "role": "admin", "course_id": desk.other_course.id, "published_at": "2020-01-01"}
    forms = {
        f"/desk/assignments/{desk.assignment.id}": {"title": "New", "zone": "UTC", "action": "save", "counts": "best"},
        f"/desk/suites/{desk.suite.id}/assign": {"title": "New", "zone": "UTC", "action": "save", "counts": "best"},
        f"/desk/assignments/{desk.assignment.id}/publish": {"published": "no"},
        f"/desk/submissions/{places['public_id']}/review": {"action": "save", "level-clear": "Very"},
        f"/desk/regrades/{places['regrade_id']}/drop": {},
        f"/desk/assignments/{desk.assignment.id}/similarity": {},
        f"/desk/courses/{desk.course.id}/publish": {"source": "folder", "folder": "essay"},
    }
    before = _rows(app)
    for address, fields in forms.items():
        for name, value in extra.items():
            answer = client.post(address, data={**fields, name: value})
            assert answer.status_code == 422, (address, name)
            assert name in answer.text
    assert _rows(app) == before


def _rows(app: Flask) -> list[Any]:
    tables = ("assignments", "grades", "reviews", "audit", "regrades", "suites", "submissions", "people", "enrolments")
    with services(app).database.read() as session:
        return [sorted(map(str, session.execute(text(f"SELECT * FROM {table}")))) for table in tables]
