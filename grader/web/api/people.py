"""Accounts, for admins, and the API tokens of who asks."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from flask import abort, g
from pydantic import Field

from grader.db import people
from grader.db.school import Role
from grader.web import identity
from grader.web.api import paging
from grader.web.api.operation import operation
from grader.web.api.values import Model, Page, Paging
from grader.web.services import services

Scope = Literal["read", "submit", "teach", "talent", "admin"]


class Person(Model):
    """Somebody who can sign in."""

    id: str
    email: str
    name: str
    role: Role
    created_at: datetime
    seen_at: datetime | None
    """When they last signed in."""
    disabled_at: datetime | None
    """Since when they cannot sign in."""


class Me(Model):
    """Who this token or session belongs to."""

    id: str
    email: str
    name: str
    role: Role
    scopes: list[Scope] | None
    """What this token may do; null for a session, which may read what its person may."""


class PersonChange(Model):
    """What to change; what is left out stays."""

    role: Role = Field(default="student")
    disabled: bool = False
    """Whether the account is shut: then its sessions and tokens are worth nothing."""


class PeopleQuery(Paging):
    """Which people to list."""

    q: str = Field(default="", max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")
    """Part of a name or an address."""


@operation("GET", "/me", tag="People", answer=Me)
def show_me() -> Me:
    """Who you are"""
    person, token = identity.required(), g.token
    scopes = list(token.scopes) if token is not None else None
    return Me(id=person.id, email=person.email, name=person.name, role=person.role, scopes=scopes)


@operation("GET", "/people", tag="People", scope="admin", query=PeopleQuery, answer=Page[Person])
def list_people(query: PeopleQuery) -> Page[Person]:
    """Accounts, in the order of their addresses"""
    identity.require_role("admin")
    after = paging.decode(query, str)
    with services().database.read() as session:
        rows = people.search(session, query.q, query.limit + 1, after[0] if after else None)
    return paging.page(Person, rows, query, lambda row: (row.email,), Person.model_validate)


@operation("GET", "/people/<person_id>", tag="People", scope="admin", answer=Person)
def show_person(person_id: str) -> Person:
    """An account"""
    identity.require_role("admin")
    with services().database.read() as session:
        row = people.by_id(session, person_id)
    return Person.model_validate(row) if row is not None else _unknown()


@operation("PATCH", "/people/<person_id>", tag="People", scope="admin", body=PersonChange, answer=Person)
def change_person(person_id: str, body: PersonChange) -> Person:
    """Change somebody's role, or shut their account"""
    by = identity.require_role("admin").id
    with services().database.write() as session:
        row = people.by_id(session, person_id) or _unknown()
        if "role" in body.model_fields_set:
            row = people.set_role(session, row.id, body.role, by=by)
        if "disabled" in body.model_fields_set:
            row = people.set_disabled(session, row.id, disabled=body.disabled, by=by)
    return Person.model_validate(row)


def _unknown() -> Person:
    abort(404, "There is no person at this address.")
