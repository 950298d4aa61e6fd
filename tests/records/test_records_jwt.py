"""B2: a token may bring neither its algorithm nor its key."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import warnings
from collections.abc import Callable
from typing import Any

import made
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from grader.records import Issued
from grader.records.jwt import read_token


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    head, body, signature = token.split(".")
    header, payload = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in (head, body))
    return header, payload, signature


def joined(header: dict[str, Any], payload: dict[str, Any], signature: str = "") -> str:
    return f"{b64(json.dumps(header).encode())}.{b64(json.dumps(payload).encode())}.{signature}"


def signed(school: made.School, header: dict[str, Any], payload: dict[str, Any]) -> str:
    _, key = school.issuer.keys.token_key()
    registry = jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False)
    return jws.serialize_compact(header, json.dumps(payload), ECKey.import_key(key), registry=registry)


def test_the_header_has_only_what_is_allowed(badge: Issued) -> None:
    header, payload, _ = parts(badge.jwt)
    assert set(header) == {"alg", "kid", "typ"}
    assert header["alg"] == "ES256"
    assert {name: payload[name] for name in ("iss", "jti")} == {"iss": made.DID, "jti": badge.credential["id"]}
    assert payload["nbf"] == int(made.NOW.timestamp())
    assert read_token(badge.jwt).credential == {k: v for k, v in badge.credential.items() if k != "proof"}


def test_no_algorithm_is_no_signature(school: made.School, badge: Issued) -> None:
    header, payload, signature = parts(badge.jwt)
    for algorithm in ("none", "None", "NONE", "", "HS256", "HS512", "RS256", "EdDSA", "ES384", None, 5, ["ES256"]):
        for end in ("", signature):
            found = school.verify(joined({**header, "alg": algorithm}, payload, end))
            assert not found.verified, algorithm
            assert not found.readable or found["signature"].ok is False


def test_the_public_key_is_no_shared_secret(school: made.School, badge: Issued) -> None:
    header, payload, _ = parts(badge.jwt)
    public = school.issuer.keys.token_key()[1].public_key()
    secrets = [
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
    ]
    for secret in secrets:
        text = joined({**header, "alg": "HS256"}, payload).rstrip(".")
        forged = f"{text}.{b64(hmac.digest(secret, text.encode(), hashlib.sha256))}"
        assert school.verify(forged)["signature"].ok is False


def test_a_key_inside_the_token_is_refused(school: made.School, badge: Issued) -> None:
    _, payload, _ = parts(badge.jwt)
    mine = ECKey.generate_key("P-256")
    for extra in (
        {"jwk": mine.as_dict(private=False)},
        {"jku": "https://mallory.example.org/jwks.json"},
        {"x5c": ["AAAA"]},
        {"x5u": "https://mallory.example.org/cert"},
        {"crit": ["exp"]},
        {"b64": False},
    ):
        header = {"alg": "ES256", "typ": "JWT", "kid": f"{made.DID}#es", **extra}
        registry = jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False)
        text = joined(header, payload)
        if "crit" not in extra and "b64" not in extra:
            text = jws.serialize_compact(header, json.dumps(payload), mine, registry=registry)
        assert not school.verify(text).verified, extra
        assert "may not come from the token itself" in school.verify(text)["readable"].detail


@pytest.mark.parametrize(
    "kid", ["did:web:grader.example.org#unknown", "#unknown", "unknown", "", None, 7, "did:web:x#y"]
)
def test_an_unknown_key_is_refused(school: made.School, badge: Issued, kid: object) -> None:
    header, payload, signature = parts(badge.jwt)
    found = school.verify(joined({**header, "kid": kid}, payload, signature))
    assert not found["key"].ok
    assert not found.verified


def test_the_key_for_embedded_proofs_signs_no_token(school: made.School, badge: Issued) -> None:
    """EdDSA is legal in OB 3.0 and refused by 1EdTech's validator, so it is refused here."""
    name, key = school.issuer.keys.proof_key()
    _, payload, _ = parts(badge.jwt)
    text = jws.serialize_compact(
        {"alg": "Ed25519", "kid": name, "typ": "JWT"},
        json.dumps(payload),
        OKPKey.import_key(key),
        algorithms=["Ed25519"],
    )
    found = school.verify(text)
    assert "ES256 or RS256" in found["signature"].detail
    assert not found.verified


