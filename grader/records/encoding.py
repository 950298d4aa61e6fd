"""Multibase, base64url, digests, times and the text of credentials, as the specifications write them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import base58

from grader.errors import Refused

ED25519 = b"\xed\x01"
"""Multicodec of an Ed25519 public key."""
_SHA256 = b"\x12\x20"
_MAX_BASE58 = 200
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")


def base64url(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """The bytes of base64url without padding.

    Raises:
        Refused: it is something else.
    """
    try:
        if not _BASE64URL.fullmatch(text):
            raise ValueError(text)
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, binascii.Error):
        raise Refused("it is not base64url") from None


def base58btc(data: bytes) -> str:
    """Multibase base58btc: a `z` and the digits."""
    return "z" + base58.b58encode(data).decode()


def from_base58btc(text: object) -> bytes:
    """The bytes of a short multibase base58btc text.

    Raises:
        Refused: it is something else, or long: decoding takes the square of the length.
    """
    if not isinstance(text, str) or not text.startswith("z") or len(text) > _MAX_BASE58:
        raise Refused("it is not multibase base58btc")
    try:
        return base58.b58decode(text[1:])
    except ValueError:
        raise Refused("it is not multibase base58btc") from None


def digest_multibase(data: bytes) -> str:
    """SHA-256 as a multihash in multibase base64url (VC Data Model 2.0, `digestMultibase`)."""
    return "u" + base64url(_SHA256 + hashlib.sha256(data).digest())


def matches_digest(data: bytes, written: object) -> bool:
    """Whether that `digestMultibase` (SHA-256, base64url or base58btc) is the one of these bytes."""
    if not isinstance(written, str):
        return False
    try:
        told = from_base58btc(written) if written.startswith("z") else from_base64url(written[1:])
    except Refused:
        return False
    return written[:1] in ("u", "z") and told == _SHA256 + hashlib.sha256(data).digest()


def write_time(moment: datetime) -> str:
    """An aware datetime as credentials write it: UTC, whole seconds, `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_time(text: object) -> datetime:
    """The moment of a date-time with a time zone (XML Schema dateTimeStamp).

    Raises:
        Refused: it is something else.
    """
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        raise Refused(f"{str(text)[:60]!r} is not a date and time with a time zone")
    try:
        return datetime.fromisoformat(re.sub(r"(\.\d{1,6})\d*", r"\1", text))
    except ValueError:
        raise Refused(f"{text!r} is not a date and time") from None


def write_json(document: Mapping[str, Any]) -> str:
    """The JSON text of a credential: UTF-8, compact, keys as they were set."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def listed(value: Any) -> list[Any]:
    """JSON-LD's "one or more" as a list; nothing is an empty one."""
    return value if isinstance(value, list) else [] if value is None else [value]
