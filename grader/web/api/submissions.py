"""Hand in, follow a grading, read its report."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from flask import Response, abort, current_app, request
from pydantic import Field

from grader.db import coursework, listing
from grader.db.tables import State
from grader.db.tables import Submission as Row
from grader.errors import BadInput
from grader.web import accept as intake
from grader.web import events, identity
from grader.web.api import paging
from grader.web.api.document import address
from grader.web.api.operation import Fields, header, is_id, operation
from grader.web.api.values import Address, Id, Model, Page, Paging
from grader.web.guard import limit_rate
from grader.web.services import services
from grader.web.status import Status
from grader.web.student import find

FORM = (
    Fields()
    .text("assignment", "Id of the assignment", pattern="^[0-9a-f]{32}$")
    .file("An archive, a notebook or a .py file")
    .text("git_url", "Instead of a file: https:// address of a repository", maxLength=1000)
    .schema
)


class Links(Model):
    """Where more is."""

    self: str
    page: str
    """For people."""
    events: str
    """Progress as server-sent events."""
    artifacts: dict[str, str]
    """Files that the grading left, by name."""


class Submission(Model):
    """What somebody handed in and how far it is. The report is what its student may see."""

    id: str
    assignment_id: str | None
    person_id: str | None
    state: State
    kind: Literal["repository", "notebook"]
    filename: str | None
    git_url: str | None
    commit: str | None
    size: int | None
    """Bytes."""
    received_at: datetime
    finished_at: datetime | None
    attempt: int
    """How often it has been graded."""
    place: int | None
    """Place in the queue, from 1."""
    reason: str | None
    """Why it was rejected."""
    where: str | None
    fix: str | None
    report: dict[str, Any] | None
    """Points, criteria and tests; null until it is graded."""
    links: Links


class SubmissionLine(Model):
    """A submission in a list."""

    id: str
    assignment_id: str | None
    person_id: str | None
    group_id: str | None
    state: State
    filename: str | None
    git_url: str | None
    received_at: datetime
    points: float | None
    max_points: float | None
    passed: bool | None
    late: bool | None
    """Null in a list of your own."""
    counting: bool | None
    """Whether it is somebody's grade; null in a list of your own."""
    waiting: bool | None
    """Whether a reviewer's mark is missing; null in a list of your own."""


class NewSubmission(Model):
    """A repository to hand in; a file is sent as a form instead."""

    assignment: Id
    """Id of the assignment."""
    git_url: Address
    """https:// address, with #branch, #tag or #commit if you like."""


