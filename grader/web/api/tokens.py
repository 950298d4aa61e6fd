"""API tokens of who asks. They are made on the account page only: a token cannot make another one."""

from __future__ import annotations

from datetime import datetime

from flask import abort

from grader.db import tokens
from grader.web import identity
from grader.web.api.operation import operation
from grader.web.api.people import Scope
from grader.web.api.values import Model
from grader.web.services import services


class Token(Model):
    """A key for programs; its secret was shown once."""

    id: str
    name: str
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime | None
    seen_at: datetime | None
    """When it was last used, to a few minutes."""


class Tokens(Model):
    """Yours that are not revoked, 50 at most."""

    items: list[Token]


@operation("GET", "/tokens", tag="People", answer=Tokens)
def list_tokens() -> Tokens:
    """Your API tokens, newest first"""
    person = identity.required()
    with services().database.read() as session:
        rows = tokens.living(session, person.id)
    return Tokens(items=[Token.model_validate(row) for row in rows])


@operation("DELETE", "/tokens/<token_id>", tag="People", status=204)
def revoke_token(token_id: str) -> None:
    """Revoke a token of yours: from then on it is worth nothing"""
    person = identity.required()
    with services().database.write() as session:
        if not tokens.revoke(session, person.id, token_id):
            abort(404, "There is no token at this address.")
