"""Signing in by password and by mailed link, and what guards both."""

from __future__ import annotations

import re
import smtplib
import socket
import stat
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from flask import Flask
from flask.testing import FlaskClient
from mails import link_in, outbox, path_in
from sqlalchemy import select, update

from grader.config import Settings
from grader.db import Database, people
from grader.db.queries import now
from grader.db.school import Person, SignInLink
from grader.errors import BadInput
from grader.mail import Mail, Mailer
from grader.web import create_app, passwords
from grader.web.services import services

AsPerson = Callable[[Person], FlaskClient]
PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def scrypt() -> str:
    return passwords.hashed(PASSWORD)


@pytest.fixture
def ada(database: Database, scrypt: str) -> Person:
    with database.write() as session:
        return people.add(session, email="Ada@Example.org", name="Ada", role="student", password=scrypt)


def enter(client: FlaskClient, email: str = "ada@example.org", password: str = PASSWORD, **more: str) -> Any:
    return client.post("/sign-in", data={"email": email, "password": password, **more})


def who(client: FlaskClient) -> str | None:
    """The address of who is signed in."""
    found = re.search(r'value="([^"]+)" autocomplete="username" readonly', client.get("/account").text)
    return found[1] if found else None


def test_the_right_password_signs_in_and_leads_on(client: FlaskClient, ada: Person) -> None:
    response = enter(client, " ADA@example.org ", next="/courses/join")

    assert (response.status_code, response.headers["Location"]) == (303, "/courses/join")
    assert who(client) == "ada@example.org"


def test_passwords_are_kept_as_scrypt_alone(database: Database, ada: Person) -> None:
    with database.read() as session:
        stored = session.scalar(select(Person.password))

    assert str(stored).startswith("scrypt:32768:8:1$")
    assert PASSWORD not in str(stored)


def test_nobody_and_a_wrong_password_get_the_same_words(client: FlaskClient, ada: Person, database: Database) -> None:
    with database.write() as session:
        people.add(session, email="nopass@example.org", name="No", role="student")
        people.add(session, email="shut@example.org", name="Shut", role="student", password=ada.password)
        session.execute(update(Person).where(Person.email == "shut@example.org").values(disabled_at=now()))
    pages = {
        email: enter(client, email, password)
        for email, password in [
            ("ada@example.org", "wrong"),
            ("nobody@example.org", "wrong"),
            ("nopass@example.org", "wrong"),
            ("shut@example.org", PASSWORD),
            ("no address", "wrong"),
        ]
    }

    assert {page.status_code for page in pages.values()} == {422}
    assert len({page.text.replace(email, "…") for email, page in pages.items()}) == 1
    assert who(client) is None


def test_nobody_takes_as_long_as_a_wrong_password(client: FlaskClient, ada: Person) -> None:
    def seconds(email: str) -> float:
        start = time.perf_counter()
        enter(client, email, "wrong")
        return time.perf_counter() - start

    seconds("warm@example.org")
    times: dict[str, list[float]] = {"ada@example.org": [], "nobody@example.org": []}
    for _ in range(4):
        for email, taken in times.items():
            taken.append(seconds(email))
    known, unknown = (statistics.median(taken) for taken in times.values())

    assert unknown > 0.5 * known  # without the hash it would be a twentieth
    assert known > 0.5 * unknown


