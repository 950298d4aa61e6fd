"""A learner's skills, computed from the reports of their graded attempts; the same reports give the same answer.

A skill's level is the best verified share of points over the criteria mapped to it. Every graded attempt is kept as
history. Points that a person has still to give count as not earned.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict

from grader.rubric.model import Rubric, Skill
from grader.rubric.report import Report


class RubricMeta(BaseModel):
    """What skills need to know of a version of a rubric; keep it beside the reports, since rubrics change."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    version: int
    title: str
    skills: list[Skill]
    criteria: dict[str, list[str]]
    """Ids of the criteria, and those of the skills they prove."""

    @classmethod
    def of(cls, rubric: Rubric) -> Self:
        """The part of a rubric that skills need."""
        mapped = {criterion.id: list(criterion.skills) for criterion in rubric.criteria}
        return cls(
            id=rubric.id, version=rubric.version, title=rubric.title, skills=list(rubric.skills), criteria=mapped
        )


@dataclass(frozen=True)
class Graded:
    """One attempt. `at` is when it was graded; one that does not count (misconduct) stays in the history."""

    report: Report
    rubric: RubricMeta | Rubric
    attempt: str
    at: datetime
    counts: bool = True

    @property
    def meta(self) -> RubricMeta:
        """The rubric, as far as skills need it."""
        return self.rubric if isinstance(self.rubric, RubricMeta) else RubricMeta.of(self.rubric)


@dataclass(frozen=True)
class Mark:
    """Points of one criterion."""

    criterion: str
    title: str
    points: float
    max_points: float


@dataclass(frozen=True)
class Showing:
    """What one attempt shows of one skill. `share` is percent of the points, 0 to 100, with two decimals."""

    skill: str
    share: float
    level: str | None
    attempt: str
    at: datetime
    rubric: str
    version: int
    title: str
    marks: tuple[Mark, ...]
    counts: bool = True
    levels: tuple[str, ...] = ()
    """Names of the skill's levels in this rubric, the lowest first."""

    @property
    def rank(self) -> int:
        """Place of the level among them, counted from 1; 0 for none."""
        return self.levels.index(self.level) + 1 if self.level is not None else 0


@dataclass(frozen=True)
class SkillRecord:
    """A skill of a learner: the best showing, all of them by date, and whether the best is still up to date.

    `key` is the skill's address in a framework, or its id where it has none. `freshness` is a sentence.
    """

    key: str
    name: str
    uri: str | None
    level: str | None
    share: float
    best: Showing
    history: tuple[Showing, ...]
    current: bool
    freshness: str


def skill_level(skill: Skill, share: float) -> str | None:
    """The highest level that a share in percent reaches, or None."""
    reached = [(percent, name) for name, percent in skill.levels.items() if share >= percent]
    return max(reached)[1] if reached else None


def level_names(skill: Skill) -> tuple[str, ...]:
    """The names of a skill's levels, the lowest first."""
    return tuple(name for _, name in sorted((percent, name) for name, percent in skill.levels.items()))


def levels_of(graded: Graded) -> list[Showing]:
    """What one attempt shows of each of its rubric's skills, in their order. Skills without points are left out."""
    meta, found = graded.meta, []
    for skill in meta.skills:
        marks = tuple(
            Mark(c.id, c.title, 0.0 if c.status == "pending" else c.points, c.max_points)
            for c in graded.report.criteria
            if skill.id in meta.criteria.get(c.id, ())
        )
        most = math.fsum(mark.max_points for mark in marks)
        if most <= 0:
            continue
        share = min(100.0, round(100 * math.fsum(mark.points for mark in marks) / most, 2))
        place = (graded.attempt, graded.at, meta.id, meta.version, meta.title)
        level = skill_level(skill, share)
        found.append(Showing(skill.id, share, level, *place, marks, graded.counts, level_names(skill)))
    return found


def skills(graded: Iterable[Graded], newest: Mapping[str, int] | None = None) -> list[SkillRecord]:
    """One learner's skills, the best first.

    Attempts that were not graded are left out, and of two with the same id the later one is taken. A skill that has
    only attempts which do not count is left out.

    Args:
        newest: the current version of each rubric by its id, to tell what is out of date.
    """
    latest: dict[str, Graded] = {}
    for one in sorted(graded, key=lambda one: (one.at, one.attempt)):
        if one.report.outcome == "graded":
            latest[one.attempt] = one
    known: dict[str, Skill] = {}
    shown: dict[str, list[Showing]] = {}
    for one in latest.values():
        definitions = {skill.id: skill for skill in one.meta.skills}
        for showing in levels_of(one):
            skill = definitions[showing.skill]
            key = skill.uri or skill.id
            known[key] = skill  # the newest attempt's words for it
            shown.setdefault(key, []).append(showing)
    records = [_record(key, known[key], showings, newest or {}) for key, showings in shown.items()]
    return sorted((r for r in records if r is not None), key=lambda r: (-r.share, r.name, r.key))


def _record(key: str, skill: Skill, showings: Sequence[Showing], newest: Mapping[str, int]) -> SkillRecord | None:
    history = tuple(sorted(showings, key=lambda s: (s.at, s.attempt, s.skill)))
    best = _best([showing for showing in history if showing.counts])
    if best is None:
        return None
    now = _best([s for s in history if s.counts and s.version >= newest.get(s.rubric, s.version)])
    current = now is not None and now.share >= best.share
    freshness = "Up to date." if current else _stale(best, newest[best.rubric], now)
    return SkillRecord(key, skill.name, skill.uri, best.level, best.share, best, history, current, freshness)


def _best(showings: Sequence[Showing]) -> Showing | None:
    """The largest share; of equal ones that of the newest version, and then the earliest."""
    return max(showings, key=lambda s: (s.share, s.version), default=None)


def _stale(best: Showing, version: int, now: Showing | None) -> str:
    text = f"Shown with version {best.version} of {best.title}; version {version} exists"
    if now is not None:
        return f"{text}, with which {now.level or 'no level'} ({now.share:g} %) was shown so far."
    return f"{text}: have the project graded again to renew it."
