"""The pictures of docs/screenshots, taken anew by `make screenshots`: no test, and not run with them."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest
import requests
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session
from visiting import GRADING, ROOT, Site, Visit

from grader.config import Settings
from grader.db import Database, courses, leaderboard, people, tokens
from grader.db.school import Assignment
from grader.intake import read_folder
from grader.intake.tree import IntakeLimits

FOLDER = ROOT / "docs" / "screenshots"
LARGEST = 150_000
LINE = ("in-place", "no-bias", "unfinished", "column-vectors", "constant", "endless", "reference")
HOUSES = ("reference", "in-place", "no-seed", "memoriser")


@pytest.mark.timeout(900)
def test_take_the_pictures(visit: Visit, site: Site) -> None:
    FOLDER.mkdir(exist_ok=True)
    line, houses = fill(site)
    student = visit("student")
    hand_in(student, line, "no-bias")
    expect(student.locator(".live-criteria .ticks span").first).to_be_visible(timeout=GRADING)
    picture(student, "progress")
    expect(student.locator("#score-title")).to_be_visible(timeout=GRADING)
    student.locator(".criterion").filter(has=student.locator(".sides")).first.evaluate("part => part.scrollIntoView()")
    picture(student, "feedback")
    take(visit("student", width=390, height=844), student.url, "phone")
    hand_in(student, line, "in-place")
    expect(student.locator("#score-title")).to_be_visible(timeout=GRADING)
    student.get_by_role("button", name="Compare with the one before").click()
    picture(student, "compare")
    take(student, f"/assignments/{houses}/leaderboard", "leaderboard")
    take(visit("instructor"), f"/desk/assignments/{line}/review", "marking")
    take(visit("instructor", dark=True), f"/desk/assignments/{line}/statistics", "statistics")


def fill(site: Site) -> tuple[str, str]:
    """Some students with work of every kind; returns the ids of two assignments."""
    database = Database(Settings(home=site.home, _env_file=None).sqlalchemy_url)  # type: ignore[call-arg]
    with database.write() as session:
        known = {row.title: row for row in session.scalars(select(Assignment))}
        line, houses = known["Fit a line, twice"], known["What is this house worth?"]
        keys = [enrol(session, line.course_id, number) for number in range(1, len(LINE) + 1)]
    database.dispose()
    works = [(line.id, "linear-model", name) for name in LINE] + [(houses.id, "house-prices", name) for name in HOUSES]
    addresses = []
    for key, (assignment, suite, example) in zip([*keys, *keys[: len(HOUSES)]], works, strict=True):
        addresses.append((key, send(site, key, assignment, ROOT / "rubrics" / suite / "examples" / example)))
    until = time.monotonic() + 10 * GRADING / 1000
    for key, address in addresses:
        while ask(site, key, address)["state"] not in ("graded", "rejected", "failed"):
            assert time.monotonic() < until
            time.sleep(0.5)
    return line.id, houses.id


def enrol(session: Session, course_id: str, number: int) -> str:
    names = ("One", "Two", "Three", "Four", "Five", "Six", "Seven")
    name = f"Student {names[number - 1]}"
    person = people.add(session, email=f"student-{number}@demo.invalid", name=name, role="student")
    courses.enrol(session, course_id, person.id, "student", by=person.id)
    leaderboard.set_alias(session, course_id, person.id, f"Otter {number}")
    return tokens.add(session, person, name="pictures", scopes=("read", "submit"), days=30)[1]


def send(site: Site, key: str, assignment: str, folder: Path) -> str:
    tree = read_folder(folder, IntakeLimits(max_bytes=50_000_000))
    answer = requests.post(
        f"{site.url}/api/v1/submissions",
        data={"assignment": assignment},
        files={"file": (f"{folder.name}.tar", tree.tar())},
        headers={"Authorization": f"Bearer {key}"},
        timeout=30,
    )
    assert answer.ok, answer.text
    return str(answer.json()["id"])


def ask(site: Site, key: str, submission: str) -> dict[str, str]:
    headers = {"Authorization": f"Bearer {key}"}
    answer = requests.get(f"{site.url}/api/v1/submissions/{submission}", headers=headers, timeout=30)
    assert answer.ok, answer.text
    return dict(answer.json())


def hand_in(page: Page, assignment: str, example: str) -> None:
    page.goto(f"/assignments/{assignment}")
    page.get_by_label("A file").set_input_files(
        ROOT / "rubrics" / "linear-model" / "examples" / example / "solution.py"
    )
    page.get_by_role("button", name="Hand in").click()
    page.wait_for_url("**/submissions/*")


def take(page: Page, path: str, name: str) -> None:
    page.goto(path)
    picture(page, name)


def picture(page: Page, name: str) -> None:
    """As a browser's window shows it, in few colours."""
    shot = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    path = FOLDER / f"{name}.png"
    for colours in (128, 64, 32):
        shot.quantize(colours, dither=Image.Dither.NONE).save(path, optimize=True)
        if path.stat().st_size <= LARGEST:
            return
    raise AssertionError(f"{path} has {path.stat().st_size} bytes")
