"""Regrades: a dry run changes nothing, its forecast is what applying does, and every click counts once."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from desk_class import NOW, Desk, open_desk, report
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from redis.exceptions import ConnectionError as Down
from sqlalchemy import event, func, select, update

from grader import queue
from grader.config import Settings
from grader.db import Database, assignments, forecast, queries, regrades, reviews
from grader.db.forecast import Change, Forecasts
from grader.db.marking import Audit, Grade, Regrade
from grader.db.queries import Outcome
from grader.db.reviews import NewMark
from grader.db.school import Assignment, Extension, Person, PublishedSuite
from grader.db.tables import Attempt, Submission
from grader.rubric import load_suite

AsPerson = Callable[[Person], FlaskClient]


@pytest.fixture
def desk(settings: Settings, database: Database) -> Desk:
    return open_desk(settings, database)


@pytest.fixture
def teacher(desk: Desk, as_person: AsPerson) -> FlaskClient:
    return as_person(desk.teacher)


def start(teacher: FlaskClient, desk: Desk, suite: PublishedSuite, why: str = "Test 7 was wrong.", **more: Any) -> str:
    """Through the form; returns the regrade's id."""
    fields = {"suite": suite.id, "why": why, "action": "start", **more}
    answer = teacher.post(f"/desk/assignments/{desk.assignment.id}/regrade", data=fields)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"].rsplit("/", 1)[1]


def grade_again(desk: Desk, regrade_id: str, points: dict[str, dict[str, float]], works: float = 8) -> None:
    """As workers do: each attempt of the regrade gets its submission's new points."""
    with desk.database.read() as session:
        attempts = session.scalars(select(Attempt).where(Attempt.regrade_id == regrade_id)).all()
    for attempt in attempts:
        desk.finish(attempt.id, report(points[attempt.submission_id], works=works))


def grades(desk: Desk) -> dict[str, float]:
    with desk.database.read() as session:
        query = select(Person.name, Grade.final_points).join(Person, Person.id == Grade.person_id)
        return dict(session.execute(query).all())


def count(desk: Desk, row: type[Any]) -> int:
    with desk.database.read() as session:
        return session.scalar(select(func.count()).select_from(row)) or 0


def test_a_dry_run_is_in_the_batch_queue_and_shows_nowhere_until_it_is_applied(
    desk: Desk, teacher: FlaskClient, redis: Redis, as_person: AsPerson
) -> None:
    sam = desk.student("Sam Student")
    work = desk.hand_in(sam, grade={"works": 6})
    new = desk.publish(version=2, works=8)

    regrade_id = start(teacher, desk, new)

    with desk.database.read() as session:
        attempt = session.scalars(select(Attempt).where(Attempt.regrade_id == regrade_id)).one()
    assert (attempt.number, attempt.counts, attempt.queue, attempt.suite_id) == (2, False, "batch", new.id)
    assert queue.queue(redis, "batch").job_ids == [attempt.job_id]
    assert "0 of 1 graded again" in teacher.get(f"/desk/regrades/{regrade_id}").text

    before = as_person(sam).get(f"/submissions/{work}").text
    grade_again(desk, regrade_id, {work: {"works": 1}})

    assert grades(desk) == {"Sam Student": 6.0}
    assert as_person(sam).get(f"/submissions/{work}").text == before
    with desk.database.read() as session:
        assert session.scalar(select(Submission.points)) == 6.0


