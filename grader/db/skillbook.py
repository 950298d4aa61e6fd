"""What a learner's skills are computed from: the reports of their graded attempts, and which versions there are now.

The computing itself is `grader.records.skills`: the same reports give the same answer. What a version of a rubric says
of skills is in its suite, which the caller opens (`meta_of`), once for each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, undefer

from grader.db import rules
from grader.db.credentials import Badge
from grader.db.marking import Review
from grader.db.rules import ReviewMark
from grader.db.school import GroupMember, PublishedSuite
from grader.db.tables import Attempt, Submission
from grader.records import Graded, RubricMeta, SkillRecord, skills
from grader.rubric.report import Report

MetaOf = Callable[[PublishedSuite], RubricMeta]
MOST = 1000
"""Attempts that are looked at, the newest first."""


def of_person(session: Session, person_id: str, meta_of: MetaOf) -> list[SkillRecord]:
    """A learner's skills, the best first, with the evidence behind each and whether it is up to date.

    A fixed number of queries. Work whose badge an instructor has taken away is history and earns nothing.

    Raises StoreError when a suite cannot be had.
    """
    rows = _attempts(session, person_id)
    suites = {suite.id: suite for _, _, suite in rows}
    reviews = _reviews(session, [submission.id for _, submission, _ in rows])
    barred = _barred(session, person_id)
    metas = {suite.id: meta_of(suite) for suite in suites.values()}
    graded = [
        Graded(
            report=Report.model_validate(
                rules.with_reviews(suite, attempt.report or {}, reviews.get(submission.id, {}))
            ),
            rubric=metas[suite.id],
            attempt=attempt.id,
            at=attempt.finished_at or attempt.created_at,
            counts=submission.assignment_id not in barred,
        )
        for attempt, submission, suite in rows
    ]
    return skills(graded, newest(session, suites.values()))


def newest(session: Session, suites: Iterable[PublishedSuite]) -> Mapping[str, int]:
    """The newest version of the rubrics of these suites that their courses have."""
    suites = list(suites)
    query = select(PublishedSuite.rubric, func.max(PublishedSuite.version)).where(
        PublishedSuite.rubric.in_({suite.rubric for suite in suites}),
        PublishedSuite.course_id.in_({suite.course_id for suite in suites}),
    )
    return dict(session.execute(query.group_by(PublishedSuite.rubric)).all())


def _attempts(session: Session, person_id: str) -> Sequence[tuple[Attempt, Submission, PublishedSuite]]:
    groups = select(GroupMember.group_id).where(GroupMember.person_id == person_id)
    mates = select(GroupMember.person_id).where(GroupMember.group_id.in_(groups))  # who handed in has an index
    alone = and_(Submission.person_id == person_id, Submission.group_id.is_(None))
    own = or_(alone, and_(Submission.person_id.in_(mates), Submission.group_id.in_(groups)))
    query = (
        select(Attempt, Submission, PublishedSuite)
        .join(Submission, Submission.id == Attempt.submission_id)
        .join(PublishedSuite, PublishedSuite.id == Attempt.suite_id)
        .where(own, Attempt.state == "graded", Attempt.counts)
        .order_by(Attempt.finished_at.desc(), Attempt.id)
        .limit(MOST)
        .options(undefer(Attempt.report))
    )
    return [(attempt, submission, suite) for attempt, submission, suite in session.execute(query)]


def _reviews(session: Session, submission_ids: Sequence[str]) -> Mapping[str, Mapping[str, ReviewMark]]:
    found: dict[str, dict[str, ReviewMark]] = {}
    query = select(Review).where(Review.submission_id.in_(submission_ids), Review.replaced_at.is_(None))
    for row in session.scalars(query):
        found.setdefault(row.submission_id, {})[row.criterion] = ReviewMark(row.level, row.points)
    return found


def _barred(session: Session, person_id: str) -> set[str]:
    query = select(Badge.assignment_id).where(Badge.person_id == person_id, Badge.barred_at.is_not(None))
    return set(session.scalars(query))
