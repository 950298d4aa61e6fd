"""Marks that people give: one for each `review` criterion of a submission, and the queue of those that are missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, select, update
from sqlalchemy.orm import Session

from grader.db import audit, grades, groups, queries
from grader.db.marking import Grade, Review
from grader.db.school import Person
from grader.db.tables import Submission
from grader.errors import BadInput
from grader.rubric.model import Criterion, Rubric

COMMENT_LENGTH = 20_000


class Overtaken(BadInput):
    """Raised when somebody else has marked the same criterion since the reviewer's page was made."""


@dataclass(frozen=True)
class NewMark:
    """A level for one criterion. `seen` is the `seq` of the mark that the reviewer saw there, None where was none."""

    criterion: str
    level: str
    comment: str
    seen: int | None


@dataclass(frozen=True)
class Given:
    """A mark with the name of who gave it; None for somebody who is gone."""

    review: Review
    by: str | None


@dataclass(frozen=True)
class Place:
    """Where a submission stands among those with criteria to mark: its neighbours' ids, and how many are left."""

    next: str | None
    """The next one, in order of arrival, that still waits; after the last the first again."""
    previous: str | None
    """The one before, marked or not."""
    waiting: int
    total: int


def current(session: Session, public_id: str) -> dict[str, Given]:
    """The marks that hold now, by criterion."""
    query = _given().where(Review.submission_id == public_id, Review.replaced_at.is_(None))
    return {review.criterion: Given(review, name) for review, name in session.execute(query)}


def history(session: Session, public_id: str, limit: int = 100) -> list[Given]:
    """Every mark there was, newest first."""
    query = _given().where(Review.submission_id == public_id).order_by(Review.seq.desc()).limit(limit)
    return [Given(review, name) for review, name in session.execute(query)]


def check(rubric: Rubric, marks: Sequence[NewMark]) -> dict[str, float]:
    """The points of each mark, by criterion.

    Raises:
        BadInput: a criterion that nobody marks by hand, a level it has not, or a comment that is too long.
    """
    known = {criterion.id: criterion for criterion in rubric.criteria if criterion.review is not None}
    points: dict[str, float] = {}
    for mark in marks:
        if mark.criterion not in known:
            raise BadInput("No person marks this criterion.", where=mark.criterion[:64], fix="Load the page again.")
        points[mark.criterion] = _points(known[mark.criterion], mark)
    return points


def mark(
    session: Session, submission: Submission, rubric: Rubric, marks: Sequence[NewMark], *, by: str, course_id: str
) -> list[str]:
    """Note marks that differ from those that hold, and settle the grades that follow. Returns the changed criteria.

    All or none: one that was overtaken changes nothing, in whichever order two reviewers press the button.

    Raises:
        Overtaken: another mark than the one seen holds by now. Saying the very same as it is no conflict.
        BadInput: as `check`.
    """
    points = check(rubric, marks)
    session.execute(select(Submission.seq).where(Submission.id == submission.id).with_for_update())
    held = current(session, submission.id)
    news = [mark for mark in marks if not _same(held.get(mark.criterion), mark)]
    for mark in news:
        _refuse_overtaking(held.get(mark.criterion), mark, rubric)
    for mark in news:
        _replace(session, submission, mark, points[mark.criterion], by=by)
        before = held.get(mark.criterion)
        audit.note(
            session,
            "review.marked",
            f"submission:{submission.id}",
            by=by,
            course_id=course_id,
            before=_told(before.review) if before else None,
            after={"criterion": mark.criterion, "level": mark.level, "points": points[mark.criterion]},
        )
    if news and submission.assignment_id is not None:
        why = f"Marked by a reviewer: {', '.join(rubric.criterion(mark.criterion).title for mark in news)}"[:2000]
        for person_id in groups.owners(session, submission):
            grades.settle(session, submission.assignment_id, person_id, why=why, by=by)
    return [mark.criterion for mark in news]


