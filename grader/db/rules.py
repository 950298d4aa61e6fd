"""An assignment's rules as plain functions: due dates, lateness, attempts, and marks that people give. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from grader.db.school import Assignment, Extension, Period, PublishedSuite

DAY = timedelta(days=1)
PERIODS: Mapping[Period, timedelta | None] = {
    "hour": timedelta(hours=1), "day": DAY, "week": timedelta(weeks=1), "ever": None,
}  # fmt: skip


class PassMark(Protocol):
    """A rubric, or the row of a published suite."""

    @property
    def pass_mark(self) -> float:
        """Percent that passes."""


@dataclass(frozen=True)
class ReviewMark:
    """What a person gave for a `review` criterion."""

    level: str
    points: float
    comment: str = ""


@dataclass(frozen=True)
class Limit:
    """`count` attempts for each `per`; the window slides, so every attempt is free again one period after its use."""

    count: int
    per: Period


@dataclass(frozen=True)
class Allowance:
    """What is left of a limit. `next_at` is when the next attempt is free; None while some are left, or for never."""

    limit: Limit
    used: int
    next_at: datetime | None = None

    @property
    def left(self) -> int:
        return max(0, self.limit.count - self.used)


def effective_due(assignment: Assignment, extension: Extension | None) -> datetime | None:
    """When a student's work is due: the later of the assignment's date and their own. None when there is no date."""
    if assignment.due_at is None or extension is None:
        return assignment.due_at
    return max(assignment.due_at, extension.due_at)


def effective_close(assignment: Assignment, extension: Extension | None) -> datetime | None:
    """After this nothing is taken from a student. A due date of their own is never later than it. None for never."""
    if assignment.closes_at is None or extension is None:
        return assignment.closes_at
    return max(assignment.closes_at, extension.due_at)


def late_days(received_at: datetime, due_at: datetime | None, grace_days: int) -> int:
    """Days begun after the due date, less the days of grace; never below 0. The very moment of the date is in time."""
    if due_at is None or received_at <= due_at:
        return 0
    return max(0, -((due_at - received_at) // DAY) - grace_days)


def after_penalty(points: float, late_days: int, percent_per_day: float) -> float:
    """What remains of `points` when each day late takes off so many percent of them; never below 0."""
    return round(points * max(0.0, 100.0 - late_days * percent_per_day) / 100.0, 4)


def limit_of(assignment: Assignment, suite: PublishedSuite) -> Limit:
    """The assignment's own limit on attempts, or its rubric's."""
    if assignment.attempts is None:
        return Limit(suite.attempts, suite.attempts_per)
    return Limit(assignment.attempts, assignment.attempts_per or "ever")


def attempts_used(times: Sequence[datetime], now: datetime, per: Period) -> int:
    """How many of the moments at which something was handed in lie in the period that ends now."""
    return len(_in_window(times, now, per))


def attempts_left(times: Sequence[datetime], now: datetime, limit: Limit) -> Allowance:
    """What a student may still hand in, given when they did. `rejected`, `failed` and `cancelled` ones cost nothing.

    Args:
        times: when the ones that cost an attempt were received, in any order.
        now: when the question is asked.
    """
    used = sorted(_in_window(times, now, limit.per))
    period = PERIODS[limit.per]
    if len(used) < limit.count or period is None:
        return Allowance(limit, len(used))
    return Allowance(limit, len(used), used[len(used) - limit.count] + period)


def with_reviews(rubric: PassMark, report: Mapping[str, Any], reviews: Mapping[str, ReviewMark]) -> dict[str, Any]:
    """A report's JSON with the criteria that people have marked, and its sums anew.

    A mark for a criterion that the report does not have, or that tests judge, changes nothing; points never exceed the
    criterion's.
    """
    criteria = [reviewed(criterion, reviews.get(criterion["id"])) for criterion in report.get("criteria", ())]
    if criteria == list(report.get("criteria", ())):
        return dict(report)
    most = round(math.fsum(criterion["max_points"] for criterion in criteria), 4)
    points = min(most, round(math.fsum(criterion["points"] for criterion in criteria), 4))
    pending = any(criterion["status"] == "pending" for criterion in criteria)
    percent = percent_of(points, most)
    sums = {"points": points, "max_points": most, "percent": percent}
    return {**report, **sums, "passed": percent >= rubric.pass_mark and not pending, "criteria": criteria}


def percent_of(points: float, most: float) -> float:
    """With two decimals; 0 of nothing."""
    return round(100 * points / most, 2) if most else 0.0


def reviewed(criterion: Mapping[str, Any], mark: ReviewMark | None) -> Mapping[str, Any]:
    """A criterion's `points`, `max_points` and `status` with a person's mark, if it waits for one and there is one."""
    if mark is None or criterion["status"] != "pending":
        return criterion
    points = min(criterion["max_points"], max(0.0, mark.points))
    status = "passed" if points >= criterion["max_points"] else "partial" if points else "failed"
    return {**criterion, "points": points, "status": status, "detail": mark.level}


def _in_window(times: Sequence[datetime], now: datetime, per: Period) -> list[datetime]:
    period = PERIODS[per]
    return list(times) if period is None else [time for time in times if time > now - period]
