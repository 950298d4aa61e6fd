"""1EdTech's published test vectors, made again byte for byte, and the samples of its own validator."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import made
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from grader.records import verify
from grader.records.did import multikey
from grader.records.encoding import listed, read_time
from grader.records.proof import add_proof, unsigned

# Published with the vectors (1EdTech Open Badges 3.0 Implementation Guide, Linked Data Proof Test Vector).
KEY = Ed25519PrivateKey.from_private_bytes(
    bytes.fromhex("6241a409e6707bb640a0140a8a32bc3d193c33a661747284d6adfa4ed4180be4")
)
NAME = "z6MkjZRZv3aez3r18pB1RBFJR1kwUVJ5jHt92JmQwXbd5hwi"
OLDER = "z6MkrvfzkMnvCroEUP2DVc9SHPE48CRsvHiVSusHioxTYu1x"
THEN = datetime(2024, 1, 1, tzinfo=UTC)
LIST = (
    "https://raw.githubusercontent.com/1EdTech/digital-credentials-public-validator/refs/heads/main/"
    "inspector-vc/src/test/resources/ob30/bit-string-list/testlist"
)


def controller(issuer: str) -> dict[str, Any]:
    methods = [
        {"id": f"{issuer}#{name}", "type": "Multikey", "controller": issuer, "publicKeyMultibase": name}
        for name in (NAME, OLDER)
    ]
    return {"id": issuer, "verificationMethod": methods, "assertionMethod": [method["id"] for method in methods]}


def test_the_published_key_has_the_published_name() -> None:
    assert multikey(KEY.public_key()) == NAME


@pytest.mark.parametrize("name", ["1edtech-vector-ob.json", "1edtech-vector-clr.json"])
def test_a_published_vector_is_made_again_byte_for_byte(name: str) -> None:
    signed = made.vector(name)
    (proof,) = listed(signed["proof"])
    again = add_proof(unsigned(signed), KEY, proof["verificationMethod"], read_time(proof["created"]))
    assert again["proof"] == proof


def test_the_published_badge_is_verified() -> None:
    text = (made.VECTORS / "1edtech-vector-ob.json").read_bytes()
    found = verify(text, documents=controller, now=THEN)
    assert found.verified, found.checks
    assert found["achievement"].ok is None  # it does not say who defined it


def test_the_published_record_and_its_member_are_verified() -> None:
    found = verify((made.VECTORS / "1edtech-vector-clr.json").read_bytes(), documents=controller, now=THEN)
    assert found.verified, found.checks
    assert [member.verified for member in found.members] == [True]


@pytest.mark.parametrize("name", ["simple.json", "simple-json.png", "simple-json.svg"])
def test_the_validators_good_samples_are_verified(name: str) -> None:
    found = verify((made.VECTORS / "validator-samples" / name).read_bytes(), documents=controller, now=THEN)
    assert found["signature"].ok, found.checks
    assert found["schema"].ok
    assert found.verified, found.checks


def test_the_validators_sample_with_a_wrong_signature_is_refused() -> None:
    text = (made.VECTORS / "validator-samples" / "simple-err-proof-value.json").read_bytes()
    found = verify(text, documents=controller, now=THEN)
    assert found["signature"].ok is False
    assert found.verdict == "invalid"


def test_the_validators_revoked_sample_is_revoked() -> None:
    samples = made.VECTORS / "validator-samples"
    lists = {LIST: (samples / "testlist").read_text("utf-8")}
    text = (samples / "credential-status-revoked.json").read_bytes()
    assert verify(text, documents=controller, status_lists=lists.get, now=THEN).verdict == "revoked"
    assert verify(text, documents=controller, now=THEN).verdict == "unknown"
