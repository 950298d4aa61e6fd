"""Whom a badge is about, and what is known of who did the work."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any, Literal, Self

from grader.errors import BadInput
from grader.records.did import did_key_document

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True)
class Learner:
    """The holder of a badge: a did:key of their own, or an e-mail address that only its hash is told of.

    `name` is put in the badge in plain text, so it is given only with the learner's consent.
    """

    did: str | None = None
    email_hash: str | None = None
    salt: str | None = None
    name: str | None = None

    @classmethod
    def by_did(cls, did: str, name: str | None = None) -> Self:
        """A learner with an Ed25519 did:key.

        Raises:
            Refused: it is another kind of identifier.
        """
        did_key_document(did)
        return cls(did=did, name=name)

    @classmethod
    def by_email(cls, email: str, salt: str, name: str | None = None) -> Self:
        """A learner with an e-mail address, of which the badge tells the salted hash (OB 3.0, B.1.14 IdentityObject).

        Use one random salt for each learner, so that their badges can be seen to be one person's.

        Raises:
            BadInput: it is no address, or the salt has fewer than 16 characters.
        """
        address = email.strip().lower()
        if not _EMAIL.fullmatch(address) or len(salt) < 16:
            raise BadInput("a learner needs an e-mail address and a salt of at least 16 characters")
        return cls(email_hash=hash_identity(address, salt), salt=salt, name=name)

    def as_json(self) -> dict[str, Any]:
        """`id` and `identifier` of a credential's subject."""
        identities: list[dict[str, Any]] = []
        if self.email_hash and self.salt:
            identities.append(_identity("emailAddress", self.email_hash, salt=self.salt))
        if self.name:
            identities.append(_identity("name", self.name))
        found: dict[str, Any] = {"id": self.did} if self.did else {}
        return {**found, "identifier": identities} if identities else found


def _identity(kind: str, value: str, salt: str | None = None) -> dict[str, Any]:
    base = {"type": "IdentityObject", "hashed": salt is not None, "identityHash": value, "identityType": kind}
    return {**base, "salt": salt} if salt else base


def hash_identity(identity: str, salt: str) -> str:
    """`identityHash`: `sha256$` and the hex digest of identity and salt (OB 3.0, IdentityHash)."""
    return "sha256$" + hashlib.sha256(f"{identity}{salt}".encode()).hexdigest()


Identity = Literal["self_declared", "account", "enrolled", "document"]
Supervision = Literal["none", "remote", "on_site"]
Similarity = Literal["not_done", "nothing_found", "reviewed"]

_IDENTITY: dict[Identity, str] = {
    "self_declared": "The learner said who they are; nobody checked it.",
    "account": "The learner signed in to an account with a confirmed e-mail address; no identity document was checked.",
    "enrolled": "The learner is enrolled at the issuing institution, which knows who they are.",
    "document": "The issuer checked an identity document.",
}
_SUPERVISION: dict[Supervision, str] = {
    "none": "The work was done without supervision; what help was used is not known.",
    "remote": "The work was done under remote supervision.",
    "on_site": "The work was done under supervision on site.",
}
_SIMILARITY: dict[Similarity, str] = {
    "not_done": "The work was not compared with that of others.",
    "nothing_found": "The work was compared with that of others, and nothing unusual was found.",
    "reviewed": "The work was compared with that of others; what was found was reviewed by a person and cleared.",
}


@dataclass(frozen=True)
class Assurance:
    """What was done, and what was not, to know that the learner did the work."""

    identity: Identity = "account"
    supervision: Supervision = "none"
    similarity: Similarity = "not_done"

    def statement(self) -> str:
        """One line for each of the three."""
        return "\n".join(
            [
                f"Identity: {_IDENTITY[self.identity]}",
                f"Supervision: {_SUPERVISION[self.supervision]}",
                f"Similarity check: {_SIMILARITY[self.similarity]}",
            ]
        )
