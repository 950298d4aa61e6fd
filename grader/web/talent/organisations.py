"""Admins let employers in: organisations, and who is a member."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from grader.db import links as db_links
from grader.db import organisations, people
from grader.db.talent import Organisation
from grader.errors import BadInput
from grader.web import admin, identity
from grader.web.services import services
from grader.web.talent.blueprint import page

pages = Blueprint("organisations", __name__, url_prefix="/admin/organisations")
PAGE = 50


@pages.get("")
def show_all() -> Response:
    """By name; `?after=` goes on."""
    identity.require_role("admin")
    return _all()


@pages.post("")
def add() -> Response | BaseResponse:
    by = identity.require_role("admin")
    form = request.form
    try:
        with services().database.write() as session:
            row = organisations.add(session, form.get("name", ""), form.get("about", ""), by=by.id)
    except BadInput as problem:
        return _all(problem)
    flash(f"“{row.name}” is made. Invite its members.", "good")
    return redirect(url_for("organisations.show", organisation_id=row.id), 303)


@pages.get("/<organisation_id>")
def show(organisation_id: str) -> Response:
    """Its members and who is invited."""
    identity.require_role("admin")
    return _one(_known(organisation_id))


@pages.post("/<organisation_id>/about")
def describe(organisation_id: str) -> Response | BaseResponse:
    by = identity.require_role("admin")
    row = _known(organisation_id)
    try:
        with services().database.write() as session:
            organisations.describe(session, row.id, request.form.get("about", ""), by=by.id)
    except BadInput as problem:
        return _one(row, problem)
    return _back(row, "The description is saved.")


@pages.post("/<organisation_id>/closed")
def close(organisation_id: str) -> BaseResponse:
    """`closed=1` shuts it, anything else opens it."""
    by = identity.require_role("admin")
    row = _known(organisation_id)
    closed = request.form.get("closed") == "1"
    with services().database.write() as session:
        organisations.set_closed(session, row.id, closed=closed, by=by.id)
    return _back(row, "Its members find nobody now." if closed else "It is open again.")


@pages.post("/<organisation_id>/invite")
def invite(organisation_id: str) -> Response | BaseResponse:
    """Let an address join. Who has no account is sent an invitation to make one."""
    by = identity.require_role("admin")
    row = _known(organisation_id)
    email, invitations = request.form.get("email", ""), []
    try:
        with services().database.write() as session:
            person = organisations.invite(session, row.id, email, by=by.id)
            if person is None:
                invitations.append(db_links.invite(session, email=email, role="employer", by=by.id))
    except BadInput as problem:
        return _one(row, problem)
    admin.send_invitations(invitations, by)
    told = "An invitation is on its way." if invitations else "They join on the page Talent."
    return _back(row, f"{people.clean_email(email)} may join. {told}")


@pages.post("/<organisation_id>/withdraw")
def withdraw(organisation_id: str) -> BaseResponse:
    by = identity.require_role("admin")
    row = _known(organisation_id)
    with services().database.write() as session:
        if not organisations.withdraw(session, row.id, request.form.get("email", ""), by=by.id):
            abort(404, "There is no such invitation.")
    return _back(row, "The invitation is withdrawn.")


@pages.post("/<organisation_id>/members/<person_id>/remove")
def remove(organisation_id: str, person_id: str) -> BaseResponse:
    by = identity.require_role("admin")
    row = _known(organisation_id)
    with services().database.write() as session:
        if not organisations.remove(session, row.id, person_id, by=by.id):
            abort(404, "There is no such member.")
    return _back(row, "They are no member any more.")


def _known(organisation_id: str) -> Organisation:
    with services().database.read() as session:
        row = session.get(Organisation, organisation_id)
    if row is None:
        abort(404, "There is no organisation at this address.")
    return row


def _all(problem: BadInput | None = None) -> Response:
    after = request.args.get("after", "")[:200] or None
    with services().database.read() as session:
        cards = organisations.cards(session, PAGE + 1, after)
    more = cards[PAGE - 1].organisation.name if len(cards) > PAGE else None
    return page(
        "talent/organisations.html", status=422 if problem else 200, cards=cards[:PAGE], more=more, after=after,
        problem=problem, form=request.form,
    )  # fmt: skip


def _one(row: Organisation, problem: BadInput | None = None) -> Response:
    with services().database.read() as session:
        members = organisations.members(session, row.id)
        invitations = organisations.invitations(session, row.id)
    return page(
        "talent/organisation.html", status=422 if problem else 200, row=row, members=members, invitations=invitations,
        problem=problem, form=request.form,
    )  # fmt: skip


def _back(row: Organisation, text: str) -> BaseResponse:
    flash(text, "good")
    return redirect(url_for("organisations.show", organisation_id=row.id), 303)