def place(session: Session, assignment_id: str, seq: int) -> Place:
    """The neighbours of a submission (by its `seq`) in the order of arrival, and what is left to do."""
    waiting = _counting(assignment_id, Grade.pending.is_(True))
    after = session.scalar(waiting.where(Submission.seq > seq).order_by(Submission.seq).limit(1))
    first = session.scalar(waiting.where(Submission.seq < seq).order_by(Submission.seq).limit(1))
    before = _counting(assignment_id).where(Submission.seq < seq).order_by(Submission.seq.desc()).limit(1)
    left, total = counts(session, assignment_id)
    return Place(after or first, session.scalar(before), left, total)


def first_waiting(session: Session, assignment_id: str) -> str | None:
    """The submission that has waited longest for a person's mark, of those that count."""
    query = _counting(assignment_id, Grade.pending.is_(True)).order_by(Submission.seq).limit(1)
    return session.scalar(query)


def counts(session: Session, assignment_id: str) -> tuple[int, int]:
    """How many counting submissions wait for a mark, and how many there are."""
    distinct = func.count(func.distinct(Grade.submission_id))
    query = select(distinct.filter(Grade.pending), distinct).where(Grade.assignment_id == assignment_id)
    waiting, total = session.execute(query).one()
    return waiting, total


def waiting_by_assignment(session: Session, assignment_ids: Sequence[str]) -> Mapping[str, int]:
    """How many counting submissions of each assignment wait for a mark; those without any are left out."""
    query = (
        select(Grade.assignment_id, func.count(func.distinct(Grade.submission_id)))
        .where(Grade.assignment_id.in_(assignment_ids), Grade.pending)
        .group_by(Grade.assignment_id)
    )
    return dict(session.execute(query).all())


def _given() -> Select[Review, str]:
    return select(Review, Person.name).outerjoin(Person, Person.id == Review.reviewer_id)


def _counting(assignment_id: str, *which: ColumnElement[bool]) -> Select[str]:
    """Submissions that are somebody's grade; `which` are conditions on that grade."""
    counts = select(Grade.submission_id).where(Grade.assignment_id == assignment_id, *which)
    return select(Submission.id).where(Submission.id.in_(counts))


def _points(criterion: Criterion, mark: NewMark) -> float:
    if len(mark.comment) > COMMENT_LENGTH:
        raise BadInput(
            f"The comment has more than {COMMENT_LENGTH} characters.", where=criterion.title, fix="Shorten it."
        )
    for level in criterion.review.levels if criterion.review else ():
        if level.name == mark.level:
            return level.points
    raise BadInput("There is no such level.", where=criterion.title, fix="Choose one of those on the page.")


def _same(held: Given | None, mark: NewMark) -> bool:
    return held is not None and (held.review.level, held.review.comment) == (mark.level, mark.comment)


def _refuse_overtaking(held: Given | None, mark: NewMark, rubric: Rubric) -> None:
    if (held.review.seq if held else None) == mark.seen:
        return
    who = (held.by if held else None) or "Somebody else"
    what = f"“{held.review.level}”" if held else "nothing"
    raise Overtaken(
        f"{who} has marked this with {what} while you were reading.",
        where=rubric.criterion(mark.criterion).title,
        fix="Look at that mark, and save again if yours should replace it.",
    )


def _replace(session: Session, submission: Submission, mark: NewMark, points: float, *, by: str) -> None:
    at = queries.now()
    old = and_(Review.submission_id == submission.id, Review.criterion == mark.criterion, Review.replaced_at.is_(None))
    session.execute(update(Review).where(old).values(replaced_at=at).execution_options(synchronize_session=False))
    session.add(
        Review(
            submission_id=submission.id,
            criterion=mark.criterion,
            level=mark.level,
            points=points,
            comment=mark.comment,
            reviewer_id=by,
            at=at,
        )
    )
    session.flush()


def _told(review: Review) -> dict[str, object]:
    return {"criterion": review.criterion, "level": review.level, "points": review.points}
