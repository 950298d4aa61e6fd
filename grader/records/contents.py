"""Whether what a badge says fits together: things that neither a schema nor a signature can tell."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from grader.records.encoding import listed

Json = Mapping[str, Any]


def issuer_id(credential: Json) -> str:
    """The issuer's identifier; empty when there is none."""
    issuer = credential.get("issuer")
    found = issuer.get("id") if isinstance(issuer, Mapping) else issuer
    return found if isinstance(found, str) else ""


def subject_of(credential: Json) -> Json:
    """The one subject; empty when there is none."""
    subjects = listed(credential.get("credentialSubject"))
    return subjects[0] if len(subjects) == 1 and isinstance(subjects[0], Mapping) else {}


def achievement_of(credential: Json) -> Json:
    """What the badge is for; empty when it does not say."""
    found = listed(subject_of(credential).get("achievement"))
    return found[0] if len(found) == 1 and isinstance(found[0], Mapping) else {}


def result_problems(credential: Json) -> list[str]:
    """Marks that contradict the badge's own scale (OB 3.0, B.1.17 Result and B.1.18 ResultDescription)."""
    scales = {d.get("id"): d for d in listed(achievement_of(credential).get("resultDescription")) if _is_object(d)}
    found: list[str] = []
    seen: set[Any] = set()
    for result in listed(subject_of(credential).get("result")):
        if not _is_object(result) or "resultDescription" not in result:
            continue
        name = result["resultDescription"]
        if not isinstance(name, str) or name not in scales:
            found.append(f"a result is on a scale that the achievement does not have: {str(name)[:100]}")
            continue
        if name in seen:
            found.append(f"there are two results for {scales[name].get('name')}")
        seen.add(name)
        found += [f"{scales[name].get('name')}: {text}" for text in _result_problems(result, scales[name])]
    return found


def _result_problems(result: Json, scale: Json) -> Iterator[str]:
    yield from _level_problems(result, scale)
    value = _number(result.get("value"))
    if value is None:
        return
    least, most, required = (_number(scale.get(key)) for key in ("valueMin", "valueMax", "requiredValue"))
    if least is not None and value < least:
        yield f"{value:g} is less than the least there is, {least:g}"
    if most is not None and value > most:
        yield f"{value:g} is more than the most there is, {most:g}"
    if required is not None and value < required:
        yield f"{value:g} is less than {required:g}, which is required"


def _level_problems(result: Json, scale: Json) -> Iterator[str]:
    achieved, required = result.get("achievedLevel"), scale.get("requiredLevel")
    levels = {level.get("id"): level for level in listed(scale.get("rubricCriterionLevel")) if _is_object(level)}
    if achieved is None:
        return
    if achieved not in levels:
        yield f"the level {str(achieved)[:100]} is not on its scale"
    elif required is not None and required not in levels:
        yield f"the required level {str(required)[:100]} is not on its scale"
    elif required is not None:
        got, least = (_rank(levels[name]) for name in (achieved, required))
        if got is not None and least is not None and got < least:
            yield f"the level {levels[achieved].get('name')} is below the required one, {levels[required].get('name')}"


def _rank(level: Json) -> float | None:
    for key in ("level", "points"):
        if (number := _number(level.get(key))) is not None:
            return number
    return None


def _number(text: object) -> float | None:
    """The number in a text such as "86.5"; None for anything else ("A", "nan", 1e999)."""
    if not isinstance(text, str) or len(text) > 40:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _is_object(value: object) -> bool:
    return isinstance(value, Mapping)


def association_problems(credential: Json) -> list[str]:
    """Associations of a learner record that lead out of it (CLR 2.0, Association)."""
    subject = subject_of(credential)
    ids = {
        achievement_of(member).get("id") for member in listed(subject.get("verifiableCredential")) if _is_object(member)
    }
    ids |= {achievement.get("id") for achievement in listed(subject.get("achievement")) if _is_object(achievement)}
    links = [link for link in listed(subject.get("association")) if _is_object(link)]
    return [
        f"it links {link.get('sourceId')} and {link.get('targetId')}, which are not both in it"
        for link in links
        if not {link.get("sourceId"), link.get("targetId")} <= ids
    ]


def same_subject(credential: Json) -> bool:
    """Whether nothing says that members of a learner record are about different people.

    Ids must agree. Hashed identities can be compared only under the same salt.
    """
    subject = subject_of(credential)
    members = [subject_of(m) for m in listed(subject.get("verifiableCredential")) if _is_object(m)]
    everyone = [subject, *members]
    hashes: dict[Any, set[Any]] = {}
    for who in everyone:
        for identity in listed(who.get("identifier")):
            if _is_object(identity) and identity.get("hashed") is True:
                key = (str(identity.get("salt")), str(identity.get("identityType")))
                hashes.setdefault(key, set()).add(str(identity.get("identityHash")))
    return len({str(who["id"]) for who in everyone if "id" in who}) <= 1 and all(len(h) == 1 for h in hashes.values())
