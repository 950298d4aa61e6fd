"""An assignment's rules and a student's grade as sentences. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from grader.db.coursework import Entry
from grader.db.marking import Grade
from grader.db.rules import Allowance
from grader.db.school import Assignment, Period
from grader.rubric.model import Criterion, NotebookSpec, Submission
from grader.web.words import count, number

_PER: Mapping[Period, str] = {
    "hour": "in any hour",
    "day": "in any 24 hours",
    "week": "in any 7 days",
    "ever": "in all",
}
_JUDGED = {
    "tests": "Tests",
    "metric": "Measured",
    "quality": "A linter",
    "review": "A person",
    "cells": "Cells of the notebook",
}
_SEEN = {
    "visible": "",
    "hidden": "Hidden: you see which tests passed, not what they check.",
    "after_due": "You see the details after the due date.",
}


def late_policy(assignment: Assignment) -> str:
    """What becomes of work that comes after the due date."""
    if assignment.due_at is None:
        return "There is no due date."
    if not assignment.penalty:
        return "Work handed in after the due date loses nothing."
    lost = f"loses {number(assignment.penalty)} % of its points for each day begun"
    if not assignment.grace_days:
        return f"Work handed in after the due date {lost}."
    grace = "day costs" if assignment.grace_days == 1 else f"{assignment.grace_days} days cost"
    return f"The first {grace} nothing; after that, late work {lost}."


def which_counts(assignment: Assignment) -> str:
    """Which of several submissions makes the grade."""
    return "Your best submission counts." if assignment.counts == "best" else "Your last submission counts."


def attempts_left(allowance: Allowance) -> str:
    """How many attempts are left of how many: `3 of 5 in any 24 hours`."""
    return f"{allowance.left} of {allowance.limit.count} {_PER[allowance.limit.per]}"


def what_to_hand_in(wanted: Submission) -> str:
    """Kinds of upload that an assignment takes, as the object of a sentence."""
    spec: NotebookSpec | None = wanted.notebook
    if spec is not None:
        named = f" {spec.path}" if spec.path else ""
        return f"a notebook{named}, alone or in an archive or git repository with what it needs"
    kinds = {"repository": "a project as .zip, .tar.gz or git repository", "notebook": "a notebook"}
    return " or ".join(kinds[kind] for kind in wanted.accepts)


def file_types(wanted: Submission) -> str:
    """For the `accept` of a file field."""
    kinds = [".zip", ".tar", ".tgz", ".gz"]
    if wanted.notebook is not None or "notebook" in wanted.accepts:
        kinds.append(".ipynb")
    if "repository" in wanted.accepts and wanted.notebook is None:
        kinds.append(".py")
    return ",".join(kinds)


def judged_by(criterion: Criterion) -> str:
    return _JUDGED[criterion.kind]


def seen(criterion: Criterion) -> str:
    """What a student does not see of a criterion, if anything."""
    return _SEEN[criterion.visibility]


def lateness(points: float, max_points: float, late_days: int, final: float, penalty: float) -> str:
    """How the points of a grade came about: `84 of 120, less 10 % for 1 day late: 75.6`."""
    plain = f"{number(points)} of {number(max_points)}"
    if not late_days or final == points:
        return plain
    percent = min(100.0, late_days * penalty)
    return f"{plain}, less {number(percent)} % for {count(late_days, 'day')} late: {number(final)}"


def grade_words(grade: Grade, assignment: Assignment) -> str:
    """`lateness` of a whole grade."""
    return lateness(grade.points, grade.max_points, grade.late_days, grade.final_points, assignment.penalty)


def standing_of(entry: Entry, now: datetime) -> tuple[str, str]:
    """How far a student is with an assignment, in words, and the kind of its badge."""
    if entry.state in ("received", "queued", "running"):
        return ("Being graded" if entry.state == "running" else "Waiting for a grader"), "busy"
    if entry.grade is not None:
        return _graded(entry.grade)
    opens, closes = entry.assignment.opens_at, entry.assignment.closes_at
    if opens is not None and now < opens:
        return "Not open yet", "calm"
    if entry.state in ("rejected", "failed"):
        return "Could not be graded", "bad"
    if closes is not None and now > max(closes, entry.due_at or closes):
        return "Closed", "calm"
    if entry.due_at is not None and now > entry.due_at:
        return "Overdue", "part"
    return "Nothing handed in", "calm"


def changes_without_submission(history: Sequence[Any]) -> list[dict[str, Any]]:
    """Of a grade's audit rows those in which it changed while its submission stayed: a regrade, a mark, a new date.

    Returns dicts with `at`, `before` and `after` (final points), `why` and `submission_id`, newest first.
    """
    rows = []
    for row in history:
        before, after = row.before, row.after
        if not before or not after or before.get("submission_id") != after.get("submission_id"):
            continue
        if before.get("final_points") != after.get("final_points"):
            rows.append({
                "at": row.at, "before": before["final_points"], "after": after["final_points"], "why": row.why,
                "submission_id": after["submission_id"],
            })  # fmt: skip
    return rows


def _graded(grade: Grade) -> tuple[str, str]:
    if grade.pending:
        return "Graded, a mark by a person is missing", "part"
    return ("Passed", "good") if grade.passed else ("Not passed yet", "part")
