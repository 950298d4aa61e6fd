"""Likeness of code: copies are found under other names, starters and other people's own work are not."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest
from desk_class import Desk, open_desk
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import select

from grader.config import Settings
from grader.db import Database
from grader.db.marking import Audit, Grade
from grader.db.school import Person
from grader.web.desk import similarity

AsPerson = Callable[[Person], FlaskClient]

ORIGINAL = '''\
def mean_of_squares(numbers):
    """Return the mean."""
    total = 0.0
    for number in numbers:
        if number is None:
            continue
        total += number ** 2
    count = len([number for number in numbers if number is not None])
    return total / count if count else 0.0


def spread(numbers, low=0.25, high=0.75):
    ordered = sorted(number for number in numbers if number is not None)
    first = ordered[int(low * (len(ordered) - 1))]
    last = ordered[int(high * (len(ordered) - 1))]
    return last - first
'''
RENAMED = "# My own work\n\n" + (
    ORIGINAL.replace("numbers", "xs").replace("number", "x").replace("total", "acc").replace("ordered", "ys")
    .replace("    ", "  ").replace('"""Return the mean."""', "'''Completely different words.'''")
)  # fmt: skip
OTHER = """\
import math


class Accumulator:
    def __init__(self):
        self.values = {}

    def push(self, key, *items):
        while items:
            head, *items = items
            self.values.setdefault(key, []).append(math.log1p(abs(head)))
        return {name: max(rows) for name, rows in self.values.items()}
