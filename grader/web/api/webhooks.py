"""Webhooks of a course: addresses that are told of every grade, and what became of each message."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from flask import abort

from grader.db import audit, webhooks
from grader.db.marking import Delivery
from grader.db.marking import Webhook as Row
from grader.web import identity
from grader.web.api import paging
from grader.web.api.document import address
from grader.web.api.operation import header, operation
from grader.web.api.reach import or_nothing
from grader.web.api.values import Address, Model, Page, Paging
from grader.web.services import services
from grader.webhooks import check_url


class Webhook(Model):
    """An address that is told of events. Its secret is shown once, when it is made."""

    id: str
    course_id: str
    url: str
    created_at: datetime
    disabled_at: datetime | None


class WebhookSecret(Model):
    """A new webhook with the secret that signs its messages."""

    id: str
    course_id: str
    url: str
    created_at: datetime
    secret: str
    """Keep it: it is not shown again."""


class Webhooks(Model):
    """All webhooks of a course; there are ten at most."""

    items: list[Webhook]


class NewWebhook(Model):
    """What a webhook is made of."""

    url: Address
    """An https:// address of a public host, which takes POST requests."""


class WebhookDelivery(Model):
    """One message: what was sent, and what the receiver made of it."""

    id: str
    """Also in the message, as `id` and in `X-Grader-Delivery`: by it a receiver knows what it has seen already."""
    event: Literal["graded", "regraded", "ping"]
    state: Literal["waiting", "delivered", "given_up"]
    payload: dict[str, Any]
    tries: int
    answer: str | None
    """Status and beginning of the receiver's answer to the last try, or why there was none."""
    created_at: datetime
    delivered_at: datetime | None
    due_at: datetime | None
    """When the next try is due."""


@operation("GET", "/courses/<course_id>/webhooks", tag="Webhooks", scope="teach", answer=Webhooks)
def list_webhooks(course_id: str) -> Webhooks:
    """All webhooks of a course"""
    access = identity.course_access(course_id, teach=True)
    with services().database.read() as session:
        rows = webhooks.of_course(session, access.course.id)
    return Webhooks(items=[Webhook.model_validate(row) for row in rows])


@operation(
    "POST",
    "/courses/<course_id>/webhooks",
    tag="Webhooks",
    scope="teach",
    body=NewWebhook,
    answer=WebhookSecret,
    status=201,
)
def create_webhook(course_id: str, body: NewWebhook) -> WebhookSecret:
    """Make a webhook

    It is sent `graded` whenever a student's grade is set by a grading, and `regraded` when an applied regrade changes
    it. Every message is signed with the secret in this answer, which is not shown again.
    """
    access = identity.course_access(course_id, teach=True)
    check_url(body.url, services().settings)
    with services().database.write() as session:
        row = webhooks.add(session, course_id=access.course.id, url=body.url, by=access.person.id)
        _note(session, "webhook.added", row, access.person.id)
    header("Location", address("show_webhook", webhook_id=row.id))
    return WebhookSecret.model_validate(row)


@operation("GET", "/webhooks/<webhook_id>", tag="Webhooks", scope="teach", answer=Webhook)
def show_webhook(webhook_id: str) -> Webhook:
    """A webhook"""
    return Webhook.model_validate(_find(webhook_id))


@operation("DELETE", "/webhooks/<webhook_id>", tag="Webhooks", scope="teach", status=204)
def delete_webhook(webhook_id: str) -> None:
    """Delete a webhook, and what it has not been told yet"""
    row = _find(webhook_id)
    with services().database.write() as session:
        _note(session, "webhook.removed", row, identity.required().id)
        webhooks.remove(session, row)


@operation("POST", "/webhooks/<webhook_id>/test", tag="Webhooks", scope="teach", answer=WebhookDelivery, status=202)
def test_webhook(webhook_id: str) -> WebhookDelivery:
    """Send a test message

    A worker sends an event `ping` within seconds; its fate is in the list of deliveries.
    """
    row = _find(webhook_id)
    with services().database.write() as session:
        delivery = webhooks.ping(session, row)
    header("Location", address("list_deliveries", webhook_id=row.id))
    return _delivery(delivery)


@operation(
    "GET",
    "/webhooks/<webhook_id>/deliveries",
    tag="Webhooks",
    scope="teach",
    query=Paging,
    answer=Page[WebhookDelivery],
)
def list_deliveries(webhook_id: str, query: Paging) -> Page[WebhookDelivery]:
    """Messages of a webhook, newest first"""
    row = _find(webhook_id)
    after = paging.decode(query, int)
    with services().database.read() as session:
        rows = webhooks.deliveries(session, row.id, query.limit + 1, after[0] if after else None)
    return paging.page(WebhookDelivery, rows, query, lambda one: (one.seq,), _delivery)


def _find(webhook_id: str) -> Row:
    with services().database.read() as session:
        row = webhooks.find(session, webhook_id)
    if row is None or not or_nothing(lambda: identity.course_access(row.course_id, teach=True)):
        abort(404, "There is no webhook at this address.")
    return row


def _delivery(row: Delivery) -> WebhookDelivery:
    state: Literal["waiting", "delivered", "given_up"]
    state = "delivered" if row.delivered_at else "waiting" if row.due_at else "given_up"
    fields = {
        name: getattr(row, name) for name in ("event", "payload", "tries", "answer", "created_at", "delivered_at")
    }
    return WebhookDelivery(
        id=row.payload["id"], state=state, due_at=row.due_at if state == "waiting" else None, **fields
    )


def _note(session: Any, action: str, row: Row, by: str) -> None:
    audit.note(session, action, f"webhook:{row.id}", by=by, course_id=row.course_id, after={"url": row.url})
