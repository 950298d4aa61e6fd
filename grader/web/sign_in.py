"""Sign in by password or by a link sent by mail, and sign out."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from grader.db import links as db_links
from grader.db import people
from grader.db.school import Person
from grader.errors import BadInput
from grader.mail import Mail
from grader.web import identity, letters, limits, links, passwords
from grader.web.services import services

pages = Blueprint("sign_in", __name__)

TRIES, TRIES_SECONDS = 10, 60
"""Passwords tried for one account from one address."""
ADDRESS_TRIES = 300
"""The same for all accounts from one address: a class may sit behind it."""
MAILS, MAILS_SECONDS = 5, 900
"""Links asked for by one address of mail."""

Answer = Response | str | tuple[str, int]


@pages.get("/sign-in")
def page() -> Answer:
    """Every way to sign in; who is signed in already goes on to where they wanted."""
    target = identity.local_path(request.args.get("next"))
    if identity.current() is not None:
        return redirect(target, 303)
    return _page(target)


@pages.post("/sign-in")
def with_password() -> Answer:
    """303 to `next`, or the form again: in the same words for a wrong password and for nobody's address."""
    target = identity.local_path(request.form.get("next"))
    email, password = request.form.get("email", "").strip(), request.form.get("password", "")
    limits.count("sign-in", f"{email.casefold()[:300]} {limits.address()}", TRIES, TRIES_SECONDS)
    limits.count("sign-in-from", limits.address(), ADDRESS_TRIES, TRIES_SECONDS)
    try:
        person = _find(email)
        right = passwords.matches(person.password if person is not None else None, password)
        if person is None or not right:
            raise BadInput("The address or the password is wrong.", fix="Try again, or have a link sent to you.")
    except BadInput as problem:
        return _page(target, problem), 422
    identity.sign_in(person)
    return redirect(target, 303)


@pages.post("/sign-in/demo")
def as_demo() -> Response:
    """Sign in as one of the demo's people; only where GRADER_DEMO is on."""
    settings = services().settings
    email = request.form.get("email", "")
    if not settings.demo or email not in people.DEMO:
        abort(404, "There is no demo here.")
    with services().database.read() as session:
        person = people.by_email(session, email)
    if person is None or person.disabled_at is not None:
        abort(404, "The demo's people have not been made yet.")
    identity.sign_in(person)
    return redirect(identity.local_path(request.form.get("next")), 303)


@pages.post("/sign-out")
def leave() -> Response:
    """End this session. Everything else stays as it is."""
    identity.sign_out()
    return redirect(url_for("pages.home"), 303)


@pages.get("/sign-in/link")
def link_page() -> Response:
    return redirect(url_for("sign_in.page"), 303)


@pages.post("/sign-in/link")
def ask_for_link() -> Answer:
    """Send a link to the account with this address, if there is one; the answer does not tell."""
    target = identity.local_path(request.form.get("next"))
    try:
        email = people.clean_email(request.form.get("email", ""))
    except BadInput as problem:
        return _page(target, problem), 422
    limits.count("link", email, MAILS, MAILS_SECONDS)
    limits.count("link-from", limits.address(), ADDRESS_TRIES, TRIES_SECONDS)
    _send_link(email, target)
    return render_template("account/link_sent.html", email=email, minutes=db_links.LOGIN_MINUTES)


@pages.get("/sign-in/link/<secret>")
def show_link(secret: str) -> Answer:
    """A button. Programs that open every link in a mail press none, so they spend nothing."""
    with services().database.read() as session:
        link = db_links.find_login(session, secret)
    if link is None:
        return _spent()
    return render_template("account/link.html", email=link.email, next=identity.local_path(request.args.get("next")))


@pages.post("/sign-in/link/<secret>")
def use_link(secret: str) -> Answer:
    """Spend the link and sign in."""
    try:
        with services().database.write() as session:
            person = db_links.use_login(session, secret)
    except BadInput:
        return _spent()
    identity.sign_in(person)
    return redirect(identity.local_path(request.form.get("next")), 303)


def _send_link(email: str, target: str) -> None:
    """Looked up where nobody waits for it, so that the time of the answer does not tell who has an account."""
    there = services()
    secret = db_links.new_secret()
    url = links.absolute("sign_in.show_link", secret=secret, next=target if target != "/" else None)

    def make() -> Sequence[Mail]:
        with there.database.write() as session:
            made = db_links.add_login(session, email, secret)
        return [letters.login(email, url)] if made else []

    there.mailer.later(make)


def _find(email: str) -> Person | None:
    try:
        wanted = people.clean_email(email)
    except BadInput:
        return None
    with services().database.read() as session:
        person = people.by_email(session, wanted)
    return person if person is not None and person.disabled_at is None else None


def _page(target: str, problem: BadInput | None = None) -> str:
    settings = services().settings
    return render_template(
        "account/sign_in.html",
        next=target,
        problem=problem,
        email=request.form.get("email", "")[:254],
        provider=settings.oidc_name if settings.oidc_issuer else None,
        demo=people.DEMO if settings.demo else {},
    )


def _spent() -> tuple[str, int]:
    return render_template("account/link_spent.html"), 410
