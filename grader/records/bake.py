"""Puts a credential into a PNG or SVG image and takes it out again (OB 3.0, 5.3 Baked Badges)."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from grader.errors import RecordsError, Unreadable

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEYWORD = b"openbadgecredential"
_NAMESPACE = "https://purl.imsglobal.org/ob/v3p0"
_ELEMENT = f"{{{_NAMESPACE}}}credential"
_MAX_CHUNKS = 10_000


def bake_png(image: bytes, credential: str) -> bytes:
    """The image with the credential (JSON or compact JWS) in one uncompressed iTXt chunk behind the header.

    Raises:
        Unreadable: the image is not a PNG.
        RecordsError: it holds a credential already.
    """
    chunks = list(_chunks(image))
    if any(_is_ours(kind, body) for kind, body in chunks):
        raise RecordsError("the image holds a credential already")
    body = _KEYWORD + b"\0\0\0\0\0" + credential.encode()
    return _SIGNATURE + b"".join(_chunk(*chunk) for chunk in [chunks[0], (b"iTXt", body), *chunks[1:]])


def unbake_png(image: bytes) -> str:
    """The credential in a PNG.

    Raises:
        Unreadable: the image is broken, or does not hold exactly one, or it is compressed, which 5.3.1 forbids.
    """
    found = [body for kind, body in _chunks(image) if _is_ours(kind, body)]
    if len(found) != 1:
        raise Unreadable(f"the image holds {len(found) or 'no'} credential{'s' if found else ''}, not one")
    rest = found[0][len(_KEYWORD) + 1 :]
    parts = rest[2:].split(b"\0", 2)
    if rest[:1] != b"\0" or len(parts) != 3:
        raise Unreadable("the credential in the image is compressed or badly written")
    try:
        return parts[2].decode()
    except UnicodeDecodeError:
        raise Unreadable("the credential in the image is not text in UTF-8") from None


def _is_ours(kind: bytes, body: bytes) -> bool:
    return kind == b"iTXt" and body.startswith(_KEYWORD + b"\0")


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _chunks(image: bytes) -> Iterator[tuple[bytes, bytes]]:
    if not image.startswith(_SIGNATURE):
        raise Unreadable("the image is not a PNG")
    at = len(_SIGNATURE)
    for number in range(_MAX_CHUNKS):
        if at + 12 > len(image):
            raise Unreadable("the image ends too early")
        (length,) = struct.unpack_from(">I", image, at)
        kind, body = image[at + 4 : at + 8], image[at + 8 : at + 8 + length]
        at += 12 + length
        if at > len(image) or struct.unpack_from(">I", image, at - 4)[0] != zlib.crc32(kind + body):
            raise Unreadable("the image is damaged")
        if (number == 0) != (kind == b"IHDR"):
            raise Unreadable("the image has no header")
        yield kind, body
        if kind == b"IEND":
            return
    raise Unreadable("the image has too many parts")


def bake_svg(image: str, credential: str) -> str:
    """The SVG text with the credential as its first child: CDATA for JSON, an attribute for a compact JWS.

    Raises:
        RecordsError: it is no SVG, or holds a credential already.
    """
    opening = re.search(r"<svg\b[^>]*(?<!/)>", image)
    if opening is None or _NAMESPACE in image:
        raise RecordsError("the image is no SVG, or holds a credential already")
    inside = f'<openbadges:credential verify="{credential}"/>'
    if credential.startswith("{"):
        escaped = credential.replace("]]>", "]]\\u003e")  # `>` stands only in JSON's strings, which may escape it
        inside = f"<openbadges:credential><![CDATA[{escaped}]]></openbadges:credential>"
    head = f'{opening[0][:-1]} xmlns:openbadges="{_NAMESPACE}">'
    return f"{image[: opening.start()]}{head}{inside}{image[opening.end() :]}"


def unbake_svg(image: str) -> str:
    """The credential in an SVG.

    Raises:
        Unreadable: it is not well formed, defines entities, or does not hold exactly one credential.
    """
    try:
        root = fromstring(image.encode(errors="surrogatepass"))
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Unreadable(f"the image is not a plain SVG: {error}") from None
    found = list(root.iter(_ELEMENT))
    if len(found) != 1:
        raise Unreadable(f"the image holds {len(found) or 'no'} credential{'s' if found else ''}, not one")
    return str(found[0].get("verify") or found[0].text or "")
