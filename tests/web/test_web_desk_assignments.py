"""Publishing suites and setting assignments: problems at their lines, dates in a zone, rules that settle grades."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from desk_class import NOW, RUBRIC, TEST, Desk, open_desk
from flask.testing import FlaskClient
from sqlalchemy import select

from grader.config import Settings
from grader.db import Database
from grader.db.assignments import Rules
from grader.db.marking import Audit, Grade
from grader.db.school import Assignment, Extension, Person, PublishedSuite
from grader.errors import BadInput
from grader.web.desk import forms
from grader.web.desk.assignments import example

AsPerson = Callable[[Person], FlaskClient]


@pytest.fixture
def desk(settings: Settings, database: Database) -> Desk:
    return open_desk(settings, database)


@pytest.fixture
def teacher(desk: Desk, as_person: AsPerson) -> FlaskClient:
    return as_person(desk.teacher)


def archive(rubric: str, **files: str) -> dict[str, Any]:
    """The form's fields for an upload of a suite in one folder."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as zipped:
        zipped.writestr("suite/rubric.yaml", rubric)
        for name in ("test_open", "test_shut"):
            zipped.writestr(f"suite/tests/{name}.py", TEST)
        for name, text in files.items():
            zipped.writestr(name, text)
    return {"source": "upload", "file": (io.BytesIO(out.getvalue()), "my <suite>.zip"), "folder": "", "git_url": ""}


def suites(desk: Desk) -> list[tuple[int, str | None]]:
    with desk.database.read() as session:
        rows = session.scalars(select(PublishedSuite).order_by(PublishedSuite.published_at))
        return [(row.version, row.source) for row in rows]


def test_an_uploaded_suite_is_published_and_shown_with_what_is_hidden(desk: Desk, teacher: FlaskClient) -> None:
    answer = teacher.post(f"/desk/courses/{desk.course.id}/publish", data=archive(RUBRIC.format(version=4, works=6)))

    assert answer.status_code == 303
    assert suites(desk)[-1] == (4, "my <suite>.zip")
    page = teacher.get(answer.headers["Location"]).text
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert "An essay &lt;with&gt; code" in page
    for text in ("Hidden 18.18 %", "Marked by people 54.55 %", "Points 22", "Passed with 50 %"):
        assert text in plain
    assert "First &lt;essay&gt; uses version 1" in page  # it leads on
    assert "Use version 4" in page


def test_every_problem_of_a_suite_is_shown_at_its_line(desk: Desk, teacher: FlaskClient) -> None:
    broken = RUBRIC.format(version=4, works=6).replace("sandbox: python", "sandbx: <b>")
    broken = broken.replace("pass_mark: 50", "pass_mark: 500")

    answer = teacher.post(f"/desk/courses/{desk.course.id}/publish", data=archive(broken))

    assert answer.status_code == 422
    found = re.findall(r"<code>(rubric\.yaml:\d+:\d+)</code>", answer.text)
    assert "rubric.yaml:6:1" in found
    assert "rubric.yaml:10:1" in found
    assert len(found) >= 2
    assert len(suites(desk)) == 1


@pytest.mark.parametrize(
    "fields",
    [{}, {"source": "folder", "folder": "../home"}, {"source": "folder", "folder": "nothing"}, {"source": "upload"},
     {"source": "git", "git_url": "http://127.0.0.1/x"}, {"source": "git", "git_url": "file:///etc"},
     {"source": "magic"}],
)  # fmt: skip
def test_what_is_no_suite_is_refused_in_words(desk: Desk, teacher: FlaskClient, fields: dict[str, str]) -> None:
    answer = teacher.post(f"/desk/courses/{desk.course.id}/publish", data=fields, content_type="multipart/form-data")

    assert answer.status_code == 422
    assert "Nothing was published." in answer.text
    assert len(suites(desk)) == 1


def test_a_suite_of_the_installation_with_problems_is_offered_and_explained(
    desk: Desk, teacher: FlaskClient, settings: Settings
) -> None:
    (settings.rubrics / "broken").mkdir()
    (settings.rubrics / "broken" / "rubric.yaml").write_text("rubric: 1\nid: [")

    assert "broken (has problems)" in teacher.get(f"/desk/courses/{desk.course.id}/publish").text
    sent = {"source": "folder", "folder": "broken"}
    assert "rubric.yaml:2" in teacher.post(f"/desk/courses/{desk.course.id}/publish", data=sent).text


def test_a_new_version_of_a_suite_with_grades_leads_to_the_regrade(desk: Desk, teacher: FlaskClient) -> None:
    desk.hand_in(desk.student("Ada Student"), grade={"works": 6})
    new = desk.publish(version=2, works=8)

    page = teacher.get(f"/desk/suites/{new.id}").text
    assert "First &lt;essay&gt; uses version 1" in page
    assert f"/desk/assignments/{desk.assignment.id}/regrade?suite={new.id}" in page
    form = teacher.get(f"/desk/assignments/{desk.assignment.id}/regrade?suite={new.id}").text
    assert f'value="{new.id}" selected' in form
    assert teacher.post(f"/desk/assignments/{desk.assignment.id}/suite", data={"suite": new.id}).status_code == 422
    with desk.database.read() as session:
        assert session.get_one(Assignment, desk.assignment.id).suite_id == desk.suite.id