def test_the_table_tells_who_gains_and_loses_what_and_applying_does_exactly_that(
    desk: Desk, teacher: FlaskClient, as_person: AsPerson
) -> None:
    up, down, same = (desk.student(f"{name} Student") for name in ("Ulla", "Dora", "Simon"))
    works = {
        who.name: desk.hand_in(who, grade={"works": points, "secret": 2}) for who, points in
        ((up, 3.0), (down, 6.0), (same, 4.0))
    }  # fmt: skip
    new = desk.publish(version=2, works=8)
    regrade_id = start(teacher, desk, new)
    grade_again(desk, regrade_id, {
        works[up.name]: {"works": 8.0, "secret": 2}, works[down.name]: {"works": 1.0, "secret": 4},
        works[same.name]: {"works": 4.0, "secret": 2},
    })  # fmt: skip

    page = teacher.get(f"/desk/regrades/{regrade_id}").text
    rows = re.findall(r'<th scope="row"><a href="[^"]+">(\w+) Student.*?</tr>', page, re.DOTALL)
    assert rows == ["Dora", "Simon", "Ulla"]  # the largest loss first
    assert "Works: 6 → 1" in page
    assert "Works on &lt;hidden&gt; input: 2 → 4" in page
    assert "Works: 3 → 8" in page
    with desk.database.read() as session:
        found = forecast.changes(session, session.get_one(Regrade, regrade_id))
    told = {change.person.name: change.after["final_points"] for change in found}
    sums = forecast.totals(found)
    assert (sums.gain, sums.lose, sums.same, sums.points) == (1, 1, 1, 2.0)
    assert sums.criteria == {"works": 0.0, "secret": 2.0}
    assert (sums.passes, sums.fails) == (0, 0)

    assert teacher.post(f"/desk/regrades/{regrade_id}/apply").status_code == 303

    assert grades(desk) == told == {"Ulla Student": 10.0, "Dora Student": 5.0, "Simon Student": 6.0}
    with desk.database.read() as session:
        assert session.get_one(Assignment, desk.assignment.id).suite_id == new.id
        settled = session.scalars(
            select(Audit).where(Audit.action == "grade.settled", Audit.why == "Test 7 was wrong.")
        )
        assert {row.person_id for row in settled} == {desk.teacher.id}
        assert session.scalar(select(Submission.points).where(Submission.id == works[up.name])) == 10.0
    page = teacher.get(f"/desk/regrades/{regrade_id}").text
    assert "These grades changed:" in page
    # the old attempt and its report stay, and the submission's page tells why
    page = teacher.get(f"/desk/submissions/{works[down.name]}?attempt={works[down.name]}-1").text
    assert "8 of 22" in re.sub(r"<[^>]+>", "", page)
    assert "Test 7 was wrong." in page


def test_marks_of_people_late_days_and_the_best_of_several_are_reckoned_in(
    desk: Desk, teacher: FlaskClient, settings: Settings
) -> None:
    with desk.database.write() as session:
        rules = assignments.rules_of(session.get_one(Assignment, desk.assignment.id))
        changed = {"due_at": NOW - timedelta(days=1, hours=1), "penalty": 10.0}
        assignments.change(
            session, desk.assignment.id, type(rules)(**{**rules.__dict__, **changed}), by=desk.teacher.id
        )
    sam = desk.student("Sam Student")
    early = desk.hand_in(sam, NOW - timedelta(days=3), grade={"works": 5, "secret": 0})
    late = desk.hand_in(sam, NOW, grade={"works": 6, "secret": 4})
    with desk.database.write() as session:
        rubric = load_suite(settings.rubrics / "essay").rubric
        row = session.scalars(select(Submission).where(Submission.id == late)).one()
        reviews.mark(session, row, rubric, [NewMark("clear", "Half & half", "", None)], by=desk.teacher.id,
                     course_id=desk.course.id)  # fmt: skip
    assert grades(desk) == {"Sam Student": 12.0}  # (6 + 4 + 5) less 20 percent
    new = desk.publish(version=2, works=8)

    regrade_id = start(teacher, desk, new)
    with desk.database.read() as session:
        assert session.scalar(select(Attempt.submission_id).where(Attempt.regrade_id == regrade_id)) == late
    grade_again(desk, regrade_id, {late: {"works": 0, "secret": 0}})  # 5 less 20 percent: the early one is better

    with desk.database.read() as session:
        (change,) = forecast.changes(session, session.get_one(Regrade, regrade_id))
    assert (change.submission_id, change.after["final_points"], change.delta) == (early, 5.0, -7.0)
    teacher.post(f"/desk/regrades/{regrade_id}/apply")
    assert grades(desk) == {"Sam Student": 5.0}


