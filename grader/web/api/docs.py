"""The page that explains the API: made from the document, without any script."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import Any

from flask import render_template

from grader.web.api.document import TAGS, openapi, operations, resolve
from grader.web.api.operation import api

_EXAMPLE_ID = "0123456789abcdef0123456789abcdef"
_TEXTS = {
    "git_url": "https://git.example.org/ada/project.git",
    "url": "https://example.org/hooks/grader",
    "email": "ada@example.org",
    "why": "The bounds of the hidden test were wrong.",
    "level": "good",
    "criterion": "report",
    "title": "Fit a line",
    "folder": "linear-model",
    "message": "We look for somebody who cleans data. Shall we talk?",
    "q": "ada",
}
_FORMATS = {"date-time": "time", "binary": "file", "uri-reference": "address"}
_ANSWERS = ("200", "201", "202", "204")


@dataclass(frozen=True)
class Field:
    """A parameter, or a property of an object. `target` is the object that its type is or holds."""

    name: str
    kind: str
    target: str
    required: bool
    about: str


@dataclass(frozen=True)
class Operation:
    """All that the page says of one."""

    id: str
    method: str
    path: str
    summary: str
    about: str
    scope: str
    parameters: list[Field]
    body: list[Field]
    form: list[Field]
    answers: list[tuple[str, str, str]]
    """Status, description, and the object or media type of the body."""
    curl: str


@api.get("/api/docs")
def docs() -> str:
    """What every operation takes and answers, with an example for each."""
    spec = openapi()
    groups: dict[str, list[Operation]] = {tag: [] for tag in TAGS}
    for method, path, described in operations(spec):
        groups[described["tags"][0]].append(_operation(spec, method, path, described))
    named = {op.id for group in groups.values() for op in group}
    objects = {name: fields_of(spec, schema) for name, schema in sorted(spec["components"]["schemas"].items())}
    return render_template(
        "api/docs.html",
        spec=spec,
        tags=TAGS,
        groups=groups,
        objects=objects,
        count=len(named),
        schemas=spec["components"],
    )


def fields_of(spec: dict[str, Any], schema: dict[str, Any]) -> list[Field]:
    """The properties of an object's schema."""
    schema = resolve(spec, schema)
    required = schema.get("required", ())
    return [
        Field(name, *_kind(one), name in required, one.get("description", ""))
        for name, one in schema.get("properties", {}).items()
    ]


def example(spec: dict[str, Any], schema: dict[str, Any], name: str = "") -> Any:
    """A value that fits a schema: of an object, what it requires, or its first field when it requires nothing."""
    schema = resolve(spec, schema)
    if "anyOf" in schema:
        return example(spec, schema["anyOf"][0], name)
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    match schema.get("type"):
        case "object":
            properties = schema.get("properties", {})
            wanted = schema.get("required") or list(properties)[:1]
            return {key: example(spec, properties[key], key) for key in wanted}
        case "array":
            return [example(spec, schema["items"], name)]
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
    return _text(schema, name)


def _text(schema: dict[str, Any], name: str) -> str:
    if "[0-9a-f]{32}" in schema.get("pattern", ""):
        return _EXAMPLE_ID
    if schema.get("format") == "date-time":
        return "2027-03-01T22:00:00Z"
    return _TEXTS.get(name, "text")


def _operation(spec: dict[str, Any], method: str, path: str, described: dict[str, Any]) -> Operation:
    content = described.get("requestBody", {}).get("content", {})
    json_body = content.get("application/json", {}).get("schema")
    form = content.get("multipart/form-data", {}).get("schema")
    return Operation(
        id=described["operationId"],
        method=method,
        path=path,
        summary=described["summary"],
        about=described["description"],
        scope=described.get("x-scope", ""),
        parameters=[
            Field(one["name"], *_kind(one["schema"]), one["required"], one.get("description", ""))
            for one in described["parameters"]
        ],
        body=fields_of(spec, json_body) if json_body else [],
        form=fields_of(spec, form) if form else [],
        answers=[_answer(spec, code, one) for code, one in sorted(described["responses"].items())],
        curl=_curl(spec, method, path, described),
    )


def _answer(spec: dict[str, Any], code: str, response: dict[str, Any]) -> tuple[str, str, str]:
    if "$ref" in response:
        response = spec["components"]["responses"][response["$ref"].rpartition("/")[2]]
    for media, content in response.get("content", {}).items():
        reference = content["schema"].get("$ref", "")
        return code, response["description"], reference.rpartition("/")[2] or media
    return code, response["description"], ""


def _kind(schema: dict[str, Any]) -> tuple[str, str]:
    """What a value is in words, and the object that it is or holds."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return name, name
    if "anyOf" in schema:
        kinds = [_kind(one) for one in schema["anyOf"]]
        return " or ".join(kind for kind, _ in kinds), next((target for _, target in kinds if target), "")
    if "enum" in schema:
        return " or ".join(json.dumps(one) for one in schema["enum"]), ""
    if "const" in schema:
        return json.dumps(schema["const"]), ""
    if schema.get("type") == "array":
        kind, target = _kind(schema["items"])
        return f"list of {kind}", target
    kind = schema.get("type", "anything")
    kind = _FORMATS.get(schema.get("format", ""), {"string": "text", "integer": "whole number"}.get(kind, kind))
    return f"{kind}{_bounds(schema)}", ""


def _bounds(schema: dict[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None and high < 2**53:
        return f" from {low:g} to {high:g}"
    return f" up to {schema['maxLength']} characters" if "maxLength" in schema else ""


def _curl(spec: dict[str, Any], method: str, path: str, described: dict[str, Any]) -> str:
    for parameter in described["parameters"]:
        value = _EXAMPLE_ID if parameter["name"].endswith("_id") else "notebook.ipynb"
        path = path.replace(f"{{{parameter['name']}}}", value)
    parts = [f"curl{'' if method == 'GET' else f' -X {method}'} {spec['servers'][0]['url']}{path}"]
    if described.get("security"):
        parts.append('-H "Authorization: Bearer $GRADER_TOKEN"')
    content = described.get("requestBody", {}).get("content", {})
    if "multipart/form-data" in content:
        fields = content["multipart/form-data"]["schema"]["properties"]
        if "assignment" in fields:
            parts.append(f"-F assignment={_EXAMPLE_ID}")
        parts.append("-F file=@work.zip")
    elif "application/json" in content:
        body = json.dumps(example(spec, content["application/json"]["schema"]))
        parts += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(body)}"]
    elif content:
        parts += [f"-H 'Content-Type: {next(iter(content))}'", "--data-binary @list.csv"]
    return " \\\n  ".join(parts)
