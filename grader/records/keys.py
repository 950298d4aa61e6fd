"""The issuer's keys: a file that only the issuing process reads, and the public document made from it.

A key ring holds an Ed25519 key for embedded proofs and a P-256 key for JWTs. `rotate` makes new ones and forgets the
private halves of the old ones, whose public halves stay in the document so that old badges still verify.
"""

from __future__ import annotations

import json
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Self

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey

from grader.errors import RecordsError, Refused
from grader.records.did import multikey, public_key
from grader.records.encoding import base58btc, read_time, write_time

Kind = Literal["Ed25519", "P-256"]
State = Literal["active", "retired", "withdrawn"]
KINDS: tuple[Kind, ...] = ("Ed25519", "P-256")
SUSPENSIONS = "SuspensionStatusLists"
"""Type of the service by which an issuer's document says that it keeps lists of suspended badges (see `status`)."""


@dataclass(frozen=True)
class Key:
    """One key. `id` is its fragment in the document; `jwk` has the private half only while it is active."""

    id: str
    kind: Kind
    state: State
    created: datetime
    jwk: Mapping[str, str] = field(repr=False)

    @property
    def public(self) -> dict[str, str]:
        """The public half as a JWK."""
        return {name: value for name, value in self.jwk.items() if name != "d"}


