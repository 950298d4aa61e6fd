"""Every page that can be asked for with GET, filled in with ids of a seeded database, and who may see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask import Flask, session
from flask.testing import FlaskClient
from seed import Term
from sqlalchemy import select

from grader.db import Attempt, Database
from grader.db.school import Person
from grader.web import sessions

LEFT_OUT = frozenset({"static", "stream.events", "api.follow_submission", "oidc.begin", "oidc.callback"})
"""Not a page, a stream that does not end, and what asks another server."""


@dataclass(frozen=True)
class Page:
    """A page, as one role sees it."""

    role: str
    endpoint: str
    url: str


def pages(app: Flask, ids: Mapping[str, str], role: str) -> Iterator[Page]:
    """All GET routes whose every part is among `ids`."""
    with app.test_request_context():
        adapter = app.create_url_adapter(None) or app.url_map.bind("localhost")
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
            if "GET" not in (rule.methods or ()) or rule.endpoint in LEFT_OUT:
                continue
            if rule.arguments <= ids.keys():
                values = {name: ids[name] for name in rule.arguments}
                yield Page(role, rule.endpoint, adapter.build(rule.endpoint, values))


def ids_of(database: Database, term: Term) -> dict[str, str]:
    """What stands for each part of an address: the first student's newest work in the first assignment."""
    with database.read() as reading:
        query = select(Attempt).where(Attempt.submission_id.in_(term.submissions), Attempt.counts)
        attempts = {row.submission_id: row.id for row in reading.scalars(query)}
    first, other = term.submissions[0], term.submissions[-1]
    return {
        "course_id": term.courses[0],
        "assignment_id": term.assignments[0],
        "submission_id": first,
        "public_id": first,
        "other_id": other,
        "attempt_id": attempts[first],
        "person_id": term.students[0],
        "regrade_id": term.regrade,
        "suite_id": term.suite,
    }


def signed_in(app: Flask, database: Database, person_id: str) -> FlaskClient:
    """A client in which this person is signed in."""
    with database.read() as reading:
        person = reading.get_one(Person, person_id)
    client = app.test_client()
    with app.test_request_context():
        sessions.begin(person)
        values = dict(session)
    with client.session_transaction() as cookie:
        cookie.update(values)
        cookie.permanent = True
    return client
