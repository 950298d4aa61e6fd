"""A learner's own choice: to be found or not, what organisations see, and from which of them to hide."""

from __future__ import annotations

from datetime import date

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from grader.db import organisations, talent_contacts, talent_profile, talent_search, talent_skills
from grader.db.contact_data import LENGTH
from grader.db.school import Person
from grader.db.talent_profile import VIEW_DAYS, Choices
from grader.errors import BadInput
from grader.web import identity
from grader.web.services import services
from grader.web.talent.blueprint import learners, page
from grader.web.talent.countries import countries


@learners.get("/profile")
def show() -> Response:
    return _profile(identity.required())


@learners.post("/profile")
def save() -> Response | BaseResponse:
    """Country, availability and headline."""
    person, form = identity.required(), request.form
    try:
        text = form.get("available_from", "")
        choices = Choices(
            country=form.get("country", ""),
            availability=form.get("availability", ""),
            available_from=_date(text) if form.get("availability") == "from" and text else None,
            headline=form.get("headline", ""),
        )
        with services().database.write() as session:
            talent_profile.save(session, person, choices, frozenset(countries()))
    except BadInput as problem:
        return _profile(person, problem)
    return _done("Your profile is saved.")


@learners.post("/profile/consent")
def consent() -> BaseResponse:
    """`found=1` gives it, anything else withdraws it."""
    person = identity.required()
    found = request.form.get("found") == "1"
    with services().database.write() as session:
        talent_profile.set_found(session, person, found=found)
    return _done("Organisations can find you now." if found else "Nobody can find you any more.")


@learners.post("/profile/hide")
def hide() -> BaseResponse:
    """Hide from the organisation in `organisation`."""
    person = identity.required()
    with services().database.write() as session:
        organisation = talent_profile.block(session, person, request.form.get("organisation", ""))
    return _done(f"{organisation.name} cannot find you.")


@learners.post("/profile/unhide")
def unhide() -> BaseResponse:
    person = identity.required()
    with services().database.write() as session:
        talent_profile.unblock(session, person, request.form.get("organisation", ""))
    return _done("They can find you again.")


def _profile(person: Person, problem: BadInput | None = None) -> Response:
    with services().database.read() as session:
        learner = talent_skills.find_learner(session, person.id)
        found = talent_search.proven(session, learner)
        blocked = talent_profile.blocked(session, learner.seq)
        others = organisations.open_ones(session)
        looked = talent_profile.looked(session, learner.seq)
        waiting = talent_contacts.waiting(session, person.id)
    hidden = {one.id for one in blocked}
    return page(
        "talent/profile.html",
        status=422 if problem else 200,
        problem=problem,
        form=request.form if problem else None,
        found=found,
        learner=learner,
        blocked=blocked,
        others=[one for one in others if one.id not in hidden],
        looked=looked,
        days=VIEW_DAYS,
        waiting=waiting,
        countries=countries(),
        length=LENGTH,
    )


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(
            f"“{text[:40]}” is no date.", where="available_from", fix="Write one such as 2027-03-01."
        ) from error


def _done(text: str) -> BaseResponse:
    flash(text, "good")
    return redirect(url_for("profile.show"), 303)
