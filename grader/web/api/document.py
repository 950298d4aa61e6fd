"""The OpenAPI 3.1 document: what Spectree knows, with what it cannot say: media types, headers, scopes, forms."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from flask import current_app, request, url_for

from grader.web.api.operation import ABOUT, About, document
from grader.web.services import services

ABOUT_THE_API = """\
Everything that the pages do, for programs. Send `Authorization: Bearer <token>`; tokens are made on the account page,
each with the scopes it needs. In a browser that is signed in, what only reads works without one.

Every error is an `application/problem+json` document with what is wrong (`detail`), where and how to mend it (`fix`).
What somebody may not see is 404, like what does not exist. Fields that an operation does not know are refused.

Lists come in pages: follow `next` (or the `Link` header) until it is null. `RateLimit` says how many requests are left
in this minute; 429 says how long to wait in `Retry-After`. Answers carry an `ETag`: send it as `If-None-Match` and get
304 while nothing has changed.
"""
TAGS = {
    "Courses": "Courses and who is in them.",
    "Assignments": "A rubric suite given to a course, with dates and rules.",
    "Suites": "Versions of rubric suites, published to a course.",
    "Submissions": "Hand in, follow, read the report.",
    "Marking": "Marks of people, regrades, grades and statistics.",
    "Webhooks": "An address of yours that is told of every grade.",
    "Talent": "For employers: learners who agreed to be found, by what they have shown.",
    "People": "Accounts and API tokens.",
    "Service": "Whether it works, and this document.",
}
_WORDS = {
    200: "Done",
    201: "Made",
    202: "Accepted; it goes on in the background",
    204: "Done; there is nothing to say",
    303: "Look there",
    400: "The request cannot be read",
    401: "Nobody is signed in, or the token is not valid",
    403: "Not with this role or this scope",
    404: "There is no such thing, or you may not see it",
    409: "It was changed by somebody else meanwhile",
    413: "The body is too large",
    415: "Not a media type that this operation takes",
    422: "The request breaks a rule; nothing was changed",
    429: "Too many requests",
    500: "Our fault",
    503: "Not now",
}
_TEXT: dict[str, Any] = {"schema": {"type": "string"}}
_RATE: dict[str, Any] = {
    "RateLimit": {"description": "Requests left in this window, and its seconds", **_TEXT},
    "RateLimit-Policy": {"description": "Requests for each window of seconds", **_TEXT},
}
_HEADERS: dict[str, dict[str, Any]] = {
    "Location": {"description": "Address of what was made", "schema": {"type": "string", "format": "uri-reference"}},
    "Link": {"description": 'The next page: `<address>; rel="next"`', **_TEXT},
    "Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer", "minimum": 0}},
    "Content-Disposition": {"description": "Name to save it by", **_TEXT},
}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Name of this request: sent again with the same key it makes nothing new.",
    "schema": {"type": "string", "maxLength": 255, "pattern": "^[\\x21-\\x7e]+$"},
}
_PATTERNS = {"criterion": "^[a-z0-9-]{1,64}$"}
_EXAMPLE_ID = "0123456789abcdef0123456789abcdef"


def openapi() -> dict[str, Any]:
    """The document of this application; a new copy, with the address that people reach it by."""
    kept = current_app.extensions.setdefault("grader-openapi", {})
    if not kept:
        kept.update(_finished(copy.deepcopy(document.spec)))
    base = services().settings.base_url or request.host_url
    return {**kept, "servers": [{"url": base.rstrip("/")}]}


def operations(spec: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and description of each operation."""
    for path, item in spec["paths"].items():
        for method, described in item.items():
            yield method.upper(), path, described


def resolve(spec: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """A schema, or the one that it refers to."""
    while "$ref" in schema:
        schema = spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _finished(spec: dict[str, Any]) -> dict[str, Any]:
    spec["info"]["description"] = ABOUT_THE_API
    order = list(TAGS)
    spec["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
    spec["components"]["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "An API token of the account page."},
        "session": {"type": "apiKey", "in": "cookie", "name": "grader", "description": "A browser that is signed in."},
    }
    spec["components"]["headers"] = {**_RATE, **_HEADERS}
    spec["components"]["responses"] = {f"E{code}": _problem(code) for code in _WORDS if code >= 400}
    spec.pop("security", None)
    for method, _, described in operations(spec):
        _finish(method, described, ABOUT[described["operationId"]])
    spec["paths"] = dict(sorted(spec["paths"].items(), key=lambda item: (_rank(item[1], order), item[0])))
    return spec


def _rank(item: dict[str, Any], order: list[str]) -> int:
    return min(order.index(described["tags"][0]) for described in item.values())


def _finish(method: str, described: dict[str, Any], about: About) -> None:
    described["security"] = [{"token": []}, *([{"session": []}] if method == "GET" else [])] if about.scope else []
    if about.scope:
        described["x-scope"] = about.scope
    for parameter in described["parameters"]:
        _finish_parameter(parameter)
    if "Idempotency-Key" in about.headers:
        described["parameters"].append(_KEY)
    if about.form is not None:
        body = described.setdefault("requestBody", {"content": {}, "required": True})
        body["content"]["multipart/form-data"] = {"schema": dict(about.form)}
    if about.body_media is not None:
        described["requestBody"] = {"required": True, "content": {about.body_media: _TEXT}}
    for code, response in described["responses"].items():
        _finish_response(int(code), response, about)
    if method == "GET" and about.status == 200:
        described["responses"]["304"] = {"description": "Nothing has changed since your `If-None-Match`"}


def _finish_parameter(parameter: dict[str, Any]) -> None:
    name = parameter["name"]
    if parameter["in"] == "path":
        pattern = "^[0-9a-f]{32}$" if name.endswith("_id") else _PATTERNS.get(name)
        parameter["schema"] = {"type": "string", **({"pattern": pattern} if pattern else {})}
        if name.endswith("_id"):
            parameter["example"] = _EXAMPLE_ID
    parameter["schema"].pop("title", None)
    if not parameter.get("description"):
        parameter.pop("description", None)


def _finish_response(code: int, response: dict[str, Any], about: About) -> None:
    if code >= 400:
        response.clear()
        response["$ref"] = f"#/components/responses/E{code}"
        return
    response["description"] = _WORDS[code]
    if about.media != "application/json":
        response["content"] = {about.media: _TEXT}
    headers = ["RateLimit", "RateLimit-Policy", *(name for name in about.headers if name in _HEADERS)]
    headers += ["Location"] if code in (201, 202) else []
    headers += ["Link"] if "Page_" in str(response) else []
    response["headers"] = _headers(headers)


def _problem(code: int) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    headers = ["RateLimit", "RateLimit-Policy", *(["Retry-After"] if code in (429, 503) else [])]
    return {"description": _WORDS[code], "content": content, "headers": _headers(headers)}


def _headers(names: list[str]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def address(operation_id: str, /, **ids: Any) -> str:
    """Path of an operation."""
    return url_for(f"api.{operation_id}", **ids)
