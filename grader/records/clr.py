"""Builds the record of a learner's badges, unsigned (1EdTech Comprehensive Learner Record 2.0)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from grader.errors import BadInput
from grader.records.encoding import write_time
from grader.records.people import Learner
from grader.records.reading import parse_json
from grader.records.vendored import CLR2, OB3, VC2


@dataclass(frozen=True)
class Association:
    """A link between two achievements of a learner record, by their ids (CLR 2.0, Association)."""

    kind: Literal[
        "exactMatchOf", "isChildOf", "isParentOf", "isPartOf", "isPeerOf", "isRelatedTo", "precedes", "replacedBy"
    ]
    source: str
    target: str


@dataclass(frozen=True)
class TranscriptInput:
    """All that a learner record is made of: badges in their JSON form, each of which stays signed by itself.

    `id` is the record's address or URN. `partial` says that there are badges of the learner that are not in it.
    """

    learner: Learner
    badges: Sequence[str]
    id: str
    issued: datetime
    valid_until: datetime
    associations: Sequence[Association] = ()
    partial: bool = False
    name: str = "Record of skills"


def build_transcript(given: TranscriptInput, profile: Mapping[str, Any]) -> dict[str, Any]:
    """The unsigned record.

    Raises:
        BadInput: there is no badge, or one is not JSON.
    """
    if not given.badges:
        raise BadInput("a record of skills needs at least one badge")
    subject: dict[str, Any] = {
        **replace(given.learner, name=None).as_json(),  # CLR's schema knows no names; the badges have them
        "type": ["ClrSubject"],
        "verifiableCredential": [parse_json(badge) for badge in given.badges],
    }
    if given.associations:
        subject["association"] = [
            {"type": "Association", "associationType": a.kind, "sourceId": a.source, "targetId": a.target}
            for a in given.associations
        ]
    return {
        "@context": [VC2, CLR2, OB3],
        "id": given.id,
        "type": ["VerifiableCredential", "ClrCredential"],
        "name": given.name,
        "issuer": dict(profile),
        "validFrom": write_time(given.issued),
        "validUntil": write_time(given.valid_until),
        "partial": given.partial,
        "credentialSubject": subject,
    }
