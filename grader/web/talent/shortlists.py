"""Shortlists that the members of an organisation share, and their export."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime

from flask import Response, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from grader.db import audit, shortlists
from grader.db.shortlists import Line
from grader.db.talent import Shortlist
from grader.errors import BadInput
from grader.web.desk.export import safe
from grader.web.services import services
from grader.web.talent.blueprint import PAGE, Member, available, count, employers, found_learner, member, page
from grader.web.talent.countries import country

COLUMNS = ("learner", "name", "email", "country", "availability", "headline", "skills", "note", "added")
_AT_ONCE = 200


@employers.get("/shortlists")
def shortlists_page() -> Response:
    return _all(member())


@employers.post("/shortlists")
def add_shortlist() -> Response | BaseResponse:
    who = member()
    try:
        with services().database.write() as session:
            row = shortlists.add(session, who.id, request.form.get("name", ""), by=who.person.id)
    except BadInput as problem:
        return _all(who, problem)
    return redirect(url_for("talent.shortlist_page", shortlist_id=row.id), 303)


@employers.get("/shortlists/<shortlist_id>")
def shortlist_page(shortlist_id: str) -> Response:
    """Its learners with notes; `?after=` goes on."""
    who = member()
    row = shortlist(who, shortlist_id)
    mark = request.args.get("after", "")
    place = who.names.place(mark) if mark and len(mark) <= 500 else None
    if mark and place is None:
        raise BadInput("There is no such page.", where="after", fix="Begin at the first one.")
    with services().database.read() as session:
        lines = shortlists.lines(session, row, PAGE + 1, place.learner_seq if place else None)
    more = who.names.mark_of(lines[PAGE - 1].entry.learner_seq) if len(lines) > PAGE else None
    return page("talent/shortlist.html", who=who, row=row, lines=lines[:PAGE], more=more, after=mark)


@employers.post("/shortlists/<shortlist_id>/delete")
def delete_shortlist(shortlist_id: str) -> BaseResponse:
    who = member()
    row = shortlist(who, shortlist_id)
    with services().database.write() as session:
        shortlists.remove(session, session.get_one(Shortlist, row.id), by=who.person.id)
    flash(f"The shortlist “{row.name}” is deleted.", "good")
    return redirect(url_for("talent.shortlists_page"), 303)


@employers.post("/shortlists/<shortlist_id>/<name>")
def change_entry(shortlist_id: str, name: str) -> BaseResponse:
    """Change the note on a learner, or with `remove` take them out."""
    who = member()
    row = shortlist(who, shortlist_id)
    learner = found_learner(who, name).learner
    with services().database.write() as session:
        if "remove" in request.form:
            if not shortlists.take_out(session, row, learner.seq):
                abort(404, "This learner is not in the list.")
        else:
            shortlists.put(session, row, learner, request.form.get("note", ""), by=who.person.id)
    flash("Taken out." if "remove" in request.form else "The note is saved.", "good")
    return redirect(url_for("talent.shortlist_page", shortlist_id=shortlist_id), 303)


@employers.get("/shortlists/<shortlist_id>/export.csv")
def export_shortlist(shortlist_id: str) -> Response:
    """The list for a spreadsheet. Names and addresses only of who has accepted a request."""
    who = member()
    count(who, "export")
    row = shortlist(who, shortlist_id)
    with services().database.write() as session:
        about = f"organisation:{who.id}"
        audit.note(session, "shortlist.exported", about, by=who.person.id, course_id=None, after={"name": row.name})
    response = Response(_csv(who, row), content_type="text/csv; charset=utf-8")
    plain = "".join(char if char.isascii() and char.isalnum() else "-" for char in row.name.lower()).strip("-")
    filename = f"shortlist-{plain[:60] or 'learners'}-{datetime.now(UTC):%Y-%m-%d}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def shortlist(who: Member, shortlist_id: str) -> Shortlist:
    """A shortlist of the organisation; else 404."""
    with services().database.read() as session:
        row = shortlists.find(session, who.id, shortlist_id)
    if row is None:
        abort(404, "There is no shortlist at this address.")
    return row


def _all(who: Member, problem: BadInput | None = None) -> Response:
    with services().database.read() as session:
        cards = shortlists.cards(session, who.id)
    return page("talent/shortlists.html", status=422 if problem else 200, who=who, cards=cards, problem=problem)


def _csv(who: Member, row: Shortlist) -> str:
    buffer = io.StringIO("\N{BYTE ORDER MARK}")  # spreadsheets take a file without one for another encoding
    buffer.seek(0, io.SEEK_END)
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    writer.writerows([safe(cell) for cell in _cells(who, line)] for line in _lines(row))
    return buffer.getvalue()


def _lines(row: Shortlist) -> Iterator[Line]:
    after: int | None = None
    while True:
        with services().database.read() as session:
            some = shortlists.lines(session, row, _AT_ONCE, after)
        yield from some
        if len(some) < _AT_ONCE:
            return
        after = some[-1].entry.learner_seq


def _cells(who: Member, line: Line) -> tuple[str, ...]:
    learner, person = line.found.learner, line.person
    skills = "; ".join(f"{one.skill.name}: {one.level or 'shown'} ({one.achieved_on})" for one in line.found.skills)
    return (
        who.names.of(learner.person_id), person.name if person else "", person.email if person else "",
        country(learner.country), available(learner), learner.headline, skills, line.entry.note,
        f"{line.entry.added_at:%Y-%m-%d}",
    )  # fmt: skip