def test_a_forecast_is_kept_until_anything_that_it_depends_on_changes(
    desk: Desk, teacher: FlaskClient, settings: Settings
) -> None:
    with desk.database.write() as session:
        session.execute(update(Assignment).values(due_at=NOW - timedelta(hours=1)))
    sam = desk.student("Sam Student")
    work = desk.hand_in(sam, NOW, grade={"works": 5})
    other = desk.hand_in(desk.student("Una Student"), grade={"works": 5})
    regrade_id = start(teacher, desk, desk.publish(version=2, works=8))
    forecasts = Forecasts()

    def look() -> list[Change]:
        with desk.database.read() as session:
            regrade = session.get_one(Regrade, regrade_id)
            found = forecasts.changes(session, regrade)
            plain = forecast.changes(session, regrade)
            told = [[(c.person.id, c.after, c.delta) for c in side] for side in (found, plain)]
        assert told[0] == told[1]
        return found

    def review() -> None:
        with desk.database.write() as session:
            row = session.scalars(select(Submission).where(Submission.id == work)).one()
            rubric = load_suite(settings.rubrics / "essay").rubric
            mark = NewMark("clear", "Half & half", "", None)
            reviews.mark(session, row, rubric, [mark], by=desk.teacher.id, course_id=desk.course.id)

    def late() -> None:
        with desk.database.write() as session:
            session.execute(update(Assignment).values(penalty=50.0))

    def extend() -> None:
        with desk.database.write() as session:
            session.add(Extension(assignment_id=desk.assignment.id, person_id=sam.id, due_at=NOW, why="ill",
                                  granted_by=None, granted_at=NOW))  # fmt: skip

    seen = [look()]
    assert seen[0] == []
    for happens in (
        lambda: grade_again(desk, regrade_id, {work: {"works": 8}, other: {"works": 1}}),
        lambda: desk.hand_in(sam, NOW, grade={"works": 6}),
        review,
        late,
        extend,
    ):
        happens()
        seen.append(look())
        assert seen[-1] is not seen[-2]
        assert look() is seen[-1]


def test_a_group_is_regraded_once_and_every_member_follows(desk: Desk, teacher: FlaskClient) -> None:
    with desk.database.write() as session:
        session.execute(update(Assignment).values(group_size=2))
    ada, bob = desk.student("Ada Student"), desk.student("Bob Student")
    desk.group("Pair", ada, bob)
    work = desk.hand_in(ada, grade={"works": 2})
    new = desk.publish(version=2, works=8)

    regrade_id = start(teacher, desk, new)
    grade_again(desk, regrade_id, {work: {"works": 8}})

    assert count(desk, Attempt) == 2
    with desk.database.read() as session:
        sums = forecast.totals(forecast.changes(session, session.get_one(Regrade, regrade_id)))
    assert (sums.people, sums.gain, sums.points) == (2, 2, 12.0)
    teacher.post(f"/desk/regrades/{regrade_id}/apply")
    assert grades(desk) == {"Ada Student": 8.0, "Bob Student": 8.0}


def test_dropping_cancels_what_waits_and_leaves_nothing_visible(
    desk: Desk, teacher: FlaskClient, as_person: AsPerson
) -> None:
    sam, una = desk.student("Sam Student"), desk.student("Una Student")
    first, second = desk.hand_in(sam, grade={"works": 6}), desk.hand_in(una, grade={"works": 5})
    regrade_id = start(teacher, desk, desk.publish(version=2, works=8))
    desk.finish(f"{first}-2", report({"works": 0}, works=8))
    before = as_person(sam).get(f"/submissions/{first}").text

    answer = teacher.post(f"/desk/regrades/{regrade_id}/drop")

    assert answer.status_code == 303
    assert grades(desk) == {"Sam Student": 6.0, "Una Student": 5.0}
    assert as_person(sam).get(f"/submissions/{first}").text == before
    with desk.database.write() as session:
        assert session.get_one(Attempt, f"{second}-2").state == "cancelled"
        assert not queries.finish(session, f"{second}-2", Outcome("graded", report=report({}, works=8)))
        assert session.get_one(Assignment, desk.assignment.id).suite_id == desk.suite.id
    assert teacher.post(f"/desk/regrades/{regrade_id}/apply").status_code == 422
    assert "No grade has changed" in teacher.get(f"/desk/regrades/{regrade_id}").text.replace("no grade", "No grade")


