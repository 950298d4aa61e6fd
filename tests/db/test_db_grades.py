"""Which attempt counts, what it is worth, and that every change of a grade leaves a trace."""

from __future__ import annotations

import pytest
from courses import DAY, NOON, Class, at_once, criterion, graded
from sqlalchemy import func, select

from grader.db import audit, extensions, grades, queries, results
from grader.db.marking import Delivery, Mark, Regrade, Tally, Webhook
from grader.db.queries import Outcome, new_id
from grader.db.school import Assignment
from grader.db.tables import Attempt
from grader.errors import BadInput


def settle(school: Class, who: int = 0) -> None:
    with school.database.write() as session:
        grades.settle(session, school.assignment.id, school.students[who].id, why="test")


def history(school: Class, who: int = 0) -> list[tuple[float | None, float, str]]:
    """Final points before and after, and why, newest first."""
    with school.database.read() as session:
        rows = audit.history(session, f"grade:{school.assignment.id}:{school.students[who].id}")
    return [
        (row.before["final_points"] if row.before else None, row.after["final_points"], row.why)
        for row in rows
        if row.after
    ]


def dry_run(school: Class, public_id: str, number: int = 2) -> str:
    """A dry run's attempt of a submission; returns the regrade's id."""
    with school.database.write() as session:
        regrade = Regrade(
            id=new_id(), assignment_id=school.assignment.id, suite_id=school.suite.id, state="running", why="w",
            created_at=NOON,
        )  # fmt: skip
        session.add(regrade)
        session.flush()
        session.add(
            Attempt(
                id=f"{public_id}-{number}", submission_id=public_id, number=number, suite_id=school.suite.id,
                regrade_id=regrade.id, counts=False, state="received", queue="batch", job_timeout=60, due_at=NOON,
                created_at=NOON,
            )
        )  # fmt: skip
        return regrade.id


def test_a_graded_attempt_makes_a_grade(school: Class) -> None:
    public_id = school.score(7)

    grade = school.grade()
    assert grade is not None
    assert (grade.submission_id, grade.attempt_id) == (public_id, f"{public_id}-1")
    assert (grade.points, grade.max_points, grade.percent) == (7, 10, 70)
    assert (grade.passed, grade.pending, grade.late_days) == (True, False, 0)
    assert history(school) == [(None, 7, f"attempt 1 of submission {public_id} was graded")]
    assert school.grade(1) is None


def test_the_best_counts_and_of_equals_the_earlier(school: Class) -> None:
    school.score(4)
    best = school.score(8)
    school.score(8)

    grade = school.grade()
    assert grade is not None
    assert (grade.points, grade.submission_id) == (8, best)
    assert len(history(school)) == 2


def test_the_last_counts_where_the_assignment_says_so(school: Class) -> None:
    school.change(counts="last")
    school.score(8)
    school.score(4)

    assert school.final() == 4


def test_late_work_loses_points_and_the_best_is_what_remains(school: Class) -> None:
    school.change(due_at=NOON, penalty=20.0, grace_days=1)
    school.score(6)
    school.score(7, at=NOON + DAY)
    assert school.final() == 7
    school.score(8, at=NOON + 2 * DAY)

    grade = school.grade()
    assert grade is not None
    assert (grade.points, grade.final_points, grade.late_days) == (7, 7, 0)


def test_an_extension_gives_back_what_lateness_took_and_says_why(school: Class) -> None:
    school.change(due_at=NOON, penalty=10.0)
    school.score(10, at=NOON + 2 * DAY)
    assert school.final() == 8

    with school.database.write() as session:
        row = session.get_one(Assignment, school.assignment.id)
        extensions.grant(session, row, school.students[0].id, NOON + DAY, why="flu", by=school.teacher.id)
    assert school.final() == 9
    with school.database.write() as session:
        extensions.withdraw(session, row, school.students[0].id, why="mistake", by=school.teacher.id)
    assert school.final() == 8
    assert [entry[2] for entry in history(school)[:2]] == ["extension withdrawn: mistake", "extension granted: flu"]


@pytest.mark.parametrize(
    ("who", "days", "why", "problem"),
    [("0", 0, "flu", "not later"), ("0", 1, "  ", "reason"), ("teacher", 1, "flu", "no student")],
)
def test_an_extension_that_makes_no_sense_is_refused(
    school: Class, who: str, days: int, why: str, problem: str
) -> None:
    school.change(due_at=NOON)
    person = school.teacher if who == "teacher" else school.students[0]
    with school.database.write() as session:
        row = session.get_one(Assignment, school.assignment.id)
        with pytest.raises(BadInput, match=problem):
            extensions.grant(session, row, person.id, NOON + days * DAY, why=why, by=None)


def test_a_review_is_missed_and_then_added(school: Class) -> None:
    public_id = school.hand_in()
    school.finish(public_id, graded(criterion("works", 6, 6), criterion("style", 0, 4, "pending")))
    grade = school.grade()
    assert grade is not None
    assert (grade.points, grade.percent, grade.pending, grade.passed) == (6, 60, True, False)

    school.review(public_id, "style", 3)
    settle(school)
    grade = school.grade()
    assert grade is not None
    assert (grade.points, grade.pending, grade.passed) == (9, False, True)


