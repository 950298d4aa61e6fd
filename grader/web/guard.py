"""What protects every page whatever it does: cross-site requests are refused, headers forbid foreign content."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, abort, request
from redis.exceptions import RedisError
from werkzeug.exceptions import TooManyRequests

from grader import queue
from grader.web.services import services

POLICY = "; ".join([  # noqa: FLY002 - one directive is one string
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
    "form-action 'self'", "frame-src 'self'", "base-uri 'none'", "frame-ancestors 'none'",
])  # fmt: skip
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not `no-referrer`: browsers would then send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def init_app(app: Flask) -> None:
    app.before_request(refuse_cross_site)
    app.after_request(add_headers)


def refuse_cross_site() -> None:
    """End a request that changes something with 403 when another site's page sent it.

    Browsers name the sender in `Sec-Fetch-Site`, older ones in `Origin`, and no page can forge either. A request with
    neither comes from a program, which holds no cookies of a victim. So no form needs a token against forgery.
    """
    if request.method in _SAFE_METHODS:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        allowed = site in ("same-origin", "none")
    else:
        allowed = origin is None or urlsplit(origin).netloc == request.host
    if not allowed:
        abort(403, "This form was sent by another website. Open this site and try again there.")


def add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def limit_rate(app: Flask) -> None:
    """Raise TooManyRequests when this address has handed in too often this minute; without a queue nobody counts."""
    limit = int(app.config["SUBMISSIONS_PER_MINUTE"])
    try:
        wait = queue.allow(services(app).redis, f"submit:{request.remote_addr}", limit, 60)
    except RedisError:
        return
    if wait:
        raise TooManyRequests(f"That was more than {limit} submissions in a minute.", retry_after=wait)