def test_what_cannot_be_graded_again_keeps_its_grade_and_is_named(desk: Desk, teacher: FlaskClient) -> None:
    sam, una = desk.student("Sam Student"), desk.student("Una Student")
    first, second = desk.hand_in(sam, grade={"works": 6}), desk.hand_in(una, grade={"works": 5})
    regrade_id = start(teacher, desk, desk.publish(version=2, works=8))
    desk.finish(f"{first}-2", report({"works": 7}, works=8))
    with desk.database.write() as session:
        queries.finish(session, f"{second}-2", Outcome("rejected", reason="No <main>.py.", place="main.py", fix="Add."))

    page = teacher.get(f"/desk/regrades/{regrade_id}").text
    assert "No &lt;main&gt;.py." in page
    teacher.post(f"/desk/regrades/{regrade_id}/apply")

    assert grades(desk) == {"Sam Student": 7.0, "Una Student": 5.0}
    with desk.database.read() as session:
        assert session.scalar(select(Submission.state).where(Submission.id == second)) == "graded"


def test_it_cannot_be_applied_while_it_runs(desk: Desk, teacher: FlaskClient) -> None:
    desk.hand_in(desk.student("Sam Student"), grade={"works": 6})
    regrade_id = start(teacher, desk, desk.publish(version=2, works=8))

    answer = teacher.post(f"/desk/regrades/{regrade_id}/apply")

    assert answer.status_code == 422
    assert "still runs" in answer.text
    with desk.database.read() as session:
        assert session.get_one(Regrade, regrade_id).state == "running"


def test_a_double_click_makes_one_regrade_and_another_wish_is_refused(desk: Desk, teacher: FlaskClient) -> None:
    desk.hand_in(desk.student("Sam Student"), grade={"works": 6})
    new = desk.publish(version=2, works=8)

    assert start(teacher, desk, new) == start(teacher, desk, new)
    assert (count(desk, Regrade), count(desk, Attempt)) == (1, 2)
    other = {"suite": new.id, "why": "Something else.", "action": "start"}
    answer = teacher.post(f"/desk/assignments/{desk.assignment.id}/regrade", data=other)
    assert answer.status_code == 422
    assert "undecided" in answer.text