def test_a_huge_password_is_refused_before_it_is_hashed(
    client: FlaskClient, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("hashed")

    monkeypatch.setattr("grader.web.passwords.check_password_hash", never)

    assert enter(client, password="x" * 5_000_000).status_code == 413
    assert enter(client, password="x" * 100_000).status_code == 422
    with pytest.raises(BadInput):
        passwords.hashed("x" * 5_000_000)


def test_trying_passwords_is_slowed_down_for_one_account_only(client: FlaskClient, ada: Person) -> None:
    # Windows begin at round minutes: of 21 tries at least 11 are in one.
    answers = [enter(client, password="wrong") for _ in range(21)]

    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert 1 <= int(refused[0].headers["Retry-After"]) <= 60
    assert [answer.status_code for answer in answers[:10]] == [422] * 10
    assert enter(client, "other@example.org").status_code == 422


@pytest.mark.parametrize("target", [
    "//evil.example", "https://evil.example", "https:evil.example", "\\\\evil.example", "/\\evil.example",
    "/\t/evil.example", "/\n/evil.example", "evil.example", "javascript:alert(1)", "///evil.example", "",
])  # fmt: skip
def test_signing_in_leads_to_this_site_only(client: FlaskClient, ada: Person, target: str) -> None:
    assert enter(client, next=target).headers["Location"] == "/"
    assert client.get("/sign-in", query_string={"next": target}).headers["Location"] == "/"


def test_a_page_leads_back_to_itself_after_signing_in(client: FlaskClient, ada: Person) -> None:
    asked = client.get("/courses/join?code=ABC")

    assert asked.status_code == 303
    assert asked.headers["Location"] == "/sign-in?next=/courses/join?code%3DABC"
    page = client.get(asked.headers["Location"]).text
    assert 'name="next" value="/courses/join?code=ABC"' in page


def test_signing_out_is_no_link(client: FlaskClient, ada: Person) -> None:
    enter(client)

    assert client.get("/sign-out").status_code == 405
    assert client.post("/sign-out").headers["Location"] == "/"
    assert who(client) is None


def ask(app: Flask, client: FlaskClient, email: str = "ada@example.org", **more: str) -> Any:
    return client.post("/sign-in/link", data={"email": email, **more})


def test_a_mailed_link_signs_in_once(app: Flask, client: FlaskClient, ada: Person) -> None:
    assert ask(app, client, next="/account").status_code == 200
    (mail,) = outbox(app)
    assert mail["To"] == "ada@example.org"
    path = path_in(mail)

    for _ in range(3):  # whatever opens links in mails spends nothing
        page = client.get(path)
        assert page.status_code == 200
        assert client.head(path).status_code == 200
    assert who(client) is None
    assert 'value="/account"' in page.text
    done = client.post(path, data={"next": "/account"})
    assert (done.status_code, done.headers["Location"]) == (303, "/account")
    assert who(client) == "ada@example.org"

    other = app.test_client()
    assert other.get(path).status_code == 410
    assert other.post(path).status_code == 410
    assert who(other) is None


def test_a_link_is_too_old_after_a_quarter_of_an_hour(
    app: Flask, client: FlaskClient, ada: Person, database: Database
) -> None:
    ask(app, client)
    (mail,) = outbox(app)
    with database.write() as session:
        link = session.scalars(select(SignInLink)).one()
        assert link.expires_at - link.created_at == timedelta(minutes=15)
        link.expires_at = now() - timedelta(seconds=1)

    assert client.post(path_in(mail)).status_code == 410
    assert who(client) is None


def test_a_used_link_spends_the_others(app: Flask, client: FlaskClient, ada: Person) -> None:
    ask(app, client)
    ask(app, client)
    first, second = outbox(app)

    assert client.post(path_in(second)).status_code == 303
    assert app.test_client().post(path_in(first)).status_code == 410


def test_of_two_clicks_in_the_same_moment_one_signs_in(app: Flask, client: FlaskClient, ada: Person) -> None:
    ask(app, client)
    (mail,) = outbox(app)
    start, path, answers = threading.Barrier(4), path_in(mail), []

    def click() -> None:
        own = app.test_client()
        start.wait()
        answers.append(own.post(path).status_code)

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [303, 410, 410, 410]


def test_the_database_holds_no_secret_of_a_link(
    app: Flask, client: FlaskClient, ada: Person, database: Database
) -> None:
    ask(app, client)
    (mail,) = outbox(app)
    secret = path_in(mail).partition("?")[0].rpartition("/")[2]

    assert len(secret) >= 40
    with database.read() as session:
        row = session.execute(select(SignInLink.__table__)).one()
    assert re.fullmatch("[0-9a-f]{64}", row.digest)
    assert secret not in str(row)


def test_the_answer_does_not_tell_who_has_an_account(app: Flask, client: FlaskClient, ada: Person) -> None:
    known, unknown = ask(app, client), ask(app, client, "nobody@example.org")

    assert known.status_code == unknown.status_code == 200
    assert known.text.replace("ada@", "…") == unknown.text.replace("nobody@", "…")
    assert [mail["To"] for mail in outbox(app)] == ["ada@example.org"]


def test_nobody_is_flooded_with_links(app: Flask, client: FlaskClient, ada: Person) -> None:
    answers = [ask(app, client).status_code for _ in range(11)]  # in one window or two

    assert 429 in answers
    assert len(outbox(app)) <= 10


def test_a_link_for_a_disabled_account_does_not_sign_in(
    app: Flask, client: FlaskClient, ada: Person, database: Database
) -> None:
    ask(app, client)
    (mail,) = outbox(app)
    with database.write() as session:
        session.execute(update(Person).values(disabled_at=now()))

    assert client.post(path_in(mail)).status_code == 410


def test_mails_are_readable_by_their_owner_only(app: Flask, client: FlaskClient, ada: Person) -> None:
    ask(app, client)
    outbox(app)
    folder = services(app).settings.home / "outbox"
    (path,) = folder.iterdir()

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "email", ["a@b\r\nBcc: x@y.z", "two@a.b,three@a.b", "<a@b.c>", "a b@c.d", "@", "a@" + "b" * 300]
)
def test_what_is_no_address_gets_no_mail(app: Flask, client: FlaskClient, email: str) -> None:
    assert ask(app, client, email).status_code == 422
    assert outbox(app) == []


