"""Revocation and suspension: W3C Bitstring Status List 1.0 as static, signed files.

A badge carries one status entry, because 1EdTech's schema allows `credentialStatus` to be one object only, and its
purpose is `revocation`, which every verifier understands and which is final. Suspension, which can be lifted, has a
list of its own with the same indexes, at the same address plus `/suspension`. An issuer says in its document (service
`SuspensionStatusLists`) that it keeps such lists; verifiers that do not know this see revocations only.
"""

from __future__ import annotations

import gzip
import secrets
import zlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Self

from grader.errors import RecordsError, Refused
from grader.records.encoding import base64url, from_base64url, listed, read_time, write_time
from grader.records.vendored import VC2

Purpose = Literal["revocation", "suspension"]
PURPOSES: tuple[Purpose, ...] = ("revocation", "suspension")
SIZE = 131_072
"""Entries of a list: the least that the specification allows, so that an index says little about whose it is."""
MAX_BITS = 8 * SIZE * 16
_ENTRY = "BitstringStatusListEntry"

StatusLists = Callable[[str], str | bytes | None]
"""Gives the text of the status list credential at an address, or None where it cannot be had. It may fetch."""


@dataclass(frozen=True)
class Entry:
    """Where a badge's bit is."""

    url: str
    purpose: Purpose
    index: int


@dataclass(frozen=True)
class StatusList:
    """One list: a bit for each index, the first index in the highest bit of the first byte."""

    url: str
    purpose: Purpose
    bits: bytes = bytes(SIZE // 8)

    @classmethod
    def of(cls, url: str, purpose: Purpose, indexes: Collection[int] = ()) -> Self:
        """A list in which just these indexes are set.

        Raises:
            RecordsError: an index is not in 0 to `SIZE` - 1.
        """
        bits = bytearray(SIZE // 8)
        for index in indexes:
            if not 0 <= index < SIZE:
                raise RecordsError(f"a status list has no index {index}")
            bits[index // 8] |= 0x80 >> index % 8
        return cls(url, purpose, bytes(bits))

    def __getitem__(self, index: int) -> bool:
        if not 0 <= index < 8 * len(self.bits):
            raise Refused(f"the status list has no index {index}")
        return bool(self.bits[index // 8] & 0x80 >> index % 8)

    @property
    def encoded(self) -> str:
        """`encodedList`: multibase base64url of the gzipped bits; the same bits give the same text."""
        return "u" + base64url(gzip.compress(self.bits, mtime=0))

    def credential(self, issuer: str, valid_from: datetime, valid_until: datetime) -> dict[str, Any]:
        """The list's credential without its proof. `valid_until` bounds how long an old copy may be shown instead."""
        return {
            "@context": [VC2],
            "id": self.url,
            "type": ["VerifiableCredential", "BitstringStatusListCredential"],
            "issuer": issuer,
            "validFrom": write_time(valid_from),
            "validUntil": write_time(valid_until),
            "credentialSubject": {
                "id": f"{self.url}#list",
                "type": "BitstringStatusList",
                "statusPurpose": self.purpose,
                "encodedList": self.encoded,
            },
        }


def free_index(taken: Collection[int], below: Callable[[int], int] = secrets.randbelow) -> int:
    """A random index that is not taken, so that neighbours in a list have nothing to do with each other.

    Raises:
        RecordsError: nine tenths of the list are taken; begin a new one.
    """
    if len(taken) >= SIZE * 9 // 10:
        raise RecordsError("the status list is nearly full: begin another")
    while True:
        index = below(SIZE)
        if index not in taken:
            return index


def entry(list_url: str, index: int) -> dict[str, str]:
    """A badge's `credentialStatus` (Bitstring Status List 1.0, section 2.1)."""
    return {
        "id": f"{list_url}#{index}",
        "type": _ENTRY,
        "statusPurpose": "revocation",
        "statusListIndex": str(index),
        "statusListCredential": list_url,
    }


def suspension_url(list_url: str) -> str:
    """Where the suspensions of a revocation list's badges are."""
    return f"{list_url}/suspension"


def read_entry(status: object) -> Entry:
    """What a `credentialStatus` says.

    Raises:
        Refused: it is of another kind, or has more than one bit.
    """
    if not isinstance(status, Mapping) or listed(status.get("type")) != [_ENTRY]:
        kind = status.get("type") if isinstance(status, Mapping) else status
        raise Refused(f"a status of the kind {str(kind)[:60]!r} cannot be checked here")
    url, purpose, index = (status.get(k) for k in ("statusListCredential", "statusPurpose", "statusListIndex"))
    number = int(index) if isinstance(index, str) and index.isascii() and index.isdigit() and len(index) < 10 else index
    if purpose not in PURPOSES or not isinstance(url, str):
        raise Refused(f"a status for the purpose {str(purpose)[:60]!r} cannot be checked here")
    if not isinstance(number, int) or isinstance(number, bool) or number < 0 or status.get("statusSize", 1) != 1:
        raise Refused("the status has no usable index")
    return Entry(url, purpose, number)


def read_list(credential: Mapping[str, Any], url: str, purpose: Purpose, now: datetime) -> StatusList:
    """The list in a credential whose proof has been checked already.

    Raises:
        Refused: it is no list, for another purpose, out of date, too small, or unpacks to too much.
    """
    subject = credential.get("credentialSubject")
    if "BitstringStatusListCredential" not in listed(credential.get("type")) or not isinstance(subject, Mapping):
        raise Refused("it is not a status list")
    if subject.get("type") != "BitstringStatusList" or purpose not in listed(subject.get("statusPurpose")):
        raise Refused(f"it is not a list for {purpose}")
    if "validFrom" in credential and read_time(credential["validFrom"]) > now:
        raise Refused(f"it is not valid before {credential['validFrom']}")
    if "validUntil" in credential and read_time(credential["validUntil"]) < now:
        raise Refused(f"it is out of date since {credential['validUntil']}: a newer one is needed")
    return StatusList(url, purpose, _unpack(subject.get("encodedList")))


def _unpack(encoded: object) -> bytes:
    if not isinstance(encoded, str):
        raise Refused("it has no bits")
    # The specification's lists begin with `u`; some issuers leave it out, and gzip's base64url begins with `H4sI`.
    packed = from_base64url(encoded.removeprefix("u"))
    unpacker = zlib.decompressobj(wbits=31)
    try:
        bits = unpacker.decompress(packed, MAX_BITS // 8 + 1)
    except zlib.error:
        raise Refused("its bits are damaged") from None
    if not unpacker.eof or unpacker.unused_data or len(bits) > MAX_BITS // 8:
        raise Refused("its bits are damaged, or too many")
    if len(bits) < SIZE // 8:
        raise Refused(f"it has fewer than {SIZE} entries")
    return bits
