"""Where a verification looks things up: issuers' documents and their keys, status lists, the time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from grader.records.did import Documents, PublicKey, key_of
from grader.records.status import StatusLists

MAX_LOOKUPS = 50
"""Documents and lists that one verification asks for: a hostile record could send us to any number of places."""


@dataclass(frozen=True)
class Sources:
    """Where a verification looks things up, each at most once, and what time it is."""

    documents: Documents
    status_lists: StatusLists
    now: datetime
    _seen: dict[tuple[str, str], Any] = field(default_factory=dict)

    def document(self, did: str) -> Mapping[str, Any] | None:
        """The issuer's document, or None."""
        found: Mapping[str, Any] | None = self._once("did", did, self.documents)
        return found

    def status_list(self, url: str) -> str | bytes | None:
        """The text of a status list, or None."""
        found: str | bytes | None = self._once("list", url, self.status_lists)
        return found

    def _once(self, kind: str, name: str, find: Callable[[str], Any]) -> Any:
        if (kind, name) not in self._seen:
            if len(self._seen) >= MAX_LOOKUPS:
                return None
            self._seen[kind, name] = find(name)
        return self._seen[kind, name]


class Keys:
    """Finds an issuer's keys, and remembers how far that went."""

    def __init__(self, issuer: str, sources: Sources) -> None:
        self._issuer = issuer
        self._sources = sources
        self.asked = self.found = self.missing = False

    def __call__(self, method: object) -> PublicKey:
        self.asked = True
        self.found = False
        key = key_of(self._issuer, method, self._document)
        self.found = True
        return key

    def _document(self, did: str) -> Mapping[str, Any] | None:
        document = self._sources.document(did)
        self.missing = document is None
        return document
