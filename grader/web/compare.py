"""Two gradings side by side: what was gained and lost, criterion by criterion and test by test. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Change = Literal["gained", "lost", "same", "new", "gone"]


@dataclass(frozen=True)
class TestChange:
    """A test's statuses; None on the side that does not have it."""

    __test__ = False

    name: str
    before: str | None
    after: str | None

    @property
    def change(self) -> Change:
        if self.before is None:
            return "new"
        if self.after is None:
            return "gone"
        if (self.before == "passed") == (self.after == "passed"):
            return "same"
        return "gained" if self.after == "passed" else "lost"


@dataclass(frozen=True)
class CriterionChange:
    """A criterion's points; None on the side that does not have it, as when the rubric has changed between."""

    title: str
    before: float | None
    after: float | None
    max_points: float
    tests: tuple[TestChange, ...]

    @property
    def difference(self) -> float:
        return round((self.after or 0.0) - (self.before or 0.0), 4)

    @property
    def change(self) -> Change:
        if self.before is None:
            return "new"
        if self.after is None:
            return "gone"
        return "gained" if self.difference > 0 else "lost" if self.difference < 0 else "same"

    @property
    def moved(self) -> tuple[TestChange, ...]:
        """The tests whose passing changed."""
        return tuple(test for test in self.tests if test.change != "same")


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[CriterionChange]:
    """The criteria of two student's views of reports, in the order of the later one, then those that are gone."""
    old, new = _by(before["criteria"], "id"), _by(after["criteria"], "id")
    return [_criterion(old.get(key), new.get(key)) for key in [*new, *(key for key in old if key not in new)]]


def _criterion(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> CriterionChange:
    shown = new or old or {}
    before, after = _tests(old), _tests(new)
    names = [*after, *(name for name in before if name not in after)]
    return CriterionChange(
        title=shown["title"],
        before=old["points"] if old else None,
        after=new["points"] if new else None,
        max_points=shown["max_points"],
        tests=tuple(TestChange(name, before.get(name), after.get(name)) for name in names),
    )


def _tests(criterion: Mapping[str, Any] | None) -> dict[str, str]:
    """Statuses by name. Tests of a hidden criterion come without parameters, so one name may stand for several."""
    seen: Counter[str] = Counter()
    found = {}
    for test in criterion["tests"] if criterion else ():
        seen[test["id"]] += 1
        number = seen[test["id"]]
        found[test["id"] if number == 1 else f"{test['id']} ({number})"] = test["status"]
    return found


def _by(rows: Iterable[Mapping[str, Any]], key: str) -> dict[str, Mapping[str, Any]]:
    return {row[key]: row for row in rows}