def test_a_short_kid_is_one_of_the_issuers(school: made.School, badge: Issued) -> None:
    header, payload, _ = parts(badge.jwt)
    kid = "#" + header["kid"].split("#")[1]
    assert school.verify(signed(school, {**header, "kid": kid}, payload)).verified


CLAIMS: dict[str, Callable[[dict[str, Any]], object]] = {
    "another issuer": lambda p: p.update(iss="did:web:x.example"),
    "another id": lambda p: p.update(jti="urn:x:y"),
    "a subject": lambda p: p.update(sub="did:key:z6Mk"),
    "an earlier begin": lambda p: p.update(nbf=0),
    "a later end": lambda p: p.update(exp=p["exp"] + 1),
    "no end": lambda p: p.pop("exp"),
    "an end that the credential lacks": lambda p: p.pop("validUntil"),
    "no issuer": lambda p: p.pop("iss"),
    "no begin": lambda p: p.pop("validFrom"),
}


@pytest.mark.parametrize("change", CLAIMS.values(), ids=CLAIMS)
def test_claims_that_contradict_the_credential_are_refused_though_signed(
    school: made.School, badge: Issued, change: Callable[[dict[str, Any]], object]
) -> None:
    header, payload, _ = parts(badge.jwt)
    change(payload)
    found = school.verify(signed(school, header, payload))
    assert found["signature"].ok is False
    assert not found.verified


def test_the_older_data_model_is_refused(school: made.School, badge: Issued) -> None:
    header, payload, _ = parts(badge.jwt)
    found = school.verify(signed(school, header, {"iss": made.DID, "vc": payload}))
    assert "older data model" in found["readable"].detail


@pytest.mark.parametrize("place", range(3))
def test_a_changed_token_is_refused(school: made.School, badge: Issued, place: int) -> None:
    pieces = badge.jwt.split(".")
    middle = len(pieces[place]) // 2
    pieces[place] = (
        pieces[place][:middle] + ("B" if pieces[place][middle] == "A" else "A") + pieces[place][middle + 1 :]
    )
    assert not school.verify(".".join(pieces)).verified


def rs256(bits: int) -> tuple[str, dict[str, Any], RSAKey]:
    with warnings.catch_warnings(action="ignore"):
        key = RSAKey.import_key(generate_private_key(65537, bits))
    issuer = "did:web:rsa.example.org"
    method = {
        "id": f"{issuer}#1",
        "type": "JsonWebKey",
        "controller": issuer,
        "publicKeyJwk": key.as_dict(private=False),
    }
    return issuer, {"id": issuer, "verificationMethod": [method], "assertionMethod": [method["id"]]}, key


@pytest.mark.parametrize(("bits", "good"), [(2048, True), (1024, False)])
def test_rs256_of_other_issuers_is_verified_with_a_key_of_decent_size(
    school: made.School, badge: Issued, bits: int, good: bool
) -> None:
    issuer, document, key = rs256(bits)

    def change(c: dict[str, Any]) -> None:
        c["issuer"]["id"] = c["credentialSubject"]["achievement"]["creator"]["id"] = issuer
        del c["credentialStatus"], c["proof"]

    credential = made.changed(badge, change)
    _, payload, _ = parts(badge.jwt)
    claims = {"iss": issuer, **{name: payload[name] for name in ("jti", "nbf", "exp")}}
    header = {"alg": "RS256", "kid": f"{issuer}#1", "typ": "JWT"}
    text = jws.serialize_compact(header, json.dumps({**credential, **claims}), key, algorithms=["RS256"])
    assert school.verify(text, documents={issuer: document}.get).verified is good
