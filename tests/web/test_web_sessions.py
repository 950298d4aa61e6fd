"""The session cookie, and who may reach what."""

from __future__ import annotations

import re
from collections.abc import Callable
from http.cookies import SimpleCookie
from typing import Any

import pytest
from conftest import School
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from sqlalchemy import event, update
from werkzeug.exceptions import Forbidden, NotFound
from werkzeug.routing import IntegerConverter, Rule

from grader.config import Settings, check_settings, load_secret
from grader.db import Database, people, tokens
from grader.db.queries import new_id, now
from grader.db.school import Assignment, Group, GroupMember, Person
from grader.db.tables import Submission
from grader.errors import BadInput
from grader.web import create_app, identity, passwords, sessions
from grader.web.services import services

AsPerson = Callable[[Person], FlaskClient]
PASSWORD = "correct horse battery"
OPEN = {
    "static", "pages.home", "/healthz", "sign_in.page", "sign_in.with_password", "sign_in.as_demo", "sign_in.leave",
    "sign_in.link_page", "sign_in.ask_for_link", "sign_in.show_link", "sign_in.use_link", "oidc.begin", "oidc.callback",
    "account.invitation", "account.accept", "/api/v1/openapi.json", "/api/docs", "verifying.form", "verifying.check",
}  # fmt: skip
"""What needs nobody signed in; everything else must ask."""
SHARED = {
    "badge.show", "badge.file", "badge.record", "badge.shared", "badge.unlock", "badge.shared_badge",
    "badge.shared_file", "badge.shared_record", "rerun.ask", "rerun.shared_ask", "published.did",
    "published.achievement", "published.status", "published.suspension",
}  # fmt: skip
"""What anybody sees once it is shared or published, and nobody before."""


def who(client: FlaskClient) -> str | None:
    found = re.search(r'value="([^"]+)" autocomplete="username" readonly', client.get("/account").text)
    return found[1] if found else None


def cookie(response: Any) -> Any:
    """The session cookie that an answer sets."""
    return SimpleCookie(response.headers["Set-Cookie"])["grader"]


@pytest.fixture
def ada(database: Database) -> Person:
    with database.write() as session:
        hashed = passwords.hashed(PASSWORD)
        return people.add(session, email="ada@example.org", name="Ada", role="student", password=hashed)


def enter(client: FlaskClient, password: str = PASSWORD, **more: Any) -> Any:
    return client.post("/sign-in", data={"email": "ada@example.org", "password": password}, **more)


def test_a_cookie_from_before_signing_in_is_worth_nothing_after(app: Flask, client: FlaskClient, ada: Person) -> None:
    client.set_cookie("grader", "chosen-by-somebody-else")
    first = cookie(enter(client)).value
    second = cookie(enter(client)).value

    assert len({"chosen-by-somebody-else", first, second}) == 3
    thief = app.test_client()
    thief.set_cookie("grader", "chosen-by-somebody-else")
    assert who(thief) is None
    assert who(client) == "ada@example.org"


def test_what_was_in_the_session_before_is_gone(client: FlaskClient, ada: Person) -> None:
    with client.session_transaction() as session:
        session["left"] = "over"
    enter(client)

    with client.session_transaction() as session:
        assert set(session) - {"_flashes", "_permanent"} == {"person", "key", "id"}


def test_the_cookie_is_kept_from_scripts_and_other_sites(client: FlaskClient, ada: Person) -> None:
    plain = cookie(enter(client))
    secure = cookie(enter(client, base_url="https://localhost"))

    assert plain["httponly"]
    assert plain["samesite"] == "Lax"
    assert not plain["secure"]
    assert secure["secure"]
    assert 29 * 86_400 < sessions.LIFETIME.total_seconds() <= 31 * 86_400
    assert PASSWORD not in plain.value


