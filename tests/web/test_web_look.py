"""That pages can be read: contrast in both schemes, no sideways scrolling on a phone, no complaint of the browser."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from browser import website
from conftest import School
from flask import Flask
from flask.testing import FlaskClient
from handing_in import address, ahead, change, graded, hand_in, republish
from playwright.sync_api import Browser, Page

from grader.config import Settings
from grader.db import Database

STYLES = Path(__file__).parents[2] / "grader" / "web" / "static" / "app.css"
TEXT = [
    *((ink, ground) for ink in ("ink", "soft", "accent", "bad", "part", "good") for ground in ("paper", "card")),
    ("ink", "well"), ("soft", "well"), ("on-accent", "accent"), ("on-accent", "accent-strong"), ("ink", "calm-back"),
    ("good", "good-back"), ("bad", "bad-back"), ("part", "part-back"), ("busy", "busy-back"), ("calm", "calm-back"),
    ("accent-strong", "accent-back"), ("ink", "accent-back"), ("soft", "accent-back"),
]  # fmt: skip
"""Text and its ground: 4.5 to 1 (WCAG 2.2, 1.4.3)."""
SHAPES = [
    ("edge", "card"), ("edge", "paper"), ("edge", "well"), ("accent", "card"), ("accent", "paper"),
    ("good-mark", "card"), ("bad-mark", "card"), ("ink", "calm-back"), ("accent", "accent-back"),
]  # fmt: skip
"""Borders of controls, focus rings and marks: 3 to 1 (1.4.11)."""


def colours(scheme: str) -> dict[str, str]:
    light, dark = STYLES.read_text().split("@media (prefers-color-scheme: dark)", 1)
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", light))
    return (
        found if scheme == "light" else found | dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", dark.split("}", 1)[0]))
    )


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(TEXT, 4.5), (SHAPES, 3.0)], ids=["text", "shapes"])
def test_colours_can_be_told_apart(scheme: str, pairs: list[tuple[str, str]], least: float) -> None:
    known = colours(scheme)
    weak = {pair: round(contrast(known[pair[0]], known[pair[1]]), 2) for pair in pairs}

    assert {pair: ratio for pair, ratio in weak.items() if ratio < least} == {}


@pytest.fixture(scope="module")
def browser(chromium: Browser) -> Browser:
    return chromium


@pytest.fixture
def pages(
    school: School, student: FlaskClient, database: Database, report: dict[str, Any], settings: Settings
) -> list[str]:
    """Every kind of page a student meets, with long words in what people wrote."""
    brief = f"| {'wide ' * 20}| b |\n|-|-|\n| `{'name_' * 30}` | c |\n\n    {'code ' * 90}\n\n{'Word' * 60}\n"
    school = republish(settings, database, school, "brief.md", brief)
    school = change(
        database, school, title="A" * 90, due_at=ahead(days=2), leaderboard=True, group_size=3, attempts=9,
        attempts_per="day",
    )  # fmt: skip
    report["criteria"][0]["title"] = "Pneumonoultramicroscopicsilicovolcanoconiosis" * 2
    report["criteria"][0]["tests"][1] |= {"message": "x" * 500, "output": "y" * 500}
    first, second = graded(database, student, school, report), graded(database, student, school, report)
    waiting = hand_in(student, school)
    student.post(address(school, "/leaderboard"), data={"alias": "W" * 40})
    results = [f"/submissions/{first}", f"/submissions/{waiting}", f"/submissions/{first}/compare/{second}"]
    ends = ("", "/leaderboard", "/group")
    return ["/", f"/courses/{school.course.id}", *(address(school, end) for end in ends), *results, "/courses/none"]


def opened(browser: Browser, url: str, student: FlaskClient | None, **options: Any) -> tuple[Page, list[str]]:
    """A page of a browser in which the student is signed in, and what its console says from now on."""
    context = browser.new_context(**options)
    if student is not None:
        cookie = student.get_cookie("grader")
        assert cookie is not None
        context.add_cookies([{"name": "grader", "value": cookie.value, "url": url}])
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return page, said


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_scrolls_sideways_or_upsets_the_browser(
    app: Flask, browser: Browser, student: FlaskClient, pages: list[str], width: int, scheme: Any
) -> None:
    with website(app) as url:
        page, said = opened(browser, url, student, viewport={"width": width, "height": 800}, color_scheme=scheme)
        for path in pages:
            page.goto(url + path)
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, path
            ground = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
            assert ground == ("rgb(246, 245, 241)" if scheme == "light" else "rgb(16, 21, 26)")
            assert page.locator("h1").count() == 1, path
        page.context.close()
    assert [text for text in said if "404" not in text] == []


def test_the_whole_page_can_be_reached_by_keyboard(
    app: Flask, browser: Browser, student: FlaskClient, pages: list[str]
) -> None:
    with website(app) as url:
        page, _ = opened(browser, url, student)
        page.goto(url + pages[2])
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        page.locator("details.menu > summary").focus()
        page.keyboard.press("Enter")
        assert page.locator("details.menu").get_attribute("open") is not None
        page.keyboard.press("Escape")
        assert page.locator("details.menu").get_attribute("open") is None
        page.locator("#git_url").focus()
        outline = page.evaluate("getComputedStyle(document.activeElement).boxShadow")
        assert outline != "none"
        page.context.close()


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(
    app: Flask, browser: Browser, student: FlaskClient, school: School, tmp_path: Path
) -> None:
    large = tmp_path / "work.zip"
    large.write_bytes(b"PK" + b"\0" * (1024 * 1024))
    with website(app) as url:
        page, _ = opened(browser, url, student)
        page.goto(url + address(school))
        page.set_input_files("#file", str(large))
        page.click("#form button")
        message = page.evaluate("document.getElementById('file').validationMessage")
        assert "at most 1 MiB" in message
        assert page.url == url + address(school)
        page.context.close()


def test_handing_in_and_reading_need_no_script(
    app: Flask, browser: Browser, student: FlaskClient, school: School, tmp_path: Path
) -> None:
    small = tmp_path / "solution.py"
    small.write_text("def add(a, b): return a + b\n")
    with website(app) as url:
        page, said = opened(browser, url, student, java_script_enabled=False)
        page.goto(url + address(school))
        page.set_input_files("#file", str(small))
        page.click("#form button")
        page.wait_for_url(f"{url}/submissions/*")
        assert "You are next." in page.content()
        page.click("text=Cancel this submission")
        page.wait_for_url(f"{url}/submissions/*")
        assert "This submission was cancelled" in page.content()
        page.context.close()
    assert said == []


def test_a_dropped_file_is_taken(app: Flask, browser: Browser, student: FlaskClient, school: School) -> None:
    drop = """zone => {
        const data = new DataTransfer();
        data.items.add(new File(["x = 1"], "solution.py"));
        zone.dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));
        return zone.querySelector("input").files[0].name;
    }"""
    with website(app) as url:
        page, _ = opened(browser, url, student)
        page.goto(url + address(school))
        assert page.locator(".dropzone").evaluate(drop) == "solution.py"
        page.context.close()
