"""Reads what a request says, as strictly as it can be read: whatever two programs could understand in two ways is 400,
whatever is understood and not allowed is 422 with every place that is wrong.
"""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn, TypeVar

from flask import abort, request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import UnprocessableEntity

JSON_BYTES = 256 * 1024
MAX_DEPTH = 32
_SHOWN = 20
_WORDS = {"missing": "is missing", "extra_forbidden": "is not a field of this request"}

M = TypeVar("M", bound=BaseModel)


class Invalid(UnprocessableEntity):
    """Raised when a request can be read and breaks its schema. `errors` are pairs of place and text."""

    def __init__(self, errors: list[dict[str, str]]) -> None:
        super().__init__("; ".join(f"{error['where'] or 'the body'}: {error['detail']}" for error in errors))
        self.errors = errors


def json_body(model: type[M]) -> M:
    """The request's JSON as `model`. Ends the request with 400, 413, 415 or 422 when it is anything else."""
    if request.mimetype != "application/json":
        abort(415, "Send application/json.")
    if request.mimetype_params.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        abort(400, "JSON is always in UTF-8; leave the charset out.")
    request.max_content_length = JSON_BYTES
    raw = request.get_data(cache=False)
    check_json(raw)
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        refuse(error)


def query_string(model: type[M]) -> M:
    """The request's parameters as `model`; a parameter that is given twice is wrong."""
    given = {key: values[0] if len(values) == 1 else values for key, values in request.args.lists()}
    try:
        return model.model_validate(given)
    except ValidationError as error:
        refuse(error)


def no_body() -> None:
    """End the request with 400 when it brings a body to an operation that reads none: the sender expects more of it."""
    request.max_content_length = JSON_BYTES
    if request.get_data(cache=False).strip():
        abort(400, "This operation takes no body.")


def check_json(raw: bytes) -> None:
    """End the request with 400 unless these bytes are JSON that says the same to everybody."""
    try:
        text = raw.decode("utf-8")
        value = json.loads(text, parse_float=_finite, parse_constant=_no_number, object_pairs_hook=_unique)
    except UnicodeDecodeError:
        abort(400, "The body is not UTF-8.")
    except RecursionError:
        abort(400, "The body is nested too deeply.")
    except ValueError as error:
        abort(400, f"The body is not JSON: {error}.")
    if not isinstance(value, dict):
        abort(400, "The body is not a JSON object.")
    if _too_deep(value):
        abort(400, "The body is nested too deeply.")


def refuse(error: ValidationError) -> NoReturn:
    """Say all that a model has against its input."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    if any(one["type"] == "json_invalid" for one in found):
        abort(400, "The body is not JSON.")
    raise Invalid([{"where": _where(one["loc"]), "detail": _words(one)} for one in found[:_SHOWN]])


def _where(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location)[:200]


def _words(error: Any) -> str:
    words = _WORDS.get(error["type"], error["msg"]).removeprefix("Value error, ")
    return f"{words[:1].lower()}{words[1:]}"


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:20]} is no number")
    return value


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is there twice")
    return found


def _too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return False
    return True
