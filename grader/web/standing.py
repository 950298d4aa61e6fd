"""The instructor's page of a badge: suspend, revoke, reinstate, each with a reason that its learner reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from grader.db import badges, dossier
from grader.db.badges import Held
from grader.db.school import Person
from grader.errors import BadInput
from grader.web import identity
from grader.web.identity import AssignmentAccess
from grader.web.services import services

standing = Blueprint("standing", __name__)

CHANGES: dict[str, tuple[Callable[..., None], str]] = {
    "suspend": (badges.suspend, "The badge is suspended. Verifiers see it within minutes."),
    "revoke": (badges.revoke, "The badge is revoked. Verifiers see it within minutes."),
    "reinstate": (badges.reinstate, "The badge is given back."),
}


@standing.get("/desk/badges/<badge_id>")
def show(badge_id: str) -> str:
    """How a badge stands, and what happened to it."""
    held, access = _badge(badge_id)
    return _page(held, access)


@standing.post("/desk/badges/<badge_id>/<any(suspend, revoke, reinstate):change>")
def change(badge_id: str, change: str) -> BaseResponse | Response:
    """Change it: 303 back to it, or 422 with what was wrong."""
    held, access = _badge(badge_id)
    make, said = CHANGES[change]
    try:
        with services().database.write() as session:
            make(session, badge_id, by=access.person.id, why=request.form.get("why", "").strip())
    except BadInput as problem:
        return Response(_page(held, access, problem=problem), 422, content_type="text/html; charset=utf-8")
    flash(said, "good")
    return redirect(url_for("standing.show", badge_id=badge_id), 303)


def _badge(badge_id: str) -> tuple[Held, AssignmentAccess]:
    """The badge, for who teaches its course; else 404 as for an unknown one."""
    identity.required()
    with services().database.read() as session:
        held = badges.find(session, badge_id)
    if held is not None:
        try:
            return held, identity.assignment_access(held.badge.assignment_id, teach=True)
        except NotFound:
            pass
    abort(404, "There is no badge at this address.")


def _page(held: Held, access: AssignmentAccess, **more: Any) -> str:
    with services().database.read() as session:
        person = session.get_one(Person, held.badge.person_id)
        history = badges.history(session, held.badge.id)
        events = dossier.events_about(session, f"badge:{held.badge.id}")
    return render_template(
        "record/standing.html", held=held, access=access, person=person, history=history, events=events, **more
    )
