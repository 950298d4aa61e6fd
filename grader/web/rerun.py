"""A button by which the school grades a badge's submission once more, to show that the result is the same."""

from __future__ import annotations

import contextlib
from functools import partial

from flask import Blueprint, abort, flash, redirect, url_for
from redis.exceptions import RedisError
from werkzeug.wrappers import Response as BaseResponse

from grader import queue
from grader.db import reruns
from grader.db.outbox import send
from grader.errors import BadInput
from grader.web import badge as pages
from grader.web import limits, looks
from grader.web.looks import Look
from grader.web.services import services

rerun = Blueprint("rerun", __name__)

AN_HOUR = 5
"""Re-runs that one address may ask for."""


@rerun.post("/badges/<badge_id>/rerun")
def ask(badge_id: str) -> BaseResponse:
    """Grade again what a public badge was awarded for: 303 to the badge, which says how far it is."""
    look = looks.of_badge(badge_id)
    return _start(look, url_for("badge.show", badge_id=badge_id))


@rerun.post("/s/<secret>/<badge_id>/rerun")
def shared_ask(secret: str, badge_id: str) -> BaseResponse:
    """The same, through a link."""
    look = pages.through(secret, badge_id)
    if look.share is not None:
        looks.note(look.share, "rerun")
    return _start(look, url_for("badge.shared_badge", secret=secret, badge_id=badge_id))


def _start(look: Look, back: str) -> BaseResponse:
    if not look.rerun or look.held.credential is None:
        abort(403, "The learner has not allowed that this is graded again.")
    limits.count("rerun", limits.address(), AN_HOUR, 3600)
    try:
        with services().database.write() as session:
            attempt = reruns.start(session, look.held.credential)
    except BadInput as problem:
        flash(f"{problem.message} {problem.fix}".strip(), "bad")
        return redirect(f"{back}#again", 303)
    with contextlib.suppress(RedisError):  # then a worker's reconciler sends it
        send(services().database, attempt, partial(queue.enqueue, services().redis))
    return redirect(f"{back}#again", 303)
