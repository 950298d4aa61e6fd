"""Grading a stored submission once more as proof: a dry attempt with the same suite, compared with what counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from grader.db import rules
from grader.db.credentials import Credential, Rerun
from grader.db.marking import Review
from grader.db.queries import new_id, now
from grader.db.rules import ReviewMark
from grader.db.school import PublishedSuite
from grader.db.tables import FINAL, Attempt, Submission
from grader.errors import BadInput
from grader.records.record import seed_commitment

QUEUE = "batch"
EVERY = timedelta(hours=1)
"""A badge's submission is graded again at most so often."""
MOST_OPEN = 20
"""Re-runs that wait or run at once, of everybody."""


@dataclass(frozen=True)
class Line:
    """One thing that is compared, as texts."""

    name: str
    first: str
    again: str

    @property
    def same(self) -> bool:
        return self.first == self.again


@dataclass(frozen=True)
class Outcome:
    """A re-run with what it found. `lines` is empty while it is under way, or when it could not be graded."""

    rerun: Rerun
    attempt: Attempt
    lines: Sequence[Line] = ()

    @property
    def finished(self) -> bool:
        return self.attempt.state in FINAL

    @property
    def identical(self) -> bool:
        return bool(self.lines) and all(line.same for line in self.lines)


def start(session: Session, credential: Credential) -> Attempt:
    """Put a dry attempt into the outbox; it never counts and shows nowhere but with the badge.

    Raises BadInput: one was asked for less than an hour ago, too many wait, or the files are not stored.
    """
    submission = session.scalars(
        select(Submission).where(Submission.id == credential.submission_id).with_for_update()
    ).one()
    newest = _newest(session, credential.badge_id)
    if newest is not None and newest.asked_at > now() - EVERY:
        raise BadInput("It was graded again less than an hour ago.", where="rerun", fix="Look at that result.")
    still_open = select(func.count()).select_from(Rerun).join(Attempt, Attempt.id == Rerun.attempt_id)
    if (session.scalar(still_open.where(Attempt.finished_at.is_(None))) or 0) >= MOST_OPEN:
        raise BadInput("Many submissions are being graded again just now.", where="rerun", fix="Try again later.")
    if submission.blob is None:
        raise BadInput("The submission is not stored any more.", where="rerun")
    first = session.get_one(Attempt, credential.attempt_id)
    last = session.scalar(select(func.max(Attempt.number)).where(Attempt.submission_id == submission.id)) or 0
    at = now()
    row = Attempt(
        id=f"{submission.id}-{last + 1}",
        submission_id=submission.id,
        number=last + 1,
        suite_id=first.suite_id,
        counts=False,
        state="received",
        queue=QUEUE,
        job_timeout=first.job_timeout,
        due_at=at,
        created_at=at,
    )
    session.add(row)
    session.flush()
    session.add(
        Rerun(id=new_id(), badge_id=credential.badge_id, attempt_id=row.id, of_attempt_id=first.id, asked_at=at)
    )
    session.flush()
    return row


def latest(session: Session, badge_id: str) -> Outcome | None:
    """The newest re-run of a badge's submission, with the comparison when it was graded."""
    rerun = _newest(session, badge_id)
    if rerun is None:
        return None
    wanted = select(Attempt).where(Attempt.id.in_((rerun.attempt_id, rerun.of_attempt_id)))
    found = {row.id: row for row in session.scalars(wanted.options(undefer(Attempt.report)))}
    again, first = found[rerun.attempt_id], found[rerun.of_attempt_id]
    if again.state != "graded" or first.report is None or again.report is None:
        return Outcome(rerun, again)
    suite = session.get_one(PublishedSuite, again.suite_id)
    query = select(Review).where(Review.submission_id == again.submission_id, Review.replaced_at.is_(None))
    marks = {row.criterion: ReviewMark(row.level, row.points) for row in session.scalars(query)}
    reports = [rules.with_reviews(suite, report, marks) for report in (first.report, again.report)]
    return Outcome(rerun, again, compare(*reports))


def compare(first: Mapping[str, Any], again: Mapping[str, Any]) -> list[Line]:
    """What must be the same when the same files are judged by the same suite in the same images."""
    lines = [
        Line(name, str(one), str(other))
        for name, one, other in (
            ("Submission", first["submission"]["digest"], again["submission"]["digest"]),
            ("Rubric", _rubric(first), _rubric(again)),
            ("Image of the sandbox", _environment(first, "image"), _environment(again, "image")),
            ("Image of the examiner", _environment(first, "examiner_image"), _environment(again, "examiner_image")),
            ("Seed", _seed(first), _seed(again)),
        )
    ]
    marks, new = ({c["id"]: c for c in report["criteria"]} for report in (first, again))
    for name in [*marks, *(name for name in new if name not in marks)]:
        title = (marks.get(name) or new[name])["title"]
        lines.append(Line(title, _mark(marks.get(name)), _mark(new.get(name))))
    return lines


def _newest(session: Session, badge_id: str) -> Rerun | None:
    query = select(Rerun).where(Rerun.badge_id == badge_id).order_by(Rerun.asked_at.desc()).limit(1)
    return session.scalar(query)


def _rubric(report: Mapping[str, Any]) -> str:
    rubric = report["rubric"]
    return f"{rubric['id']} version {rubric['version']}, {rubric['digest']}"


def _environment(report: Mapping[str, Any], name: str) -> str:
    return str(report["environment"].get(name) or "none")


def _seed(report: Mapping[str, Any]) -> str:
    seed = report["environment"].get("seed")
    return seed_commitment(seed) if seed else "none"


def _mark(criterion: Mapping[str, Any] | None) -> str:
    if criterion is None:
        return "not judged"
    points, most = (f"{round(criterion[key], 4):g}" for key in ("points", "max_points"))
    return f"{points} of {most} points"
