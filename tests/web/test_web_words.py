"""Words, sentences, drawings and comparisons that pages are made of."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from grader.db.rules import Allowance, Limit
from grader.db.school import Assignment
from grader.rubric.model import Band, MetricSpec
from grader.web import policy, words
from grader.web.bars import metric_bar
from grader.web.compare import compare

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\ttext\nü 🙂", "plain\ttext\nü 🙂"),
        ("\x1b[2J\x1b]0;x\x07", r"\x1b[2J\x1b]0;x\x07"),
        ("50 %\r100 %\r\ndone", "50 %\\r100 %\ndone"),
        ("\u202eexe\u2069\u200b\ufeff\u2028", r"\u202eexe\u2069\u200b\ufeff\u2028"),
        ("\x00\x7f\x9b31m\ud800", r"\x00\x7f\x9b31m\ud800"),
        ("\U000e0041", r"\U000e0041"),
        ("👩\u200d🔬 \u0645\u06cc\u200c\u062e", "👩\u200d🔬 \u0645\u06cc\u200c\u062e"),
    ],
)
def test_what_cannot_be_seen_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert words.visible(text) == shown


def test_a_name_stays_on_its_line() -> None:
    assert words.visible_name("a\nb\tc\r") == r"a\nb\tc\r"


def test_tracebacks_lose_their_colours_and_nothing_else() -> None:
    assert words.plain("\x1b[0;31mNameError\x1b[0m\x1b[2J") == r"NameError\x1b[2J"


@pytest.mark.parametrize(
    ("away", "text"),
    [
        (timedelta(days=3, hours=5), "in 3 days"),
        (timedelta(days=2) - timedelta(seconds=1), "in 1 day"),
        (timedelta(hours=1), "in 1 hour"),
        (timedelta(seconds=59), "in less than a minute"),
        (timedelta(0), "just now"),
        (-timedelta(minutes=20), "20 minutes ago"),
        (-timedelta(days=400), "400 days ago"),
    ],
)
def test_moments_in_words_never_promise_more_time_than_there_is(away: timedelta, text: str) -> None:
    assert words.in_words(NOW + away, NOW) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (512 << 20, "512 MiB"), (1 << 30, "1 GiB")]
)
def test_sizes(value: int, text: str) -> None:
    assert words.size(value) == text


@pytest.mark.parametrize(
    ("name", "letters"), [("Ada Lovelace", "AL"), ("li", "L"), ("Anna Maria von Ö", "AÖ"), ("", "?"), ("\u202e!", "?")]
)
def test_initials(name: str, letters: str) -> None:
    assert words.initials(name) == letters


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(3, "in a few seconds"), (60, "in about a minute"), (150, "in about 2 minutes"), (9000, "in about 2 hours")],
)
def test_estimates_are_no_more_exact_than_they_are(seconds: int, text: str) -> None:
    assert words.about(seconds) == text


@pytest.mark.parametrize("text", ["<script>x</script>", "[x](javascript:alert(1))", "![x](http://evil/x.png)"])
def test_markdown_lets_nothing_active_through(text: str) -> None:
    html = words.markdown(text)
    assert not any(part in html for part in ("<script", 'href="javascript', "<img"))


@pytest.mark.parametrize(
    ("rules", "text"),
    [
        ({"due_at": None}, "There is no due date."),
        ({"penalty": 0.0}, "Work handed in after the due date loses nothing."),
        ({"penalty": 12.5}, "Work handed in after the due date loses 12.5 % of its points for each day begun."),
        (
            {"penalty": 10.0, "grace_days": 2},
            "The first 2 days cost nothing; after that, late work loses 10 % of its points for each day begun.",
        ),
    ],
)
def test_the_late_policy_in_words(rules: dict[str, Any], text: str) -> None:
    assignment = Assignment(**{"due_at": NOW, "penalty": 0.0, "grace_days": 0} | rules)
    assert policy.late_policy(assignment) == text


def test_lateness_in_words() -> None:
    assert policy.lateness(84, 120, 0, 84, 10) == "84 of 120"
    assert policy.lateness(84, 120, 1, 75.6, 10) == "84 of 120, less 10 % for 1 day late: 75.6"
    assert policy.lateness(84, 120, 30, 0, 10) == "84 of 120, less 100 % for 30 days late: 0"


def test_attempts_in_words() -> None:
    assert policy.attempts_left(Allowance(Limit(5, "day"), 2)) == "3 of 5 in any 24 hours"
    assert policy.attempts_left(Allowance(Limit(1, "ever"), 3)) == "0 of 1 in all"


def spec(goal: Any, *bands: tuple[float, float]) -> MetricSpec:
    return MetricSpec(
        test="tests/test_a.py::test_b", name="m", goal=goal, bands=[Band(at=at, points=points) for at, points in bands]
    )


def test_a_better_value_is_further_right_whatever_the_goal() -> None:
    lower, higher = spec("lower", (1.0, 3), (0.5, 6)), spec("higher", (0.5, 3), (0.9, 6))

    assert metric_bar(lower, 0.4).x > metric_bar(lower, 0.7).x > metric_bar(lower, 1.2).x
    assert metric_bar(higher, 0.95).x > metric_bar(higher, 0.7).x > metric_bar(higher, 0.2).x
    assert [step.reached for step in metric_bar(lower, 0.5).steps] == [True, True, True]
    assert [step.reached for step in metric_bar(lower, 0.7).steps] == [True, True, False]


@pytest.mark.parametrize("value", [-1e300, -1.0, 0.0, 0.7, 1e300])
@pytest.mark.parametrize("bands", [((0.7, 1),), ((0.0, 1),), ((0.1, 1), (0.1, 2)), ((-5, 1), (1e9, 2))])
@pytest.mark.parametrize("goal", ["lower", "higher"])
def test_a_bar_never_leaves_its_frame(goal: str, bands: tuple[tuple[float, float], ...], value: float) -> None:
    bar = metric_bar(spec(goal, *bands), value)

    assert 0 <= bar.x <= 100
    assert all(math.isfinite(step.x) and step.width >= 0 for step in bar.steps)
    assert sum(step.width for step in bar.steps) == pytest.approx(100, abs=0.1)


def criterion(name: str, points: float, **tests: str) -> dict[str, Any]:
    rows = [{"id": f"t.py::{test.rstrip('_')}", "status": status} for test, status in tests.items()]
    return {"id": name, "title": name.upper(), "points": points, "max_points": 10.0, "tests": rows}


def test_criteria_and_tests_are_gained_lost_new_gone_or_the_same() -> None:
    before = {"criteria": [criterion("a", 2, x="failed", y="passed", z="crashed"), criterion("old", 1)]}
    after = {"criteria": [criterion("a", 5, x="passed", y="timeout", z="failed", w="passed"), criterion("b", 3)]}

    found = compare(before, after)
    assert [(c.title, c.change, c.difference) for c in found] == [
        ("A", "gained", 3),
        ("B", "new", 3),
        ("OLD", "gone", -1),
    ]
    tests = {test.name: test.change for test in found[0].tests}
    assert tests == {"t.py::x": "gained", "t.py::y": "lost", "t.py::z": "same", "t.py::w": "new"}
    assert [test.name for test in found[0].moved] == ["t.py::x", "t.py::y", "t.py::w"]


def test_tests_of_one_name_are_matched_in_their_order() -> None:
    before = {"criteria": [criterion("a", 0, t="failed", t_="failed")]}
    after = {"criteria": [criterion("a", 5, t="failed", t_="passed")]}

    assert [(t.name, t.change) for t in compare(before, after)[0].tests] == [
        ("t.py::t", "same"),
        ("t.py::t (2)", "gained"),
    ]
