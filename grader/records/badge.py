"""Builds the credential of a passed project, unsigned (Open Badges 3.0, AchievementCredential)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from grader.errors import BadInput
from grader.records import status
from grader.records.encoding import digest_multibase, write_time
from grader.records.people import Assurance, Learner
from grader.records.scales import Scale, criterion_scale, percent_scale, skill_scale
from grader.records.skills import Graded, levels_of
from grader.records.vendored import OB3, VC2
from grader.rubric.model import Rubric, Skill
from grader.rubric.report import Report

Json = dict[str, Any]

ESCO = "http://data.europa.eu/esco/skill/"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22,64}")
_UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f\ud800-\udfff]+")


@dataclass(frozen=True)
class Places:
    """The public addresses under an issuer's own, `https://host/path`, that credentials name and the website serves."""

    base_url: str

    def badge(self, token: str) -> str:
        """A badge's id and page; `.json`, `.jwt`, `.png`, `.svg` behind it are its files."""
        return f"{self.base_url}/badges/{token}"

    def record(self, token: str) -> str:
        """A badge's grading record."""
        return f"{self.badge(token)}/record.json"

    def achievement(self, rubric: str, version: int) -> str:
        """A version of a rubric, as something to achieve."""
        return f"{self.base_url}/achievements/{quote(rubric)}/v{version}"

    @property
    def statuses(self) -> str:
        """What the addresses of all status lists begin with."""
        return f"{self.base_url}/status/"

    def status(self, number: int) -> str:
        """A revocation list; the suspensions of the same badges are at `status.suspension_url` of it."""
        return f"{self.statuses}{number}"


@dataclass(frozen=True)
class BadgeInput:
    """All that a badge is made of. The same input and keys give the same badge, to the byte.

    `token` is the badge's public name: at least 128 random bits in base64url. `record` is what `record(report)` gave.
    Datetimes are aware. `awarded` is the day of the first award when a badge is issued again.
    """

    rubric: Rubric
    report: Report
    learner: Learner
    record: bytes
    token: str
    issued: datetime
    valid_until: datetime
    status_list: int
    status_index: int
    assurance: Assurance = field(default_factory=Assurance)
    awarded: datetime | None = None


def build(given: BadgeInput, places: Places, profile: Json) -> Json:
    """The unsigned credential.

    Raises:
        BadInput: the report did not pass, is not finished, or is another rubric's.
    """
    _check(given)
    url = places.badge(given.token)
    title = _plain(given.rubric.title)
    return {
        "@context": [VC2, OB3],
        "id": url,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": title,
        "image": {"id": f"{url}.png", "type": "Image", "caption": f"Badge: {title}"},
        "issuer": profile,
        "validFrom": write_time(given.issued),
        "validUntil": write_time(given.valid_until),
        "awardedDate": write_time(given.awarded or given.issued),
        "credentialSubject": _subject(given, places, profile),
        "evidence": _evidence(given, places),
        "credentialStatus": status.entry(places.status(given.status_list), given.status_index),
    }


def _check(given: BadgeInput) -> None:
    report, rubric = given.report, given.rubric
    problems = [
        (report.outcome != "graded" or not report.passed, "the project did not pass"),
        (any(c.status == "pending" for c in report.criteria), "a person has still to mark part of it"),
        ((report.rubric.id, report.rubric.version) != (rubric.id, rubric.version), "the report is another rubric's"),
        (not _TOKEN.fullmatch(given.token), "the badge's token is not at least 128 bits in base64url"),
        (not given.issued < given.valid_until, "the badge would end before it begins"),
        (not 0 <= given.status_index < status.SIZE, "the status index is not in the list"),
    ]
    for wrong, text in problems:
        if wrong:
            raise BadInput(f"this cannot become a badge: {text}")


