from __future__ import annotations

import random
from datetime import timedelta

import made
import pytest

from grader.records import Graded, RubricMeta, SkillRecord, skills
from grader.records.skills import levels_of, skill_level
from grader.rubric.model import Rubric, Skill

DIGITS = made.rubric_of("digits-classifier")
HOUSES = made.rubric_of("house-prices")
NEWER = DIGITS.model_copy(update={"version": 2})
PYTHON = "http://data.europa.eu/esco/skill/ccd0a1d9-afda-43d9-b901-96344886e14d"
PREPARING = "http://data.europa.eu/esco/skill/07889c08-7220-47c8-96f7-6068fbea00dc"


def attempt(name: str, day: int, share: float = 0.9, rubric: Rubric = DIGITS, **more: object) -> Graded:
    counts = bool(more.pop("counts", True))
    report = made.report_of(rubric, share, **more)  # type: ignore[arg-type]
    return Graded(report, RubricMeta.of(rubric), name, made.NOW + timedelta(days=day), counts)


def by_key(records: list[SkillRecord]) -> dict[str, SkillRecord]:
    return {record.key: record for record in records}


@pytest.mark.parametrize(
    ("share", "level"),
    [(0, None), (49.99, None), (50, "foundation"), (69.99, "foundation"), (70, "proficient"), (100, "advanced")],
)
def test_a_level_is_reached_at_its_percent(share: float, level: str | None) -> None:
    assert skill_level(Skill(id="x", name="X"), share) == level


def test_an_attempt_shows_the_share_of_the_points_mapped_to_a_skill() -> None:
    shown = {s.skill: s for s in levels_of(attempt("a", 0, 1.0, program=6, clarity=4))}
    assert shown["python"].share == 40.0
    assert [(mark.criterion, mark.points, mark.max_points) for mark in shown["python"].marks] == [
        ("program", 6, 15), ("clarity", 4, 10),
    ]  # fmt: skip
    assert shown["machine-learning"].share == 100.0
    assert (shown["python"].level, shown["machine-learning"].level) == (None, "advanced")


def test_the_best_attempt_counts_and_every_one_is_kept() -> None:
    records = by_key(skills([attempt("a", 0, 0.5), attempt("b", 1, 0.8), attempt("c", 2, 0.6)]))
    python = records[PYTHON]
    assert (python.share, python.level, python.best.attempt) == (80.0, "proficient", "b")
    assert [showing.attempt for showing in python.history] == ["a", "b", "c"]
    assert python.history[0].at == made.NOW


def test_the_same_reports_in_any_order_give_the_same_answer() -> None:
    attempts = [attempt(str(n), n % 3, n / 10, rubric) for n in range(10) for rubric in (DIGITS, HOUSES)]
    attempts = [Graded(a.report, a.rubric, f"{a.attempt}-{a.meta.id}", a.at) for a in attempts]
    expected = skills(attempts)
    for seed in range(5):
        random.Random(seed).shuffle(attempts)
        assert skills(attempts) == expected


def test_one_skill_of_two_rubrics_is_one_skill() -> None:
    records = by_key(skills([attempt("a", 0, 0.6), attempt("b", 1, 0.9, HOUSES)]))
    assert {showing.rubric for showing in records[PREPARING].history} == {"digits-classifier", "house-prices"}
    assert records[PREPARING].best.rubric == "house-prices"
    assert records[PREPARING].uri == PREPARING


def test_a_skill_without_address_is_known_by_its_id() -> None:
    bare = [skill.model_copy(update={"uri": None}) for skill in DIGITS.skills]
    records = skills([attempt("a", 0, rubric=DIGITS.model_copy(update={"skills": bare}))])
    assert {record.key for record in records} == {skill.id for skill in DIGITS.skills}


def test_what_was_not_graded_or_does_not_count_gives_nothing() -> None:
    rejected = attempt("r", 0)
    rejected = Graded(rejected.report.model_copy(update={"outcome": "rejected"}), rejected.rubric, "r", rejected.at)
    assert skills([rejected]) == []
    assert skills([attempt("a", 0, 1.0, counts=False)]) == []
    records = by_key(skills([attempt("a", 0, 1.0, counts=False), attempt("b", 1, 0.7)]))
    assert records[PYTHON].share == 70.0
    assert [showing.counts for showing in records[PYTHON].history] == [False, True]


def test_points_that_a_person_has_still_to_give_are_not_counted() -> None:
    report = made.report_of(DIGITS, 1.0)
    pending = [c.model_copy(update={"status": "pending"}) if c.id == "program" else c for c in report.criteria]
    graded = Graded(report.model_copy(update={"criteria": pending}), DIGITS, "a", made.NOW)
    assert {s.skill: s.share for s in levels_of(graded)}["python"] == 40.0


def test_a_newer_version_asks_for_another_attempt() -> None:
    old = attempt("a", 0, 0.9)
    fresh = by_key(skills([old], {"digits-classifier": 1}))[PYTHON]
    assert (fresh.current, fresh.freshness) == (True, "Up to date.")
    stale = by_key(skills([old], {"digits-classifier": 2}))[PYTHON]
    assert not stale.current
    assert stale.freshness == (
        "Shown with version 1 of Read handwritten digits; version 2 exists: have the project graded again to renew it."
    )
    lower = by_key(skills([old, attempt("b", 1, 0.6, NEWER)], {"digits-classifier": 2}))[PYTHON]
    assert "foundation (60 %) was shown so far" in lower.freshness
    renewed = by_key(skills([old, attempt("b", 1, 0.9, NEWER)], {"digits-classifier": 2}))[PYTHON]
    assert renewed.current
    assert renewed.best.version == 2


def test_a_report_that_was_made_again_replaces_the_older_one() -> None:
    records = by_key(skills([attempt("a", 0, 0.9), attempt("a", 5, 0.5)]))
    assert records[PYTHON].share == 50.0
    assert len(records[PYTHON].history) == 1


def test_a_rubric_without_skills_shows_none() -> None:
    assert skills([attempt("a", 0, rubric=DIGITS.model_copy(update={"skills": []}))]) == []


def test_what_is_kept_of_a_rubric_comes_back_from_json() -> None:
    meta = RubricMeta.of(DIGITS)
    assert RubricMeta.model_validate_json(meta.model_dump_json()) == meta
