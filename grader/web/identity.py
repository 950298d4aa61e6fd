"""Who is asking and what they may reach. Every view begins with one of these functions.

What somebody may not reach is answered like what does not exist: 404, in the same words and with the same one query.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NoReturn, cast
from urllib.parse import urlsplit

from flask import Flask, abort, g, redirect, request, url_for
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from grader.db import Submission, access, people
from grader.db.school import ApiToken, Assignment, Course, Enrolment, Person, Role
from grader.web import sessions
from grader.web.services import services

SCOPES = ("read", "submit", "teach", "talent", "admin")
SEEN_AGAIN = timedelta(minutes=5)
"""How long a token's last use may be out of date."""


@dataclass(frozen=True)
class CourseAccess:
    """A course that this person may see. An admin teaches everywhere."""

    course: Course
    person: Person
    enrolment: Enrolment | None
    teaches: bool


@dataclass(frozen=True)
class AssignmentAccess:
    """An assignment that this person may see."""

    assignment: Assignment
    course: Course
    person: Person
    teaches: bool


@dataclass(frozen=True)
class SubmissionAccess:
    """A submission that this person may see. `assignment` is None for one from before there were courses."""

    submission: Submission
    person: Person
    teaches: bool
    assignment: Assignment | None


def init_app(app: Flask) -> None:
    """Give every template `viewer`: who is signed in, or None."""
    app.context_processor(lambda: {"viewer": _viewer()})


def current() -> Person | None:
    """The signed-in person of this request: by session cookie, or below /api/ by bearer token too."""
    if "person" not in g:
        g.token = None
        g.person = _by_token() if _bearer() is not None else _by_session()
    return cast("Person | None", g.person)


def required() -> Person:
    """The signed-in person. Otherwise pages lead to /sign-in and back, and the API answers 401."""
    person = current()
    if person is None:
        _ask_to_sign_in()
    return person


def require_role(*roles: Role) -> Person:
    """The signed-in person, when they have one of these roles or are an admin; else 403."""
    person = required()
    if person.role != "admin" and person.role not in roles:
        abort(
            403,
            f"This is for people with the role {' or '.join([*roles, 'admin'])}; yours is {person.role}. Ask an admin.",
        )
    return person


def scope(name: str) -> None:
    """End the request with 403 when it comes with an API token that was not given this scope."""
    if name not in SCOPES:
        raise ValueError(f"there is no scope {name}")
    required()
    token = cast("ApiToken | None", g.token)
    if token is not None and name not in token.scopes:
        abort(403, f"This token has no scope “{name}”. Make one that has it on your account page.")


def course_access(course_id: str, *, teach: bool = False) -> CourseAccess:
    """The course, for who is enrolled in it (`teach`: as instructor) or an admin; else 404 as for an unknown id."""
    person = required()
    with services().database.read() as session:
        found = access.course(session, course_id, person.id)
    if found is not None:
        teaches = person.role == "admin" or (found.enrolment is not None and found.enrolment.role == "instructor")
        if teaches or (found.enrolment is not None and not teach):
            return CourseAccess(found.course, person, found.enrolment, teaches)
    abort(404, "There is no course at this address.")


def assignment_access(assignment_id: str, *, teach: bool = False) -> AssignmentAccess:
    """The assignment, as `course_access` has it; students do not find one that is not published."""
    person = required()
    with services().database.read() as session:
        found = access.assignment(session, assignment_id, person.id)
    if found is not None:
        enrolment, published = found.enrolment, found.assignment.published_at
        teaches = person.role == "admin" or (enrolment is not None and enrolment.role == "instructor")
        visible = enrolment is not None and published is not None and published <= datetime.now(UTC)
        if teaches or (visible and not teach):
            return AssignmentAccess(found.assignment, found.course, person, teaches)
    abort(404, "There is no assignment at this address.")


def submission_access(public_id: str, *, teach: bool = False) -> SubmissionAccess:
    """The submission, for its student, a member of its group, an instructor of its course or an admin; else 404.

    With `teach` only for the last two.
    """
    person = required()
    with services().database.read() as session:
        found = access.submission(session, public_id, person.id)
    if found is not None:
        teaches = person.role == "admin" or found.course_role == "instructor"
        own = found.submission.person_id == person.id or found.member
        if teaches or (own and not teach):
            return SubmissionAccess(found.submission, person, teaches, found.assignment)
    abort(404, "There is no submission at this address.")


def sign_in(person: Person) -> None:
    """Start a new session of this person in the answer to this request."""
    with services().database.write() as session:
        people.seen(session, person.id)
    sessions.begin(person)
    g.person, g.token = person, None


def sign_out() -> None:
    """End the session of this request, also for whoever has a copy of its cookie."""
    if (parts := sessions.parts()) is not None:
        with services().database.write() as session:
            people.end_session(session, parts[2], until=sessions.ends_at())
    sessions.forget()
    g.person, g.token = None, None


def local_path(target: str | None) -> str:
    """`target` when it is a path of this site, else `/`: nobody is sent elsewhere by a link to our sign-in page."""
    if not target or not target.startswith("/") or len(target) > 2000:
        return "/"
    # Browsers read `\\` as `/` and drop tabs and line ends, so any of them could hide a second slash.
    if target.startswith("//") or "\\" in target or any(ord(char) < 33 for char in target):
        return "/"
    parts = urlsplit(target)
    return "/" if parts.scheme or parts.netloc else target


def _viewer() -> Person | None:
    try:
        return current()
    except SQLAlchemyError:  # the page that says that the database is away must not need it
        return None


def _by_session() -> Person | None:
    parts = sessions.parts()
    if parts is None:
        return None
    with services().database.read() as session:
        return access.person_of_session(session, *parts)


def _by_token() -> Person | None:
    now = datetime.now(UTC)
    with services().database.read() as session:
        found = access.person_of_token(session, _bearer() or "", now)
    if found is None:
        return None
    person, g.token = found
    if g.token.seen_at is None or g.token.seen_at < now - SEEN_AGAIN:
        with services().database.write() as session:
            access.token_seen(session, g.token.id, now)
    return person


def _bearer() -> str | None:
    """The token of an API request, if it names one: then the cookie says nothing."""
    given = request.authorization
    if not request.path.startswith("/api/") or given is None or given.type != "bearer":
        return None
    return given.token or ""


def _ask_to_sign_in() -> NoReturn:
    if request.path.startswith("/api/"):
        detail = "This token is not valid." if _bearer() is not None else "Send `Authorization: Bearer <token>`."
        raise Unauthorized(f"{detail} Tokens are made on the account page.", www_authenticate=WWWAuthenticate("bearer"))
    if request.method in ("GET", "HEAD"):
        target = request.full_path.rstrip("?")
    else:
        target = urlsplit(request.referrer or "/").path
    abort(redirect(url_for("sign_in.page", next=local_path(target)), 303))
