"""What a credential says, for a page. It may be anybody's: nothing here trusts its form, and nothing raises for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from grader.errors import Refused
from grader.records.contents import achievement_of, issuer_id, subject_of
from grader.records.encoding import listed, read_time
from grader.records.people import hash_identity

Json = Mapping[str, Any]
MOST_RESULTS = 100


@dataclass(frozen=True)
class Result:
    """One mark on its scale. `value` and `most` are texts as the credential has them."""

    name: str
    kind: str
    value: str
    most: str
    level: str
    levels: Sequence[str]
    required: str
    uri: str

    @property
    def share(self) -> tuple[float, float] | None:
        """Value and largest value, where both are numbers."""
        try:
            value, most = float(self.value), float(self.most)
        except ValueError:
            return None
        return (value, most) if 0 < most < 1e9 and 0 <= value <= most else None


@dataclass(frozen=True)
class Portrait:
    """A credential in words."""

    id: str
    title: str
    description: str
    issuer: str
    issuer_name: str
    """What the issuer calls itself; only `issuer` is what the signature shows."""
    names: Sequence[str]
    valid_from: datetime | None
    valid_until: datetime | None
    awarded: datetime | None
    version: str
    narrative: str
    results: Sequence[Result]
    evidence: Sequence[tuple[str, str]]
    """Name and text."""

    @property
    def percent(self) -> Result | None:
        return next((result for result in self.results if result.kind == "Percent"), None)

    @property
    def criteria(self) -> list[Result]:
        return [result for result in self.results if result.kind == "RubricCriterionLevel"]

    @property
    def skills(self) -> list[Result]:
        return [result for result in self.results if result.kind == "PerformanceLevel"]

    @property
    def others(self) -> list[Result]:
        known = (*self.criteria, *self.skills, self.percent)
        return [result for result in self.results if result not in known]


def portrait(credential: Json) -> Portrait:
    """The portrait of a credential, whoever issued it."""
    subject, achievement = subject_of(credential), achievement_of(credential)
    issuer = credential.get("issuer")
    criteria = achievement.get("criteria")
    return Portrait(
        id=_text(credential.get("id")),
        title=_text(achievement.get("name")) or _text(credential.get("name")),
        description=_text(achievement.get("description")) or _text(credential.get("description")),
        issuer=issuer_id(credential),
        issuer_name=_text(issuer.get("name")) if isinstance(issuer, Mapping) else "",
        names=[text for kind, text in _identities(subject) if kind == "name"],
        valid_from=_time(credential.get("validFrom")),
        valid_until=_time(credential.get("validUntil")),
        awarded=_time(credential.get("awardedDate")),
        version=_text(achievement.get("version")),
        narrative=_text(criteria.get("narrative")) if isinstance(criteria, Mapping) else "",
        results=list(_results(subject, achievement)),
        evidence=[
            (_text(item.get("name")) or "Evidence", _text(item.get("narrative")) or _text(item.get("description")))
            for item in listed(credential.get("evidence"))[:20]
            if isinstance(item, Mapping)
        ],
    )


def is_holder(credential: Json, email: str) -> bool | None:
    """Whether a credential is about whoever has this address; None when it tells no address, hashed or plain."""
    address, told = email.strip().lower(), False
    for identity in listed(subject_of(credential).get("identifier")):
        if not isinstance(identity, Mapping) or identity.get("identityType") != "emailAddress":
            continue
        told = True
        value, salt = _text(identity.get("identityHash")), _text(identity.get("salt"))
        expected = hash_identity(address, salt) if identity.get("hashed") is True else address
        if value.strip().lower() == expected:
            return True
    return False if told else None


def _identities(subject: Json) -> Iterator[tuple[str, str]]:
    for identity in listed(subject.get("identifier"))[:20]:
        if isinstance(identity, Mapping) and identity.get("hashed") is not True:
            yield _text(identity.get("identityType")), _text(identity.get("identityHash"))


def _results(subject: Json, achievement: Json) -> Iterator[Result]:
    scales = {_text(d.get("id")): d for d in listed(achievement.get("resultDescription")) if isinstance(d, Mapping)}
    for result in listed(subject.get("result"))[:MOST_RESULTS]:
        if not isinstance(result, Mapping):
            continue
        scale = scales.get(_text(result.get("resultDescription")), {})
        levels = [level for level in listed(scale.get("rubricCriterionLevel")) if isinstance(level, Mapping)]
        names = {_text(level.get("id")): _text(level.get("name")) for level in levels}
        yield Result(
            name=_text(scale.get("name")).removeprefix("Skill: ") or "Result",
            kind=_text(scale.get("resultType")),
            value=_text(result.get("value")),
            most=_text(scale.get("valueMax")),
            level=names.get(_text(result.get("achievedLevel")), ""),
            levels=list(names.values()) or [_text(value) for value in listed(scale.get("allowedValue"))],
            required=_text(scale.get("requiredValue")),
            uri=_uri(scale),
        )


def _uri(scale: Json) -> str:
    """The address of the skill in a framework; only ones that a browser may follow safely."""
    for alignment in listed(scale.get("alignment")):
        if isinstance(alignment, Mapping):
            uri = _text(alignment.get("targetUrl"))
            if uri.startswith(("http://", "https://")):
                return uri
    return ""


def _text(value: object) -> str:
    return value[:4000] if isinstance(value, str) else ""


def _time(value: object) -> datetime | None:
    try:
        return read_time(value)
    except Refused:
        return None
