"""Sign in through an OpenID Connect provider: authorization code with PKCE, state and nonce, all done by Authlib.

An account belongs to (issuer, subject) once it was used through the provider. Before that it is found by its address,
and only when the provider says that it has verified it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, cast

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import FlaskOAuth2App, OAuth
from flask import Blueprint, Flask, abort, current_app, redirect, render_template, request, session, url_for
from joserfc.errors import JoseError
from requests import RequestException
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from grader.config import Settings
from grader.db import people
from grader.db.school import Person
from grader.errors import BadInput
from grader.web import identity, limits, links
from grader.web.services import services

log = logging.getLogger(__name__)
oidc = Blueprint("oidc", __name__)

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Signatures by a key that only the provider has: neither `none` nor our own client secret signs."""
TIMEOUT = 10
SUBJECT_LENGTH = 255
NEXT = "next"
_BROKEN = (AuthlibBaseError, JoseError, RequestException, ValueError, RuntimeError, KeyError)
"""What Authlib raises when the provider's answers are not what they should be."""

Answer = Response | tuple[str, int]


def init_app(app: Flask) -> None:
    """Register the configured provider; it is asked about itself at the first sign-in."""
    settings = services(app).settings
    app.register_blueprint(oidc)
    if not settings.oidc_issuer:
        return
    oauth = OAuth(app)
    oauth.register(
        "provider",
        server_metadata_url=settings.oidc_issuer.rstrip("/") + "/.well-known/openid-configuration",
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret.get_secret_value() or None,
        client_kwargs={
            "scope": "openid email profile",
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT,
            **({} if settings.oidc_client_secret.get_secret_value() else {"token_endpoint_auth_method": "none"}),
        },
    )
    app.extensions["grader.oidc"] = oauth


@oidc.get("/sign-in/oidc")
def begin() -> Answer:
    """Off to the provider. A link, not a form: our policy lets no form lead to another host."""
    provider = _provider()
    limits.count("oidc", limits.address(), 300, 60)
    target = identity.local_path(request.args.get("next"))
    try:
        _check_metadata(provider)
        answer = provider.authorize_redirect(links.absolute("oidc.callback"))
    except _BROKEN as error:
        return _failed("The provider does not answer as it should.", error)
    session[NEXT] = target
    return cast(Response, answer)


@oidc.get("/sign-in/oidc/callback")
def callback() -> Answer:
    """Back from the provider, with a code for who has signed in there."""
    provider = _provider()
    limits.count("oidc", limits.address(), 300, 60)
    target = identity.local_path(session.pop(NEXT, None))
    try:
        _check_metadata(provider)
        claims = provider.authorize_access_token(claims_options=_expected()).get("userinfo")
        if not claims:
            raise ValueError("the answer has no id_token")
        person = _person(claims, services().settings)
    except _BROKEN as error:
        return _failed("The sign-in was not completed.", error)
    except BadInput as problem:
        return _page(problem)
    identity.sign_in(person)
    return redirect(target, 303)


def _check_metadata(provider: FlaskOAuth2App) -> None:
    """What the provider says of itself must be about the issuer that was configured. Raises ValueError."""
    metadata = provider.load_server_metadata()
    wanted = services().settings.oidc_issuer
    if str(metadata.get("issuer", "")).rstrip("/") != wanted.rstrip("/"):
        metadata.pop("_loaded_at", None)
        raise ValueError(f"the provider calls itself {metadata.get('issuer')}, not {wanted}")
    offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
    metadata["id_token_signing_alg_values_supported"] = [name for name in offered if name in ALGORITHMS]


def _expected() -> dict[str, Any]:
    """Who must have made the token, and for whom: Authlib by itself would be content with `azp` for the latter."""
    settings = services().settings
    issuers = [settings.oidc_issuer, settings.oidc_issuer.rstrip("/") + "/", settings.oidc_issuer.rstrip("/")]
    return {
        "iss": {"essential": True, "values": issuers},
        "aud": {"essential": True, "value": settings.oidc_client_id},
        "sub": {"essential": True},
    }


def _person(claims: Mapping[str, Any], settings: Settings) -> Person:
    """The account of who signed in there. Raises BadInput when there is none and none may be made."""
    issuer, subject = str(claims["iss"]), str(claims["sub"])
    if len(subject) > SUBJECT_LENGTH:
        raise ValueError("the subject is too long")
    with services().database.write() as session:
        person = people.by_oidc(session, issuer, subject)
        if person is None:
            person = _first_time(session, claims, settings)
            person.oidc = f"{issuer} {subject}"
        if person.disabled_at is not None:
            raise BadInput("This account is disabled.", fix="Ask an admin.")
    return person


def _first_time(session: Session, claims: Mapping[str, Any], settings: Settings) -> Person:
    email = people.clean_email(str(claims.get("email") or ""))
    if claims.get("email_verified") is not True:
        raise BadInput(f"{settings.oidc_name} has not verified {email}.", fix="Verify the address there first.")
    person = people.by_email(session, email)
    if person is not None and person.oidc is not None:
        raise BadInput(f"{email} belongs to another account of {settings.oidc_name}.", fix="Ask an admin.")
    if person is None and not settings.oidc_create:
        raise BadInput(f"There is no account for {email} here.", fix="Ask your instructor for an invitation.")
    name = str(claims.get("name") or email.partition("@")[0])
    return person or people.add(session, email=email, name=name, role="student")


def _provider() -> FlaskOAuth2App:
    oauth = current_app.extensions.get("grader.oidc")
    if oauth is None:
        abort(404, "This site has no sign-in through another one.")
    return cast(FlaskOAuth2App, oauth.provider)


def _failed(text: str, error: Exception) -> Answer:
    log.warning("sign-in by OpenID Connect failed: %r", error)
    return _page(BadInput(text, fix="Begin again. If it fails again, tell an admin the time."))


def _page(problem: BadInput) -> Answer:
    return render_template("account/not_signed_in.html", problem=problem, again=url_for("sign_in.page")), 403
