"""Where a measured value lies among the bands that give points, as numbers for a drawing. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.rubric.model import MetricSpec

WIDTH = 100.0
MARGIN = 0.35
"""Of the bands' own span, on both sides: what lies beyond is drawn at the edge."""


@dataclass(frozen=True)
class Step:
    """A band: from `x` on to `x + width` the value earns `points`. Better values are further to the right."""

    at: float | None
    """Its threshold; None for what lies before every band."""
    points: float
    x: float
    width: float
    reached: bool


@dataclass(frozen=True)
class Bar:
    """`x` is the place of the value, from 0 to 100."""

    value: float
    x: float
    steps: tuple[Step, ...]


def metric_bar(spec: MetricSpec, value: float) -> Bar:
    """The bar of one value. Equal thresholds, or a band that gives less than an easier one, are drawn as they are."""
    sign = -1.0 if spec.goal == "lower" else 1.0
    bands = sorted(spec.bands, key=lambda band: sign * band.at)
    places = _scale([sign * band.at for band in bands], sign * value)
    edges = [0.0, *places[:-1], WIDTH]
    steps = [Step(None, 0.0, 0.0, edges[1], reached=True)]
    for number, band in enumerate(bands, start=1):
        reached = sign * value >= sign * band.at
        steps.append(Step(band.at, band.points, edges[number], round(edges[number + 1] - edges[number], 2), reached))
    return Bar(value, places[-1], tuple(steps))


def _scale(thresholds: Sequence[float], value: float) -> list[float]:
    """Places from 0 to 100 of ascending thresholds, and of the value at the end."""
    low, high = thresholds[0], thresholds[-1]
    span = (high - low) or abs(low) or 1.0
    start, whole = low - MARGIN * span, (high - low) + 2 * MARGIN * span
    return [round(min(WIDTH, max(0.0, WIDTH * (place - start) / whole)), 2) for place in [*thresholds, value]]
