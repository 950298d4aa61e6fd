"""What the journeys share: a running service, who visits it, and how long things may take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path

from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
PATIENCE = 15_000
"""Milliseconds that anything on a page may take,"""
GRADING = 60_000
"""and grading in Docker, which other tests may be doing at the same time."""
PEOPLE = {"student": "a student", "instructor": "an instructor", "admin": "an admin", "employer": "an employer"}


@dataclass
class Site:
    """A running service and what its browsers have complained about."""

    url: str
    home: Path
    complaints: list[str] = field(default_factory=list)

    def mails_to(self, address: str) -> list[str]:
        """The texts of the mails to an address that have been written so far."""
        mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in self.outbox()]
        return [mail.get_content() for mail in mails if mail["To"] == address]

    def outbox(self) -> list[Path]:
        return sorted((self.home / "outbox").glob("*.eml"))


Visit = Callable[..., Page]
"""Opens a browser for somebody: a key of `PEOPLE`, or nobody."""
