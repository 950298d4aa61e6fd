"""Embedded proofs: Data Integrity with the cryptosuite `eddsa-rdfc-2022` (VC-DI-EDDSA 1.0, section 3.2)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from grader.errors import Refused
from grader.records.did import PublicKey
from grader.records.encoding import base58btc, from_base58btc, listed, read_time, write_time
from grader.records.linked import canonical

SUITE = "eddsa-rdfc-2022"
_MAX_PROOFS = 3


def add_proof(document: Mapping[str, Any], key: Ed25519PrivateKey, method: str, created: datetime) -> dict[str, Any]:
    """The document with a proof by that key; the same arguments give the same signature.

    Raises:
        Refused: part of the document would not be signed.
    """
    proof = {
        "type": "DataIntegrityProof",
        "created": write_time(created),
        "verificationMethod": method,
        "cryptosuite": SUITE,
        "proofPurpose": "assertionMethod",
    }
    signature = key.sign(_signed_bytes(document, proof, canonical(document)))
    return {**document, "proof": {**proof, "proofValue": base58btc(signature)}}


def unsigned(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document without its proof: what a proof is about."""
    return {name: value for name, value in document.items() if name != "proof"}


def check_proof(
    document: Mapping[str, Any],
    key_for: Callable[[object], PublicKey],
    now: datetime,
    quads: bytes | None = None,
) -> str:
    """Check every proof of a document and give the name of the first one's key.

    `key_for` gives the public key of a `verificationMethod`, and raises Refused when that key may not sign this.
    `quads` is `canonical(unsigned(document))` for a caller that has it.

    Raises:
        Refused: there is no proof, or one does not hold.
    """
    proofs = listed(document.get("proof"))
    if not 1 <= len(proofs) <= _MAX_PROOFS:
        raise Refused("there is no proof" if not proofs else "there are too many proofs")
    bare = unsigned(document)
    quads = canonical(bare) if quads is None else quads
    for proof in proofs:
        _check_options(proof, bare, now)
        key = key_for(proof.get("verificationMethod"))
        if not isinstance(key, Ed25519PublicKey):
            raise Refused(f"{SUITE} takes an Ed25519 key, and the issuer's key is of another kind")
        options = {name: value for name, value in proof.items() if name != "proofValue"}
        signature = from_base58btc(proof.get("proofValue"))
        try:
            key.verify(signature, _signed_bytes(bare, options, quads))
        except InvalidSignature:
            raise Refused("the signature does not fit: the content was changed after it was signed") from None
    return str(proofs[0]["verificationMethod"])


def _check_options(proof: object, document: Mapping[str, Any], now: datetime) -> None:
    if not isinstance(proof, Mapping) or proof.get("type") != "DataIntegrityProof":
        raise Refused("the proof is not a Data Integrity proof")
    if proof.get("cryptosuite") != SUITE:
        raise Refused(f"the proof's cryptosuite is {str(proof.get('cryptosuite'))[:60]!r}, not {SUITE}")
    if proof.get("proofPurpose") != "assertionMethod":
        raise Refused("the proof was not made for an assertion")
    if "previousProof" in proof or proof.get("@context", document.get("@context")) != document.get("@context"):
        raise Refused("the proof depends on something else")
    if "created" in proof:
        read_time(proof["created"])
    if "expires" in proof and read_time(proof["expires"]) < now:
        raise Refused(f"the proof expired on {proof['expires']}")


def _signed_bytes(document: Mapping[str, Any], options: Mapping[str, Any], quads: bytes) -> bytes:
    whole = {**options, "@context": document.get("@context")}
    return hashlib.sha256(canonical(whole)).digest() + hashlib.sha256(quads).digest()