def test_behind_https_the_cookie_is_secure_whatever_the_proxy_says(settings: Settings, ada: Person) -> None:
    app = create_app(settings.model_copy(update={"base_url": "https://grader.example.edu"}))
    assert cookie(enter(app.test_client()))["secure"]
    services(app).database.dispose()


def test_a_proxy_is_believed_when_it_is_said_to_be_there(settings: Settings, ada: Person) -> None:
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
    for proxies, secure in ((0, False), (1, True)):
        app = create_app(settings.model_copy(update={"proxies": proxies}))
        assert bool(cookie(enter(app.test_client(), headers=headers))["secure"]) is secure
        services(app).database.dispose()


def test_signing_out_ends_copies_of_the_cookie_too(app: Flask, client: FlaskClient, ada: Person) -> None:
    copy = cookie(enter(client)).value
    elsewhere = app.test_client()
    enter(elsewhere)
    client.post("/sign-out")

    thief = app.test_client()
    thief.set_cookie("grader", copy)
    assert who(thief) is None
    assert who(elsewhere) == "ada@example.org"


def test_signing_out_everywhere_ends_every_session(app: Flask, client: FlaskClient, ada: Person) -> None:
    elsewhere = app.test_client()
    enter(client)
    enter(elsewhere)
    client.post("/account/sign-out-everywhere")

    assert who(client) is None
    assert who(elsewhere) is None


def test_a_new_password_ends_every_other_session(app: Flask, client: FlaskClient, ada: Person) -> None:
    elsewhere = app.test_client()
    enter(client)
    enter(elsewhere)
    form = {"current": PASSWORD, "password": "another long one", "again": "another long one"}

    assert client.post("/account/password", data=form).status_code == 303
    assert who(client) == "ada@example.org"
    assert who(elsewhere) is None
    assert enter(app.test_client()).status_code == 422
    assert enter(app.test_client(), "another long one").status_code == 303


@pytest.mark.parametrize("form", [
    {"current": "wrong", "password": "another long one", "again": "another long one"},
    {"current": PASSWORD, "password": "another long one", "again": "differs"},
    {"current": PASSWORD, "password": "short", "again": "short"},
    {"current": PASSWORD, "password": "x" * 2000, "again": "x" * 2000},
    {"password": "another long one", "again": "another long one"},
])  # fmt: skip
def test_a_password_that_will_not_do_changes_nothing(
    app: Flask, client: FlaskClient, ada: Person, form: dict[str, str]
) -> None:
    enter(client)

    assert client.post("/account/password", data=form).status_code == 422
    assert who(client) == "ada@example.org"
    assert enter(app.test_client()).status_code == 303


def test_disabling_an_account_ends_its_sessions_and_tokens(
    school: School, student: FlaskClient, admin: FlaskClient, app: Flask, database: Database
) -> None:
    with database.write() as session:
        _, secret = tokens.add(session, school.student, name="t", scopes=["read"], days=None)
    assert bearer(app, secret) == school.student.id
    admin.post(f"/admin/people/{school.student.id}/disable")

    assert who(student) is None
    assert bearer(app, secret) is None
    admin.post(f"/admin/people/{school.student.id}/enable")
    assert who(student) is None  # the old session is gone for good
    assert bearer(app, secret) == school.student.id


@pytest.mark.parametrize("key", ["", "dev", "grader", "secret"])
def test_a_forged_cookie_is_nobodys(app: Flask, school: School, key: str) -> None:
    forger = Flask("forger")
    forger.secret_key = key or None
    interface: Any = app.session_interface
    for signer in (SecureCookieSessionInterface(), interface):
        serializer = signer.get_signing_serializer(forger)
        if serializer is None:
            continue
        forged = {"person": school.admin.id, "key": school.admin.session_key, "id": "0" * 32}
        client = app.test_client()
        client.set_cookie("grader", serializer.dumps(forged))
        assert client.get("/admin/people").status_code == 303
        assert who(client) is None


