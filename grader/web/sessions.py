"""The session cookie: signed, and holding only whose it is. What it gives is looked up anew at every request.

A session ends by signing out (its id is noted as ended), by signing out everywhere or a new password (the person's
session key changes), by disabling the account, and by itself after `LIFETIME`.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta

from flask import Flask, request, session
from flask.sessions import SecureCookieSessionInterface

from grader.config import load_secret
from grader.db.school import Person
from grader.web.services import services

LIFETIME = timedelta(days=30)
COOKIE = "grader"


class _Cookies(SecureCookieSessionInterface):
    """Flask's sessions, with `Secure` wherever the site is reached over https."""

    digest_method = staticmethod(hashlib.sha256)

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure or services(app).settings.base_url.startswith("https:")


def init_app(app: Flask) -> None:
    """Key the cookies. Raises BadInput when the configured secret is too short to be one."""
    secret = load_secret(services(app).settings)
    app.secret_key = hmac.digest(secret, b"grader session cookie", "sha256")
    app.session_interface = _Cookies()
    app.config.update(
        SESSION_COOKIE_NAME=COOKIE,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=LIFETIME,
    )


def begin(person: Person) -> None:
    """Start a session of this person; nothing of an earlier one is left."""
    session.clear()
    session.permanent = True
    session["person"], session["key"], session["id"] = person.id, person.session_key, secrets.token_hex(16)


def parts() -> tuple[str, str, str] | None:
    """Person id, session key and session id of the request's cookie."""
    values = tuple(session.get(name) for name in ("person", "key", "id"))
    if not all(isinstance(value, str) for value in values):
        return None
    person, key, identity = map(str, values)
    return person, key, identity


def ends_at() -> datetime:
    """No cookie made until now is taken after this."""
    return datetime.now(UTC) + LIFETIME


def forget() -> None:
    """Take the cookie back."""
    session.clear()