def _subject(given: BadgeInput, places: Places, profile: Json) -> Json:
    achievement = places.achievement(given.rubric.id, given.rubric.version)
    scales = list(_scales(given, achievement))
    return {
        **given.learner.as_json(),
        "type": ["AchievementSubject"],
        "achievement": _achievement(given.rubric, achievement, profile, scales),
        "result": [scale.result for scale in scales],
    }


def _scales(given: BadgeInput, achievement: str) -> Iterable[Scale]:
    rubric, report = given.rubric, given.report
    skills = {skill.id: skill for skill in rubric.skills}
    yield percent_scale(f"{achievement}#percent", report.percent, rubric.pass_mark)
    for got in report.criteria:
        criterion = rubric.criterion(got.id)
        aligned = alignments(skills[name] for name in criterion.skills if name in skills)
        yield criterion_scale(f"{achievement}#{got.id}", criterion, got, _plain(got.title), aligned)
    for level in levels_of(Graded(report=report, rubric=rubric, attempt=given.token, at=given.issued)):
        skill = skills[level.skill]
        aligned = alignments([skill])
        yield skill_scale(f"{achievement}#skill-{skill.id}", skill, level.level, _plain(skill.name), aligned)


def _achievement(rubric: Rubric, url: str, profile: Json, scales: Sequence[Scale]) -> Json:
    made: Json = {
        "id": url,
        "type": ["Achievement"],
        "achievementType": "Assessment",
        "name": _plain(rubric.title),
        "description": _plain(rubric.summary or rubric.title),
        "version": str(rubric.version),
        "criteria": {"id": url, "narrative": _narrative(rubric)},
        "creator": {key: profile[key] for key in ("id", "type", "name")},
        "resultDescription": [scale.description for scale in scales],
    }
    if aligned := alignments(rubric.skills):
        made["alignment"] = aligned
    if rubric.skills:
        made["tag"] = sorted({_plain(skill.name) for skill in rubric.skills})
    return made


def alignments(skills: Iterable[Skill]) -> list[Json]:
    """`alignment` of the skills that have an address in a framework (OB 3.0, B.1.3 Alignment)."""
    made = []
    for skill in skills:
        if skill.uri is None:
            continue
        entry: Json = {"type": ["Alignment"], "targetName": _plain(skill.name), "targetUrl": skill.uri}
        if skill.uri.startswith(ESCO):
            entry["targetFramework"] = "ESCO: European Skills, Competences, Qualifications and Occupations"
        made.append({**entry, "targetType": "ceasn:Competency"})
    return made


def _narrative(rubric: Rubric) -> str:
    lines = [
        f"At least {rubric.pass_mark:g} % of {rubric.max_points:g} points in version {rubric.version} of this project.",
        "The submitted work was run apart from the tests that judged it.",
        *(f"- {_plain(c.title)}: {c.points:g} points ({_how(c.kind)})" for c in rubric.criteria),
    ]
    return "\n".join(lines)


def _how(kind: str) -> str:
    words = {"metric": "a measurement", "quality": "a linter", "review": "a person", "cells": "cells of the notebook"}
    return words.get(kind, "automatic tests")


def _evidence(given: BadgeInput, places: Places) -> list[Json]:
    submission = given.report.submission
    commit = f", commit {submission.commit}" if submission.commit else ""
    return [
        {
            "id": places.record(given.token),
            "type": ["Evidence"],
            "name": "Grading record",
            "description": f"Points, rubric, images and seed by content. Submission {submission.digest}{commit}.",
            "genre": "Grading record",
            "digestMultibase": digest_multibase(given.record),
        },
        {
            "id": f"{places.badge(given.token)}#assurance",
            "type": ["Evidence"],
            "name": "Assurance",
            "narrative": given.assurance.statement(),
            "genre": "Assurance statement",
        },
    ]


def _plain(text: str) -> str:
    """The text without control characters, which parsers disagree about."""
    return _UNPRINTABLE.sub(" ", text).strip() or "-"
