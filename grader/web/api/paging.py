"""Pages of a list by key: a cursor holds the key of the last row sent."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import g, request

from grader.web.api.reading import Invalid
from grader.web.api.values import Model, Page, Paging

R = TypeVar("R")
M = TypeVar("M", bound=Model)
_MAX_INT = 2**63 - 1


def encode(*key: str | float) -> str:
    raw = json.dumps(key, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode(query: Paging, *kinds: type) -> list[Any] | None:
    """The key in `after`, whose parts are of these types; None without it. Raises Invalid for a cursor not of ours."""
    if query.after is None:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(query.after + "=" * (-len(query.after) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        key = None
    if not isinstance(key, list) or [type(part) for part in key] != list(kinds) or not all(map(_storable, key)):
        raise Invalid([{"where": "after", "detail": "is not a cursor of this list; take it from `next`"}])
    return key


def page(
    model: type[M],
    rows: Sequence[R],
    query: Paging,
    key: Callable[[R], tuple[str | int | float, ...]],
    make: Callable[[R], M],
) -> Page[M]:
    """`rows` are up to `query.limit + 1`, so that it is known whether more follow. Sets the Link header."""
    shown = rows[: query.limit]
    following = None
    if len(rows) > query.limit:
        arguments = {name: value for name, value in request.args.items() if name != "after"}
        following = address_of(request.path, [*arguments.items(), ("after", encode(*key(shown[-1])))])
        g.api_headers["Link"] = f'<{following}>; rel="next"'
    return Page[model](items=[make(row) for row in shown], next=following)  # type: ignore[valid-type]


def address_of(path: str, arguments: Sequence[tuple[str, str]]) -> str:
    """A path with its arguments."""
    return f"{path}?{urlencode(arguments)}"


def _storable(part: object) -> bool:
    if isinstance(part, str):
        return len(part) <= 300 and "\0" not in part and not any(0xD800 <= ord(char) < 0xE000 for char in part)
    return not isinstance(part, int) or 0 <= part <= _MAX_INT
