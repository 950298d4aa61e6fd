"""Reads what strangers hand in as a credential: JSON, a compact JWS, or an image with one of the two inside.

Everything is bounded before it is parsed, and what two parsers could read differently is refused.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

from grader.errors import Unreadable
from grader.records.bake import unbake_png, unbake_svg

MAX_FILE = 8 * 1024 * 1024
"""Bytes of a file that may hold a credential; images are large."""
MAX_CREDENTIAL = 1024 * 1024
"""Bytes of the credential itself. A record of fifty large badges fits."""
MAX_DEPTH = 40

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")


@dataclass(frozen=True)
class Found:
    """A credential's own text, what it is, and what it was found in."""

    text: str
    form: Literal["json", "jwt"]
    container: Literal["json", "jwt", "png", "svg"]


def find_credential(data: bytes | str) -> Found:
    """Find the one credential in a file's content (OB 3.0, 5.3: documents, JWS, baked PNG and SVG).

    Raises:
        Unreadable: there is none, or the file is too large or not well formed.
    """
    raw = data.encode(errors="surrogatepass") if isinstance(data, str) else data
    if len(raw) > MAX_FILE:
        raise Unreadable(f"it has more than {MAX_FILE // 1024**2} MiB")
    container: Literal["json", "jwt", "png", "svg"] | None = None
    if raw.startswith(b"\x89PNG\r\n\x1a\n"):
        text, container = unbake_png(raw), "png"
    else:
        text = _decode(raw).strip()
        if text.startswith("<"):
            text, container = unbake_svg(text), "svg"
    text = text.strip()
    if len(text) > MAX_CREDENTIAL:
        raise Unreadable(f"the credential has more than {MAX_CREDENTIAL // 1024} KiB")
    form = _form(text)
    return Found(text.strip('"') if form == "jwt" else text, form, container or form)


def _decode(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("it is neither text in UTF-8 nor a PNG image") from None


def _form(text: str) -> Literal["json", "jwt"]:
    if text.startswith("{"):
        return "json"
    if _COMPACT.fullmatch(text.strip('"')):
        return "jwt"
    raise Unreadable("it is neither JSON nor a JWT, and no image with a credential in it")


def parse_json(text: str | bytes, limit: int = MAX_CREDENTIAL) -> dict[str, Any]:
    """A JSON object in which every key is there once, and every number and character is an ordinary one.

    Raises:
        Unreadable: it is something else, too large, or nested more than `MAX_DEPTH` deep.
    """
    if len(text) > limit:
        raise Unreadable(f"the JSON has more than {limit // 1024} KiB")
    try:
        found = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number, parse_float=_number)
    except RecursionError:
        raise Unreadable(f"the JSON is nested more than {MAX_DEPTH} deep") from None
    except (ValueError, UnicodeDecodeError) as error:
        raise Unreadable(f"it is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise Unreadable("the JSON is not an object")
    _check(found)
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice[:100]!r} is there twice")
    return made


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _number(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError(f"{text[:40]} is too large")
    return value


def _check(root: dict[str, Any]) -> None:
    waiting: list[tuple[Any, int]] = [(root, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise Unreadable(f"the JSON is nested more than {MAX_DEPTH} deep")
        if isinstance(value, str):
            if _CONTROL.search(value):
                raise Unreadable("a text holds a control character")
        elif isinstance(value, list):
            waiting.extend((item, depth + 1) for item in value)
        elif isinstance(value, dict):
            waiting.extend((key, depth) for key in value)
            waiting.extend((item, depth + 1) for item in value.values())
