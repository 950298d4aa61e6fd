"""What every operation of the API goes through, in this order: rate, who is asking, scope, ids, body; then its view.

    @operation("POST", "/courses/<course_id>/assignments", tag="Assignments", scope="teach",
               body=NewAssignment, answer=AssignmentAnswer, status=201)
    def create_assignment(course_id: str, body: NewAssignment) -> AssignmentAnswer: ...

Spectree knows the schemas and makes the document from them; see grader/web/api/document.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, NoReturn

from flask import Blueprint, Response, abort, g, request
from spectree import Response as Answers
from spectree import SpecTree
from spectree.plugins.flask_plugin import FlaskPlugin
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response as BaseResponse

from grader.web import identity
from grader.web.api import rates, reading
from grader.web.api.values import Model, Problem, Query

PREFIX = "/api/v1"
_ID = re.compile(r"[0-9a-f]{32}")
_SAFE = ("GET", "HEAD")

api = Blueprint("api", __name__)


@dataclass(frozen=True)
class About:
    """What the document says of an operation beside its schemas."""

    scope: str | None
    status: int
    media: str
    errors: tuple[int, ...]
    form: Mapping[str, Any] | None = None
    body_media: str | None = None
    headers: tuple[str, ...] = ()
    body: type[Model] | None = None


ABOUT: dict[str, About] = {}
"""By operation id, which is the view's name."""


class _Backend(FlaskPlugin):
    """Reads requests with `reading`, whose refusals are problem documents; Spectree's own reading is lenient."""

    def find_routes(self) -> Any:
        """Only the API's own."""
        rules: Any = super().find_routes()  # type: ignore[no-untyped-call]
        return [rule for rule in rules if rule.endpoint.startswith(f"{api.name}.")]

    def validate(self, func: Callable[..., Any], query: Any, json: Any, *_: Any, **kwargs: Any) -> Any:
        about = ABOUT[func.__name__]
        if query is not None:
            kwargs["query"] = reading.query_string(query)
        elif request.args:
            names = [{"where": name[:200], "detail": "is not a parameter of this operation"} for name in request.args]
            raise reading.Invalid(names[:5])
        if json is not None and not (about.form and request.mimetype != "application/json"):
            kwargs["body"] = reading.json_body(json)
        elif about.form is not None:
            kwargs["body"] = None
        elif about.body_media is None and request.method not in _SAFE:
            reading.no_body()
        return func(**kwargs)


def _name(model: type[Model]) -> str:
    return re.sub(r"\W+", "_", model.__name__).strip("_")


document = SpecTree(
    backend=_Backend,
    annotations=False,
    mode="strict",
    validation_error_model=Problem,
    naming_strategy=_name,
    nested_naming_strategy=lambda _, child: child.strip("_"),
    title="Grader",
    version="1",
    openapi_version="3.1.0",
    page_templates={},
)


def operation(
    method: str,
    path: str,
    *,
    tag: str,
    scope: str | None = "read",
    answer: type[Model] | None = None,
    status: int = 200,
    body: type[Model] | None = None,
    query: type[Query] | None = None,
    form: Mapping[str, Any] | None = None,
    body_media: str | None = None,
    media: str = "application/json",
    headers: tuple[str, ...] = (),
    errors: tuple[int, ...] = (),
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a view an operation. Without `scope` everybody may call it.

    Args:
        answer: the model of a successful answer; None for no content, or for `media` other than JSON.
        form: JSON schema of a multipart form that is taken beside `body`; the view then gets `body=None` for a form.
        body_media: of a body that the view reads itself.
        errors: statuses beside those that every operation of its kind has.
    """

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        name = view.__name__
        ABOUT[name] = About(scope, status, media, _errors(method, path, scope, errors), form, body_media, headers, body)
        models: dict[str, Any] = {f"HTTP_{code}": Problem for code in ABOUT[name].errors}
        codes = () if answer else (f"HTTP_{status}",)
        answers = Answers(*codes, **models | ({f"HTTP_{status}": answer} if answer else {}))
        described = document.validate(query=query, json=body, resp=answers, tags=[tag], operation_id=name)
        validated = described(_answering(view, status))

        @wraps(validated)
        def admitted(**ids: str) -> BaseResponse:
            _admit(scope, ids)
            return validated(**ids)  # type: ignore[no-any-return]

        api.add_url_rule(PREFIX + path, name, admitted, methods=[method])
        return view

    return decorate


def _errors(method: str, path: str, scope: str | None, more: tuple[int, ...]) -> tuple[int, ...]:
    found = {400, 422, 429, 500, *more}
    found |= {401, 403} if scope else set()
    found |= {404} if "<" in path else set()
    found |= {413, 415} if method in ("POST", "PUT", "PATCH") else set()
    return tuple(sorted(found))


def _admit(scope: str | None, ids: Mapping[str, str]) -> None:
    """End the request unless its sender may call an operation with this scope."""
    if scope is None:
        rates.count(None)
        return
    person = identity.current()
    rates.count(person)
    if person is None:
        identity.required()
    elif request.method not in _SAFE and g.token is None:
        # A cookie comes along with whatever a browser sends; only who meant to call the API sends a token.
        _ask_for_token()
    identity.scope(scope)
    for name, value in ids.items():
        if name.endswith("_id") and not is_id(value):
            abort(404, "There is nothing at this address.")


def is_id(value: str) -> bool:
    """Whether it has the form of an id: anything else is not even looked for."""
    return _ID.fullmatch(value) is not None


def _ask_for_token() -> NoReturn:
    raise Unauthorized("Changes need `Authorization: Bearer <token>`; a session may only read here.")


def _answering(view: Callable[..., Any], status: int) -> Callable[..., BaseResponse]:
    @wraps(view)
    def answering(**kwargs: Any) -> BaseResponse:
        g.api_headers = {}
        made = view(**kwargs)
        if isinstance(made, BaseResponse):
            response = made
        elif made is None:
            response = Response(status=status)
            response.headers.pop("Content-Type", None)
        else:
            response = Response(made.model_dump_json(), status, content_type="application/json")
        response.headers.update(g.api_headers)
        return response

    return answering


@api.after_request
def finish(response: Response) -> Response:
    """Whose answer it is, how much of the rate is left, and a tag by which a reader learns that nothing changed."""
    rates.add_headers(response)
    readable = request.method in _SAFE and response.status_code == 200
    response.headers.setdefault("Cache-Control", "private, no-cache" if readable else "no-store")
    response.vary.update(("Authorization", "Cookie"))
    if readable and response.is_sequence:
        response.add_etag(weak=True)
        response.make_conditional(request)
    return response


def header(name: str, value: str) -> None:
    """Set a header of the answer that is being made."""
    g.api_headers[name] = value


@dataclass
class Fields:
    """A multipart schema under construction: `Fields().file("…").text("git_url", "…").schema`."""

    schema: dict[str, Any] = field(
        default_factory=lambda: {"type": "object", "properties": {}, "additionalProperties": False}
    )

    def file(self, about: str) -> Fields:
        self.schema["properties"]["file"] = {"type": "string", "format": "binary", "description": about}
        return self

    def text(self, name: str, about: str, **schema: Any) -> Fields:
        self.schema["properties"][name] = {"type": "string", "description": about, **schema}
        return self
