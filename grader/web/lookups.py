"""Where a verification on the website looks things up: what this site publishes, and other issuers' sites, with care.

Other sites are asked over https only, on public hosts only, for small files, few times and not for long: an address in
a credential is its author's word, and must not lead into this network or keep this site busy.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from werkzeug.exceptions import ServiceUnavailable

from grader.db import issuance
from grader.errors import BadInput
from grader.intake import fetching
from grader.records.did import did_web, did_web_url
from grader.records.reading import parse_json
from grader.web.services import services

ALL_SECONDS = 20.0
ONE_SECONDS = 6.0
MOST_FETCHES = 8
MOST_BYTES = 2 * 1024 * 1024
_AT_ONCE = threading.BoundedSemaphore(4)
"""Verifications of one process that may wait for other sites; the other threads are for everybody else."""


class Lookups:
    """Documents and status lists for one verification. `problems` says what could not be had, and why."""

    def __init__(self) -> None:
        self.base = services().settings.public_url
        self.issuer = did_web(self.base)
        self.problems: list[str] = []
        self._until = time.monotonic() + ALL_SECONDS
        self._left = MOST_FETCHES

    def document(self, identifier: str) -> Mapping[str, Any] | None:
        """An issuer's document, or None."""
        if identifier == self.issuer:
            text = self._own("did")
            found: Mapping[str, Any] | None = json.loads(text) if text else None
            return found
        try:
            address = did_web_url(identifier) if identifier.startswith("did:") else identifier
            return parse_json(self.fetch(address))
        except BadInput as problem:
            self.problems.append(_said(identifier, problem))
            return None

    def status_list(self, address: str) -> str | bytes | None:
        """A status list, or None."""
        if address.startswith(f"{self.base}/status/"):
            return self._own(address.removeprefix(f"{self.base}/"))
        try:
            return self.fetch(address)
        except BadInput as problem:
            self.problems.append(_said(address, problem))
            return None

    def fetch(self, address: str) -> bytes:
        """What another site answers.

        Raises:
            BadInput: it may not be asked, was asked too often, or does not answer in time and in size.
            ServiceUnavailable: too many verifications wait for other sites at this moment.
        """
        left = self._until - time.monotonic()
        if self._left <= 0 or left <= 0:
            raise BadInput("this verification has asked other sites long enough", where=_host(address))
        self._left -= 1
        if not _AT_ONCE.acquire(timeout=2):
            raise ServiceUnavailable("Many badges are being verified just now.")
        try:
            return fetching.fetch(address, seconds=min(ONE_SECONDS, left), most=MOST_BYTES)
        finally:
            _AT_ONCE.release()

    def _own(self, name: str) -> str | None:
        with services().database.read() as session:
            found = issuance.publication(session, name)
        return found.text if found is not None else None


def _said(what: str, problem: BadInput) -> str:
    return f"{what[:200]}: {problem.message}"


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
