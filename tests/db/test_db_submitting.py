"""Dates and attempts are obeyed, what waits is superseded, and none of it can be raced."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from courses import DAY, NEW, NOON, Class, at_once, criterion, graded
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from grader.db import Attempt, Submission, audit, extensions, queries, submitting
from grader.db.queries import Outcome
from grader.db.school import Assignment, Course
from grader.errors import BadInput

HOUR = timedelta(hours=1)


def count(school: Class) -> int:
    with school.database.read() as session:
        return session.scalar(select(func.count()).select_from(Submission)) or 0


def extend(school: Class, days: int) -> None:
    with school.database.write() as session:
        row = session.get_one(Assignment, school.assignment.id)
        due = NOON + days * DAY
        extensions.grant(session, row, school.students[0].id, due, why="flu", by=school.teacher.id)


def test_a_submission_belongs_to_assignment_person_and_suite(school: Class) -> None:
    public_id = school.hand_in()

    with school.database.read() as session:
        row, attempt = queries.submission(session, public_id), queries.last_attempt(session, public_id)
    assert row is not None
    assert attempt is not None
    assert (row.assignment_id, row.person_id, row.group_id) == (school.assignment.id, school.students[0].id, None)
    assert (row.rubric, row.received_at, attempt.suite_id) == ("sums", NOON, school.suite.id)


def test_nothing_is_taken_before_it_opens_and_after_it_closes(school: Class) -> None:
    school.change(opens_at=NOON, due_at=NOON + DAY, closes_at=NOON + 2 * DAY)

    with pytest.raises(BadInput, match="opens on 2026-03-02 at 12:00 UTC"):
        school.hand_in(at=NOON - timedelta(microseconds=1))
    with pytest.raises(BadInput, match="closed on 2026-03-04 at 12:00 UTC"):
        school.hand_in(at=NOON + 2 * DAY + timedelta(microseconds=1))
    assert count(school) == 0
    school.hand_in(at=NOON)
    school.hand_in(at=NOON + 2 * DAY)


def test_an_extension_keeps_the_assignment_open_for_one(school: Class) -> None:
    school.change(due_at=NOON, closes_at=NOON + DAY)
    extend(school, 3)

    school.hand_in(0, NOON + 3 * DAY)
    with pytest.raises(BadInput, match="closed"):
        school.hand_in(1, NOON + 3 * DAY)


def test_an_archived_course_takes_nothing(school: Class) -> None:
    with school.database.write() as session:
        session.get_one(Course, school.course.id).archived_at = NOON
    with pytest.raises(BadInput, match="archived"):
        school.hand_in()


def test_attempts_are_used_up_and_come_back(school: Class) -> None:
    for hour in range(3):
        school.score(5, at=NOON + hour * HOUR)

    with pytest.raises(BadInput, match="3 attempts for each day") as refused:
        school.hand_in(at=NOON + 3 * HOUR)
    assert refused.value.fix == "The next one is free on 2026-03-03 at 12:00 UTC."
    school.hand_in(at=NOON + DAY)
    school.hand_in(1, at=NOON + 3 * HOUR)


def test_an_assignment_may_have_a_limit_of_its_own(school: Class) -> None:
    school.change(attempts=1, attempts_per="ever")
    school.score(5)

    with pytest.raises(BadInput, match="The only attempt of this assignment") as refused:
        school.hand_in(at=NOON + 100 * DAY)
    assert "teach" in refused.value.fix


@pytest.mark.parametrize("outcome", [Outcome("rejected", reason="no"), Outcome("failed", reason="ours")])
def test_what_was_not_graded_costs_no_attempt(school: Class, outcome: Outcome) -> None:
    school.change(attempts=1, attempts_per="ever")
    assert school.finish(school.hand_in(), outcome)

    school.hand_in()


def test_a_newer_submission_cancels_a_waiting_one_that_then_costs_nothing(school: Class) -> None:
    school.change(attempts=1, attempts_per="ever")
    first = school.hand_in()
    second = school.hand_in()

    assert (school.state(first), school.state(second)) == ("cancelled", "received")
    with school.database.write() as session:
        assert not queries.claim(session, f"{first}-1", "w")
        assert queries.claim(session, f"{second}-1", "w")


def test_a_running_one_goes_on_and_costs_its_attempt(school: Class) -> None:
    school.change(attempts=2, attempts_per="ever")
    first = school.hand_in()
    with school.database.write() as session:
        assert queries.claim(session, f"{first}-1", "w")
    second = school.hand_in()
    assert (school.state(first), school.state(second)) == ("running", "received")

    with school.database.write() as session:
        assert queries.claim(session, f"{second}-1", "w")
    with pytest.raises(BadInput, match="2 attempts"):
        school.hand_in()


def test_a_refusal_leaves_what_waits_alone(school: Class) -> None:
    school.change(attempts=1, attempts_per="ever")
    running = school.hand_in()
    with school.database.write() as session:
        assert queries.claim(session, f"{running}-1", "w")
    school.change(attempts=2)
    waiting = school.hand_in()
    school.change(attempts=1)

    with pytest.raises(BadInput):
        school.hand_in()
    assert school.state(waiting) == "received"


def test_one_person_may_have_so_many_waiting(school: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submitting, "MAX_WAITING", 1)
    with school.database.write() as session:
        queries.add_submission(session, replace(NEW, person_id=school.students[0].id))

    with pytest.raises(BadInput, match="wait for a grader already"):
        school.hand_in()


def test_the_standing_says_what_handing_in_would(school: Class) -> None:
    school.change(attempts=1, attempts_per="day", due_at=NOON)
    extend(school, 2)

    def standing() -> submitting.Standing:
        with school.database.read() as session:
            row = session.get_one(Assignment, school.assignment.id)
            return submitting.standing(session, row, school.students[0].id, NOON + HOUR)

    free = standing()
    assert (free.refusal, free.allowance.left, free.due_at) == (None, 1, NOON + 2 * DAY)
    public_id = school.hand_in()
    assert standing().refusal is None
    school.finish(public_id, graded(criterion("works", 1, 10)))
    used = standing()
    assert used.refusal is not None
    assert (used.allowance.left, used.allowance.next_at) == (0, NOON + DAY)


def test_cancelling_is_for_what_waits(school: Class) -> None:
    public_id = school.hand_in()
    with school.database.write() as session:
        submitting.cancel(session, public_id, school.students[0].id)
    assert school.state(public_id) == "cancelled"
    with school.database.read() as session:
        assert [row.action for row in audit.history(session, f"submission:{public_id}")] == ["submission.cancelled"]

    with pytest.raises(BadInput, match="has ended"), school.database.write() as session:
        submitting.cancel(session, public_id, school.students[0].id)
    running = school.hand_in()
    with school.database.write() as session:
        queries.claim(session, f"{running}-1", "w")
    with pytest.raises(BadInput, match="being graded"), school.database.write() as session:
        submitting.cancel(session, running, school.students[0].id)


def test_of_many_in_one_moment_with_one_attempt_left_one_is_begun(school: Class) -> None:
    school.change(attempts=1, attempts_per="ever")
    results = at_once(6, lambda _: school.hand_in())

    assert all(isinstance(result, str) for result in results)
    with school.database.read() as session:
        states = sorted(session.scalars(select(Submission.state)))
    assert states == ["cancelled"] * 5 + ["received"]


def test_two_in_one_moment_never_use_an_attempt_that_is_not_there(school: Class) -> None:
    """Workers begin what waits at the very moment at which more is handed in."""
    school.change(attempts=2, attempts_per="ever")
    first = school.hand_in()

    def act(number: int) -> object:
        if number % 2:
            return school.hand_in()
        with school.database.write() as session:
            return queries.claim(session, f"{first}-1", f"w{number}")

    for _ in range(5):
        at_once(4, act)
        with school.database.write() as session:
            for row in session.scalars(select(Attempt).where(Attempt.state == "received")).all():
                queries.claim(session, row.id, "w")
    with school.database.read() as session:
        costly = session.scalars(select(Submission.id).where(Submission.state == "running")).all()
    assert len(costly) == 2


def test_the_same_request_in_one_moment_makes_one_row(school: Class) -> None:
    results = at_once(5, lambda _: school.hand_in(request_key="same"))

    assert count(school) == 1
    assert len([result for result in results if isinstance(result, str)]) == 1
    assert all(isinstance(result, str | IntegrityError) for result in results)


def test_cancelling_and_beginning_in_one_moment_have_one_winner(school: Class) -> None:
    for _ in range(5):
        public_id = school.hand_in()

        def act(number: int, public_id: str = public_id) -> bool:
            with school.database.write() as session:
                if number:
                    return queries.claim(session, f"{public_id}-1", "w")
                return queries.cancel(session, f"{public_id}-1", "no")

        assert sorted(map(bool, at_once(2, act))) == [False, True]
        school.finish(public_id, Outcome("rejected"))
