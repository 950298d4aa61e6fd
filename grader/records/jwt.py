"""Credentials as JSON Web Tokens (OB 3.0, section 8.2 JSON Web Token Proof Format), ES256 and RS256 only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from grader.errors import Refused, Unreadable
from grader.records.did import PublicKey
from grader.records.encoding import base64url, from_base64url, read_time, write_json
from grader.records.reading import parse_json

CLAIMS = ("iss", "sub", "jti", "nbf", "exp")
_IGNORED = ("iat", "aud")
_MAX_HEADER = 4096


@dataclass(frozen=True)
class Token:
    """A token before anything of it is believed: the credential, the claims about it, and its header."""

    text: str
    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    credential: dict[str, Any]


def write_token(credential: Mapping[str, Any], key: EllipticCurvePrivateKey, kid: str) -> str:
    """Sign a credential that has no proof of its own, with ES256; the same arguments give the same token (RFC 6979)."""
    payload = {**_claims(credential), **credential}
    header = {"alg": "ES256", "kid": kid, "typ": "JWT"}
    signed = ".".join(base64url(write_json(part).encode()) for part in (header, payload))
    # joserfc draws a random number for each signature; a badge that is made again must be the same badge.
    r, s = decode_dss_signature(key.sign(signed.encode(), ECDSA(SHA256(), deterministic_signing=True)))
    return f"{signed}.{base64url(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def read_token(text: str) -> Token:
    """Take a compact JWS apart.

    Raises:
        Unreadable: it is none, or its parts are not JSON.
        Refused: the header has a parameter that OB 3.0 (8.2.4) does not allow, or that could bring in another key.
    """
    try:
        head, body, _ = text.split(".")
        header = parse_json(from_base64url(head), _MAX_HEADER)
        payload = parse_json(from_base64url(body))
    except (ValueError, Refused) as error:
        raise Unreadable(f"it is not a JWT: {error}") from None
    extra = sorted(set(header) - {"alg", "kid", "typ"})
    if extra:
        raise Refused(f"its header has {extra[0]!r}, and a key or a rule may not come from the token itself")
    if "vc" in payload:
        raise Refused("it is a token of the older data model 1.1, which Open Badges 3.0 does not use")
    claims = {name: payload[name] for name in (*CLAIMS, *_IGNORED) if name in payload}
    return Token(text, header, claims, {name: value for name, value in payload.items() if name not in claims})


def check_token(token: Token, key_for: Callable[[object], PublicKey]) -> str:
    """Check signature and claims and give the name of the key; the algorithm is the key's, whatever the header says.

    Raises:
        Refused: the signature does not hold, or a claim contradicts the credential.
    """
    kid = token.header.get("kid")
    if isinstance(kid, str) and kid.startswith("#"):
        kid = f"{token.claims.get('iss')}{kid}"
    key = key_for(kid)
    algorithm, jwk = _algorithm(key)
    if token.header.get("alg") != algorithm:
        raise Refused(
            f"its algorithm is {str(token.header.get('alg'))[:20]!r}, and the issuer's key is for {algorithm}"
        )
    try:
        jws.deserialize_compact(token.text, jwk, algorithms=[algorithm])
    except JoseError:
        raise Refused("the signature does not fit: the content was changed after it was signed") from None
    except ValueError as error:
        raise Refused("the signature is damaged") from error
    repeated = _claims(token.credential)
    for name in CLAIMS:
        if token.claims.get(name) != repeated.get(name):
            raise Refused(f"the claim {name} says something else than the credential")
    return str(kid)


def _algorithm(key: PublicKey) -> tuple[str, Any]:
    if isinstance(key, RSAPublicKey):
        return "RS256", RSAKey.import_key(key)
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return "ES256", ECKey.import_key(key)
    raise Refused("the issuer's key is not one for JWTs of Open Badges (ES256 or RS256)")


def _claims(credential: Mapping[str, Any]) -> dict[str, Any]:
    """The registered claims that must repeat the credential; a subject without id has no `sub`."""
    issuer, subject = credential.get("issuer"), credential.get("credentialSubject")
    made: dict[str, Any] = {
        "iss": issuer.get("id") if isinstance(issuer, Mapping) else issuer,
        "jti": credential.get("id"),
        "nbf": int(read_time(credential.get("validFrom")).timestamp()),
    }
    if isinstance(subject, Mapping) and "id" in subject:
        made["sub"] = subject["id"]
    if "validUntil" in credential:
        made["exp"] = int(read_time(credential["validUntil"]).timestamp())
    return made
