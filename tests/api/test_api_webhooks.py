"""Webhooks from the event to the receiver: a real HTTP server takes them."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy import select
from world import Call, World, graded_report

from grader import webhooks as sending
from grader.config import Settings
from grader.db import Database, queries, regrades, submitting, webhooks
from grader.db.marking import Delivery, Webhook
from grader.db.queries import NewSubmission, Outcome, now
from grader.db.school import Assignment
from grader.errors import BadInput


@dataclass
class Receiver:
    """What came, and what to answer."""

    url: str
    status: int = 204
    location: str = ""
    delay: float = 0.0
    drip: bool = False
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.came.append((dict(self.headers), body))
            if state.drip:
                self.wfile.write(b"HTTP/1.1 204 No Content\r\n")
                for _ in range(100):
                    self.wfile.write(b"X")
                    self.wfile.flush()
                    time.sleep(0.1)
            time.sleep(state.delay)
            self.send_response(state.status)
            if state.location:
                self.send_header("Location", state.location)
            self.end_headers()
            self.wfile.write(b"noted \x1b[2J")

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    server.daemon_threads = True
    state = Receiver(f"http://127.0.0.1:{server.server_address[1]}/hook?course=1")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def local(settings: Settings) -> Settings:
    return settings.model_copy(update={"webhooks_to_loopback": True})


@pytest.fixture
def hook(database: Database, world: World, receiver: Receiver) -> Iterator[Webhook]:
    """The only webhook that has anything to send."""
    with database.write() as session:
        for row in session.scalars(select(Delivery)):
            session.delete(row)
        hook = webhooks.add(session, course_id=world.ids["course_id"], url=receiver.url, by=None)
    yield hook
    with database.write() as session:
        webhooks.remove(session, hook)


def rows(database: Database, hook: Webhook) -> list[Delivery]:
    with database.read() as session:
        return list(webhooks.deliveries(session, hook.id, 100))


def make_due(database: Database, hook: Webhook) -> None:
    with database.write() as session:
        for row in webhooks.deliveries(session, hook.id, 100):
            session.merge(row).due_at = now() - timedelta(seconds=1) if row.due_at else None


def hand_in(database: Database, world: World) -> str:
    with database.write() as session:
        assignment = session.get_one(Assignment, world.ids["assignment_id"])
        new = NewSubmission(rubric="", suite="", queue="default", job_timeout=60, blob="sha256:0", filename="w.zip")
        row = submitting.add(session, assignment, world.people["mate"], new, now())
    return row.id


def test_a_grading_reaches_the_receiver_signed(
    database: Database, world: World, receiver: Receiver, hook: Webhook, local: Settings
) -> None:
    public_id = hand_in(database, world)
    with database.write() as session:
        queries.finish(session, f"{public_id}-1", Outcome("graded", report=graded_report()))
    assert sending.deliver_due(database, local) == 1

    headers, body = receiver.came.pop()
    message = json.loads(body)
    assert message["event"] == headers["X-Grader-Event"] == "graded"
    assert message["id"] == headers["X-Grader-Delivery"]
    assert message["submission"] == public_id
    assert message["student"]["email"] == "mate@example.org"
    assert message["grade"]["points"] == 3.0
    assert message["assignment"]["id"] == world.ids["assignment_id"]
    moment, _, given = headers["X-Grader-Signature"].partition(",")
    seconds = int(moment.removeprefix("t="))
    assert abs(time.time() - seconds) < 60
    expected = hmac.new(hook.secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    assert given == f"v1={expected}"
    (row,) = rows(database, hook)
    assert row.delivered_at is not None
    assert row.answer == "204"
    assert sending.deliver_due(database, local) == 0
    assert not receiver.came


def test_what_is_rolled_back_is_not_told(database: Database, world: World, hook: Webhook) -> None:
    public_id = hand_in(database, world)
    with database.write() as session:
        queries.finish(session, f"{public_id}-1", Outcome("graded", report=graded_report()))
        assert session.scalars(select(Delivery).where(Delivery.webhook_id == hook.id)).all()
        session.rollback()
    assert rows(database, hook) == []


def test_a_regrade_is_told_once_it_is_applied(
    database: Database, world: World, receiver: Receiver, hook: Webhook, local: Settings
) -> None:
    with database.write() as session:
        regrade = regrades.find(session, world.ids["regrade_id"])
        assert regrade is not None
        better = graded_report() | {"points": 7.0}
        better["criteria"][1] |= {"points": 4.0, "status": "passed"}
        number = session.scalars(select(queries.Attempt).where(queries.Attempt.regrade_id == regrade.id)).all()
        for attempt in number:
            queries.finish(session, attempt.id, Outcome("graded", report=better))
    assert rows(database, hook) == []
    with database.write() as session:
        regrades.apply(session, regrade.id, by=world.people["teacher"].id)
    sending.deliver_due(database, local)
    message = json.loads(receiver.came.pop()[1])
    assert (message["event"], message["regrade"], message["why"]) == ("regraded", regrade.id, regrade.why)
    assert (message["before"]["points"], message["grade"]["points"]) == (3.0, 7.0)
    assert message["student"]["email"] == "student@example.org"


def test_a_failure_is_tried_again_and_given_up(
    database: Database, receiver: Receiver, hook: Webhook, local: Settings
) -> None:
    receiver.status = 500
    with database.write() as session:
        webhooks.ping(session, hook)
    waits = []
    for _ in webhooks.BACKOFF:
        began = now()
        assert sending.deliver_due(database, local) == 0
        (row,) = rows(database, hook)
        assert row.answer == "500 noted  [2J"
        assert sending.deliver_due(database, local) == 0, "it is not due yet"
        waits.append(row.due_at - began if row.due_at else None)
        make_due(database, hook)
    assert len(receiver.came) == len(webhooks.BACKOFF)
    assert waits[-1] is None, "given up"
    for wait, wanted in zip(waits[:-1], webhooks.BACKOFF, strict=False):
        assert wait is not None
        assert wanted <= wait < wanted + timedelta(seconds=30)
    assert len({json.loads(body)["id"] for _, body in receiver.came}) == 1


def test_a_redirect_is_a_failure(database: Database, receiver: Receiver, hook: Webhook, local: Settings) -> None:
    receiver.status, receiver.location = 302, receiver.url
    with database.write() as session:
        webhooks.ping(session, hook)
    assert sending.deliver_due(database, local) == 0
    assert len(receiver.came) == 1
    assert rows(database, hook)[0].answer.startswith("302")  # type: ignore[union-attr]


@pytest.mark.parametrize("how", ["silent", "drip"])
def test_a_slow_receiver_costs_a_second(
    database: Database,
    receiver: Receiver,
    hook: Webhook,
    local: Settings,
    monkeypatch: pytest.MonkeyPatch,
    how: str,
) -> None:
    monkeypatch.setattr(sending, "SECONDS", 1.0)
    receiver.delay, receiver.drip = (5.0, False) if how == "silent" else (0.0, True)
    with database.write() as session:
        webhooks.ping(session, hook)
    began = time.monotonic()
    assert sending.deliver_due(database, local) == 0
    assert time.monotonic() - began < 3
    assert rows(database, hook)[0].answer


def test_two_workers_send_a_message_once(
    database: Database, receiver: Receiver, hook: Webhook, local: Settings
) -> None:
    receiver.delay = 0.2
    with database.write() as session:
        for _ in range(6):
            webhooks.ping(session, hook)
    threads = [threading.Thread(target=sending.deliver_due, args=(database, local)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(receiver.came) == 6
    assert len({json.loads(body)["id"] for _, body in receiver.came}) == 6


def test_a_class_is_told_in_one_go(database: Database, receiver: Receiver, hook: Webhook, local: Settings) -> None:
    with database.write() as session:
        for _ in range(3 * sending.AT_ONCE + 1):
            webhooks.ping(session, hook)
    assert sending.deliver_due(database, local) == 3 * sending.AT_ONCE + 1
    assert sending.deliver_due(database, local) == 0


def test_loopback_is_refused_without_the_setting(
    database: Database, receiver: Receiver, hook: Webhook, settings: Settings
) -> None:
    with database.write() as session:
        webhooks.ping(session, hook)
    assert sending.deliver_due(database, settings) == 0
    assert not receiver.came
    assert "https" in str(rows(database, hook)[0].answer)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/hook",
        "https://127.0.0.1/hook",
        "https://[::1]/hook",
        "https://2130706433/hook",
        "https://localhost/hook",
        "https://user@example.org/hook",
        "https://example.org:8443/hook",
        "https://example.org/hook#x",
        "https://example.org/a b",
        "https://example.org\\@127.0.0.1/hook",
        "ftp://example.org/hook",
        "file:///etc/passwd",
        "https://",
        "x",
    ],
)
def test_an_address_that_is_not_public_is_refused(
    call: Call, world: World, settings: Settings, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.intake.address._lookup", lambda _: pytest.fail("nothing to look up"))
    with pytest.raises(BadInput):
        sending.check_url(url, settings)
    answer = call("teacher", "POST", f"/courses/{world.ids['course_id']}/webhooks", json={"url": url})
    assert answer.status_code == 422, answer.text


@pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "127.0.0.1", "::1", "64:ff9b::7f00:1", "fd00::1"])
def test_a_name_of_a_private_address_is_refused(
    settings: Settings, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ipaddress

    found = {ipaddress.ip_address("93.184.216.34"), ipaddress.ip_address(address)}
    monkeypatch.setattr("grader.intake.address._lookup", lambda _: found)
    with pytest.raises(BadInput, match="public internet"):
        sending.check_url("https://example.org/hook", settings)


def test_the_secret_is_shown_once(
    call: Call, world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ipaddress

    monkeypatch.setattr("grader.intake.address._lookup", lambda _: {ipaddress.ip_address("93.184.216.34")})
    path = f"/courses/{world.ids['course_id']}/webhooks"
    made = call("teacher", "POST", path, json={"url": "https://example.org/new"})
    assert made.status_code == 201
    secret = made.get_json()["secret"]
    assert len(secret) == 64
    assert secret not in call("teacher", "GET", path).text
    where = made.headers["Location"].removeprefix("/api/v1")
    assert secret not in call("teacher", "GET", where).text

    tested = call("teacher", "POST", f"{where}/test")
    assert (tested.status_code, tested.get_json()["state"]) == (202, "waiting")
    listed = call("teacher", "GET", f"{where}/deliveries").get_json()["items"]
    assert [one["id"] for one in listed] == [tested.get_json()["id"]]
    assert call("teacher", "DELETE", where).status_code == 204
    assert call("teacher", "GET", where).status_code == 404


def test_a_course_has_ten_webhooks_at_most(
    call: Call, world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ipaddress

    monkeypatch.setattr("grader.intake.address._lookup", lambda _: {ipaddress.ip_address("93.184.216.34")})
    path = f"/courses/{world.ids['course_id']}/webhooks"
    statuses = [call("teacher", "POST", path, json={"url": "https://example.org/n"}).status_code for _ in range(10)]
    assert statuses[0] == 201
    assert statuses[-1] == 422
    assert len(call("teacher", "GET", path).get_json()["items"]) == webhooks.MOST
