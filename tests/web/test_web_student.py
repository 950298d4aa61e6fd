"""Result pages: what a student can learn from them, and that nothing shown there does anything."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from conftest import AsPerson, School, zipped
from flask.testing import FlaskClient
from handing_in import address, ago, ahead, change, count, finish, graded, hand_in, republish, scored, work
from redis import Redis
from sqlalchemy import event

from grader import queue
from grader.config import Settings
from grader.db import Database, audit, grades, queries
from grader.db.marking import Review
from grader.db.queries import Outcome
from grader.db.tables import Attempt

ASSERTION = """\
tests/test_open.py:12: in test_big
    assert add(2, 2) == 4
E   assert 5 == 4
E    +  where 5 = add(2, 2)"""
SPOOF = "\x1b[2J\x1b]0;x\x07 over\rwritten \u202egnp.exe\u2066 tail"


def page_of(client: FlaskClient, public_id: str) -> str:
    response = client.get(f"/submissions/{public_id}")
    assert response.status_code == 200
    return response.text


def test_a_strange_file_name_is_shown_as_text(student: FlaskClient, school: School) -> None:
    fields = {"file": (io.BytesIO(zipped(solution__py="x = 1")), "../<img src=x onerror=alert(1)>\u202eyp.zip")}
    public_id = hand_in(student, school, fields)

    for page in (page_of(student, public_id), student.get(address(school)).text):
        assert "<img" not in page
        assert "\u202e" not in page
        assert "../" not in page


@pytest.mark.parametrize("name", ["{{ config }}", "{0.__class__}", "{% raw %}", "con", "x" * 300])
def test_a_file_name_is_never_a_template(student: FlaskClient, school: School, name: str) -> None:
    public_id = hand_in(student, school, work(None, f"{name}.zip"))

    page = page_of(student, public_id)
    assert "&lt;Config" not in page
    assert "&lt;class" not in page


def test_a_waiting_submission_shows_its_place(school: School, student: FlaskClient, as_person: AsPerson) -> None:
    hand_in(as_person(school.other_student), school)
    second = hand_in(student, school)

    page = page_of(student, second)
    assert "1 ahead of you." in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert f'data-events="/submissions/{second}/events"' in page


def test_a_running_submission_shows_its_stage_and_criteria(
    student: FlaskClient, school: School, database: Database, redis: Redis
) -> None:
    public_id = hand_in(student, school)
    with database.write() as session:
        queries.claim(session, f"{public_id}-1", "w")
    queue.publish(redis, f"{public_id}-1", {"stage": "testing", "done": 2, "total": 5})

    page = page_of(student, public_id)
    assert "Running the tests" in page
    assert 'value="2" max="5"' in page
    assert 'data-criterion="open"' in page
    assert "Cancel this submission" not in page


def test_a_waiting_submission_can_be_cancelled_and_costs_nothing(
    student: FlaskClient, school: School, database: Database, redis: Redis
) -> None:
    school = change(database, school, attempts=1, attempts_per="ever")
    public_id = hand_in(student, school)
    assert "Cancel this submission" in page_of(student, public_id)

    response = student.post(f"/submissions/{public_id}/cancel")

    assert response.status_code == 303
    page = page_of(student, public_id)
    assert "This submission was cancelled" in page
    assert "costs you no attempt" in page
    assert queue.queue(redis, "high").count == 0
    assert "1 of 1 in all" in student.get(address(school)).text
    assert "nothing to cancel" in student.post(f"/submissions/{public_id}/cancel", follow_redirects=True).text


def test_what_is_being_graded_cannot_be_cancelled(student: FlaskClient, school: School, database: Database) -> None:
    public_id = hand_in(student, school)
    with database.write() as session:
        queries.claim(session, f"{public_id}-1", "w")

    page = student.post(f"/submissions/{public_id}/cancel", follow_redirects=True).text
    assert "cannot be cancelled" in page
    with database.read() as session:
        assert session.get_one(Attempt, f"{public_id}-1").state == "running"


@pytest.mark.parametrize("path", ["", "/cancel", "/compare/{other}", "/notebook", "/events"])
def test_anothers_submission_is_answered_like_one_that_does_not_exist(
    school: School, student: FlaskClient, as_person: AsPerson, path: str
) -> None:
    mine = hand_in(student, school)
    other = as_person(school.other_student)
    method = other.post if path == "/cancel" else other.get

    answers = [method(f"/submissions/{public_id}{path.format(other=mine)}") for public_id in (mine, "0" * 32)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].data == answers[1].data


def test_a_result_shows_points_messages_and_what_is_still_to_win(
    student: FlaskClient, school: School, database: Database, report: dict[str, Any]
) -> None:
    page = page_of(student, graded(database, student, school, report))

    for text in ("3</span> of 10 points", "7 points still to win", "3 != &lt;b&gt;4&lt;/b&gt;", "my print", "Hint:"):
        assert text in page
    assert "60 % are needed" in page
    assert "meta http-equiv" not in page
    assert "data-events" not in page


def test_got_and_expected_stand_side_by_side_with_the_input(
    student: FlaskClient, school: School, database: Database, report: dict[str, Any]
) -> None:
    report["criteria"][0]["tests"][1]["message"] = ASSERTION
    page = page_of(student, graded(database, student, school, report))

    sides = re.search(r'<dl class="sides">(.*?)</dl>', page, re.DOTALL)
    assert sides is not None
    assert re.findall(r"<dt>(\w+)</dt><dd><pre[^>]*>(\w+)</pre>", sides[1]) == [("Got", "5"), ("Expected", "4")]
    assert ">add(2, 2)</pre>" in page
    assert "E    +  where 5 = add(2, 2)" in page


def test_what_code_printed_can_neither_overwrite_nor_turn_the_page(
    student: FlaskClient, school: School, database: Database, report: dict[str, Any]
) -> None:
    test = report["criteria"][0]["tests"][1]
    test["output"] = test["message"] = SPOOF
    report["criteria"][0]["detail"] = SPOOF
    page = page_of(student, graded(database, student, school, report))

    for char in "\x1b\x07\r\u202e\u2066":
        assert char not in page
    assert r"\x1b[2J\x1b]0;x\x07 over\rwritten \u202egnp.exe\u2066 tail" in page


def test_a_hidden_criterion_shows_neither_message_nor_output_nor_parameters(
    student: FlaskClient, school: School, database: Database, report: dict[str, Any]
) -> None:
    public_id = graded(database, student, school, report)

    for path in (f"/submissions/{public_id}", f"/api/v1/submissions/{public_id}"):
        page = student.get(path).text
        assert "Adds more" in page
        assert "secret" not in page
        assert "seedseed" not in page


def test_a_measured_value_is_drawn_among_its_bands(
    student: FlaskClient, school: School, database: Database, report: dict[str, Any], settings: Settings
) -> None:
    text = (
        (settings.rubrics / "adding" / "rubric.yaml")
        .read_text()
        .replace(
            "tests: tests/test_open.py, hint: Carry the one.",
            'metric: {test: "tests/test_open.py::test_add", name: rmse, goal: lower, '
            "bands: [{at: 0.5, points: 6}, {at: 1.0, points: 3}]}",
        )
    )
    school = republish(settings, database, school, "rubric.yaml", text)
    report["criteria"][0] |= {"metric": {"name": "rmse", "value": 0.8, "goal": "lower"}}
    page = page_of(student, graded(database, student, school, report))

    assert 'aria-label="rmse is 0.8, lower is better"' in page
    assert re.findall(r'class="band( reached)?">([\d.]+) gives (\d)', page) == [
        (" reached", "1", "3"),
        ("", "0.5", "6"),
    ]
    places = [float(x) for x in re.findall(r'class="(?:edge|value)" x="([\d.]+)"', page)]
    assert places[0] < places[2] < places[1]
    assert "style=" not in page


def test_a_penalty_is_explained(
    student: FlaskClient, school: School, database: Database, report: dict[str, Any]
) -> None:
    school = change(database, school, due_at=ago(hours=2), penalty=10.0)
    page = page_of(student, graded(database, student, school, scored(report, 6.0, 4.0)))

    assert "This is your grade:" in page
    assert "10 of 10, less 10 % for 1 day late: 9" in page
    assert "after the due date" in student.get(address(school)).text


def test_a_result_says_which_submission_counts(
    student: FlaskClient, school: School, database: Database, report: dict[str, Any]
) -> None:
    best = graded(database, student, school, scored(report, 6.0, 4.0))
    worse = graded(database, student, school, report)

    assert "This is your grade:" in page_of(student, best)
    page = page_of(student, worse)
    assert f'Your grade comes from <a href="/submissions/{best}">another submission</a>' in page
    assert "Your best submission counts." in page
    assert f'href="/submissions/{best}/compare/{worse}"' in page


def test_a_grade_that_changes_later_says_why(
    student: FlaskClient, school: School, database: Database, report: dict[str, Any]
) -> None:
    public_id = graded(database, student, school, report)
    about = f"grade:{school.assignment.id}:{school.student.id}"
    with database.write() as session:
        before = {"submission_id": public_id, "final_points": 3.0}
        audit.note(
            session, "grade.settled", about, by=None, course_id=school.course.id, before=before,
            after={"submission_id": public_id, "final_points": 4.5}, why="Regrade: <b>test 3</b> was too strict",
        )  # fmt: skip

    for page in (page_of(student, public_id), student.get(address(school)).text):
        assert "Your grade changed from 3 to 4.5" in page
        assert "Regrade: &lt;b&gt;test 3&lt;/b&gt; was too strict" in page


def test_a_better_submission_is_no_unexplained_change(
    student: FlaskClient, school: School, database: Database, report: dict[str, Any]
) -> None:
    graded(database, student, school, report)
    public_id = graded(database, student, school, scored(report, 6.0, 4.0))

    assert "Your grade changed" not in page_of(student, public_id)


def test_a_persons_mark_shows_level_comment_and_name(
    student: FlaskClient, school: School, database: Database, report: dict[str, Any]
) -> None:
    report["criteria"].append(
        {"id": "said", "title": "Says it well", "points": 0.0, "max_points": 5.0, "status": "pending"}
    )
    report["max_points"] = 15.0
    public_id = graded(database, student, school, report)
    assert "5 points are marked by a person later" in page_of(student, public_id)
    with database.write() as session:
        session.add(
            Review(
                submission_id=public_id, criterion="said", level="sound", points=4.0, at=ago(hours=1),
                comment="Good. [x](javascript:alert(1)) <script>1</script>", reviewer_id=school.teacher.id,
            )
        )  # fmt: skip

    page = page_of(student, public_id)
    for text in ("<strong>sound</strong>", "marked by Tess Teacher", "&lt;script&gt;", '4<span class="of"> of 5'):
        assert text in page
    assert 'href="javascript' not in page
    assert "marked by a person later" not in page


def test_a_rejected_submission_says_why_and_what_to_do(
    student: FlaskClient, school: School, database: Database
) -> None:
    public_id = hand_in(student, school)
    finish(database, public_id, Outcome("rejected", reason="No solution.py.", place="solution.py", fix="Add it."))

    page = page_of(student, public_id)
    assert "No solution.py." in page
    assert "Add it." in page
    assert "costs you no attempt" in page


def test_our_own_failure_is_no_zero_and_tells_the_student_no_internals(
    student: FlaskClient, school: School, database: Database
) -> None:
    public_id = hand_in(student, school)
    finish(database, public_id, Outcome("failed", reason="SandboxError: no space left"))

    page = page_of(student, public_id)
    assert "failed on our side" in page
    assert "SandboxError" not in page
    assert "SandboxError" not in student.get(f"/api/v1/submissions/{public_id}").text
    with database.read() as session:
        assert grades.find(session, school.assignment.id, school.student.id) is None


def test_a_result_asks_as_many_questions_after_many_attempts_as_after_two(
    student: FlaskClient, school: School, database: Database, report: dict[str, Any]
) -> None:
    school = change(database, school, attempts=100, attempts_per="day", due_at=ahead(days=1))
    graded(database, student, school, report)
    asked: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    public_id = graded(database, student, school, report)
    asked.clear()
    page_of(student, public_id)
    few = len(asked)
    for _ in range(6):
        public_id = graded(database, student, school, report)

    asked.clear()
    page_of(student, public_id)
    assert len(asked) == few
    assert few < 20


def test_an_instructor_sees_a_students_result_as_the_student_does(
    student: FlaskClient, teacher: FlaskClient, school: School, database: Database, report: dict[str, Any]
) -> None:
    page = page_of(teacher, graded(database, student, school, report))

    assert "To the desk" in page
    assert "This is your grade" in page
    assert "secret" not in page
    assert count(database) == 1
