"""Marks as Open Badges write them: a scale in the achievement (`resultDescription`), a mark on it in the subject.

RDF has no order, so every level says its own rank; numbers are strings, because processors print floats differently.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from grader.rubric.model import Criterion, Skill
from grader.rubric.report import CriterionResult

Json = dict[str, Any]
NO_LEVEL = "none"


@dataclass(frozen=True)
class Scale:
    """A `resultDescription` and the `result` on it."""

    description: Json
    result: Json


@dataclass(frozen=True)
class _Level:
    name: str
    points: float | None = None
    description: str = ""


def number(value: float) -> str:
    """A number with at most four decimals and no exponent."""
    return f"{value:.4f}".rstrip("0").rstrip(".")


def percent_scale(id: str, percent: float, required: float) -> Scale:
    """The share of all points, 0 to 100, and the share that passes."""
    description = {
        "id": id,
        "type": ["ResultDescription"],
        "name": "Share of all points",
        "resultType": "Percent",
        "valueMin": "0",
        "valueMax": "100",
        "requiredValue": number(required),
    }
    return Scale(description, {**_result(id, number(percent)), "status": "Completed"})


def criterion_scale(id: str, criterion: Criterion, got: CriterionResult, title: str, aligned: Sequence[Json]) -> Scale:
    """A criterion's levels, lowest first, and the points and level that were reached.

    The bands of a metric and a reviewer's levels are told by their points where the criterion is not visible: what
    they are called could give a hidden threshold away.
    """
    levels = _levels(criterion, got.max_points)
    names = [f"{id}-{rank}" for rank in range(len(levels))]
    description: Json = {
        "id": id,
        "type": ["ResultDescription"],
        "name": title,
        "resultType": "RubricCriterionLevel",
        "valueMin": "0",
        "valueMax": number(got.max_points),
        "rubricCriterionLevel": [
            _level(name, rank, level) for rank, (name, level) in enumerate(zip(names, levels, strict=True))
        ],
    }
    if aligned:
        description["alignment"] = list(aligned)
    return Scale(description, {**_result(id, number(got.points)), "achievedLevel": names[_reached(levels, got)]})


def skill_scale(id: str, skill: Skill, level: str | None, title: str, aligned: Sequence[Json]) -> Scale:
    """A skill's levels by name, and the one that this project shows."""
    description: Json = {
        "id": id,
        "type": ["ResultDescription"],
        "name": f"Skill: {title}",
        "resultType": "PerformanceLevel",
        "allowedValue": [NO_LEVEL, *sorted(skill.levels, key=lambda name: skill.levels[name])],
    }
    if aligned:
        description["alignment"] = list(aligned)
    return Scale(description, _result(id, level or NO_LEVEL))


def _result(description: str, value: str) -> Json:
    return {"type": ["Result"], "resultDescription": description, "value": value}


def _level(name: str, rank: int, level: _Level) -> Json:
    made: Json = {"id": name, "type": ["RubricCriterionLevel"], "name": level.name, "level": str(rank)}
    if level.points is not None:
        made["points"] = number(level.points)
    return {**made, "description": level.description} if level.description else made


def _levels(criterion: Criterion, most: float) -> list[_Level]:
    if criterion.review:
        given = [(level.points, level.name) for level in criterion.review.levels]
    elif criterion.metric:
        given = [(0.0, ""), *((band.points, "") for band in criterion.metric.bands)]
    else:
        partly = _Level("Partly met", None, "More than none of the points, and less than all of them")
        return [_Level("Not met", 0.0), partly, _Level("Fully met", most)]
    return list(_by_points(given, most, criterion.visibility == "visible"))


def _by_points(given: Sequence[tuple[float, str]], most: float, tell: bool) -> Iterator[_Level]:
    for points in sorted({0.0, *(points for points, _ in given)}):
        told = [name for at, name in given if at == points and name]
        plain = f"{number(points)} of {number(most)} points"
        yield _Level(" / ".join(told) if told and tell else plain, points)


def _reached(levels: Sequence[_Level], got: CriterionResult) -> int:
    if any(level.points is None for level in levels):
        return 0 if got.points <= 0 else 2 if got.points >= got.max_points - 1e-9 else 1
    return max(rank for rank, level in enumerate(levels) if (level.points or 0.0) <= got.points + 1e-9)