FORM = {
    "title": "Second essay", "zone": "Europe/Berlin", "opens_at": "", "due_at": "2031-07-01T23:59", "closes_at": "",
    "penalty": "10", "grace_days": "1", "attempts": "3", "attempts_per": "day", "group_size": "2", "counts": "last",
    "leaderboard": "yes", "action": "save",
}  # fmt: skip


def test_an_assignment_is_made_as_a_draft_with_its_dates_in_the_zone_that_was_named(
    desk: Desk, teacher: FlaskClient, as_person: AsPerson
) -> None:
    student = as_person(desk.student("Ada Student"))
    answer = teacher.post(f"/desk/suites/{desk.suite.id}/assign", data=FORM)

    assert answer.status_code == 303
    with desk.database.read() as session:
        row = session.scalars(select(Assignment).where(Assignment.title == "Second essay")).one()
    assert row.due_at == datetime(2031, 7, 1, 21, 59, tzinfo=UTC)
    assert (row.penalty, row.grace_days, row.attempts, row.attempts_per) == (10.0, 1, 3, "day")
    assert (row.group_size, row.counts, row.leaderboard, row.published_at) == (2, "last", True, None)
    page = teacher.get(f"/desk/assignments/{row.id}").text  # the zone is remembered
    assert 'value="2031-07-01T23:59"' in page
    assert "That is 01 Jul 2031, 21:59 UTC." in page
    assert student.get(f"/assignments/{row.id}").status_code == 404
    teacher.post(f"/desk/assignments/{row.id}/publish", data={"published": "yes"})
    assert student.get(f"/assignments/{row.id}").status_code == 200
    teacher.post(f"/desk/assignments/{row.id}/publish", data={"published": "no"})
    assert student.get(f"/assignments/{row.id}").status_code == 404


def test_a_double_click_makes_one_assignment(desk: Desk, teacher: FlaskClient) -> None:
    first, again = (teacher.post(f"/desk/suites/{desk.suite.id}/assign", data=FORM) for _ in range(2))
    other = teacher.post(f"/desk/suites/{desk.suite.id}/assign", data=FORM | {"penalty": "11"})

    assert first.headers["Location"] == again.headers["Location"] != other.headers["Location"]
    with desk.database.read() as session:
        assert len(session.scalars(select(Assignment).where(Assignment.title == "Second essay")).all()) == 2


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"title": ""}, "title"), ({"title": "x" * 201}, "title"), ({"title": "a\u202eb"}, "title"),
        ({"zone": "Mars/Olympus"}, "zone"), ({"zone": "../etc/passwd"}, "zone"),
        ({"due_at": "tomorrow"}, "due_at"), ({"due_at": "2031-02-30T10:00"}, "due_at"),
        ({"due_at": "2031-03-30T02:30"}, "due_at"),  # clocks go forward there
        ({"opens_at": "2032-01-01T00:00"}, "due_at"), ({"closes_at": "2031-06-01T00:00"}, "closes_at"),
        ({"penalty": "NaN"}, "penalty"), ({"penalty": "1e999"}, "penalty"), ({"penalty": "-1"}, "penalty"),
        ({"penalty": "101"}, "penalty"), ({"grace_days": "1.5"}, "grace_days"), ({"grace_days": "-1"}, "grace_days"),
        ({"attempts": "0"}, "attempts"), ({"attempts_per": "year"}, "attempts_per"),
        ({"group_size": "0"}, "group_size"),
        ({"group_size": "\u0663"}, "group_size"), ({"counts": "worst"}, "counts"),
        ({"leaderboard": "1"}, "leaderboard"),
        ({"action": "delete"}, "action"),
    ],
)  # fmt: skip
def test_rules_that_cannot_be_are_refused_beside_what_was_written(
    desk: Desk, teacher: FlaskClient, changes: dict[str, str], where: str
) -> None:
    answer = teacher.post(f"/desk/assignments/{desk.assignment.id}", data={**FORM, **changes})

    assert answer.status_code == 422
    assert f"<code>{where}</code>" in answer.text
    assert 'name="penalty" type="text" value="' + changes.get("penalty", "10") in answer.text
    with desk.database.read() as session:
        assert session.get_one(Assignment, desk.assignment.id).title == "First <essay>"


def test_changed_rules_settle_the_grades_and_say_how_many_changed(desk: Desk, teacher: FlaskClient) -> None:
    for name, days in (("Ada", 3), ("Bob", 1), ("Cy", 1)):
        desk.hand_in(desk.student(f"{name} Student"), NOW - timedelta(days=days), grade={"works": 6})
    due = (NOW - timedelta(hours=36)).strftime("%Y-%m-%dT%H:%M")
    form = FORM | {"zone": "UTC", "due_at": due, "grace_days": "0", "group_size": "1", "title": "First"}

    page = teacher.post(f"/desk/assignments/{desk.assignment.id}", data=form, follow_redirects=True).text

    assert "2 grades changed" in page
    with desk.database.read() as session:
        assert sorted(session.scalars(select(Grade.final_points))) == [5.4, 5.4, 6.0]
        row = session.scalars(select(Audit).where(Audit.action == "assignment.changed")).one()
    assert (row.before or {})["penalty"] == 0.0
    assert (row.after or {})["penalty"] == 10.0
    assert "Rules changed" in page
    page = teacher.post(f"/desk/assignments/{desk.assignment.id}", data=form, follow_redirects=True).text
    assert "No grade changed" in page


