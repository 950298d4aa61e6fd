"""People, courses and the audit log, for admins."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from grader.db import courses, log, people
from grader.db import links as db_links
from grader.db.links import Invitation
from grader.db.school import COURSE_ROLES, ROLES, Course, Person
from grader.errors import BadInput
from grader.web import identity, letters, links
from grader.web.services import services

admin = Blueprint("admin", __name__, url_prefix="/admin")

PAGE = 50

Answer = Response | str | tuple[str, int]


@admin.get("/")
def home() -> Response:
    identity.require_role("admin")
    return redirect(url_for("admin.people_page"), 303)


@admin.get("/people")
def people_page() -> str:
    """Everybody, found by a part of the name or the address (`?q=`), in pages by address (`?after=`)."""
    identity.require_role("admin")
    return _people()


@admin.post("/people/invite")
def invite() -> Answer:
    """Invite somebody into a role, without a course."""
    by = identity.require_role("admin")
    form = request.form
    try:
        role = form.get("role", "")
        if role not in ROLES:
            raise BadInput("There is no such role.", where="role", fix=f"Choose one of {', '.join(ROLES)}.")
        with services().database.write() as session:
            email = people.clean_email(form.get("email", ""))
            if people.by_email(session, email) is not None:
                raise BadInput(f"There is an account for {email}.", where="email", fix="Change its role in the list.")
            invitation = db_links.invite(session, email=email, name=form.get("name"), role=role, by=by.id)
    except BadInput as problem:
        return _people(problem), 422
    send_invitations([invitation], by)
    flash(f"An invitation is on its way to {email}.", "good")
    return redirect(url_for("admin.people_page"), 303)


@admin.post("/people/<person_id>/role")
def set_role(person_id: str) -> Answer:
    by = identity.require_role("admin")
    try:
        with services().database.write() as session:
            _known(people.by_id(session, person_id))
            person = people.set_role(session, person_id, request.form.get("role", ""), by=by.id)
    except BadInput as problem:
        return _people(problem), 422
    flash(f"{person.email} has the role {person.role}.", "good")
    return _back_to_people()


@admin.post("/people/<person_id>/disable")
def disable(person_id: str) -> Answer:
    """Shut the account: its sessions and tokens end at once, what it did stays."""
    return _set_disabled(person_id, disabled=True)


@admin.post("/people/<person_id>/enable")
def enable(person_id: str) -> Answer:
    return _set_disabled(person_id, disabled=False)


@admin.get("/courses")
def courses_page() -> str:
    """Every course, newest first."""
    identity.require_role("admin")
    return _courses()


@admin.post("/courses")
def add_course() -> Answer:
    """Make a course, and go on to put people into it."""
    by = identity.require_role("admin")
    try:
        with services().database.write() as session:
            course = courses.add(session, request.form.get("title", ""), by=by.id)
    except BadInput as problem:
        return _courses(problem), 422
    flash(f"“{course.title}” is made. Put its people in.", "good")
    return redirect(url_for("enrol.show", course_id=course.id), 303)


@admin.post("/courses/<course_id>/rename")
def rename_course(course_id: str) -> Answer:
    access = identity.course_access(course_id, teach=True)
    with services().database.write() as session:
        courses.rename(session, access.course.id, request.form.get("title", ""), by=access.person.id)
    return redirect(url_for("enrol.show", course_id=course_id), 303)


@admin.post("/courses/<course_id>/archive")
def archive_course(course_id: str) -> Response:
    return _set_archived(course_id, archived=True)


@admin.post("/courses/<course_id>/reopen")
def reopen_course(course_id: str) -> Response:
    return _set_archived(course_id, archived=False)


@admin.get("/audit")
def audit() -> str:
    """Who did what, newest first; `?action=` and `?person=` (an address) narrow it, `?before=` goes on."""
    identity.require_role("admin")
    action, email = request.args.get("action", "")[:60], request.args.get("person", "").strip()[:254]
    before = request.args.get("before", "")
    if before and not (before.isascii() and before.isdecimal() and len(before) < 19):
        raise BadInput("There is no such page of the log.", where="before", fix="Open the log from its link.")
    with services().database.read() as session:
        person = people.by_email(session, email.casefold()) if email else None
        wanted = person.id if person is not None else "nobody" if email else ""
        found = log.entries(session, PAGE + 1, before=int(before) if before else None, action=action, person_id=wanted)
        known = log.actions(session)
    more = found[PAGE - 1].row.seq if len(found) > PAGE else None
    return render_template(
        "admin/audit.html", entries=found[:PAGE], actions=known, action=action, email=email, more=more, before=before
    )


def send_invitations(invitations: list[Invitation], by: Person) -> None:
    """Mail them, in the background."""
    mails = [
        letters.invitation(
            one.link.email,
            links.absolute("account.invitation", secret=one.secret),
            name=one.link.name,
            course=one.course.title if one.course else None,
            by=by.name,
        )
        for one in invitations
    ]
    services().mailer.later(lambda: mails)


def _set_disabled(person_id: str, *, disabled: bool) -> Answer:
    by = identity.require_role("admin")
    try:
        with services().database.write() as session:
            _known(people.by_id(session, person_id))
            person = people.set_disabled(session, person_id, disabled=disabled, by=by.id)
    except BadInput as problem:
        return _people(problem), 422
    what = "is disabled and signed out everywhere" if disabled else "can sign in again"
    flash(f"{person.email} {what}.", "good")
    return _back_to_people()


def _set_archived(course_id: str, *, archived: bool) -> Response:
    by = identity.require_role("admin")
    with services().database.write() as session:
        if session.get(Course, course_id) is None:
            abort(404, "There is no course at this address.")
        course = courses.set_archived(session, course_id, archived=archived, by=by.id)
    flash(f"“{course.title}” is {'archived' if archived else 'open again'}.", "good")
    return redirect(url_for("admin.courses_page"), 303)


def _people(problem: BadInput | None = None) -> str:
    text, after = request.values.get("q", "")[:100], request.args.get("after", "")[:254] or None
    with services().database.read() as session:
        found = people.search(session, text, PAGE + 1, after)
        standing = db_links.standing(session, None, PAGE)
    return render_template(
        "admin/people.html",
        people=found[:PAGE],
        more=found[PAGE - 1].email if len(found) > PAGE else None,
        after=after,
        q=text,
        roles=ROLES,
        standing=standing,
        now=datetime.now(UTC),
        problem=problem,
        form=request.form,
    )


def _courses(problem: BadInput | None = None) -> str:
    after = request.args.get("after", "")[:32] or None
    with services().database.read() as session:
        found = courses.all_courses(session, PAGE + 1, after)
    more = found[PAGE - 1].course.id if len(found) > PAGE else None
    return render_template(
        "admin/courses.html", rows=found[:PAGE], more=more, after=after, problem=problem, roles=COURSE_ROLES
    )


def _back_to_people() -> Response:
    return redirect(url_for("admin.people_page", q=request.form.get("q") or None), 303)


def _known(person: Person | None) -> Person:
    if person is None:
        abort(404, "There is no such person.")
    return person