class SubmissionsQuery(Paging):
    """Which submissions to list. Filters are for who teaches."""

    q: str = Field(default="", max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")
    """Part of a name, an address or a file's name."""
    state: State | None = None
    late: bool | None = None
    passed: bool | None = None
    waiting: bool = False
    """Only those where a reviewer's mark is missing."""
    counting: bool = False
    """Only those that are somebody's grade."""
    sort: listing.Sort = "received"
    ascending: bool = False


_LINE = (
    "id",
    "assignment_id",
    "person_id",
    "group_id",
    "state",
    "filename",
    "received_at",
    "points",
    "max_points",
    "passed",
)


@operation(
    "POST", "/submissions", tag="Submissions", scope="submit", body=NewSubmission, form=FORM, answer=Submission,
    status=202, headers=("Idempotency-Key",), errors=(404,),
)  # fmt: skip
def create_submission(body: NewSubmission | None) -> Submission:
    """Hand in

    A file as `multipart/form-data`, or JSON with the address of a repository. It is graded in the background: ask for
    it again, or follow its events. Sent again with the same `Idempotency-Key`, it is the same submission.
    """
    limit_rate(current_app)
    asked = _from_form() if body is None else (body.assignment, None, body.git_url)
    assignment_id, upload, git_url = asked
    access = identity.assignment_access(assignment_id)
    row = intake.accept(
        services(),
        intake.Request(
            assignment_id=access.assignment.id,
            person_id=access.person.id,
            upload=upload,
            git_url=git_url.strip(),
            key=_key(),
            key_covers_content=False,
        ),
    )
    header("Location", address("show_submission", submission_id=row.id))
    return _submission(find(row.id))


@operation("GET", "/submissions/<submission_id>", tag="Submissions", answer=Submission)
def show_submission(submission_id: str) -> Submission:
    """A submission, its state and its report"""
    return _submission(find(submission_id))


@operation(
    "GET", "/assignments/<assignment_id>/submissions", tag="Submissions", query=SubmissionsQuery,
    answer=Page[SubmissionLine],
)  # fmt: skip
def list_submissions(assignment_id: str, query: SubmissionsQuery) -> Page[SubmissionLine]:
    """What was handed in for an assignment, newest first: by everybody for who teaches, else by you or your group"""
    access = identity.assignment_access(assignment_id)
    after = paging.decode(query, str)
    last = after[0] if after else ""
    if not access.teaches:
        with services().database.read() as session:
            own = coursework.history(session, access.assignment.id, access.person.id, query.limit + 1, last or None)
        return paging.page(SubmissionLine, own, query, lambda row: (row.id,), _line)
    names = ("late", "passed", "waiting", "counting", "sort", "ascending")
    wanted = listing.Wanted(
        text=query.q, state=query.state or "", after=last, **{name: getattr(query, name) for name in names}
    )
    with services().database.read() as session:
        rows = listing.page(session, access.assignment, wanted, query.limit + 1)
    return paging.page(SubmissionLine, rows, query, lambda row: (row.submission.id,), line_of)


@operation("POST", "/submissions/<submission_id>/cancel", tag="Submissions", scope="submit", answer=Submission)
def cancel_submission(submission_id: str) -> Submission:
    """Take back a submission that waits; it costs no attempt"""
    access = identity.submission_access(submission_id)
    intake.cancel(services(), access.submission.id, by=access.person.id)
    return _submission(find(submission_id))


@operation(
    "GET", "/submissions/<submission_id>/artifacts/<name>", tag="Submissions", media="application/octet-stream",
    headers=("Content-Disposition",),
)  # fmt: skip
def show_artifact(submission_id: str, name: str) -> Response:
    """A file that the grading left

    `notebook.ipynb` and `notebook.html`, executed, for its student; `candidate.log` and `examiner.log` for who teaches.
    """
    access = identity.submission_access(submission_id)
    digest = _artifacts(find(submission_id), teaches=access.teaches).get(name)
    if digest is None:
        abort(404, "The submission has no such file.")
    response = Response(services().blobs.get(digest), content_type="application/octet-stream")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def line_of(row: listing.Row) -> SubmissionLine:
    """A submission in a list of who teaches."""
    return _line(row.submission, late=row.late, counting=row.counting, waiting=row.waiting)


@operation("GET", "/submissions/<submission_id>/events", tag="Submissions", media="text/event-stream")
def follow_submission(submission_id: str) -> Response:
    """Progress as server-sent events

    `state` says where it is, `progress` how far; `done` is the last one. After a break send `Last-Event-ID`.
    """
    return events.events(submission_id)


def _from_form() -> tuple[str, intake.Upload | None, str]:
    if request.mimetype not in intake.FORMS:
        abort(415, "Send multipart/form-data or application/json.")
    unknown = sorted({*request.form, *request.files} - {"assignment", "file", "git_url"})
    if unknown:
        raise BadInput(
            f"Unknown fields: {', '.join(unknown)[:200]}.", where=unknown[0][:200], fix="Send `assignment` and `file`."
        )
    file = request.files.get("file")
    upload = intake.Upload(file.stream, file.filename) if file is not None and file.filename else None
    assignment_id = request.form.get("assignment", "")
    if not assignment_id:
        raise BadInput("The form names no assignment.", where="assignment", fix="Send its id.")
    if not is_id(assignment_id):
        abort(404, "There is no assignment at this address.")
    return assignment_id, upload, request.form.get("git_url", "")


def _key() -> str | None:
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > 255:
        raise BadInput("The Idempotency-Key is longer than 255 characters.", where="Idempotency-Key", fix="Shorten it.")
    return f"api {key}" if key else None


def _artifacts(status: Status, *, teaches: bool) -> dict[str, str]:
    logs = ("candidate.log", "examiner.log")
    return {name: digest for name, digest in status.artifacts.items() if teaches or name not in logs}


def _submission(status: Status) -> Submission:
    row, attempt = status.submission, status.attempt
    rejected = status.state == "rejected"
    teaches = identity.submission_access(row.id).teaches
    return Submission(
        id=row.id,
        assignment_id=row.assignment_id,
        person_id=row.person_id,
        state=attempt.state,
        kind="notebook" if row.kind == "notebook" else "repository",
        filename=row.filename,
        git_url=row.source_url,
        commit=row.commit,
        size=row.size,
        received_at=row.received_at,
        finished_at=attempt.finished_at,
        attempt=attempt.number,
        place=status.place,
        reason=attempt.reason if rejected else None,
        where=attempt.place if rejected else None,
        fix=attempt.fix if rejected else None,
        report=status.report,
        links=_links(row, status, teaches),
    )


def _links(row: Row, status: Status, teaches: bool) -> Links:
    return Links(
        self=address("show_submission", submission_id=row.id),
        page=f"{request.script_root}/submissions/{row.id}",
        events=address("follow_submission", submission_id=row.id),
        artifacts={
            name: address("show_artifact", submission_id=row.id, name=name)
            for name in sorted(_artifacts(status, teaches=teaches))
        },
    )


def _line(
    row: Row, *, late: bool | None = None, counting: bool | None = None, waiting: bool | None = None
) -> SubmissionLine:
    columns: dict[str, Any] = {name: getattr(row, name) for name in _LINE}
    return SubmissionLine(git_url=row.source_url, late=late, counting=counting, waiting=waiting, **columns)
