"""Sends what is in the outbox of webhooks: signed, to public addresses only, a few at a time, each within seconds.

A receiver checks the `X-Grader-Signature` header, `t=<seconds since 1970>,v1=<hex>`: the hex is HMAC-SHA256, keyed with
the webhook's secret, over `<t>.<body>`. A message that is older than `TOLERANCE` seconds is one that somebody kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import http.client
import json
import logging
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from grader import __version__
from grader.config import Settings
from grader.db import Database, webhooks
from grader.db.webhooks import Due
from grader.errors import BadInput
from grader.intake.address import HOST, public_addresses

log = logging.getLogger(__name__)

SECONDS = 5.0
"""For one delivery, once its host was looked up."""
AT_ONCE = 8
BUDGET = 5.0
"""Seconds after which no more are begun, since a worker's reconciler waits for them."""
TOLERANCE = 300
_MAX_URL = 1000
_SHOWN = 200
_LOOPBACK = {"localhost": "127.0.0.1", "127.0.0.1": "127.0.0.1", "::1": "::1"}
_FIX = "Give an address such as https://example.org/hooks/grader"


@dataclass(frozen=True)
class _Target:
    """Where to connect, decided once: what is connected to is what was checked."""

    parts: SplitResult
    host: str
    port: int
    address: str

    @property
    def path(self) -> str:
        return (self.parts.path or "/") + (f"?{self.parts.query}" if self.parts.query else "")


def deliver_due(database: Database, settings: Settings) -> int:
    """Try what is due, `AT_ONCE` deliveries at a time, for `BUDGET` seconds; returns how many receivers took theirs.

    Safe in any number of processes. A receiver that answers 2xx has it; everything else is tried again after a while
    (`grader.db.webhooks.BACKOFF`) and given up in the end. Never raises for what a receiver does.
    """
    took, end = 0, time.monotonic() + BUDGET
    while True:
        with database.read() as session:
            if not webhooks.is_due(session):
                return took
        with database.write() as session:
            taken = webhooks.take_due(session, AT_ONCE)
        took += _deliver(database, settings, taken) if taken else 0
        if len(taken) < AT_ONCE or time.monotonic() > end:
            return took


def _deliver(database: Database, settings: Settings, taken: list[Due]) -> int:
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook") as pool:
        answers = list(pool.map(lambda due: _try(due, settings), taken))
    with database.write() as session:
        for due, (took, answer) in zip(taken, answers, strict=True):
            (webhooks.delivered if took else webhooks.refused)(session, due, answer)
    return sum(took for took, _ in answers)


def check_url(url: str, settings: Settings) -> None:
    """Raises BadInput for an address to which nothing is ever sent."""
    _target(url, settings)


def signature(secret: str, body: bytes, at: int) -> str:
    """Value of `X-Grader-Signature` for a body sent at this second."""
    return f"t={at},v1={hmac.new(secret.encode(), f'{at}.'.encode() + body, hashlib.sha256).hexdigest()}"


def _try(due: Due, settings: Settings) -> tuple[bool, str]:
    """Whether the receiver took it, and its answer or what went wrong."""
    try:
        status, text = _post(_target(due.webhook.url, settings), due)
    except BadInput as error:
        return False, error.message
    except (OSError, http.client.HTTPException) as error:
        return False, f"{type(error).__name__}: {error}"
    except Exception:  # one receiver's nonsense must not keep the others' messages
        log.exception("delivery %d", due.seq)
        return False, "broke on our side"
    return 200 <= status < 300, f"{status} {text}".strip()


def _post(target: _Target, due: Due) -> tuple[int, str]:
    body = json.dumps(due.payload, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    headers = {
        "Host": target.parts.netloc,
        "Content-Type": "application/json",
        "User-Agent": f"Grader/{__version__}",
        "X-Grader-Event": str(due.payload.get("event", "")),
        "X-Grader-Delivery": str(due.payload.get("id", "")),
        "X-Grader-Signature": signature(due.webhook.secret, body, int(time.time())),
    }
    with _connected(target) as connection:
        connection.request("POST", target.path, body, headers)
        response = connection.getresponse()
        text = response.read(_SHOWN).decode("utf-8", "replace")
        return response.status, "".join(char if char.isprintable() else " " for char in text)


@contextlib.contextmanager
def _connected(target: _Target) -> Iterator[http.client.HTTPConnection]:
    """A connection to the checked address that is cut after `SECONDS`, however slowly the other side speaks."""
    connection = http.client.HTTPConnection(target.host, target.port, timeout=SECONDS)
    with contextlib.ExitStack() as stack:
        sock = stack.enter_context(socket.create_connection((target.address, target.port), SECONDS))
        again = stack.enter_context(sock.dup())
        late = threading.Event()
        guard = threading.Timer(SECONDS, _cut, [again, late])
        guard.start()
        stack.callback(guard.cancel)
        if target.parts.scheme == "https":
            context = ssl.create_default_context()
            sock = context.wrap_socket(sock, server_hostname=target.host, do_handshake_on_connect=False)
            stack.enter_context(sock).do_handshake()
        connection.sock = sock
        yield connection
        if late.is_set():  # what it cut may still read like an answer
            raise TimeoutError(f"it took longer than {SECONDS:g} seconds")


def _cut(sock: socket.socket, late: threading.Event) -> None:
    late.set()
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _target(url: str, settings: Settings) -> _Target:
    if not url.isascii() or not url.isprintable() or set(url) & set(' \\"<>^`{|}') or len(url) > _MAX_URL:
        raise BadInput("The address has characters that do not belong there.", where="url", fix=_FIX)
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise BadInput("The address cannot be read.", where="url", fix=_FIX) from None
    if settings.webhooks_to_loopback and parts.scheme == "http" and host in _LOOPBACK and "@" not in parts.netloc:
        return _Target(parts, host, port or 80, _LOOPBACK[host])
    if parts.scheme != "https" or port not in (None, 443) or parts.fragment or "@" in parts.netloc:
        raise BadInput("A webhook is an https:// address without user, port or #.", where="url", fix=_FIX)
    if not HOST.fullmatch(host):
        raise BadInput("The address does not name a public host.", where="url", fix=_FIX)
    return _Target(parts, host, 443, public_addresses(host, "url", whose="webhook", fix=_FIX)[0])
