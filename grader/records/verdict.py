"""What a verification found: one line of words for each thing that was looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Verdict = Literal["verified", "revoked", "suspended", "expired", "not_yet", "invalid", "unknown", "unreadable"]
ESSENTIAL = frozenset({"readable", "schema", "context", "key", "signature", "begun", "period", "status", "members"})
"""Checks that must have succeeded. The others may be left open, but may not fail."""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. `ok` is None where it could not be found out, and `detail` says why."""

    id: str
    ok: bool | None
    title: str
    detail: str


@dataclass(frozen=True)
class Verification:
    """All that was found out about a credential. `members` are those of a learner record, in their order."""

    checks: tuple[Check, ...]
    credential: Mapping[str, Any] | None = field(default=None, repr=False)
    form: Literal["json", "jwt"] | None = None
    container: Literal["json", "jwt", "png", "svg"] | None = None
    members: tuple[Verification, ...] = ()

    @property
    def verified(self) -> bool:
        """Whether everything that must hold holds, and nothing else is wrong."""
        return all(check.ok or (check.ok is None and check.id not in ESSENTIAL) for check in self.checks)

    @property
    def readable(self) -> bool:
        """Whether there was a credential at all."""
        return self["readable"].ok is True

    @property
    def verdict(self) -> Verdict:
        """The answer in one word; a badge that was honestly issued and has ended is not called invalid."""
        if self.verified:
            return "verified"
        if not self.readable:
            return "unreadable"
        wrong = {check.id for check in self.checks if check.ok is False}
        for id, word in _WORDS.items():
            if id in wrong and wrong <= set(_WORDS):
                return word
        return "invalid" if wrong else "unknown"

    def __getitem__(self, id: str) -> Check:
        """The check with that id.

        Raises:
            KeyError: it was not made.
        """
        for check in self.checks:
            if check.id == id:
                return check
        raise KeyError(id)

    def as_json(self) -> dict[str, Any]:
        """The same for programs: verdict, checks, and those of the members."""
        return {
            "verified": self.verified,
            "verdict": self.verdict,
            "id": (self.credential or {}).get("id"),
            "form": self.form,
            "container": self.container,
            "checks": [vars(check) for check in self.checks],
            "members": [member.as_json() for member in self.members],
        }


_WORDS: dict[str, Verdict] = {
    "status": "revoked",
    "suspension": "suspended",
    "period": "expired",
    "begun": "not_yet",
}
"""Checks that fail for what became of an honest badge, the gravest first, and the verdict then."""

TITLES = {
    "readable": "It is a credential",
    "schema": "It has the form of an Open Badge",
    "context": "Every word in it has a defined meaning",
    "key": "The key is the issuer's",
    "signature": "Nothing was changed after it was signed",
    "issuer": "The issuer is the expected one",
    "begun": "Its time has come",
    "period": "It has not expired",
    "status": "It was not revoked",
    "suspension": "It is not suspended",
    "subject": "It says whom it is about",
    "achievement": "The achievement is the issuer's own",
    "results": "The marks fit their scales",
    "evidence": "The grading record is the one that was signed",
    "endorsements": "Endorsements hold",
    "members": "Every badge in it holds",
}
"""What each check claims when it succeeds, by its id."""


def check(id: str, ok: bool | None, detail: str) -> Check:
    """A check with the title of its id."""
    return Check(id, ok, TITLES[id], detail)


def sentence(error: Exception) -> str:
    """An error's message as a sentence of its own."""
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
