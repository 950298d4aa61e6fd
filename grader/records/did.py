"""Identifiers of issuers and learners, and the keys behind them (DID 1.0, did:web, did:key, Multikey, JsonWebKey)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from grader.errors import Refused
from grader.records.encoding import ED25519, base58btc, from_base58btc, from_base64url, listed

PublicKey = Ed25519PublicKey | EllipticCurvePublicKey | RSAPublicKey
Documents = Callable[[str], Mapping[str, Any] | None]
"""Gives the DID (or controller) document of an identifier, or None where it cannot be had. It may fetch."""

_HOST = r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_WEB = re.compile(rf"did:web:({_HOST})(%3A\d{{1,5}})?((?::[A-Za-z0-9._~-]+)*)", re.IGNORECASE)
_THIS_MACHINE = ("127.0.0.1", "localhost")
_MIN_RSA = 2048


def did_web(base_url: str) -> str:
    """The did:web of a website's address, such as `https://grader.example.org/school`.

    Plain http is taken for this machine itself, for trying things out: nobody else can look such an issuer up.

    Raises:
        Refused: the address has no plain https host and path.
    """
    parts = urlsplit(base_url.rstrip("/"))
    port = f"%3A{parts.port}" if parts.port else ""
    made = f"did:web:{parts.hostname or ''}{port}{parts.path.replace('/', ':')}"
    secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _THIS_MACHINE)
    if not secure or parts.query or parts.fragment or parts.username or not _WEB.fullmatch(made):
        raise Refused("an issuer's address is https://host/path", where=base_url)
    return made


def did_web_url(did: str) -> str:
    """Where the document of a did:web is (did:web method, 3.2 Read).

    Raises:
        Refused: it is not a did:web.
    """
    match = _WEB.fullmatch(did)
    if match is None or any(part in (".", "..") for part in match[3].split(":")):
        raise Refused(f"{did[:100]!r} is not a did:web")
    path = match[3].replace(":", "/") or "/.well-known"
    return f"https://{match[1]}{unquote(match[2] or '')}{path}/did.json"


def did_key(key: Ed25519PublicKey) -> str:
    """The did:key of an Ed25519 key."""
    return f"did:key:{multikey(key)}"


def multikey(key: Ed25519PublicKey) -> str:
    """`publicKeyMultibase` of an Ed25519 key (Controlled Identifiers 1.0, Multikey)."""
    return base58btc(ED25519 + key.public_bytes_raw())


def did_key_document(did: str) -> dict[str, Any]:
    """The document of an Ed25519 did:key.

    Raises:
        Refused: it is another kind of identifier.
    """
    key = did.removeprefix("did:key:")
    _from_multikey(key)
    method = {"id": f"{did}#{key}", "type": "Multikey", "controller": did, "publicKeyMultibase": key}
    return {"id": did, "verificationMethod": [method], "assertionMethod": [method["id"]]}


def key_of(issuer: str, method: object, documents: Documents) -> PublicKey:
    """The public key that a proof names, if it is one with which that issuer makes assertions.

    Raises:
        Refused: the key belongs to somebody else, is not listed for assertions, or its document cannot be had.
    """
    if not isinstance(method, str) or "#" not in method:
        raise Refused("the proof does not name a key", where=str(method)[:200])
    if method.split("#", 1)[0] != issuer:
        raise Refused(f"the proof's key {method[:200]} is not a key of the issuer {issuer[:200]}")
    document = did_key_document(issuer) if issuer.startswith("did:key:") else documents(issuer)
    if document is None:
        raise Refused(f"the issuer's document {issuer[:200]} could not be had, so its keys are not known")
    if document.get("id") != issuer:
        raise Refused("the document that was found is another issuer's", where=str(document.get("id"))[:200])
    return public_key(_method(document, issuer, method))


def _method(document: Mapping[str, Any], issuer: str, name: str) -> Mapping[str, Any]:
    short = "#" + name.split("#", 1)[1]
    entries = [*listed(document.get("verificationMethod")), *listed(document.get("assertionMethod"))]
    found = [entry for entry in entries if isinstance(entry, Mapping) and entry.get("id") in (name, short)]
    if len(found) != 1:
        raise Refused(f"the issuer's document does not have the key {name}")
    may_assert = any(
        entry in (name, short) or (isinstance(entry, Mapping) and entry.get("id") in (name, short))
        for entry in listed(document.get("assertionMethod"))
    )
    if not may_assert:
        raise Refused(f"the issuer does not use the key {name} for assertions")
    if found[0].get("controller") != issuer:
        raise Refused(f"the key {name} is controlled by somebody else")
    if found[0].get("revoked"):
        raise Refused(f"the issuer has revoked the key {name}")
    return found[0]


def public_key(method: Mapping[str, Any]) -> PublicKey:
    """The key in a verification method.

    Raises:
        Refused: it holds none of the kinds that Open Badges uses, or more than one.
    """
    if ("publicKeyJwk" in method) == ("publicKeyMultibase" in method):
        raise Refused("the key is written in no way that is known here")
    if "publicKeyMultibase" in method:
        return _from_multikey(method["publicKeyMultibase"])
    return _from_jwk(method["publicKeyJwk"])


def _from_multikey(text: object) -> Ed25519PublicKey:
    raw = from_base58btc(text)
    if not raw.startswith(ED25519) or len(raw) != 34:
        raise Refused("the key is not an Ed25519 key")
    return Ed25519PublicKey.from_public_bytes(raw[2:])


def _from_jwk(jwk: object) -> PublicKey:
    if not isinstance(jwk, dict) or "d" in jwk:
        raise Refused("the key is not a public JWK")
    kind, curve = jwk.get("kty"), jwk.get("crv")
    key: Any
    try:
        if kind == "EC" and curve == "P-256":
            key = ECKey.import_key(jwk).public_key
        elif kind == "OKP" and curve == "Ed25519":
            key = OKPKey.import_key(jwk).public_key
        elif kind == "RSA" and _MIN_RSA <= _bits(jwk.get("n")) <= 4 * _MIN_RSA:
            key = RSAKey.import_key(jwk).public_key
        else:
            raise Refused(
                f"a key of this kind or size is not used for badges: {str(kind)[:20]} {str(curve or '')[:20]}"
            )
    except (JoseError, ValueError, TypeError, KeyError, UnsupportedAlgorithm) as error:
        raise Refused("the key is damaged") from error
    assert isinstance(key, PublicKey)
    return key


def _bits(modulus: object) -> int:
    return int.from_bytes(from_base64url(modulus)).bit_length() if isinstance(modulus, str) else 0