"""
STARTER = '''\
def load(path):
    """Given."""
    rows = []
    with open(path) as file:
        for line in file:
            name, value = line.strip().split(",")
            rows.append((name, float(value)))
    rows.sort(key=lambda row: row[1], reverse=True)
    return {name: value for name, value in rows if value > 0}
'''


def task(*documents: str, boilerplate: str = "") -> dict[str, Any]:
    return {
        "documents": [{"id": str(number), "parts": [{"name": "a.py", "text": text}]}
                      for number, text in enumerate(documents)],
        "boilerplate": [{"name": "s.py", "text": boilerplate}] if boilerplate else [],
    }  # fmt: skip


def test_a_copy_is_found_under_other_names_comments_and_spaces() -> None:
    result = similarity.run_program(task(ORIGINAL, RENAMED, OTHER))

    (pair,) = result["pairs"]
    assert (pair["left"], pair["right"]) == ("0", "1")
    assert min(pair["left_share"], pair["right_share"]) > 0.8
    name, first, last = pair["right_lines"][0]
    assert (name, first >= 3, last <= RENAMED.count("\n") + 1) == ("a.py", True, True)


def test_what_everybody_was_given_is_no_likeness() -> None:
    works = (STARTER + OTHER, STARTER + ORIGINAL)

    assert similarity.run_program(task(*works))["pairs"] != []
    assert similarity.run_program(task(*works, boilerplate=STARTER))["pairs"] == []


def test_a_document_with_repeated_code_is_compared_whole() -> None:
    repeated = ORIGINAL + ORIGINAL.replace("def ", "def again_")

    (pair,) = similarity.run_program(task(repeated, ORIGINAL, boilerplate=STARTER))["pairs"]
    assert pair["right_share"] > 0.9


@pytest.mark.parametrize("text", ["", "\0" * 50, "(" * 5000, "'''" + "x" * 5000, "\u202e" * 100, "def f(:\n" * 50])
def test_what_is_no_python_is_borne(text: str) -> None:
    assert similarity.run_program(task(text, ORIGINAL))["documents"] == 2


def test_the_program_ends_when_its_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(similarity, "SECONDS", 1)
    many = [ORIGINAL.replace("mean", f"mean{number}") * 20 for number in range(60)]

    with pytest.raises(subprocess.SubprocessError):
        similarity.run_program(task(*many))


@pytest.fixture
def desk(settings: Settings, database: Database) -> Desk:
    return open_desk(settings, database)


def wait_for(desk: Desk, redis: Redis) -> dict[str, Any]:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with desk.database.read() as session:
            row = session.scalar(select(Audit).where(Audit.action == "similarity.compared"))
        if row is not None and not redis.exists(similarity.LOCK):
            return dict(row.after or {})
        time.sleep(0.1)
    raise AssertionError("the comparison does not end")


def notebook(*cells: str) -> str:
    return json.dumps({
        "nbformat": 4, "nbformat_minor": 5, "metadata": {},
        "cells": [{"cell_type": "code", "id": f"c{number}", "metadata": {}, "source": cell, "outputs": [],
                   "execution_count": None} for number, cell in enumerate(cells)],
    })  # fmt: skip


def test_the_newest_counting_submissions_are_compared_when_asked_and_no_grade_changes(
    desk: Desk, as_person: AsPerson, redis: Redis
) -> None:
    teacher = as_person(desk.teacher)
    ada, bob, cy = (desk.student(f"{name} <b> Student") for name in ("Ada", "Bob", "Cy"))
    desk.hand_in(ada, files={"solution.py": RENAMED}, grade={"works": 1})  # no longer counts
    desk.hand_in(ada, files={"solution.py": OTHER}, grade={"works": 6})
    first = desk.hand_in(bob, files={"src/solution.py": ORIGINAL}, grade={"works": 6})
    second = desk.hand_in(cy, files={"solution.ipynb": notebook(*RENAMED.split("\n\n\n"))}, grade={"works": 6})
    address = f"/desk/assignments/{desk.assignment.id}/similarity"
    assert "Compare the code" in teacher.get(address).text
    with desk.database.read() as session:
        before = [(row.person_id, row.final_points, row.updated_at) for row in session.scalars(select(Grade))]

    assert teacher.post(address).status_code == 303
    assert teacher.post(address).status_code == 303  # a double click begins no second one
    told = wait_for(desk, redis)

    assert (told["submissions"], told["pairs"]) == (3, 1)
    page = teacher.get(address).text
    assert "Bob &lt;b&gt; Student" in page
    assert "Cy &lt;b&gt; Student" in page
    assert "Ada" not in re.sub(r"<[^>]+>", "", page[page.index("Pairs that share code") :])
    assert f"/desk/submissions/{first}/files/src/solution.py" in page
    assert f"/desk/submissions/{second}" in page
    assert "never a proof" in page
    with desk.database.read() as session:
        assert [(row.person_id, row.final_points, row.updated_at) for row in session.scalars(select(Grade))] == before
        assert len(session.scalars(select(Audit).where(Audit.action == "similarity.compared")).all()) == 1
    assert "similar" not in as_person(bob).get(f"/submissions/{first}").text.lower()


def test_a_comparison_that_breaks_is_told_and_can_be_tried_again(
    desk: Desk, as_person: AsPerson, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher = as_person(desk.teacher)
    for name in ("Ada", "Bob"):
        desk.hand_in(desk.student(f"{name} Student"), files={"solution.py": ORIGINAL}, grade={"works": 1})

    def breaks(_: object) -> None:
        raise subprocess.TimeoutExpired("likeness", 1)

    monkeypatch.setattr(similarity, "run_program", breaks)
    address = f"/desk/assignments/{desk.assignment.id}/similarity"
    teacher.post(address)

    assert "failed" in wait_for(desk, redis)
    page = teacher.get(address).text
    assert "The last comparison gave no result" in page
    assert "Compare again" in page


def test_without_the_library_the_page_says_how_to_get_it(
    desk: Desk, as_person: AsPerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(similarity, "_installed", lambda: False)
    teacher = as_person(desk.teacher)
    address = f"/desk/assignments/{desk.assignment.id}/similarity"

    assert "grader[similarity]" in teacher.get(address).text
    assert teacher.post(address).status_code == 422


def test_another_assignments_comparison_is_waited_for(desk: Desk, as_person: AsPerson, redis: Redis) -> None:
    redis.set(similarity.LOCK, "another", ex=30)
    answer = as_person(desk.teacher).post(f"/desk/assignments/{desk.assignment.id}/similarity")

    assert answer.status_code == 422
    assert "Try again in some minutes" in answer.text
