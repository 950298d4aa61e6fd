"""The desk in a real browser: marking by keys alone and without script, and pages that fit a phone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from browser import website
from desk_class import Desk, open_desk
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import select

from grader.config import Settings
from grader.db import Database
from grader.db.marking import Review
from grader.db.school import Person
from grader.web.sessions import COOKIE

AsPerson = Callable[[Person], FlaskClient]
Open = Callable[..., Page]


@pytest.fixture
def desk(settings: Settings, database: Database) -> Desk:
    return open_desk(settings, database)


@pytest.fixture
def open_page(app: Flask, desk: Desk, as_person: AsPerson, chromium: Browser) -> Iterator[Open]:
    """Opens a path as the teacher. Whatever the browser complains about fails the test."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []
    cookie = as_person(desk.teacher).get_cookie(COOKIE)
    assert cookie is not None
    with website(app) as address:

        def make(path: str, **options: Any) -> Page:
            context = chromium.new_context(base_url=address, **options)
            contexts.append(context)
            context.add_cookies([{"name": COOKIE, "value": cookie.value, "url": address}])
            page = context.new_page()
            page.set_default_timeout(10_000)
            page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto(path)
            return page

        yield make
        for context in contexts:
            context.close()
    assert complaints == []


def works(desk: Desk, *names: str) -> list[str]:
    return [desk.hand_in(desk.student(f"{name} Student"), grade={"works": 6}) for name in names]


def marks(desk: Desk) -> dict[tuple[str, str], tuple[str, str]]:
    with desk.database.read() as session:
        rows = session.scalars(select(Review).where(Review.replaced_at.is_(None)))
        return {(row.submission_id, row.criterion): (row.level, row.comment) for row in rows}


def test_two_submissions_are_marked_by_keys_alone(desk: Desk, open_page: Open) -> None:
    first, second = works(desk, "Ada", "Bob")
    page = open_page(f"/desk/assignments/{desk.assignment.id}/review")
    assert page.url.endswith(f"/desk/submissions/{first}/review")

    page.keyboard.press("3")
    page.keyboard.press("2")
    page.keyboard.press("Tab")
    page.keyboard.type("Sources 1 and n are good.")  # letters and digits in a text are text
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**/{second}/review")

    assert marks(desk) == {(first, "clear"): ("Very", ""), (first, "cited"): ("Yes", "Sources 1 and n are good.")}
    page.keyboard.press("p")
    page.wait_for_url(f"**/{first}/review")
    assert page.locator("input[value=Very]").is_checked()
    page.keyboard.press("n")
    page.wait_for_url(f"**/{second}/review")
    page.keyboard.press("1")
    page.keyboard.press("1")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/review")
    page.get_by_text("Everything is marked").wait_for()
    assert marks(desk)[second, "cited"] == ("No", "")


def test_marking_works_without_script(desk: Desk, open_page: Open) -> None:
    (work,) = works(desk, "Ada")
    page = open_page(f"/desk/submissions/{work}/review", java_script_enabled=False)

    page.get_by_label("Half & half").check()
    page.locator("#comment-clear").fill("**Fine**")
    page.get_by_role("button", name="Preview").click()
    assert page.locator(".preview strong").inner_text() == "Fine"
    assert page.get_by_label("Half & half").is_checked()
    page.get_by_role("button", name="Save and stay").click()

    assert marks(desk) == {(work, "clear"): ("Half & half", "**Fine**")}


def test_the_browsers_zone_fills_the_form_of_dates(desk: Desk, open_page: Open) -> None:
    page = open_page(f"/desk/courses/{desk.course.id}", timezone_id="Asia/Tokyo")

    page.goto(f"/desk/assignments/{desk.assignment.id}")

    assert page.locator("#zone").input_value() == "Asia/Tokyo"


def test_a_box_ticks_all_rows_that_can_be_graded_again(desk: Desk, open_page: Open) -> None:
    works(desk, "Ada", "Bob")
    desk.hand_in(desk.student("Cy Student"))
    page = open_page(f"/desk/assignments/{desk.assignment.id}/submissions")

    page.locator("input[data-all]").check()
    assert page.locator("#chosen").inner_text() == "2 chosen"
    page.get_by_role("button", name=re.compile("Grade the chosen ones again")).click()

    page.get_by_role("button", name="Try it on 2 chosen submissions").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_is_wider_than_a_phone(desk: Desk, open_page: Open, scheme: str) -> None:
    (work,) = works(desk, "Zoë-Ångström-Fernández-de-la-Vega-y-Montemayor-Bartholomew")
    files = {"deep/" * 10 + "a" * 60 + ".py": "x = 1  # " + "long " * 100}
    long = desk.hand_in(desk.student("Bob Student"), files=files, name="n" * 120 + ".zip", grade={"works": 2},
                        message="assert " + "y" * 400)  # fmt: skip
    assignment, course = f"/desk/assignments/{desk.assignment.id}", f"/desk/courses/{desk.course.id}"
    page = open_page(course, viewport={"width": 360, "height": 800}, color_scheme=scheme)
    for path in (course, f"{course}/audit", f"{course}/publish", f"/desk/suites/{desk.suite.id}", assignment,
                 f"{assignment}/submissions", f"{assignment}/regrade", f"{assignment}/statistics",
                 f"{assignment}/similarity", f"/desk/submissions/{work}", f"/desk/submissions/{long}",
                 f"/desk/submissions/{long}/review", f"/desk/suites/{desk.suite.id}/assign"):  # fmt: skip
        page.goto(path)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, path