@pytest.mark.parametrize("values", [
    {"person": 1, "key": 2, "id": 3}, {"person": None}, {"person": ["x"], "key": {}, "id": ""}, {"person": "x" * 32},
])  # fmt: skip
def test_a_signed_cookie_with_nonsense_in_it_is_nobodys(client: FlaskClient, values: dict[str, Any]) -> None:
    with client.session_transaction() as session:
        session.update(values)

    assert client.get("/account").status_code == 303


@pytest.mark.parametrize("secret", ["", "dev", "x" * 31])
def test_a_secret_that_can_be_guessed_is_refused_at_the_start(settings: Settings, secret: str) -> None:
    weak = Settings(**settings.model_dump(exclude_unset=True), secret=secret, _env_file=None)  # type: ignore[arg-type,call-arg]
    with pytest.raises(BadInput, match="GRADER_SECRET"):
        create_app(weak)
    with pytest.raises(BadInput, match="GRADER_SECRET"):
        load_secret(weak)


def test_a_secret_of_its_own_is_made_once(settings: Settings) -> None:
    check_settings(settings)

    assert len(load_secret(settings)) == 64
    assert load_secret(settings) == load_secret(settings)
    (settings.home / "secret").write_text("short")
    with pytest.raises(BadInput, match="characters"):
        load_secret(settings)


def test_every_page_asks_who_is_there(app: Flask, client: FlaskClient) -> None:
    open_pages = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint in OPEN or str(rule) in OPEN:
            continue
        values = {name: _value(rule, name) for name in rule.arguments}
        with app.test_request_context():
            path = app.url_for(rule.endpoint, **values)
        for method in sorted(set(rule.methods or ()) - {"HEAD", "OPTIONS"}):
            response = client.open(path, method=method, data={} if method != "GET" else None)
            asked = response.status_code == 401 or response.headers.get("Location", "").startswith("/sign-in")
            if not asked and not (rule.endpoint in SHARED and response.status_code == 404):
                open_pages.append((method, str(rule), response.status_code))

    assert open_pages == []


def _value(rule: Rule, name: str) -> Any:
    """Something that fits a place in an address and stands for nothing there is."""
    converter = rule._converters[name]
    if choices := getattr(converter, "items", ()):
        return min(choices)
    return 99 if isinstance(converter, IntegerConverter) else "0" * 32


def bearer(app: Flask, token: str) -> str | None:
    """Whose token this is to an API view."""
    with app.test_request_context("/api/v1/x", headers={"Authorization": f"Bearer {token}"}):
        person = identity.current()
        return person.id if person is not None else None


def test_a_token_says_who_asks_the_api_and_nothing_else(app: Flask, school: School, database: Database) -> None:
    with database.write() as session:
        token, secret = tokens.add(session, school.student, name="laptop", scopes=["read"], days=30)

    assert bearer(app, secret) == school.student.id
    assert bearer(app, secret + "x") is None
    assert bearer(app, "") is None
    with app.test_request_context("/account", headers={"Authorization": f"Bearer {secret}"}):
        assert identity.current() is None
    with database.write() as session:
        assert session.get_one(type(token), token.id).seen_at is not None
        session.execute(update(type(token)).values(expires_at=now()))
    assert bearer(app, secret) is None


def test_a_bad_token_is_not_replaced_by_the_session(app: Flask, student: FlaskClient) -> None:
    with student:
        student.get("/api/v1/nothing", headers={"Authorization": "Bearer nonsense"})
        assert identity.current() is None


def test_a_token_does_only_what_its_scopes_say(app: Flask, school: School, database: Database) -> None:
    with database.write() as session:
        _, secret = tokens.add(session, school.teacher, name="t", scopes=["read", "teach"], days=None)
    with app.test_request_context("/api/v1/x", headers={"Authorization": f"Bearer {secret}"}):
        identity.scope("read")
        identity.scope("teach")
        with pytest.raises(Forbidden, match="submit"):
            identity.scope("submit")
        with pytest.raises(ValueError, match="nonsense"):
            identity.scope("nonsense")


