"""What a learner decides about their badges: who sees how much, which links there are, and what is deleted."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from grader.db import badges, shares
from grader.db.access import digest_of
from grader.db.credentials import DETAILS, Badge, Share
from grader.errors import BadInput
from grader.web import badge as pages
from grader.web import identity, limits, looks, passwords
from grader.web.links import absolute
from grader.web.services import services

sharing = Blueprint("sharing", __name__)

LASTS = {"7": "a week", "30": "a month", "90": "three months", "365": "a year", "": "no end"}
SHOWS = {
    "badge": "The badge alone: what was passed, when, and its percent",
    "criteria": "With the marks of each criterion, and the signed files",
    "evidence": "With the grading record behind the marks",
}
A_MINUTE = 30


@dataclass(frozen=True)
class Link:
    """A share with its address; none where this site's secret has changed since it was made."""

    share: Share
    address: str


def links_of(session: Session, person_id: str) -> list[Link]:
    """The links of a learner that have not been ended."""
    found = []
    for share in shares.of_person(session, person_id):
        secret = looks.secret_of(share.id)
        known = digest_of(secret) == share.digest
        found.append(Link(share, absolute("badge.shared", secret=secret) if known else ""))
    return found


@sharing.get("/record/badges/<badge_id>")
def manage(badge_id: str) -> str:
    """One badge with everything that its learner decides about it."""
    look = looks.own_badge(badge_id)
    with services().database.read() as session:
        links = [link for link in links_of(session, look.held.badge.person_id) if link.share.badge_id == look.id]
        seen = shares.views(session, [link.share.id for link in links])
        history = badges.history(session, look.id)
    return render_template(
        "record/manage.html",
        look=look,
        held=look.held,
        links=links,
        seen=seen,
        history=history,
        address=absolute("badge.show", badge_id=look.id),
        linked_in=pages.linked_in(look.held, look.held.title),
        shows=SHOWS,
        lasts=LASTS,
    )


@sharing.post("/record/badges/<badge_id>/public")
def publish(badge_id: str) -> BaseResponse:
    """Set what the badge's own address shows to everybody."""
    look = looks.own_badge(badge_id)
    public = request.form.get("public", "")
    with services().database.write() as session:
        row = session.get_one(Badge, look.id)
        shares.publish(
            session,
            row,
            public=next((detail for detail in DETAILS if detail == public), None),
            indexed="indexed" in request.form,
            rerun="rerun" in request.form,
            by=row.person_id,
        )
    flash("What others see is set.", "good")
    return redirect(url_for("sharing.manage", badge_id=badge_id), 303)


@sharing.post("/record/shares")
def share() -> BaseResponse:
    """Make a link to one badge or to all of them."""
    person = identity.required()
    limits.count("share", person.id, A_MINUTE, 60)
    badge_id = request.form.get("badge", "") or None
    back = url_for("sharing.manage", badge_id=badge_id) if badge_id else url_for("record.show")
    days, given = request.form.get("days", ""), request.form.get("password", "")
    try:
        if days not in LASTS:
            raise BadInput("Choose how long the link lasts.", where="days")
        share_id = shares.new_share_id()
        password = passwords.hashed(given) if given else None
        with services().database.write() as session:
            shares.create(
                session,
                person.id,
                share_id=share_id,
                secret=looks.secret_of(share_id),
                badge_id=badge_id,
                detail=request.form.get("detail", ""),
                label=request.form.get("label", ""),
                days=int(days) if days else None,
                password=password,
            )
    except BadInput as problem:
        flash(f"{problem.message} {problem.fix}".strip(), "bad")
        return redirect(back, 303)
    flash("The link is made. Copy it from the list.", "good")
    return redirect(f"{back}#links", 303)


@sharing.post("/record/shares/<share_id>/end")
def end_share(share_id: str) -> BaseResponse:
    """End a link: it leads nowhere from now on."""
    person = identity.required()
    with services().database.write() as session:
        row = session.get(Share, share_id)
        badge_id = row.badge_id if row is not None else None
        if not shares.end(session, share_id, person.id):
            abort(404, "You have no such link.")
    flash("The link leads nowhere any more.", "good")
    back = url_for("sharing.manage", badge_id=badge_id) if badge_id else url_for("record.show")
    return redirect(f"{back}#links", 303)


@sharing.post("/record/badges/<badge_id>/delete")
def delete(badge_id: str) -> BaseResponse:
    """Delete a badge: it is revoked, its links end, nobody is shown it."""
    look = looks.own_badge(badge_id)
    if "sure" not in request.form:
        flash("Nothing was deleted. Tick the box to say that you are sure.", "bad")
        return redirect(url_for("sharing.manage", badge_id=badge_id), 303)
    with services().database.write() as session:
        badges.delete(session, look.id, by=look.held.badge.person_id)
    flash("The badge is deleted and revoked.", "good")
    return redirect(url_for("record.show"), 303)


@sharing.post("/record/badges/<badge_id>/restore")
def restore(badge_id: str) -> BaseResponse:
    """Have a deleted badge issued again."""
    look = looks.own_badge(badge_id)
    try:
        with services().database.write() as session:
            badges.restore(session, look.id, by=look.held.badge.person_id)
    except BadInput as problem:
        flash(f"{problem.message} {problem.fix}", "bad")
    return redirect(url_for("record.show"), 303)


@sharing.post("/record/name")
def name() -> BaseResponse:
    """Whether badges tell the learner's name; those that are valid are issued anew."""
    person = identity.required()
    limits.count("record-name", person.id, 10, 3600)
    with services().database.write() as session:
        changed = badges.show_name(session, person.id, show="show" in request.form)
    if changed:
        flash("Your badges are being issued anew. Download them again: copies of before are revoked.", "good")
    return redirect(url_for("record.show"), 303)
