"""Marking by people: one submission after another, a level and a comment for each `review` criterion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response, abort, flash, redirect, url_for
from werkzeug.wrappers import Response as BaseResponse

from grader.db import dossier, queries, reviews
from grader.db.reviews import Given, NewMark, Overtaken
from grader.errors import BadInput
from grader.rubric.model import Criterion, Rubric
from grader.web import identity
from grader.web.desk import forms
from grader.web.desk.blueprint import desk, files_of, page, suite_row
from grader.web.desk.submissions import names_of, texts_of
from grader.web.identity import SubmissionAccess
from grader.web.services import services


@dataclass(frozen=True)
class Question:
    """One criterion on the page: the mark that holds, and what the form is filled with."""

    criterion: Criterion
    held: Given | None
    level: str
    comment: str
    preview: bool = False


@desk.get("/assignments/<assignment_id>/review")
def next_review(assignment_id: str) -> BaseResponse:
    """Leads to the submission that has waited longest for a person's mark, or says that none does."""
    access = identity.assignment_access(assignment_id, teach=True)
    with services().database.read() as session:
        waiting = reviews.first_waiting(session, access.assignment.id)
        left, total = reviews.counts(session, access.assignment.id)
    if waiting is not None:
        return redirect(url_for("desk.review", public_id=waiting), 303)
    rubric = files_of(suite_row(access.assignment.suite_id)).rubric
    return page("desk/reviewed.html", access=access, left=left, total=total, criteria=_marked(rubric))


@desk.get("/submissions/<public_id>/review")
def review(public_id: str) -> Response:
    """The form to mark one submission, with what was handed in and what the tests say."""
    access = identity.submission_access(public_id, teach=True)
    return _show(access, {})


@desk.post("/submissions/<public_id>/review")
def save_review(public_id: str) -> BaseResponse:
    """Save and go on to the next one that waits; or show the comments as students will see them."""
    access = identity.submission_access(public_id, teach=True)
    rubric = _rubric(access)
    criteria = _marked(rubric)
    names = [f"{kind}-{criterion.id}" for criterion in criteria for kind in ("level", "comment", "seen")]
    sent = forms.fields("action", *names)
    if sent["action"] == "preview":
        return _show(access, sent, preview=True)
    try:
        marks = [mark for criterion in criteria if (mark := _mark(criterion, sent)) is not None]
        with services().database.write() as session:
            changed = reviews.mark(
                session, access.submission, rubric, marks, by=access.person.id, course_id=_course_id(access)
            )
    except Overtaken as problem:
        return _show(access, sent, problem=problem, status=409)
    except BadInput as problem:
        return _show(access, sent, problem=problem, status=422)
    flash("Saved." if changed else "Nothing was changed.", "good")
    if sent["action"] == "stay":
        return redirect(url_for("desk.review", public_id=public_id), 303)
    assert access.assignment is not None
    return redirect(_next(access), 303)


def _show(
    access: SubmissionAccess,
    sent: Mapping[str, str],
    *,
    problem: BadInput | None = None,
    status: int = 200,
    preview: bool = False,
) -> Response:
    rubric = _rubric(access)
    assert access.assignment is not None
    with services().database.read() as session:
        found = dossier.of(session, access.submission)
        place = reviews.place(session, access.assignment.id, access.submission.seq)
        held = reviews.current(session, access.submission.id)
    questions = [_question(criterion, held.get(criterion.id), sent, preview) for criterion in _marked(rubric)]
    return page(
        "desk/review.html",
        status=status,
        access=access,
        d=found,
        place=place,
        questions=questions,
        problem=problem,
        overtaken=isinstance(problem, Overtaken),
        files=names_of(access),
        texts=texts_of(access),
        preview=preview,
    )


def _question(criterion: Criterion, held: Given | None, sent: Mapping[str, str], preview: bool) -> Question:
    level = sent.get(f"level-{criterion.id}", held.review.level if held else "")
    comment = sent.get(f"comment-{criterion.id}", held.review.comment if held else "")
    return Question(criterion, held, level, comment, preview)


def _mark(criterion: Criterion, sent: Mapping[str, str]) -> NewMark | None:
    """What was sent for a criterion; None without a level. Raises BadInput for a comment that has none."""
    level, comment = sent[f"level-{criterion.id}"], sent[f"comment-{criterion.id}"].replace("\r\n", "\n")
    seen = sent[f"seen-{criterion.id}"]
    if seen and not (seen.isdecimal() and len(seen) < 19):
        raise BadInput("This is no mark.", where=f"seen-{criterion.id}", fix="Load the page again.")
    if not level:
        if comment:
            raise BadInput("There is a comment and no level.", where=criterion.title, fix="Choose a level, too.")
        return None
    return NewMark(criterion.id, level, comment, int(seen) if seen else None)


def _rubric(access: SubmissionAccess) -> Rubric:
    """The one that judged the attempt that counts; 404 where nothing was graded or no person marks anything."""
    with services().database.read() as session:
        attempt = queries.last_attempt(session, access.submission.id)
    if access.assignment is None or attempt is None or attempt.state != "graded":
        abort(404, "There is no graded submission to mark at this address.")
    rubric = files_of(suite_row(attempt.suite_id or access.assignment.suite_id)).rubric
    if not _marked(rubric):
        abort(404, "No person marks anything in this rubric.")
    return rubric


def _marked(rubric: Rubric) -> list[Criterion]:
    return [criterion for criterion in rubric.criteria if criterion.review is not None]


def _course_id(access: SubmissionAccess) -> str:
    assert access.assignment is not None
    return access.assignment.course_id


def _next(access: SubmissionAccess) -> str:
    assert access.assignment is not None
    with services().database.read() as session:
        place = reviews.place(session, access.assignment.id, access.submission.seq)
    if place.next is not None and place.next != access.submission.id:
        return url_for("desk.review", public_id=place.next)
    return url_for("desk.next_review", assignment_id=access.assignment.id)