def test_links_have_the_configured_host_and_not_the_asked_one(settings: Settings, scrypt: str) -> None:
    app = create_app(settings.model_copy(update={"base_url": "https://grader.example.edu"}))
    with services(app).database.write() as session:
        people.add(session, email="ada@example.org", name="Ada", role="student", password=scrypt)
    evil = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    app.test_client().post("/sign-in/link", data={"email": "ada@example.org"}, headers=evil)

    (mail,) = outbox(app)
    assert link_in(mail).startswith("https://grader.example.edu/sign-in/link/")
    assert "evil" not in mail.as_string()
    services(app).database.dispose()


def test_a_site_that_mails_must_know_its_address(settings: Settings) -> None:
    with pytest.raises(BadInput, match="GRADER_SMTP_URL"):
        create_app(changed(settings, smtp_url="smtp://127.0.0.1"))


def changed(settings: Settings, **values: Any) -> Settings:
    """The settings with others among them, checked and read like those of a deployment."""
    return Settings(**settings.model_dump(exclude_unset=True) | values, _env_file=None)  # type: ignore[call-arg]


class Received(Message):
    """Keeps what the server was sent."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[Any] = []

    def handle_message(self, message: Any) -> None:
        self.mails.append(message)


@pytest.fixture
def smtp() -> Iterator[tuple[str, Received]]:
    """A mail server on loopback: its URL and what it got."""
    received = Received()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    controller = Controller(received, hostname="127.0.0.1", port=port)
    controller.start()
    yield f"smtp://127.0.0.1:{port}", received
    controller.stop()


def test_mails_go_through_the_server_when_there_is_one(
    settings: Settings, smtp: tuple[str, Received], scrypt: str
) -> None:
    url, received = smtp
    there = changed(settings, smtp_url=url, base_url="http://grader.example.edu")
    app = create_app(there)
    with services(app).database.write() as session:
        people.add(session, email="ada@example.org", name="Ada", role="student", password=scrypt)
    app.test_client().post("/sign-in/link", data={"email": "ada@example.org"})
    services(app).mailer.wait()

    (mail,) = received.mails
    assert (mail["To"], mail["Subject"]) == ("ada@example.org", "Sign in to Grader")
    assert "http://grader.example.edu/sign-in/link/" in mail.get_payload()
    assert not (settings.home / "outbox").exists()
    services(app).database.dispose()


def test_a_mail_server_that_is_down_breaks_no_page(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("grader.mail.PAUSES", (0.01, 0.01))
    there = changed(settings, smtp_url="smtp://127.0.0.1:1", base_url="http://grader.example.edu")
    mailer = Mailer(there)
    mailer.later(lambda: [Mail("a@example.org", "s", "t")])
    mailer.wait()

    assert "is given up" in caplog.text
    assert caplog.text.count("is tried again") == 2
    with pytest.raises((OSError, smtplib.SMTPException)):
        mailer.send([Mail("a@example.org", "s", "t")])


@pytest.mark.parametrize("url", ["http://mail.example.org", "smtp://", "smtp://h:port", "mail.example.org:25"])
def test_a_wrong_address_of_the_mail_server_is_told_at_the_start(settings: Settings, url: str) -> None:
    there = changed(settings, smtp_url=url, base_url="http://grader.example.edu")

    with pytest.raises(BadInput, match="GRADER_SMTP_URL"):
        create_app(there)


def demo_app(settings: Settings, *, demo: bool) -> Flask:
    app = create_app(settings.model_copy(update={"demo": demo}))
    with services(app).database.write() as session:
        for email in people.DEMO:
            role: Any = email.partition("@")[0]
            people.add(session, email=email, name=f"Demo {role}", role=role)
        people.add(session, email="real@example.org", name="Real", role="admin")
    return app


def test_the_demo_signs_in_with_one_click(settings: Settings) -> None:
    app = demo_app(settings, demo=True)
    page = app.test_client().get("/sign-in").text

    for email, what in people.DEMO.items():
        assert f'value="{email}"' in page
        assert f"I am {what}" in page
        client = app.test_client()
        assert client.post("/sign-in/demo", data={"email": email, "next": "/account"}).headers["Location"] == "/account"
        assert who(client) == email
    assert app.test_client().post("/sign-in/demo", data={"email": "real@example.org"}).status_code == 404
    services(app).database.dispose()


def test_without_demo_mode_there_is_no_such_click(settings: Settings) -> None:
    app = demo_app(settings, demo=False)
    client = app.test_client()

    assert "demo" not in client.get("/sign-in").text.lower()
    assert client.post("/sign-in/demo", data={"email": "student@demo.invalid"}).status_code == 404
    assert who(client) is None
    services(app).database.dispose()
