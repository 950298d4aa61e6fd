"""`grader admin`: the way in for the first admin, and back in for one who is locked out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.config import Settings
from grader.db import Database, people
from grader.db.queries import now
from grader.db.school import Person
from grader.web import create_app

Run = Callable[..., Any]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GRADER_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def find(email: str) -> Person:
    database = Database(Settings().sqlalchemy_url)
    with database.read() as session:
        person = people.by_email(session, email)
    database.dispose()
    assert person is not None
    return person


def path_of(ran: Any) -> str:
    """Of the printed address."""
    assert ran.status == 0, ran.err
    address = ran.out.strip()
    assert address.startswith("http://127.0.0.1:8000/")
    return str(address.removeprefix("http://127.0.0.1:8000"))


def test_the_first_admin_begins_by_the_printed_address(grader: Run, home: Path) -> None:
    path = path_of(grader("admin", "Ada@example.org", "--name", "Ada Example"))
    client = create_app(Settings()).test_client()
    form = {"name": "Ada Example", "password": "correct horse battery", "again": "correct horse battery"}

    assert 'value="Ada Example"' in client.get(path).text
    assert client.post(path, data=form).status_code == 303
    assert client.get("/admin/people").status_code == 200
    assert find("ada@example.org").role == "admin"


def test_an_account_becomes_an_admins_and_is_opened_again(grader: Run, home: Path) -> None:
    app = create_app(Settings())
    database = Database(Settings().sqlalchemy_url)
    with database.write() as session:
        people.add(session, email="sam@example.org", name="Sam", role="student").disabled_at = now()
    database.dispose()
    path = path_of(grader("admin", "sam@example.org"))
    client = app.test_client()

    assert client.post(path).status_code == 303
    assert client.get("/admin/people").status_code == 200
    assert app.test_client().post(path).status_code == 410


def test_the_address_is_the_configured_sites(grader: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADER_BASE_URL", "https://grader.example.edu/")

    assert grader("admin", "ada@example.org").out.startswith("https://grader.example.edu/invitation/")


def test_what_is_no_address_is_refused(grader: Run, home: Path) -> None:
    ran = grader("admin", "ada")

    assert ran.status == 2
    assert "no e-mail address" in ran.err


@pytest.mark.parametrize(("name", "value"), [
    ("GRADER_SECRET", "dev"), ("GRADER_SMTP_URL", "smtp://127.0.0.1"), ("GRADER_BASE_URL", "grader.example.edu"),
    ("GRADER_OIDC_ISSUER", "http://login.example.org"),
])  # fmt: skip
@pytest.mark.parametrize("command", ["web", "serve"])
def test_unsafe_settings_stop_the_service_with_a_word(
    grader: Run, home: Path, monkeypatch: pytest.MonkeyPatch, command: str, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    ran = grader(command, "--bind", "127.0.0.1:0")

    assert ran.status == 2
    assert ran.err.startswith(f"error: {name}: ")
