"""Requests for contact, as the organisation that asks sees them."""

from __future__ import annotations

from flask import Response, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from grader.db import talent_contacts
from grader.db.talent_contacts import Asked
from grader.errors import BadInput
from grader.web.services import services
from grader.web.talent.blueprint import PAGE, Member, employers, member, page


@employers.get("/requests")
def requests_page() -> Response:
    """The newest first; `?before=` goes on."""
    who = member()
    before = request.args.get("before", "")
    if before and not (before.isascii() and before.isdecimal() and len(before) < 19):
        raise BadInput("There is no such page.", where="before", fix="Begin at the first one.")
    with services().database.read() as session:
        rows = talent_contacts.asked(session, who.id, PAGE + 1, int(before) if before else None)
    more = rows[PAGE - 1].request.seq if len(rows) > PAGE else None
    return page("talent/requests.html", who=who, rows=rows[:PAGE], more=more, before=before)


@employers.get("/requests/<request_id>")
def request_page(request_id: str) -> Response:
    """One request; with the name, the address and the badges of who has accepted."""
    who = member()
    return page("talent/request.html", who=who, one=one(who, request_id))


@employers.post("/requests/<request_id>/withdraw")
def withdraw(request_id: str) -> BaseResponse:
    who = member()
    one(who, request_id)
    with services().database.write() as session:
        talent_contacts.withdraw(session, who.id, request_id, by=who.person.id)
    flash("The request is withdrawn.", "good")
    return redirect(url_for("talent.request_page", request_id=request_id), 303)


@employers.get("/requests/<request_id>/badges/<badge_id>.json")
def request_badge(request_id: str, badge_id: str) -> Response:
    """The signed file of a badge that was shown with a request, for whatever verifier."""
    who = member()
    return Response(signed(who, request_id, badge_id), content_type="application/vc+ld+json", headers={
        "Content-Disposition": f'attachment; filename="badge-{badge_id[:8]}.json"'
    })  # fmt: skip


def one(who: Member, request_id: str) -> Asked:
    """A request of the organisation; else 404."""
    with services().database.read() as session:
        rows = talent_contacts.asked(session, who.id, 1, request_id=request_id)
    if not rows:
        abort(404, "There is no request at this address.")
    return rows[0]


def signed(who: Member, request_id: str, badge_id: str) -> str:
    """The JSON of a badge that was shown with a request; else 404."""
    held = next((held for held in one(who, request_id).badges if held.badge.id == badge_id), None)
    if held is not None:
        with services().database.read() as session:
            row = talent_contacts.credential(session, held)
        if row is not None and row.json is not None:
            return row.json
    abort(404, "This badge is not shown with the request.")
