"""Signing in through an OpenID Connect provider, a real one on loopback."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey
from provider import CLIENT_ID, CLIENT_SECRET, Provider
from werkzeug.test import TestResponse

from grader.config import Settings
from grader.db import Database, people
from grader.db.queries import now
from grader.errors import BadInput
from grader.web import create_app
from grader.web.services import services

CALLBACK = "http://localhost/sign-in/oidc/callback"


@pytest.fixture
def provider() -> Iterator[Provider]:
    provider = Provider(CALLBACK)
    provider.claims = {"sub": "42", "email": "Ada@Example.org", "email_verified": True, "name": "Ada Lovelace"}
    provider.start()
    yield provider
    provider.stop()


@pytest.fixture
def settings(settings: Settings, provider: Provider) -> Settings:
    return changed(
        settings,
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=CLIENT_SECRET,
        oidc_name="Uni",
    )


def changed(settings: Settings, **values: Any) -> Settings:
    return Settings(**settings.model_dump(exclude_unset=True) | values, _env_file=None)  # type: ignore[call-arg]


def add(database: Database, email: str = "ada@example.org", **more: Any) -> str:
    with database.write() as session:
        return people.add(session, email=email, name="Ada", role="student", **more).id


def to_provider(client: FlaskClient, target: str = "") -> tuple[str, str]:
    """Begin; what the provider answers with: the path of our callback, and the address we had sent the browser to."""
    there = client.get("/sign-in/oidc", query_string={"next": target} if target else {})
    assert there.status_code == 302, there.text
    back = requests.get(there.headers["Location"], allow_redirects=False, timeout=10)
    assert back.status_code == 302, back.text
    assert back.headers["Location"].startswith(CALLBACK)
    return back.headers["Location"].removeprefix("http://localhost"), there.headers["Location"]


def enter(client: FlaskClient, target: str = "") -> TestResponse:
    return client.get(to_provider(client, target)[0])


def who(client: FlaskClient) -> str | None:
    found = re.search(r'value="([^"]+)" autocomplete="username" readonly', client.get("/account").text)
    return found[1] if found else None


def refused(client: FlaskClient, response: TestResponse) -> str:
    """The page's text; nobody may be signed in."""
    assert response.status_code == 403
    assert "You are not signed in." in response.text
    assert who(client) is None
    return response.text


def test_the_page_offers_the_provider_by_its_name(client: FlaskClient) -> None:
    assert "Sign in with Uni" in client.get("/sign-in?next=/account").text
    assert 'href="/sign-in/oidc?next=/account"' in client.get("/sign-in?next=/account").text


def test_a_known_address_is_signed_in_and_led_on(client: FlaskClient, database: Database) -> None:
    person_id = add(database)
    response = enter(client, "/account")

    assert (response.status_code, response.headers["Location"]) == (303, "/account")
    assert who(client) == "ada@example.org"
    with database.read() as session:
        person = people.known(session, person_id)
    assert person.oidc is not None
    assert person.oidc.endswith(" 42")


def test_the_request_has_state_nonce_and_a_challenge_whose_proof_is_checked(
    client: FlaskClient, database: Database, provider: Provider
) -> None:
    add(database)
    enter(client)
    (asked,), (exchanged,) = provider.authorizations, provider.exchanges

    assert asked["code_challenge_method"] == "S256"
    assert len(asked["state"]) >= 20
    assert len(asked["nonce"]) >= 20
    assert asked["redirect_uri"] == CALLBACK
    assert len(exchanged["code_verifier"]) >= 43  # the provider has compared it with the challenge
    assert CLIENT_SECRET not in str(exchanged)


def test_later_the_subject_counts_and_not_the_address(
    app: Flask, client: FlaskClient, database: Database, provider: Provider
) -> None:
    add(database)
    enter(client)
    provider.claims |= {"email": "lovelace@example.org", "email_verified": False}
    again = app.test_client()
    enter(again)
    assert who(again) == "ada@example.org"

    provider.claims = {"sub": "43", "email": "ada@example.org", "email_verified": True}
    other = app.test_client()
    assert "belongs to another account" in refused(other, enter(other))


def test_an_address_that_nobody_verified_opens_no_account(
    client: FlaskClient, database: Database, provider: Provider
) -> None:
    add(database)
    for verified in (False, None, "true"):
        provider.claims["email_verified"] = verified
        assert "has not verified" in refused(client, enter(client))


def test_strangers_are_told_to_ask_for_an_invitation(client: FlaskClient, database: Database) -> None:
    assert "There is no account for ada@example.org here." in refused(client, enter(client))


def test_strangers_get_a_students_account_where_that_is_wanted(settings: Settings) -> None:
    app = create_app(changed(settings, oidc_create=True))
    client = app.test_client()

    assert enter(client).status_code == 303
    assert who(client) == "ada@example.org"
    with services(app).database.read() as session:
        person = people.by_email(session, "ada@example.org")
    assert person is not None
    assert (person.name, person.role, person.password) == ("Ada Lovelace", "student", None)
    services(app).database.dispose()


