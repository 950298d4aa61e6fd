"""Due dates, penalties, attempts and people's marks, each for every value."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.db import rules
from grader.db.rules import Limit, ReviewMark
from grader.db.school import Assignment, Extension, Period

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))
periods = st.sampled_from(["hour", "day", "week", "ever"])


def assignment(**values: Any) -> Assignment:
    return Assignment(**{"due_at": None, "closes_at": None} | values)


@pytest.mark.parametrize(
    ("after", "grace", "days"),
    [
        (timedelta(0), 0, 0),
        (timedelta(microseconds=1), 0, 1),
        (DAY, 0, 1),
        (DAY + timedelta(microseconds=1), 0, 2),
        (DAY, 1, 0),
        (3 * DAY, 1, 2),
        (-DAY, 0, 0),
    ],
)
def test_a_day_begun_is_a_day_late(after: timedelta, grace: int, days: int) -> None:
    assert rules.late_days(NOON + after, NOON, grace) == days


def test_without_a_due_date_nothing_is_late() -> None:
    assert rules.late_days(NOON, None, 0) == 0


@given(moments, moments, st.integers(0, 10))
def test_later_is_never_less_late(one: datetime, other: datetime, grace: int) -> None:
    first, last = sorted((one, other))
    assert 0 <= rules.late_days(first, NOON, grace) <= rules.late_days(last, NOON, grace)


points = st.floats(0, 1_000_000)
percents = st.floats(0, 1000)


@given(points, st.integers(0, 400), percents)
def test_a_penalty_takes_between_nothing_and_all(given_points: float, days: int, percent: float) -> None:
    left = rules.after_penalty(given_points, days, percent)
    assert 0 <= left <= round(given_points, 4)


@given(points, st.integers(0, 400), st.integers(0, 400), percents)
def test_more_days_never_leave_more(given_points: float, one: int, other: int, percent: float) -> None:
    few, many = sorted((one, other))
    assert rules.after_penalty(given_points, few, percent) >= rules.after_penalty(given_points, many, percent)


@given(points, points, st.integers(0, 400), percents)
def test_better_work_as_late_is_never_worth_less(one: float, other: float, days: int, percent: float) -> None:
    worse, better = sorted((one, other))
    assert rules.after_penalty(worse, days, percent) <= rules.after_penalty(better, days, percent)


def test_ten_percent_a_day() -> None:
    assert [rules.after_penalty(80, days, 10) for days in (0, 1, 5, 10, 11)] == [80, 72, 40, 0, 0]


def test_an_extension_moves_due_and_closing_dates_and_never_forward() -> None:
    own = Extension(due_at=NOON + 3 * DAY)
    row = assignment(due_at=NOON, closes_at=NOON + DAY)

    assert rules.effective_due(row, own) == NOON + 3 * DAY
    assert rules.effective_close(row, own) == NOON + 3 * DAY
    assert rules.effective_due(row, Extension(due_at=NOON - DAY)) == NOON
    assert rules.effective_due(assignment(), own) is None
    assert rules.effective_close(assignment(due_at=NOON), own) is None


def test_the_next_attempt_is_free_one_period_after_the_oldest_that_counts() -> None:
    times = [NOON, NOON + timedelta(hours=1), NOON + timedelta(hours=5)]
    now = NOON + timedelta(hours=6)

    assert rules.attempts_left(times, now, Limit(4, "day")).left == 1
    assert rules.attempts_left(times, now, Limit(3, "day")).next_at == NOON + DAY
    assert rules.attempts_left(times, now, Limit(2, "day")).next_at == NOON + timedelta(hours=1) + DAY
    assert rules.attempts_left(times, now, Limit(2, "ever")).next_at is None
    assert rules.attempts_left(times, NOON + DAY, Limit(3, "day")).left == 1


@given(st.lists(moments, max_size=30), moments, st.integers(1, 10), periods)
def test_attempts_are_never_negative_and_are_free_when_promised(
    times: list[datetime], now: datetime, count: int, per: Period
) -> None:
    past = [time for time in times if time <= now]
    allowance = rules.attempts_left(past, now, Limit(count, per))

    assert 0 <= allowance.left <= count
    assert (allowance.left == 0) == (allowance.used >= count)
    if allowance.next_at is not None:
        assert allowance.left == 0
        assert allowance.next_at > now
        assert rules.attempts_left(past, allowance.next_at, Limit(count, per)).left >= 1
        just_before = allowance.next_at - timedelta(microseconds=1)
        assert rules.attempts_left(past, just_before, Limit(count, per)).left == 0


REPORT: dict[str, Any] = {
    "points": 5.0, "max_points": 20.0, "percent": 25.0, "passed": False, "note": "kept",
    "criteria": [
        {"id": "tests", "points": 5.0, "max_points": 10.0, "status": "partial", "detail": ""},
        {"id": "style", "points": 0.0, "max_points": 10.0, "status": "pending", "detail": ""},
    ],
}  # fmt: skip


class Sixty:
    pass_mark = 60.0


def test_a_review_fills_what_waits_for_it_and_sums_anew() -> None:
    whole = rules.with_reviews(Sixty(), REPORT, {"style": ReviewMark("Good", 8)})

    assert (whole["points"], whole["percent"], whole["passed"], whole["note"]) == (13.0, 65.0, True, "kept")
    assert whole["criteria"][1] == REPORT["criteria"][1] | {"points": 8, "status": "partial", "detail": "Good"}
    assert REPORT["criteria"][1]["status"] == "pending"


@pytest.mark.parametrize("marks", [{}, {"tests": ReviewMark("Good", 10)}, {"gone": ReviewMark("Good", 10)}])
def test_a_review_of_anything_else_changes_nothing(marks: dict[str, ReviewMark]) -> None:
    assert rules.with_reviews(Sixty(), REPORT, marks) == REPORT


@given(st.floats(-100, 100))
def test_a_review_never_leaves_its_criterions_range(given_points: float) -> None:
    whole = rules.with_reviews(Sixty(), REPORT, {"style": ReviewMark("?", given_points)})
    assert 5 <= whole["points"] <= 15


def test_a_review_that_is_missing_never_passes() -> None:
    criteria = [REPORT["criteria"][0] | {"points": 10.0, "max_points": 10.0}, REPORT["criteria"][1]]
    other = {"id": "more", "points": 0.0, "max_points": 1.0, "status": "pending", "detail": ""}
    report = REPORT | {"criteria": [*criteria, other]}
    assert not rules.with_reviews(Sixty(), report, {"style": ReviewMark("Best", 10)})["passed"]
