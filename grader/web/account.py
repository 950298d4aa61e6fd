"""One's own account: name, password, API tokens, sessions; and the ways into a course."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from grader.db import courses, people, tokens
from grader.db import links as db_links
from grader.db.school import ApiToken, Person
from grader.errors import BadInput
from grader.web import identity, limits, passwords, sessions
from grader.web.services import services

account = Blueprint("account", __name__)

SCOPES = {
    "read": "read what you can see",
    "submit": "hand in for you",
    "teach": "read and change courses that you teach",
    "talent": "search learners who agreed to be found, and ask for contact",
    "admin": "manage people and courses",
}

Answer = Response | str | tuple[str, int]


@account.get("/account")
def show() -> str:
    return _page(identity.required())


@account.post("/account/name")
def rename() -> Answer:
    person = identity.required()
    try:
        with services().database.write() as session:
            people.rename(session, person.id, request.form.get("name", ""))
    except BadInput as problem:
        return _page(person, problem), 422
    return _done("Your name is saved.")


@account.post("/account/password")
def change_password() -> Answer:
    """The old one is asked for, so that an open browser is not an account. Every other session ends."""
    person = identity.required()
    limits.count("password", person.id, 10, 60)
    form = request.form
    try:
        if person.password is not None and not passwords.matches(person.password, form.get("current", "")):
            raise BadInput(
                "That is not your password now.", where="current", fix="Type it again, or sign in by a link."
            )
        hashed = passwords.hashed(form.get("password", ""), form.get("again", ""))
    except BadInput as problem:
        return _page(person, problem), 422
    with services().database.write() as session:
        changed = people.set_password(session, person.id, hashed)
    identity.sign_in(changed)
    return _done("Your password is changed, and you are signed out everywhere else.")


@account.post("/account/sign-out-everywhere")
def sign_out_everywhere() -> Response:
    person = identity.required()
    with services().database.write() as session:
        people.end_sessions(session, people.known(session, person.id))
    identity.sign_out()
    return redirect(url_for("sign_in.page"), 303)


@account.post("/account/tokens")
def add_token() -> Answer:
    """The page with the token on it: it is in no address and shown once."""
    person = identity.required()
    form = request.form
    days = form.get("days", "")
    try:
        if days and not (days.isascii() and days.isdecimal() and len(days) < 6):
            raise BadInput("That is no number of days.", where="days", fix="Choose one from the list.")
        with services().database.write() as session:
            token, secret = tokens.add(
                session,
                person,
                name=form.get("token_name", ""),
                scopes=form.getlist("scopes"),
                days=int(days) if days else None,
            )
    except BadInput as problem:
        return _page(person, problem), 422
    return _page(person, new=(token, secret))


@account.post("/account/tokens/<token_id>/revoke")
def revoke(token_id: str) -> Response:
    person = identity.required()
    with services().database.write() as session:
        if not tokens.revoke(session, person.id, token_id):
            abort(404, "You have no such token.")
    return _done("The token is revoked.")


@account.get("/courses/join")
def join_form() -> str:
    """A form; `?code=` fills it in, so that a code can be a link."""
    identity.required()
    return render_template("account/join.html", code=request.args.get("code", "")[:40], problem=None)


@account.post("/courses/join")
def join() -> Answer:
    person = identity.required()
    limits.count("join", person.id, 10, 60)
    code = request.form.get("code", "")[:100]
    try:
        with services().database.write() as session:
            course = courses.join(session, code, person.id)
    except BadInput as problem:
        return render_template("account/join.html", code=code, problem=problem), 422
    flash(f"You are in “{course.title}”.", "good")
    return redirect(url_for("pages.home"), 303)


@account.get("/invitation/<secret>")
def invitation(secret: str) -> Answer:
    return _invitation(secret)


@account.post("/invitation/<secret>")
def accept(secret: str) -> Answer:
    """Make the account, or with an account of that address that is signed in, join."""
    limits.count("invitation", limits.address(), 300, 60)
    form, person = request.form, identity.current()
    try:
        with services().database.read() as session:
            found = db_links.find_invitation(session, secret)
            owner = people.by_email(session, found.link.email) if found is not None else None
        if found is None:
            return _spent()
        if owner is None:
            hashed = passwords.hashed(form.get("password", ""), form.get("again", ""))
            with services().database.write() as session:
                person = db_links.accept_new(session, secret, name=form.get("name", ""), password=hashed)
            identity.sign_in(person)
        elif person is None:
            return redirect(url_for("sign_in.page", next=request.path), 303)
        else:
            with services().database.write() as session:
                db_links.accept(session, secret, person.id)
    except BadInput as problem:
        return _invitation(secret, problem)
    flash(f"You are in “{found.course.title}”." if found.course else "Welcome to Grader.", "good")
    return redirect(url_for("pages.home"), 303)


def _invitation(secret: str, problem: BadInput | None = None) -> Answer:
    with services().database.read() as session:
        found = db_links.find_invitation(session, secret)
        owner = people.by_email(session, found.link.email) if found is not None else None
    if found is None:
        return _spent()
    page = render_template(
        "account/invitation.html",
        invitation=found,
        has_account=owner is not None,
        problem=problem,
        name=request.form.get("name", found.link.name or "")[:200],
        shortest=passwords.SHORTEST,
    )
    return page, 422 if problem is not None else 200


def _spent() -> tuple[str, int]:
    return render_template("account/invitation_spent.html"), 410


def _page(person: Person, problem: BadInput | None = None, new: tuple[ApiToken, str] | None = None) -> str:
    with services().database.read() as session:
        living = tokens.living(session, person.id)
    return render_template(
        "account/account.html",
        person=person,
        tokens=living,
        problem=problem,
        new_token=new[0] if new else None,
        secret=new[1] if new else "",
        scopes=[(name, SCOPES[name]) for name in tokens.scopes_for(person)],
        shortest=passwords.SHORTEST,
        session_days=sessions.LIFETIME.days,
        now=datetime.now(UTC),
    )


def _done(text: str) -> Response:
    flash(text, "good")
    return redirect(url_for("account.show"), 303)