def test_a_disabled_account_stays_shut(client: FlaskClient, database: Database) -> None:
    person_id = add(database)
    with database.write() as session:
        people.known(session, person_id).disabled_at = now()

    assert "disabled" in refused(client, enter(client))


def test_an_answer_for_another_browser_is_refused(app: Flask, client: FlaskClient, database: Database) -> None:
    add(database)
    path, _ = to_provider(app.test_client())

    refused(client, client.get(path))


def test_an_answer_works_once(app: Flask, client: FlaskClient, database: Database) -> None:
    add(database)
    path, _ = to_provider(client)
    assert client.get(path).status_code == 303
    client.post("/sign-out")

    refused(client, client.get(path))


def test_a_changed_state_is_refused(client: FlaskClient, database: Database) -> None:
    add(database)
    path, _ = to_provider(client)
    code = parse_qs(urlsplit(path).query)["code"][0]

    refused(client, client.get("/sign-in/oidc/callback", query_string={"code": code, "state": "x" * 30}))


def test_saying_no_at_the_provider_is_no_error_of_ours(client: FlaskClient, database: Database) -> None:
    to_provider(client)
    response = client.get("/sign-in/oidc/callback?error=access_denied&error_description=%3Cb%3Eno")

    assert "<b>no" not in refused(client, response)


@pytest.mark.parametrize("replaced", [
    {"iss": "http://127.0.0.1:1"}, {"aud": ["somebody else"]}, {"aud": "somebody else", "azp": CLIENT_ID},
    {"nonce": "another"}, {"exp": int(time.time()) - 3600}, {"at_hash": "wrong"},
])  # fmt: skip
def test_a_token_that_is_not_for_this_sign_in_is_refused(
    client: FlaskClient, database: Database, provider: Provider, replaced: dict[str, Any]
) -> None:
    add(database)
    provider.replaced = replaced

    refused(client, enter(client))


def test_a_token_signed_by_somebody_else_is_refused(
    client: FlaskClient, database: Database, provider: Provider
) -> None:
    add(database)
    provider.key = RSAKey.generate_key(2048, {"kid": "first"})

    refused(client, enter(client))


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_only_the_providers_own_key_signs(
    client: FlaskClient, database: Database, provider: Provider, algorithm: str, caplog: pytest.LogCaptureFixture
) -> None:
    add(database)
    provider.algorithm = algorithm
    path, _ = to_provider(client)

    refused(client, client.get(path))
    assert f"Algorithm of '{algorithm}' is not allowed" in caplog.text


def test_a_new_key_of_the_provider_is_fetched(app: Flask, database: Database, provider: Provider) -> None:
    add(database)
    assert enter(app.test_client()).status_code == 303
    provider.key = provider.published = RSAKey.generate_key(2048, {"kid": "second"})

    assert enter(app.test_client()).status_code == 303


def test_a_provider_that_calls_itself_otherwise_is_not_trusted(
    client: FlaskClient, database: Database, provider: Provider
) -> None:
    add(database)
    provider.says_issuer = "https://evil.example"
    refused(client, client.get("/sign-in/oidc"))

    provider.says_issuer = provider.issuer  # and mending it needs no restart
    assert enter(client).status_code == 303


def test_a_provider_that_is_away_breaks_nothing_else(settings: Settings) -> None:
    app = create_app(changed(settings, oidc_issuer="http://127.0.0.1:1"))
    client = app.test_client()

    assert client.get("/sign-in").status_code == 200
    assert "does not answer" in refused(client, client.get("/sign-in/oidc"))
    services(app).database.dispose()


def test_it_leads_to_this_site_only(client: FlaskClient, database: Database) -> None:
    add(database)

    assert enter(client, "//evil.example").headers["Location"] == "/"


@pytest.mark.parametrize("values", [
    {"oidc_issuer": "http://login.example.org"}, {"oidc_issuer": "login.example.org"}, {"oidc_client_id": ""},
])  # fmt: skip
def test_settings_that_would_not_be_safe_are_refused_at_the_start(settings: Settings, values: dict[str, str]) -> None:
    with pytest.raises(BadInput, match="GRADER_OIDC"):
        create_app(changed(settings, **values))


def test_the_callback_has_the_configured_host(settings: Settings) -> None:
    app = create_app(changed(settings, base_url="https://grader.example.edu"))
    there = app.test_client().get("/sign-in/oidc", headers={"Host": "evil.example"})

    asked = parse_qs(urlsplit(there.headers["Location"]).query)
    assert asked["redirect_uri"] == ["https://grader.example.edu/sign-in/oidc/callback"]
    services(app).database.dispose()
