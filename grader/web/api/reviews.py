"""Marks that people give for `review` criteria, and what still waits for one."""

from __future__ import annotations

from datetime import datetime

from flask import abort
from pydantic import Field

from grader.db import listing, reviews, suites
from grader.db.school import PublishedSuite
from grader.rubric.model import Rubric
from grader.web import identity
from grader.web.api import paging
from grader.web.api.operation import operation
from grader.web.api.submissions import SubmissionLine, line_of
from grader.web.api.values import Line, Model, Page, Paging
from grader.web.services import services


class Level(Model):
    """One of the levels of a criterion."""

    name: str
    points: float


class Mark(Model):
    """What a person gave."""

    seq: int
    """Names this mark: say it as `seen` when you replace it."""
    level: str
    points: float
    comment: str
    """Markdown, for the student."""
    reviewer: str | None
    at: datetime


class ToMark(Model):
    """A criterion that a person marks."""

    criterion: str
    title: str
    max_points: float
    levels: list[Level]
    mark: Mark | None
    """The one that holds; null while it waits."""


class Reviews(Model):
    """All criteria of a submission that a person marks."""

    items: list[ToMark]


class NewMark(Model):
    """A level for one criterion."""

    criterion: str = Field(pattern=r"^[^\x00-\x1f\x7f]{1,64}$")
    level: Line
    comment: str = Field(default="", max_length=reviews.COMMENT_LENGTH, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")
    """Markdown, for the student."""
    seen: int | None = Field(default=None, ge=1, le=2**63 - 1)
    """`seq` of the mark that you saw there, null where was none: so nobody overwrites what they have not read."""


class NewMarks(Model):
    """All or none of them are taken."""

    marks: list[NewMark] = Field(min_length=1, max_length=100)


@operation(
    "GET", "/assignments/<assignment_id>/reviews", tag="Marking", scope="teach", query=Paging,
    answer=Page[SubmissionLine],
)  # fmt: skip
def list_waiting(assignment_id: str, query: Paging) -> Page[SubmissionLine]:
    """Counting submissions that wait for a person's mark, the longest waiting first"""
    access = identity.assignment_access(assignment_id, teach=True)
    after = paging.decode(query, str)
    wanted = listing.Wanted(waiting=True, ascending=True, after=after[0] if after else "")
    with services().database.read() as session:
        rows = listing.page(session, access.assignment, wanted, query.limit + 1)
    return paging.page(SubmissionLine, rows, query, lambda row: (row.submission.id,), line_of)


@operation("GET", "/submissions/<submission_id>/reviews", tag="Marking", scope="teach", answer=Reviews)
def show_reviews(submission_id: str) -> Reviews:
    """What a person marks in a submission, and the marks that hold"""
    access = identity.submission_access(submission_id, teach=True)
    return _reviews(submission_id, _rubric(access))


@operation(
    "PUT", "/submissions/<submission_id>/reviews", tag="Marking", scope="teach", body=NewMarks, answer=Reviews,
    errors=(409,),
)  # fmt: skip
def set_reviews(submission_id: str, body: NewMarks) -> Reviews:
    """Mark a submission; the grades that follow are settled

    409 when somebody else has marked one of these criteria since you read it, unless they said the very same.
    """
    access = identity.submission_access(submission_id, teach=True)
    rubric = _rubric(access)
    if access.assignment is None:
        abort(404, "There is no submission at this address.")
    marks = [reviews.NewMark(one.criterion, one.level, one.comment, one.seen) for one in body.marks]
    with services().database.write() as session:
        reviews.mark(
            session, access.submission, rubric, marks, by=access.person.id, course_id=access.assignment.course_id
        )
    return _reviews(submission_id, rubric)


def _rubric(access: identity.SubmissionAccess) -> Rubric:
    """Of the version that the assignment is graded with."""
    if access.assignment is None:
        abort(404, "There is no submission at this address.")
    with services().database.read() as session:
        suite = session.get_one(PublishedSuite, access.assignment.suite_id)
    return suites.open_suite(services().settings, services().blobs, suite).rubric


def _reviews(submission_id: str, rubric: Rubric) -> Reviews:
    with services().database.read() as session:
        held = reviews.current(session, submission_id)
    return Reviews(
        items=[
            ToMark(
                criterion=one.id,
                title=one.title,
                max_points=one.points,
                levels=[Level.model_validate(level) for level in one.review.levels],
                mark=_mark(held.get(one.id)),
            )
            for one in rubric.criteria
            if one.review is not None
        ]
    )


def _mark(given: reviews.Given | None) -> Mark | None:
    if given is None:
        return None
    names = ("seq", "level", "points", "comment", "at")
    return Mark(reviewer=given.by, **{name: getattr(given.review, name) for name in names})