def reach(app: Flask, person: Person, ask: Callable[[], Any]) -> Any:
    """What `ask` answers to this person: its result, or 404."""
    with app.test_request_context():
        sessions.begin(person)
        try:
            return ask()
        except NotFound as error:
            return error.description


def test_a_course_is_reached_by_its_people_and_admins(app: Flask, school: School) -> None:
    def teaches(person: Person, *, teach: bool = False) -> Any:
        found = reach(app, person, lambda: identity.course_access(school.course.id, teach=teach))
        return found if isinstance(found, str) else found.teaches

    assert teaches(school.student) is False
    assert teaches(school.teacher) is True
    assert teaches(school.admin) is True
    assert teaches(school.teacher, teach=True) is True
    unknown = reach(app, school.outsider, lambda: identity.course_access("0" * 32))
    assert (
        teaches(school.outsider)
        == teaches(school.student, teach=True)
        == unknown
        == "There is no course at this address."
    )


def test_students_find_only_what_is_published(app: Flask, school: School, database: Database) -> None:
    def find(person: Person) -> Any:
        found = reach(app, person, lambda: identity.assignment_access(school.assignment.id))
        return found if isinstance(found, str) else found.assignment.id

    for person in (school.student, school.teacher, school.admin):
        assert find(person) == school.assignment.id
    assert find(school.outsider) == "There is no assignment at this address."
    with database.write() as session:
        session.execute(update(Assignment).values(published_at=None))
    assert find(school.student) == "There is no assignment at this address."
    assert find(school.teacher) == school.assignment.id


def hand_in(database: Database, school: School, person: Person | None, group: str | None = None) -> str:
    public_id = new_id()
    with database.write() as session:
        session.add(
            Submission(
                id=public_id, assignment_id=school.assignment.id if person else None, group_id=group,
                person_id=person.id if person else None, rubric="addition", suite="adding", kind="repository",
                received_at=now(), state="received",
            )
        )  # fmt: skip
    return public_id


def test_a_submission_is_reached_by_its_student_its_group_and_who_teaches(
    app: Flask, school: School, database: Database
) -> None:
    group = new_id()
    with database.write() as session:
        session.add(Group(id=group, assignment_id=school.assignment.id, name="two", code=new_id()[:20]))
        session.flush()
        session.add(GroupMember(assignment_id=school.assignment.id, person_id=school.other_student.id, group_id=group))
    alone, together = hand_in(database, school, school.student), hand_in(database, school, school.student, group)
    old = hand_in(database, school, None)

    def find(person: Person, public_id: str) -> bool:
        found = reach(app, person, lambda: identity.submission_access(public_id))
        assert found == "There is no submission at this address." or found.submission.id == public_id
        return not isinstance(found, str)

    people = (school.student, school.other_student, school.teacher, school.admin, school.outsider)
    assert [find(person, alone) for person in people] == [True, False, True, True, False]
    assert [find(person, together) for person in people] == [True, True, True, True, False]
    assert [find(person, old) for person in people] == [False, False, False, True, False]
    assert not find(school.student, "0" * 32)
    taught = reach(app, school.student, lambda: identity.submission_access(alone, teach=True))
    assert taught == "There is no submission at this address."


def test_what_may_not_be_seen_costs_as_many_queries_as_what_does_not_exist(
    app: Flask, school: School, database: Database
) -> None:
    public_id = hand_in(database, school, school.student)
    counts = []
    for asked in (public_id, "0" * 32):
        statements: list[str] = []

        def count(*args: Any, into: list[str] = statements) -> None:
            into.append(args[2])

        event.listen(database.engine, "before_cursor_execute", count)
        reach(app, school.other_student, lambda asked=asked: identity.submission_access(asked))
        event.remove(database.engine, "before_cursor_execute", count)
        counts.append([statement for statement in statements if statement.startswith("SELECT")])

    assert counts[0] == counts[1]
    assert len(counts[0]) == 2
