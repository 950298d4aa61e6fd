"""One learner as an organisation may see them, and what it can do: ask for contact, keep in a shortlist."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from grader.db import shortlists, talent_contacts, talent_profile, talent_search
from grader.db.school import Person
from grader.db.talent import ContactRequest, Learner
from grader.errors import BadInput
from grader.web import letters, links
from grader.web.services import services
from grader.web.talent.blueprint import NOBODY, Member, count, employers, found_learner, member, page


@employers.get("/<name>")
def learner_page(name: str) -> Response:
    """All skills with what proves them. That somebody looked is noted for the learner."""
    who = member()
    count(who, "learner")
    return _learner(who, name, looked=True)


@employers.post("/<name>/request")
def ask(name: str) -> Response:
    """Ask for contact."""
    who = member()
    message = request.form.get("message", "")
    try:
        row = send(who, name, message)
    except BadInput as problem:
        return _learner(who, name, problem=problem, message=message[:4000])
    flash("Your request is on its way. You see here when it is answered.", "good")
    return redirect(url_for("talent.request_page", request_id=row.id), 303)


@employers.post("/<name>/shortlist")
def keep(name: str) -> Response:
    """Put a learner into a shortlist, an existing one or a new one of the name in `new`."""
    who = member()
    found = found_learner(who, name)
    form = request.form
    try:
        with services().database.write() as session:
            if form.get("shortlist"):
                row = shortlists.find(session, who.id, form["shortlist"])
                if row is None:
                    abort(404, "There is no shortlist at this address.")
            else:
                row = shortlists.add(session, who.id, form.get("new", ""), by=who.person.id)
            shortlists.put(session, row, found.learner, form.get("note", ""), by=who.person.id)
    except BadInput as problem:
        return _learner(who, name, problem=problem)
    flash(f"In the shortlist “{row.name}”.", "good")
    return redirect(url_for("talent.learner_page", name=name), 303)


def send(who: Member, name: str, message: str) -> ContactRequest:
    """Ask a learner for contact and tell them by mail. Raises BadInput."""
    found = found_learner(who, name)
    count(who, "request")
    with services().database.write() as session:
        again = talent_search.learner(session, who.id, found.learner.person_id)
        if again is None:
            abort(404, NOBODY)
        row = talent_contacts.ask(session, who.organisation, who.person, again.learner, message)
        person = session.get_one(Person, again.learner.person_id)
    mail = letters.contact_request(person.email, links.absolute("profile.inbox"), organisation=who.organisation.name)
    services().mailer.later(lambda: [mail])
    return row


def look(who: Member, learner: Learner) -> None:
    """Note that the organisation has looked."""
    with services().database.write() as session:
        talent_profile.note_view(session, learner.seq, who.id, who.person.id)


def _learner(
    who: Member, name: str, *, looked: bool = False, problem: BadInput | None = None, message: str = ""
) -> Response:
    found = found_learner(who, name)
    if looked:
        look(who, found.learner)
    with services().database.read() as session:
        last = talent_contacts.latest(session, who.id, found.learner.seq)
        person = talent_contacts.accepted_people(session, who.id, [found.learner.seq]).get(found.learner.seq)
        lists = shortlists.cards(session, who.id)
        holding = set(shortlists.holding(session, who.id, found.learner.seq))
    return page(
        "talent/learner.html", status=422 if problem else 200, who=who, name=name, found=found, last=last,
        person=person, lists=lists, holding=holding, problem=problem, message=message,
        shortest=talent_contacts.SHORTEST, longest=talent_contacts.LONGEST,
    )  # fmt: skip
