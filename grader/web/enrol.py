"""Who is in a course: by list, by code, by invitation; for its instructors and admins."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from grader.db import courses, people, roster
from grader.db import links as db_links
from grader.db.school import COURSE_ROLES, CourseRole, Person
from grader.errors import BadInput
from grader.web import identity, letters, links
from grader.web.admin import send_invitations
from grader.web.identity import CourseAccess
from grader.web.services import services

enrol = Blueprint("enrol", __name__, url_prefix="/admin/courses/<course_id>/enrol")

PAGE = 50

Answer = Response | str | tuple[str, int]


@enrol.get("")
def show(course_id: str) -> str:
    """Members, invitations that stand, and every way in."""
    return _page(identity.course_access(course_id, teach=True))


@enrol.post("/list")
def by_list(course_id: str) -> Answer:
    """First what the list would do; with `confirm`, that very thing, or nothing when something is wrong with it."""
    access = identity.course_access(course_id, teach=True)
    try:
        check_open(access)
        text = _list()
        if "confirm" not in request.form:
            with services().database.read() as session:
                plan = roster.plan(session, access.course.id, text)
            page = render_template("admin/roster.html", access=access, course=access.course, plan=plan, text=text)
            return page, 422 if plan.problems else 200
        done = apply_list(access, text)
    except BadInput as problem:
        return _page(access, problem), 422
    flash(f"{len(done.enrolled)} enrolled or changed, {len(done.invitations)} invited.", "good")
    return _back(course_id)


@enrol.post("/invite")
def invite(course_id: str) -> Answer:
    """One person: enrolled when there is an account, invited otherwise."""
    access = identity.course_access(course_id, teach=True)
    form = request.form
    try:
        email, person = put_in(access, form.get("email", ""), form.get("role", "student"), form.get("name"))
    except BadInput as problem:
        return _page(access, problem), 422
    said = f"An invitation is on its way to {email}." if person is None else f"{email} is in the course."
    flash(said, "good")
    return _back(course_id)


def apply_list(access: CourseAccess, text: str) -> roster.Done:
    """Do what a list says, and write to everybody in it. Raises BadInput, having done nothing."""
    check_open(access)
    with services().database.write() as session:
        done = roster.apply(session, access.course, text, by=access.person.id)
    send_invitations(list(done.invitations), access.person)
    _tell_enrolled(access, [line.email for line in done.enrolled])
    return done


def put_in(access: CourseAccess, email: str, role: str, name: str | None) -> tuple[str, Person | None]:
    """Put one person into a course, or invite who has no account, and write to them. Raises BadInput.

    Returns the address as it is stored, and the person; None for who was invited.
    """
    check_open(access)
    email = people.clean_email(email)
    if role not in COURSE_ROLES:
        raise BadInput("There is no such role in a course.", where="role", fix="Choose student or instructor.")
    course_role: CourseRole = "instructor" if role == "instructor" else "student"
    by, invitation = access.person.id, None
    with services().database.write() as session:
        person = people.by_email(session, email)
        if person is not None and person.disabled_at is not None:
            raise BadInput(f"The account {email} is disabled.", where="email", fix="Ask an admin to enable it.")
        if person is not None:
            courses.enrol(session, access.course.id, person.id, course_role, by=by)
        else:
            invitation = db_links.invite(
                session,
                email=email,
                name=name,
                role=course_role,
                course=access.course,
                course_role=course_role,
                by=by,
            )
    if invitation is None:
        _tell_enrolled(access, [email])
    else:
        send_invitations([invitation], access.person)
    return email, person


def check_open(access: CourseAccess) -> None:
    """Raises BadInput for an archived course."""
    if access.course.archived_at is not None:
        raise BadInput("This course is archived.", where=access.course.title, fix="An admin can open it again.")


@enrol.post("/withdraw")
def withdraw(course_id: str) -> Response:
    """Make an invitation useless."""
    access = identity.course_access(course_id, teach=True)
    with services().database.write() as session:
        count = db_links.withdraw(session, request.form.get("email", "")[:254], access.course.id)
    flash("The invitation is withdrawn." if count else "There was no such invitation.", "good" if count else "part")
    return _back(course_id)


@enrol.post("/code")
def code(course_id: str) -> Response:
    """A fresh code (`on`), or none."""
    access = identity.course_access(course_id, teach=True)
    with services().database.write() as session:
        courses.set_code(session, access.course.id, on="on" in request.form, by=access.person.id)
    return _back(course_id)


@enrol.post("/members/<person_id>")
def member(course_id: str, person_id: str) -> Answer:
    """Change a member's role in the course, or take them out (`remove`)."""
    access = identity.course_access(course_id, teach=True)
    try:
        with services().database.write() as session:
            if "remove" in request.form:
                courses.remove(session, access.course.id, person_id, by=access.person.id)
            else:
                role = request.form.get("role", "")
                courses.set_course_role(session, access.course.id, person_id, role, by=access.person.id)
    except BadInput as problem:
        return _page(access, problem), 422
    flash("Saved.", "good")
    return _back(course_id)


def _list() -> str:
    """The list from the file, or as it was typed. Raises BadInput."""
    file = request.files.get("file")
    if file is not None and file.filename:
        return roster.decode(file.stream.read(roster.BYTES + 1))
    return roster.decode(request.form.get("list", "").encode("utf-8", "replace"))


def _tell_enrolled(access: CourseAccess, emails: list[str]) -> None:
    url = links.absolute("pages.home")
    mails = [letters.enrolled(email, url, course=access.course.title, by=access.person.name) for email in emails]
    services().mailer.later(lambda: mails)


def _page(access: CourseAccess, problem: BadInput | None = None) -> str:
    after = request.args.get("after", "")[:254] or None
    with services().database.read() as session:
        members = courses.members(session, access.course.id, PAGE + 1, after)
        standing = db_links.standing(session, access.course.id, PAGE + 1)
    return render_template(
        "admin/enrol.html",
        access=access,
        course=access.course,
        members=members[:PAGE],
        more=members[PAGE - 1][0].email if len(members) > PAGE else None,
        after=after,
        standing=standing[:PAGE],
        now=datetime.now(UTC),
        many_standing=len(standing) > PAGE,
        roles=COURSE_ROLES,
        join_url=links.absolute("account.join_form", code=access.course.code) if access.course.code else "",
        problem=problem,
        form=request.form,
    )


def _back(course_id: str) -> Response:
    return redirect(url_for("enrol.show", course_id=course_id), 303)
