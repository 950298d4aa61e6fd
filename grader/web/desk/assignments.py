"""Making and changing an assignment: dates in a zone that is named, rules with an example of what they do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from grader.db import assignments, dossier, extensions, rules
from grader.db.assignments import Rules
from grader.db.school import Period, PublishedSuite
from grader.errors import BadInput
from grader.web import identity
from grader.web.desk import forms
from grader.web.desk.blueprint import desk, page, suite_access, suite_row
from grader.web.identity import AssignmentAccess, CourseAccess
from grader.web.services import services

FIELDS = (
    "title", "zone", "opens_at", "due_at", "closes_at", "penalty", "grace_days", "attempts", "attempts_per",
    "group_size", "counts", "leaderboard", "action",
)  # fmt: skip
PERIODS: tuple[Period, ...] = ("hour", "day", "week", "ever")
HISTORY = 20
_DUE = datetime(2030, 1, 1, tzinfo=UTC)
"""Any moment will do for an example."""


@dataclass(frozen=True)
class Example:
    """What the late rule does to one piece of work."""

    points: float
    late: timedelta
    begun: int
    free: int
    charged: int
    percent: float
    remains: float


@desk.get("/suites/<suite_id>/assign")
def new_assignment(suite_id: str) -> Response:
    """The form for an assignment with this suite."""
    suite, access = suite_access(suite_id)
    return _new(access, suite, Rules(title=suite.title[:200]), forms.own_zone())


@desk.post("/suites/<suite_id>/assign")
def add_assignment(suite_id: str) -> BaseResponse:
    """Make it; students do not see it yet."""
    suite, access = suite_access(suite_id)
    try:
        wanted, zone = _rules(forms.fields(*FIELDS))
        if request.form["action"] == "example":
            assignments.check(wanted)
            return _new(access, suite, wanted, zone)
        with services().database.write() as session:
            row = assignments.create(session, suite, wanted, by=access.person.id)
    except BadInput as problem:
        return _new(access, suite, Rules(title=suite.title[:200]), forms.own_zone(), problem)
    flash("The assignment is made. Students see it once you publish it.", "good")
    return _keep(redirect(url_for("desk.assignment", assignment_id=row.id), 303), zone)


@desk.get("/assignments/<assignment_id>")
def assignment(assignment_id: str) -> Response:
    """Its rules, later dates for single students, and what was changed when."""
    access = identity.assignment_access(assignment_id, teach=True)
    return _edit(access, assignments.rules_of(access.assignment), forms.own_zone())


@desk.post("/assignments/<assignment_id>")
def change_assignment(assignment_id: str) -> BaseResponse:
    """Change the rules and settle the grades that they decide."""
    access = identity.assignment_access(assignment_id, teach=True)
    try:
        wanted, zone = _rules(forms.fields(*FIELDS))
        if request.form["action"] == "example":
            assignments.check(wanted)
            return _edit(access, wanted, zone)
        with services().database.write() as session:
            changed = assignments.change(session, access.assignment.id, wanted, by=access.person.id)
    except BadInput as problem:
        return _edit(access, assignments.rules_of(access.assignment), forms.own_zone(), problem)
    flash(f"Saved. {_grades(changed)}", "good")
    return _keep(redirect(url_for("desk.assignment", assignment_id=assignment_id), 303), zone)


@desk.post("/assignments/<assignment_id>/publish")
def publish_assignment(assignment_id: str) -> BaseResponse:
    """Show it to students, or hide it again."""
    access = identity.assignment_access(assignment_id, teach=True)
    published = _one_of(forms.fields("published")["published"], ("yes", "no"), "published") == "yes"
    with services().database.write() as session:
        assignments.publish(session, access.assignment.id, by=access.person.id, published=published)
    flash("Students see it now." if published else "Students do not see it any more.", "good")
    return redirect(url_for("desk.assignment", assignment_id=assignment_id), 303)


@desk.post("/assignments/<assignment_id>/extensions")
def extend(assignment_id: str) -> BaseResponse:
    """Give a student a later due date."""
    access = identity.assignment_access(assignment_id, teach=True)
    sent = forms.fields("email", "due_at", "zone", "why")
    try:
        zone = forms.zone(sent["zone"])
        due = forms.moment(sent["due_at"], zone, "due_at")
        if due is None:
            raise BadInput("There is no date.", where="due_at", fix="Say until when.")
        with services().database.write() as session:
            person = assignments.student_by_mail(session, access.course.id, sent["email"])
            if person is None:
                raise BadInput("No student of this course has this address.", where="email", fix="Choose another one.")
            extensions.grant(session, access.assignment, person.id, due, why=sent["why"], by=access.person.id)
    except BadInput as problem:
        return _edit(access, assignments.rules_of(access.assignment), forms.own_zone(), problem)
    flash(f"{person.name} has more time.", "good")
    return _keep(redirect(url_for("desk.assignment", assignment_id=assignment_id) + "#extensions", 303), zone)


@desk.post("/assignments/<assignment_id>/extensions/<person_id>/withdraw")
def withdraw(assignment_id: str, person_id: str) -> BaseResponse:
    """Take a later date back."""
    access = identity.assignment_access(assignment_id, teach=True)
    forms.fields()
    with services().database.write() as session:
        extensions.withdraw(session, access.assignment, person_id, why="taken back", by=access.person.id)
    flash("The date of everybody holds again for this student.", "good")
    return redirect(url_for("desk.assignment", assignment_id=assignment_id) + "#extensions", 303)


def _rules(sent: Any) -> tuple[Rules, ZoneInfo]:
    zone = forms.zone(sent["zone"])
    _one_of(sent["action"], ("save", "example"), "action")
    attempts = forms.whole(sent["attempts"], "attempts") if sent["attempts"] else None
    per = _one_of(sent["attempts_per"] or "day", PERIODS, "attempts_per")
    period = next(known for known in PERIODS if known == per)
    return Rules(
        title=" ".join(sent["title"].split()),
        opens_at=forms.moment(sent["opens_at"], zone, "opens_at"),
        due_at=forms.moment(sent["due_at"], zone, "due_at"),
        closes_at=forms.moment(sent["closes_at"], zone, "closes_at"),
        penalty=forms.decimal(sent["penalty"] or "0", "penalty"),
        grace_days=forms.whole(sent["grace_days"] or "0", "grace_days"),
        attempts=attempts,
        attempts_per=period if attempts is not None else None,
        group_size=forms.whole(sent["group_size"] or "1", "group_size"),
        counts="last" if _one_of(sent["counts"], ("best", "last"), "counts") == "last" else "best",
        leaderboard=_one_of(sent["leaderboard"] or "no", ("yes", "no"), "leaderboard") == "yes",
    ), zone


def _one_of(value: str, words: tuple[str, ...], name: str) -> str:
    if value not in words:
        raise BadInput(f"“{value[:40]}” is nothing to choose here.", where=name, fix="Load the page again.")
    return value


def example(wanted: Rules, most: float) -> Example:
    """Work worth four fifths of the points, handed in a day and a few hours after the days of grace."""
    points = round(0.8 * most, 2)
    late = timedelta(days=wanted.grace_days + 1, hours=3)
    charged = rules.late_days(_DUE + late, _DUE, wanted.grace_days)
    remains = rules.after_penalty(points, charged, wanted.penalty)
    percent = min(100.0, charged * wanted.penalty)
    return Example(points, late, charged + wanted.grace_days, wanted.grace_days, charged, percent, remains)


def _new(
    access: CourseAccess, suite: PublishedSuite, wanted: Rules, zone: ZoneInfo, problem: BadInput | None = None
) -> Response:
    return page("desk/new.html", status=422 if problem else 200, access=access, **_values(suite, wanted, zone, problem))


def _edit(access: AssignmentAccess, wanted: Rules, zone: ZoneInfo, problem: BadInput | None = None) -> Response:
    suite = suite_row(access.assignment.suite_id)
    with services().database.read() as session:
        granted = assignments.extensions(session, access.assignment.id)
        students = assignments.students(session, access.course.id)
        events = dossier.events_about(session, f"assignment:{access.assignment.id}", HISTORY)
    return page(
        "desk/assignment.html",
        status=422 if problem else 200,
        access=access,
        granted=granted,
        students=students,
        events=events,
        **_values(suite, wanted, zone, problem),
    )


def _values(suite: PublishedSuite, wanted: Rules, zone: ZoneInfo, problem: BadInput | None) -> dict[str, Any]:
    """What the form shows: after a problem what was sent, so that nothing has to be written twice."""
    shown = {
        "title": wanted.title, "zone": zone.key, "penalty": f"{wanted.penalty:g}", "grace_days": str(wanted.grace_days),
        "attempts": "" if wanted.attempts is None else str(wanted.attempts),
        "attempts_per": wanted.attempts_per or "day", "group_size": str(wanted.group_size), "counts": wanted.counts,
        "leaderboard": "yes" if wanted.leaderboard else "no",
        **{name: forms.local(getattr(wanted, name), zone) for name in ("opens_at", "due_at", "closes_at")},
    }  # fmt: skip
    if problem is not None and "title" in request.form:
        shown |= {name: request.form[name] for name in shown if name in request.form}
    return {
        "suite": suite,
        "form": shown,
        "rules": wanted,
        "example": example(wanted, suite.max_points),
        "zones": forms.zones(),
        "problem": problem,
    }


def _grades(changed: int) -> str:
    if changed == 0:
        return "No grade changed."
    return f"{changed} grade{'s' if changed > 1 else ''} changed; the students see why."


def _keep(response: BaseResponse, zone: ZoneInfo) -> BaseResponse:
    """Remember the zone for the next form of this browser."""
    response.set_cookie(
        forms.ZONE_COOKIE, zone.key, max_age=forms.DAYS_ZONE_IS_KEPT * 86_400, path="/desk",
        secure=request.is_secure, httponly=False, samesite="Lax",
    )  # fmt: skip
    return response
