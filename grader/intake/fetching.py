"""Fetches what a credential's address names, and nothing inside a network: https, public hosts, small, no redirects."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import time
from urllib.parse import urlsplit

from grader.errors import BadInput, SubmissionRejected
from grader.intake.address import public_addresses

MAX_BYTES = 8 * 1024 * 1024
"""Of one answer; images are large."""
PORT = 443
SECONDS = 15.0
"""Wall-clock limit of one fetch."""

_SLICE = 1 << 16
_HOST = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_PATH = re.compile(r"/[A-Za-z0-9._~%+@:/-]*")


class _Pinned(http.client.HTTPSConnection):
    """Connects to the address that was checked, whatever the name means by then; the certificate is the name's."""

    def __init__(self, host: str, address: str, seconds: float) -> None:
        super().__init__(host, PORT, timeout=seconds, context=ssl.create_default_context())
        self._address = address
        self._tls = ssl.create_default_context()

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), self.timeout)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)


def fetch(address: str, *, seconds: float = SECONDS, most: int = MAX_BYTES) -> bytes:
    """The content at an https address.

    Raises:
        BadInput: the address is not a plain https one of a public host, or does not answer 200 in time and in size.
    """
    host, path, shown = _checked(address)
    try:
        pinned = public_addresses(host)[0]
    except SubmissionRejected:
        raise BadInput("the host was not found, or is not on the public internet", where=shown) from None
    deadline = time.monotonic() + seconds
    connection = _Pinned(host, pinned, seconds)
    try:
        return _get(connection, path, deadline, most)
    except (OSError, http.client.HTTPException) as error:
        raise BadInput(f"it could not be fetched: {type(error).__name__}", where=shown) from None
    except ValueError as error:
        raise BadInput(str(error), where=shown) from None
    finally:
        connection.close()


def _checked(address: str) -> tuple[str, str, str]:
    """Host, path and what may be shown of an address."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise BadInput("the address cannot be read") from None
    host, path = parts.hostname or "", parts.path or "/"
    plain = parts.scheme == "https" and port in (None, 443) and "@" not in parts.netloc and not parts.query
    if not plain or not _HOST.fullmatch(host) or not _PATH.fullmatch(path) or len(address) > 1000:
        raise BadInput("only a plain https://host/path of a public host is fetched", where=address[:200])
    return host, path, f"https://{host}{path}"


def _get(connection: http.client.HTTPSConnection, path: str, deadline: float, most: int) -> bytes:
    connection.request("GET", path, headers={"Accept": "*/*", "User-Agent": "Grader"})
    answer = connection.getresponse()
    if answer.status != http.client.OK:
        raise ValueError(f"the host answered {answer.status}, not with a credential")
    content = bytearray()
    while piece := answer.read1(_SLICE):
        content += piece
        if len(content) > most:
            raise ValueError(f"it has more than {most // 1024**2} MiB")
        if time.monotonic() > deadline:
            raise ValueError("it takes too long")
    return bytes(content)