@dataclass(frozen=True)
class KeyRing:
    """All keys of an issuer, the newest first."""

    issuer: str
    keys: tuple[Key, ...]

    @classmethod
    def create(cls, issuer: str, now: datetime) -> Self:
        """A new ring with a fresh key of each kind for the issuer's DID."""
        return cls(issuer, tuple(_fresh(kind, now) for kind in KINDS))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The ring in the text of a key file or secret.

        Raises:
            RecordsError: it is damaged; the message holds nothing of what the text said.
        """
        try:
            read = json.loads(text)
            keys = tuple(_read_key(entry) for entry in read["keys"])
            ring = cls(read["issuer"], keys)
        except (Refused, ValueError, KeyError, TypeError, AttributeError, JoseError):
            raise RecordsError("the issuer's key file is damaged") from None
        for kind in KINDS:
            ring.active(kind)
        return ring

    @classmethod
    def load(cls, path: Path) -> Self:
        """The ring in a file.

        Raises:
            RecordsError: it cannot be read, or others than its owner may read it.
        """
        try:
            mode = path.stat().st_mode
            if stat.S_IMODE(mode) & 0o077:
                raise RecordsError(
                    f"{path} holds signing keys and others may read it: chmod 600 it, and rotate the keys"
                )
            return cls.from_json(path.read_text("utf-8"))
        except OSError as error:
            raise RecordsError(f"the issuer's keys cannot be read: {error}") from error

    def to_json(self) -> str:
        """The text of a key file: it holds the private keys."""
        keys = [
            {"id": k.id, "kind": k.kind, "state": k.state, "created": write_time(k.created), "jwk": dict(k.jwk)}
            for k in self.keys
        ]
        return json.dumps({"issuer": self.issuer, "keys": keys}, indent=1) + "\n"

    def save(self, path: Path) -> None:
        """Write the file whole or not at all, readable by its owner only."""
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(self.to_json())
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)

    def rotate(self, now: datetime) -> Self:
        """New keys; the old ones are retired: they sign nothing any more, and what they signed still verifies."""
        old = tuple(replace(k, state="retired", jwk=k.public) if k.state == "active" else k for k in self.keys)
        return replace(self, keys=(*(_fresh(kind, now) for kind in KINDS), *old))

    def withdraw(self, id: str, now: datetime) -> Self:
        """Take a key that got into wrong hands out of the document: nothing that it signed verifies any more.

        An active key is replaced by a fresh one.

        Raises:
            KeyError: there is no such key.
        """
        lost = next((k for k in self.keys if k.id == id), None)
        if lost is None:
            raise KeyError(id)
        kept = tuple(replace(k, state="withdrawn", jwk=k.public) if k is lost else k for k in self.keys)
        fresh = (_fresh(lost.kind, now),) if lost.state == "active" else ()
        return replace(self, keys=(*fresh, *kept))

    def active(self, kind: Kind) -> Key:
        """The key that signs now.

        Raises:
            RecordsError: there is none.
        """
        for key in self.keys:
            if key.kind == kind and key.state == "active" and "d" in key.jwk:
                return key
        raise RecordsError(f"the issuer has no active {kind} key")

    def proof_key(self) -> tuple[str, Ed25519PrivateKey]:
        """Name and private key for embedded proofs."""
        key = self.active("Ed25519")
        private = OKPKey.import_key(dict(key.jwk)).private_key
        assert isinstance(private, Ed25519PrivateKey)
        return f"{self.issuer}#{key.id}", private

    def token_key(self) -> tuple[str, EllipticCurvePrivateKey]:
        """Name and private key for JWTs."""
        key = self.active("P-256")
        private = ECKey.import_key(dict(key.jwk)).private_key
        assert private is not None
        return f"{self.issuer}#{key.id}", private

    def did_document(self, *, suspensions: str | None = None) -> dict[str, Any]:
        """The issuer's public document, `did.json` (DID 1.0): every key that was not withdrawn, for assertions.

        `suspensions` is the address at which the lists of suspended badges are, if there are any.
        """
        methods = [_method(self.issuer, key) for key in self.keys if key.state != "withdrawn"]
        document: dict[str, Any] = {
            "@context": [
                "https://www.w3.org/ns/did/v1",
                "https://w3id.org/security/multikey/v1",
                "https://w3id.org/security/jwk/v1",
            ],
            "id": self.issuer,
            "verificationMethod": methods,
            "assertionMethod": [method["id"] for method in methods],
        }
        if suspensions:
            service = {"id": f"{self.issuer}#suspensions", "type": SUSPENSIONS, "serviceEndpoint": suspensions}
            document["service"] = [service]
        return document


def _fresh(kind: Kind, now: datetime) -> Key:
    if kind == "Ed25519":
        okp = OKPKey.generate_key("Ed25519", private=True)
        return _named(kind, {str(k): str(v) for k, v in okp.as_dict(private=True).items()}, now)
    raw = ECKey.generate_key("P-256", private=True)
    return _named(kind, {str(k): str(v) for k, v in raw.as_dict(private=True).items()}, now)


def _named(kind: Kind, jwk: dict[str, str], now: datetime) -> Key:
    """A key is named after itself, so that no two keys ever share a name."""
    bare = {name: value for name, value in jwk.items() if name in ("kty", "crv", "x", "y", "d")}
    prefix, words = ("ed", bare["x"]) if kind == "Ed25519" else ("es", bare["x"] + bare["y"])
    name = base58btc(words.encode())[-12:]
    return Key(f"{prefix}-{name}", kind, "active", now, bare)


def _read_key(entry: Mapping[str, Any]) -> Key:
    kind, state, jwk = entry["kind"], entry["state"], entry["jwk"]
    curve = "Ed25519" if kind == "Ed25519" else "P-256"
    if kind not in KINDS or state not in ("active", "retired", "withdrawn") or jwk["crv"] != curve:
        raise ValueError(kind)
    public_key({"publicKeyJwk": {name: value for name, value in jwk.items() if name != "d"}})
    return Key(str(entry["id"]), kind, state, read_time(entry["created"]), jwk)


def _method(issuer: str, key: Key) -> dict[str, Any]:
    """A verification method: Multikey for embedded proofs, JsonWebKey for JWTs, as their verifiers expect."""
    base = {"id": f"{issuer}#{key.id}", "controller": issuer}
    if key.kind == "Ed25519":
        public = OKPKey.import_key(dict[str, str | list[str]](key.public)).public_key
        return {**base, "type": "Multikey", "publicKeyMultibase": multikey(public)}  # type: ignore[arg-type]
    return {**base, "type": "JsonWebKey", "publicKeyJwk": {**key.public, "alg": "ES256", "use": "sig", "kid": key.id}}
