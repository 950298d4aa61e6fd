"""1EdTech's JSON schemas for badges (OB 3.0) and transcripts (CLR 2.0)."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import cache
from itertools import islice
from typing import Any

import jsonschema_rs

from grader.records.encoding import listed
from grader.records.vendored import schema

_MOST = 5


def is_badge(credential: Mapping[str, Any]) -> bool:
    """Whether it calls itself an Open Badge."""
    kinds = listed(credential.get("type"))
    return "VerifiableCredential" in kinds and ("OpenBadgeCredential" in kinds or "AchievementCredential" in kinds)


def is_transcript(credential: Mapping[str, Any]) -> bool:
    """Whether it calls itself a Comprehensive Learner Record."""
    kinds = listed(credential.get("type"))
    return "VerifiableCredential" in kinds and "ClrCredential" in kinds


def problems(credential: Mapping[str, Any]) -> list[str]:
    """What is wrong with a credential's form, at most five lines; empty when nothing is."""
    if is_transcript(credential):
        return _listed(_transcripts(), _as_1_1(credential))
    if is_badge(credential):
        return _listed(_badges(), credential)
    kinds = ", ".join(str(kind) for kind in listed(credential.get("type")))[:100] or "nothing"
    return [f"it is neither an Open Badge 3.0 nor a learner record (CLR 2.0); it says that it is {kinds}"]


def _listed(validator: jsonschema_rs.Validator, document: Mapping[str, Any]) -> list[str]:
    if validator.is_valid(document):
        return []
    return [_line(error) for error in islice(validator.iter_errors(document), _MOST)]


def _line(error: jsonschema_rs.ValidationError) -> str:
    where = ".".join(str(part) for part in error.instance_path)
    return f"{where or 'the credential'}: {error.message[:300]}"


@cache
def _badges() -> jsonschema_rs.Validator:
    return jsonschema_rs.Draft201909Validator(schema("badge"), validate_formats=True)


@cache
def _transcripts() -> jsonschema_rs.Validator:
    """1EdTech publishes this schema in its VC 1.1 form only; members are judged as badges, by their own schema."""
    form = copy.deepcopy(schema("transcript"))
    del form["$schema"], form["$id"]
    form["$defs"]["VerifiableCredential"] = {"type": "object"}
    form["$defs"]["CredentialStatus"] = {"type": "object", "required": ["type"]}
    return jsonschema_rs.Draft201909Validator(form, validate_formats=True)


def _as_1_1(credential: Mapping[str, Any]) -> dict[str, Any]:
    names = {"validFrom": "issuanceDate", "validUntil": "expirationDate"}
    return {names.get(name, name): value for name, value in credential.items()}
