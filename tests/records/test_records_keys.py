from __future__ import annotations

import json
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import made
import pytest

from grader.errors import RecordsError, Refused
from grader.records import Issued, Issuer, KeyRing
from grader.records.did import did_key, did_key_document, did_web, did_web_url, key_of

LATER = made.NOW + timedelta(days=365)


def privates(ring: KeyRing) -> list[str]:
    return [key.jwk["d"] for key in ring.keys if "d" in key.jwk]


def test_the_file_is_its_owners_alone_and_comes_back_the_same(tmp_path: Path) -> None:
    path = tmp_path / "issuer" / "keys.json"
    ring = KeyRing.create(made.DID, made.NOW)
    ring.save(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert KeyRing.load(path) == ring
    assert [file.name for file in path.parent.iterdir()] == ["keys.json"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "keys.json"
    KeyRing.create(made.DID, made.NOW).save(path)
    path.chmod(mode)
    with pytest.raises(RecordsError, match="others may read it"):
        KeyRing.load(path)


def test_a_missing_file_is_our_failure(tmp_path: Path) -> None:
    with pytest.raises(RecordsError, match="cannot be read"):
        KeyRing.load(tmp_path / "keys.json")


def damaged() -> dict[str, str]:
    read: dict[str, Any] = json.loads(KeyRing.create(made.DID, made.NOW).to_json())
    changes: dict[str, Any] = {
        "another kind": {"kind": "RSA"},
        "another state": {"state": "lost"},
        "another curve": {"jwk": {**read["keys"][0]["jwk"], "crv": "P-256"}},
        "no time": {"created": "yesterday"},
    }
    texts = {name: json.dumps({**read, "keys": [{**read["keys"][0], **change}]}) for name, change in changes.items()}
    one = json.dumps({**read, "keys": read["keys"][:1]})
    return {**texts, "no JSON": "{", "a list": "[]", "no keys": '{"issuer": "x"}', "one kind only": one}


@pytest.mark.parametrize("text", damaged().values(), ids=damaged())
def test_a_damaged_file_is_told_without_telling_what_it_holds(text: str) -> None:
    with pytest.raises(RecordsError) as raised:
        KeyRing.from_json(text)
    assert '"d"' not in str(raised.value)
    assert raised.value.__cause__ is None


def test_no_private_key_is_in_what_is_printed_published_or_issued(badge: Issued, school: made.School) -> None:
    """B9."""
    ring = school.issuer.keys
    told = [repr(ring), str(ring.keys), json.dumps(school.issuer.did_document), badge.json, badge.jwt, badge.svg]
    for secret in privates(ring):
        assert all(secret not in text for text in told)
        assert secret.encode() not in badge.png


def test_old_badges_verify_after_a_rotation_and_old_keys_sign_no_more(school: made.School, badge: Issued) -> None:
    """B8."""
    ring = school.issuer.keys.rotate(LATER)
    rotated = made.School(Issuer(ring, made.BASE, school.issuer.name))
    assert rotated.verify(badge.json).verified
    assert rotated.verify(badge.jwt).verified
    new = rotated.issuer.issue(made.given())
    assert new.credential["proof"]["verificationMethod"] != badge.credential["proof"]["verificationMethod"]
    assert school.verify(new.json)["key"].ok is False
    assert len(privates(ring)) == 2
    assert [key.state for key in ring.keys] == ["active", "active", "retired", "retired"]
    assert KeyRing.from_json(ring.to_json()) == ring


def test_a_key_that_was_stolen_takes_its_badges_with_it(school: made.School, badge: Issued) -> None:
    stolen = school.issuer.keys.active("Ed25519")
    ring = school.issuer.keys.withdraw(stolen.id, LATER)
    after = made.School(Issuer(ring, made.BASE, school.issuer.name))
    assert not after.verify(badge.json).verified
    assert after.verify(badge.jwt)["signature"].ok
    assert after.issuer.issue(made.given())
    with pytest.raises(KeyError):
        ring.withdraw("none", LATER)


def test_a_rotation_long_ago_leaves_every_public_key(school: made.School) -> None:
    ring = school.issuer.keys
    for year in range(5):
        ring = ring.rotate(LATER + timedelta(days=year))
    document = ring.did_document()
    assert len(document["verificationMethod"]) == 12
    assert document["assertionMethod"] == [method["id"] for method in document["verificationMethod"]]
    assert len({method["id"] for method in document["verificationMethod"]}) == 12


@pytest.mark.parametrize(
    ("address", "did", "url"),
    [
        ("https://a.example", "did:web:a.example", "https://a.example/.well-known/did.json"),
        ("https://a.example/", "did:web:a.example", "https://a.example/.well-known/did.json"),
        ("https://a.example/x/y", "did:web:a.example:x:y", "https://a.example/x/y/did.json"),
        ("https://a.example:8443", "did:web:a.example%3A8443", "https://a.example:8443/.well-known/did.json"),
        ("http://127.0.0.1:8000", "did:web:127.0.0.1%3A8000", "https://127.0.0.1:8000/.well-known/did.json"),
    ],
)
def test_an_address_is_a_did_and_the_other_way_round(address: str, did: str, url: str) -> None:
    assert did_web(address) == did
    assert did_web_url(did) == url


@pytest.mark.parametrize(
    "address",
    ["http://a.example", "http://127.0.0.2", "https://a.example?x", "https://u@a.example", "a.example", "https://"],
)
def test_an_address_that_names_no_issuer_is_refused(address: str) -> None:
    with pytest.raises(Refused):
        did_web(address)


@pytest.mark.parametrize(
    "did", ["did:key:z6Mk", "did:web:", "did:web:a.example:..:x", "did:web:a.example/x", "did:web:a b"]
)
def test_a_did_that_leads_nowhere_is_refused(did: str) -> None:
    with pytest.raises(Refused):
        did_web_url(did)


def test_a_did_key_is_an_ed25519_key_or_refused(school: made.School) -> None:
    did = did_key(school.issuer.keys.proof_key()[1].public_key())
    assert did_key_document(did)["id"] == did
    for wrong in ("did:key:", "did:key:zQ3sh", "did:web:x.example", did + "2", "did:key:z" + "2" * 5000):
        with pytest.raises(Refused):
            did_key_document(wrong)


def test_a_key_must_be_the_issuers_and_for_assertions(school: made.School) -> None:
    document = school.issuer.did_document
    name, _ = school.issuer.keys.proof_key()
    method = document["verificationMethod"][0]
    wrong: list[dict[str, Any]] = [
        {**document, "assertionMethod": []},
        {**document, "id": "did:web:x.example"},
        {**document, "verificationMethod": [{**method, "controller": "did:web:x.example"}]},
        {**document, "verificationMethod": [{**method, "revoked": "2026-01-01T00:00:00Z"}]},
        {**document, "verificationMethod": [method, method]},
        {**document, "verificationMethod": []},
        {**document, "verificationMethod": [{**method, "publicKeyJwk": {"kty": "oct", "k": "AA"}}]},
        {**document, "verificationMethod": [{k: v for k, v in method.items() if k != "publicKeyMultibase"}]},
    ]
    assert key_of(made.DID, name, {made.DID: document}.get)
    for case in wrong:
        with pytest.raises(Refused):
            key_of(made.DID, name, {made.DID: case}.get)


@pytest.mark.parametrize(
    "jwk",
    [
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"},
        {"kty": "OKP", "crv": "Ed25519", "x": "AA"},
        {"kty": "OKP", "crv": "X25519", "x": "A" * 43},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        {"kty": "oct", "k": "AA"},
        {},
        [],
        "x",
    ],
    ids=str,
)
def test_a_jwk_that_is_no_usable_public_key_is_refused(jwk: Any) -> None:
    method = {"id": "did:web:x.example#1", "controller": "did:web:x.example", "publicKeyJwk": jwk}
    document = {"id": "did:web:x.example", "verificationMethod": [method], "assertionMethod": [method["id"]]}
    with pytest.raises(Refused):
        key_of("did:web:x.example", method["id"], {document["id"]: document}.get)


def test_a_private_key_in_a_document_is_not_used(school: made.School) -> None:
    key = school.issuer.keys.active("P-256")
    method = {"id": f"{made.DID}#1", "controller": made.DID, "publicKeyJwk": dict(key.jwk)}
    document = {"id": made.DID, "verificationMethod": [method], "assertionMethod": [method["id"]]}
    with pytest.raises(Refused, match="not a public JWK"):
        key_of(made.DID, method["id"], {made.DID: document}.get)


def test_keys_have_no_state_that_can_be_changed() -> None:
    ring = KeyRing.create(made.DID, made.NOW)
    assert replace(ring) == ring
    with pytest.raises(AttributeError):
        ring.issuer = "did:web:x.example"  # type: ignore[misc]
