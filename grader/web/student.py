"""A student's own pages: what to do next, and what became of each submission."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from grader.db import coursework, queries
from grader.db.school import Person
from grader.errors import BadInput
from grader.web import accept, feedback, identity, policy, status
from grader.web.compare import compare as compare_reports
from grader.web.identity import SubmissionAccess
from grader.web.services import services
from grader.web.status import Status

pages = Blueprint("pages", __name__)

DUE_NEXT = 5
RESULTS = 5


@pages.get("/")
def home() -> str:
    """For who is signed in: courses, what is due, last results. For everybody else: what this is."""
    person = identity.current()
    return _home(person) if person is not None else render_template("student/welcome.html")


@pages.get("/submissions/<public_id>")
def result(public_id: str) -> str:
    """The result with all that can be learnt from it, or how far it is."""
    access = identity.submission_access(public_id)
    found = _status(access)
    person_id = found.submission.person_id if access.teaches else access.person.id
    around = feedback.around(services(), found, person_id or access.person.id)
    return render_template("student/submission.html", access=access, status=found, **around)


@pages.post("/submissions/<public_id>/cancel")
def cancel(public_id: str) -> BaseResponse:
    """Take a submission back while it waits: 303 to its page, which says what became of it."""
    access = identity.submission_access(public_id)
    try:
        accept.cancel(services(), public_id, access.person.id)
    except BadInput as problem:
        flash(f"{problem.message} {problem.fix}".strip(), "bad")
    return redirect(url_for("pages.result", public_id=public_id), 303)


@pages.get("/submissions/<public_id>/compare/<other_id>")
def compare(public_id: str, other_id: str) -> str:
    """Two graded submissions of the same assignment, the earlier one first; 404 for any others."""
    pair = sorted((find(public_id), find(other_id)), key=lambda one: one.submission.seq)
    before, after = pair
    same = before.submission.assignment_id == after.submission.assignment_id
    if before.report is None or after.report is None or not same or public_id == other_id:
        abort(404, "Only two graded submissions of one assignment can be compared.")
    changes = compare_reports(before.report, after.report)
    return render_template(
        "student/compare.html", before=before, after=after, changes=changes, **feedback.place(services(), after)
    )


def find(public_id: str) -> Status:
    """The state of a submission that the person of this request may see; 404 for any other."""
    return _status(identity.submission_access(public_id))


def _status(access: SubmissionAccess) -> Status:
    public_id = access.submission.id
    found = status.status_of(services(), public_id, None if access.teaches else access.person.id)
    if found is None:
        abort(404, "There is no submission at this address.")
    return found


def _home(person: Person) -> str:
    now = queries.now()
    with services().database.read() as session:
        return render_template(
            "student/home.html",
            courses=coursework.of_person(session, person.id),
            upcoming=coursework.upcoming(session, person.id, now, DUE_NEXT),
            results=coursework.last_results(session, person.id, RESULTS),
            now=now,
            policy=policy,
        )
