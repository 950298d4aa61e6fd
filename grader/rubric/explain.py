"""Turns pydantic's errors into problems at a line, in words for the author of a rubric."""

from __future__ import annotations

import difflib
import types
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, RootModel, ValidationError
from pydantic_core import ErrorDetails

from grader.rubric.source import Document, Loc

_PLAIN = {
    "missing": "is missing",
    "string_type": "must be text",
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "dict_type": "must be keys and values",
    "model_type": "must be keys and values",
    "model_attributes_type": "must be keys and values",
    "finite_number": "must be a finite number",
}
_PATTERN = "must be lower-case letters, digits and - between them, such as linear-model"
_PATTERNS = {
    "uri": "must be an address that begins with https://, http:// or urn:",
    "select": "must be a rule code of ruff, such as E, F or B006",
    "name": "must be one word, such as rmse",
}


def explain(document: Document, error: ValidationError, model: type[BaseModel]) -> None:
    """Adds each error to the document's problems, but not those that follow from a value that could not be read."""
    for line in error.errors(include_url=False):
        loc: Loc = tuple(part for part in line["loc"] if part != "[key]")
        if loc not in document.refused:
            document.add(loc, _words(line, loc, model))


def _words(line: ErrorDetails, loc: Loc, model: type[BaseModel]) -> str:
    if line["type"] == "extra_forbidden":
        return _unknown_key(loc, _known_keys(model, loc[:-1]))
    if line["type"] == "string_pattern_mismatch":
        named = next((str(part) for part in reversed(loc) if isinstance(part, str)), "")
        return f"{_PATTERNS.get(named, _PATTERN)}{_given(line)}"
    plain = _PLAIN.get(line["type"])
    if plain is None:
        plain = line["msg"].replace("Input should", "must").replace("Value should", "must")
        plain = plain[:1].lower() + plain[1:]
    return plain if line["type"] == "missing" else f"{plain}{_given(line)}"


def _given(line: ErrorDetails) -> str:
    value = line["input"]
    if value is None:
        return ", not empty"
    if isinstance(value, dict | list):
        return (
            "" if line["type"] not in _PLAIN else f", not {'keys and values' if isinstance(value, dict) else 'a list'}"
        )
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return f", not {text}" if len(text) <= 60 else f", not {text[:57]}…"


def _unknown_key(loc: Loc, known: list[str]) -> str:
    key = str(loc[-1])
    near = difflib.get_close_matches(key.lower(), known, n=1, cutoff=0.6)
    return "unknown key; " + (f"did you mean `{near[0]}`?" if near else f"known are {', '.join(known)}")


def _known_keys(model: type[BaseModel], loc: Loc) -> list[str]:
    """The keys of the model that a location leads to."""
    here: Any = model
    for part in loc:
        model_here = _model_in(here)
        if model_here is None:
            return []
        if issubclass(model_here, RootModel):
            here = model_here.model_fields["root"].annotation
        elif isinstance(part, str):
            field = model_here.model_fields.get(part)
            here = field.annotation if field else None
    found = _model_in(here)
    return list(found.model_fields) if found else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model inside `M`, `M | None`, `list[M]`, `dict[str, M]` or `Annotated[M, …]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (list, dict, Union, types.UnionType, Annotated):
        return next(filter(None, map(_model_in, get_args(annotation))), None)
    return None
