"""Requests for contact, as the learner sees them: who asks, what for, and the answer."""

from __future__ import annotations

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from grader.db import people, talent_contacts, talent_skills
from grader.db.school import Person
from grader.errors import BadInput
from grader.web import identity, letters, links
from grader.web.services import services
from grader.web.talent.blueprint import PAGE, learners, page


@learners.get("/requests")
def inbox() -> Response:
    """The newest first; `?before=` goes on."""
    return _inbox(identity.required())


@learners.post("/requests/<request_id>/answer")
def answer(request_id: str) -> Response | BaseResponse:
    """`accept=1` shows name, address and the ticked badges to the organisation; anything else declines."""
    person, form = identity.required(), request.form
    accept = form.get("accept") == "1"
    try:
        with services().database.write() as session:
            row = talent_contacts.answer(
                session,
                person,
                request_id,
                accept=accept,
                text=form.get("answer", ""),
                badge_ids=form.getlist("badges") if accept else (),
            )
            asked_by = people.by_id(session, row.asked_by) if row.asked_by else None
    except BadInput as problem:
        return _inbox(person, problem)
    if asked_by is not None and asked_by.disabled_at is None:
        url = links.absolute("talent.request_page", request_id=row.id)
        mail = letters.contact_answer(asked_by.email, url, accepted=accept)
        services().mailer.later(lambda: [mail])
    flash("They see your name and address now." if accept else "Declined. They learn nothing about you.", "good")
    return redirect(url_for("profile.inbox"), 303)


@learners.post("/requests/<request_id>/end")
def end(request_id: str) -> BaseResponse:
    """Stop showing name, address and badges."""
    person = identity.required()
    with services().database.write() as session:
        talent_contacts.end(session, person, request_id)
    flash("Your name, address and badges are shown no longer.", "good")
    return redirect(url_for("profile.inbox"), 303)


def _inbox(person: Person, problem: BadInput | None = None) -> Response:
    before = request.args.get("before", "")
    if before and not (before.isascii() and before.isdecimal() and len(before) < 19):
        raise BadInput("There is no such page.", where="before", fix="Begin at the first one.")
    with services().database.read() as session:
        learner = talent_skills.find_learner(session, person.id)
        rows = talent_contacts.received(session, learner.seq, PAGE + 1, int(before) if before else None)
        badges = talent_contacts.shareable(session, person.id)
    return page(
        "talent/inbox.html",
        status=422 if problem else 200,
        problem=problem,
        rows=rows[:PAGE],
        more=rows[PAGE - 1].request.seq if len(rows) > PAGE else None,
        before=before,
        badges=badges,
        titles={held.badge.id: held.title for held in badges},
        learner=learner,
        person=person,
    )