def test_clicks_in_the_same_moment_make_one_regrade_and_apply_it_once(
    app: Flask, desk: Desk, as_person: AsPerson
) -> None:
    work = desk.hand_in(desk.student("Sam Student"), grade={"works": 6})
    new = desk.publish(version=2, works=8)

    def at_once(do: Callable[[FlaskClient], Any]) -> list[Any]:
        barrier, found = threading.Barrier(4), list[Any]()

        def click(client: FlaskClient) -> None:
            barrier.wait()
            found.append(do(client))

        threads = [threading.Thread(target=click, args=(as_person(desk.teacher),)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return found

    ids = at_once(lambda client: start(client, desk, new))
    assert len(ids) == 4
    assert len(set(ids)) == 1
    assert (count(desk, Regrade), count(desk, Attempt)) == (1, 2)
    grade_again(desk, ids[0], {work: {"works": 8}})

    answers = at_once(lambda client: client.post(f"/desk/regrades/{ids[0]}/apply").status_code)

    assert sorted(answers) == [303, 422, 422, 422]
    with desk.database.read() as session:
        applied = session.scalars(select(Audit).where(Audit.action == "regrade.applied")).all()
    assert len(applied) == 1


def test_a_selection_from_the_table_is_regraded_alone(desk: Desk, teacher: FlaskClient) -> None:
    works = [desk.hand_in(desk.student(f"{name} Student"), grade={"works": 5}) for name in ("Ada", "Bob", "Cy")]
    waiting = desk.hand_in(desk.student("Dan Student"))
    chosen = {"action": "choose", "submission": [works[0], works[2], waiting]}
    page = teacher.post(f"/desk/assignments/{desk.assignment.id}/regrade", data=chosen).text
    assert page.count('name="submission"') == 3
    assert "3 chosen submissions" in page

    regrade_id = start(teacher, desk, desk.suite, submission=chosen["submission"])

    with desk.database.read() as session:
        found = set(session.scalars(select(Attempt.submission_id).where(Attempt.regrade_id == regrade_id)))
    assert found == {works[0], works[2]}  # what still waits is graded anyhow


@pytest.mark.parametrize(
    "fields",
    [{"why": ""}, {"why": "x" * 2001}, {"suite": "0" * 32}, {"suite": ""}, {"submission": "1 OR 1=1"},
     {"submission": "0" * 32}],
)  # fmt: skip
def test_a_wish_that_cannot_be_met_is_refused_with_the_form(
    desk: Desk, teacher: FlaskClient, fields: dict[str, str]
) -> None:
    desk.hand_in(desk.student("Sam Student"), grade={"works": 6})
    whole = {"suite": desk.suite.id, "why": "Because.", "action": "start"} | fields

    answer = teacher.post(f"/desk/assignments/{desk.assignment.id}/regrade", data=whole)

    assert answer.status_code == 422
    assert count(desk, Regrade) == 0


def test_a_suite_of_another_course_does_not_judge_here(desk: Desk, teacher: FlaskClient) -> None:
    desk.hand_in(desk.student("Sam Student"), grade={"works": 6})
    with desk.database.write() as session:
        session.execute(update(PublishedSuite).values(course_id=desk.other_course.id))
    fields = {"suite": desk.suite.id, "why": "Because.", "action": "start"}

    assert teacher.post(f"/desk/assignments/{desk.assignment.id}/regrade", data=fields).status_code == 422
    assert count(desk, Regrade) == 0


def test_a_page_of_a_regrade_asks_as_many_questions_for_many_students_as_for_few(
    desk: Desk, teacher: FlaskClient, database: Database
) -> None:
    works = [desk.hand_in(desk.student(f"Student {n}"), grade={"works": 5}) for n in range(3)]
    regrade_id = start(teacher, desk, desk.suite)
    grade_again(desk, regrade_id, {work: {"works": 4} for work in works}, works=6)

    def ask() -> int:
        asked: list[str] = []
        listener = lambda *args: asked.append(args[2])  # noqa: E731
        event.listen(database.engine, "before_cursor_execute", listener)
        assert teacher.get(f"/desk/regrades/{regrade_id}").status_code == 200
        event.remove(database.engine, "before_cursor_execute", listener)
        return len(asked)

    few = ask()
    teacher.post(f"/desk/regrades/{regrade_id}/drop")
    works += [desk.hand_in(desk.student(f"Student {n}"), grade={"works": 5}) for n in range(3, 60)]
    regrade_id = start(teacher, desk, desk.suite)
    grade_again(desk, regrade_id, {work: {"works": 4} for work in works}, works=6)

    assert ask() == few
    page = teacher.get(f"/desk/regrades/{regrade_id}").text
    assert page.count('data-label="Then"') == 50
    following = re.search(r'href="([^"]+)" rel="next"', page)
    assert following is not None
    assert teacher.get(following[1]).text.count('data-label="Then"') == 10


def test_attempts_that_the_queue_did_not_hear_of_are_left_to_the_reconciler(
    desk: Desk, teacher: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.hand_in(desk.student("Sam Student"), grade={"works": 6})

    def down(*_: Any, **__: Any) -> None:
        raise Down("no queue")

    monkeypatch.setattr("grader.queue.enqueue", down)
    regrade_id = start(teacher, desk, desk.suite)

    with desk.database.read() as session:
        assert [attempt.state for attempt in queries.open_attempts(session)] == ["received"]
        assert regrades.progress(session, regrade_id).total == 1