def test_the_example_of_late_work_follows_the_rule(desk: Desk, teacher: FlaskClient) -> None:
    shown = example(Rules("x", due_at=NOW, penalty=10, grace_days=1), 100)
    assert (shown.points, shown.begun, shown.free, shown.charged, shown.percent, shown.remains) == (80, 3, 1, 2, 20, 64)
    assert example(Rules("x", due_at=NOW, penalty=60), 100).remains == 0.0

    sent = FORM | {"action": "example", "penalty": "25", "grace_days": "0", "title": "Not saved"}
    page = teacher.post(f"/desk/assignments/{desk.assignment.id}", data=sent)
    assert page.status_code == 200
    assert "2 days \u00d7 25 % = 50 % off" in re.sub(r"\s+", " ", page.text)
    assert 'value="Not saved"' in page.text
    with desk.database.read() as session:
        assert session.get_one(Assignment, desk.assignment.id).title == "First <essay>"


def test_more_time_for_one_student_settles_their_grade_and_can_be_taken_back(desk: Desk, teacher: FlaskClient) -> None:
    ada = desk.student("Ada Student")
    desk.hand_in(ada, NOW - timedelta(days=1), grade={"works": 6})
    due = (NOW - timedelta(hours=36)).strftime("%Y-%m-%dT%H:%M")
    rules = FORM | {"zone": "UTC", "due_at": due, "grace_days": "0", "group_size": "1", "penalty": "50"}
    teacher.post(f"/desk/assignments/{desk.assignment.id}", data=rules)
    sent = {"email": "Ada.Student@example.org", "due_at": NOW.strftime("%Y-%m-%dT%H:%M"), "zone": "UTC", "why": "Ill"}

    def final() -> float | None:
        with desk.database.read() as session:
            return session.scalar(select(Grade.final_points))

    assert final() == 3.0
    assert teacher.post(f"/desk/assignments/{desk.assignment.id}/extensions", data=sent).status_code == 303
    assert final() == 6.0
    assert "Ada Student" in teacher.get(f"/desk/assignments/{desk.assignment.id}").text
    for changes in (
        {"email": desk.teacher.email},
        {"due_at": due},
        {"why": ""},
        {"due_at": ""},
        {"email": "no@no.org"},
    ):
        answer = teacher.post(f"/desk/assignments/{desk.assignment.id}/extensions", data=sent | changes)
        assert answer.status_code == 422, changes
    assert teacher.post(f"/desk/assignments/{desk.assignment.id}/extensions/{ada.id}/withdraw").status_code == 303
    assert final() == 3.0
    with desk.database.read() as session:
        assert session.scalars(select(Extension)).all() == []


def test_the_log_of_a_course_tells_who_did_what_and_nothing_of_other_courses(
    desk: Desk, teacher: FlaskClient, as_person: AsPerson
) -> None:
    desk.hand_in(desk.student("Ada Student"), grade={"works": 6})

    page = teacher.get(f"/desk/courses/{desk.course.id}/audit").text
    assert "Assignment made" in page
    assert "Tess Teacher" in page
    grades = teacher.get(f"/desk/courses/{desk.course.id}/audit?about=grades").text
    assert "Grade settled" in grades
    assert "Assignment made" not in grades
    other = as_person(desk.stranger).get(f"/desk/courses/{desk.other_course.id}/audit").text
    assert "Nothing has changed yet" in other
    for query in ("about=all", "before=x", "before=-1"):
        assert teacher.get(f"/desk/courses/{desk.course.id}/audit?{query}").status_code == 422


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2031-01-01T12:00", "Asia/Kathmandu", "2031-01-01T06:15"),
        ("2031-10-26T02:30", "Europe/Berlin", "2031-10-26T00:30"),  # comes twice; the first is meant
        ("2031-06-01T00:00", "America/New_York", "2031-06-01T04:00"),
    ],
)
def test_a_clock_of_any_zone_is_a_moment(text: str, zone: str, expected: str) -> None:
    moment = forms.moment(text, ZoneInfo(zone), "due_at")

    assert moment == datetime.fromisoformat(f"{expected}+00:00")
    assert forms.local(moment, ZoneInfo(zone)) == text


def test_no_text_is_no_moment_and_nonsense_is_refused() -> None:
    assert forms.moment("", ZoneInfo("UTC"), "due_at") is None
    for text in ("2031", "0001-01-01T00:00", "9999-12-31T23:59", "2031-01-01 10:00", "2031-01-01T10:00Z extra"):
        with pytest.raises(BadInput):
            forms.moment(text, ZoneInfo("UTC"), "due_at")