def test_settling_again_changes_nothing(school: Class) -> None:
    school.score(7)
    before = school.grade()
    settle(school)
    after = school.grade()

    assert before is not None
    assert after is not None
    assert before.updated_at == after.updated_at
    assert len(history(school)) == 1


def test_a_rule_that_changes_settles_everybody(school: Class) -> None:
    for who in range(3):
        school.score(10, who, NOON + DAY)
    school.change(due_at=NOON, penalty=50.0)
    with school.database.write() as session:
        assert grades.settle_all(session, school.assignment.id, why="a penalty", by=school.teacher.id) == 3

    assert [school.final(who) for who in range(3)] == [5, 5, 5]


@pytest.mark.parametrize("outcome", [Outcome("rejected", reason="no"), Outcome("failed", reason="ours")])
def test_what_is_not_graded_makes_no_grade(school: Class, outcome: Outcome) -> None:
    school.finish(school.hand_in(), outcome)
    assert school.grade() is None


def test_a_dry_run_shows_nowhere_until_it_is_adopted(school: Class) -> None:
    public_id = school.score(3)
    regrade = dry_run(school, public_id)
    school.finish(public_id, graded(criterion("works", 9, 10)), 2)

    assert school.final() == 3
    with school.database.read() as session:
        row, last = queries.submission(session, public_id), queries.last_attempt(session, public_id)
        assert row is not None
        assert last is not None
        assert (row.points, row.state, last.number) == (3, "graded", 1)
        assert session.scalar(select(func.count()).select_from(Mark)) == 2
    settle(school)
    assert school.final() == 3

    with school.database.write() as session:
        assert results.adopt(session, regrade) == [school.students[0].id]
    settle(school)
    assert school.final() == 9
    with school.database.read() as session:
        row = queries.submission(session, public_id)
        assert row is not None
        assert row.points == 9


def test_the_states_of_a_dry_run_never_reach_its_submission(school: Class) -> None:
    public_id = school.score(3)
    dry_run(school, public_id)
    with school.database.write() as session:
        assert queries.mark_sent(session, f"{public_id}-2", 0)
        assert queries.claim(session, f"{public_id}-2", "w")
    assert school.state(public_id) == "graded"
    school.finish(public_id, Outcome("failed", reason="?"), 2)
    assert school.state(public_id) == "graded"


def test_an_applied_regrade_replaces_only_its_own_submission(school: Class) -> None:
    first = school.score(8)
    school.score(6)
    regrade = dry_run(school, first)
    school.finish(first, graded(criterion("works", 2, 10)), 2)
    with school.database.write() as session:
        results.adopt(session, regrade)
    settle(school)

    assert school.final() == 6


def test_tests_are_counted_as_attempts_end(school: Class) -> None:
    def tests(*states: str) -> list[dict[str, object]]:
        return [{"id": f"tests/t.py::test_{n}", "status": state, "seconds": 0.5} for n, state in enumerate(states)]

    for who, states in enumerate([("passed", "failed", "not_run"), ("passed", "passed", "timeout")]):
        shared = criterion("again", 1, 1, tests=tests("failed"))
        outcome = graded(criterion("works", 5, 10, tests=tests(*states), metric={"value": 0.25}), shared)
        school.finish(school.hand_in(who), outcome)

    with school.database.read() as session:
        counts = {row.test[-6:]: (row.runs, row.passed, row.seconds) for row in session.scalars(select(Tally))}
        metrics = session.scalars(select(Mark.metric).where(Mark.criterion == "works")).all()
    assert counts == {"test_0": (2, 2, 1.0), "test_1": (2, 1, 1.0), "test_2": (1, 0, 0.5)}
    assert metrics == [0.25, 0.25]


def test_webhooks_learn_of_it_in_the_same_transaction(school: Class) -> None:
    with school.database.write() as session:
        session.add(
            Webhook(id=new_id(), course_id=school.course.id, url="https://example.org", secret="s", created_at=NOON)
        )
    school.score(7)

    with school.database.read() as session:
        payloads = session.scalars(select(Delivery.payload)).all()
    assert [payload["grade"]["final_points"] for payload in payloads] == [7]


def test_results_in_one_moment_leave_the_best_grade(school: Class) -> None:
    school.change(attempts=10)
    ids = []
    for _ in range(4):
        ids.append(school.hand_in())
        with school.database.write() as session:
            queries.claim(session, f"{ids[-1]}-1", "w")
    told = at_once(4, lambda n: school.finish(ids[n], graded(criterion("works", [3, 9, 5, 1][n], 10))))

    assert told == [True] * 4
    assert school.final() == 9
    assert history(school)[0][1] == 9


def test_of_two_results_of_one_attempt_one_is_committed(school: Class) -> None:
    public_id = school.hand_in()
    told = at_once(4, lambda n: n if school.finish(public_id, graded(criterion("works", n, 10))) else None)

    winners = [number for number in told if number is not None]
    assert winners == [school.final()]
    assert len(history(school)) == 1
    with school.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Mark)) == 1
