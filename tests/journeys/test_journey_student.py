"""A student hands in, watches the result arrive, does better, and sees what the difference was."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect
from visiting import GRADING, ROOT, Visit

EXAMPLES = ROOT / "rubrics" / "linear-model" / "examples"


def hand_in(page: Page, file: Path) -> None:
    """From the page of an assignment to the page of the result, before there is any."""
    page.get_by_label("A file").set_input_files(file)
    page.get_by_role("button", name="Hand in").click()
    page.wait_for_url("**/submissions/*")


def test_a_student_hands_in_sees_the_result_arrive_and_improves_it(visit: Visit) -> None:
    page = visit("student")
    page.get_by_role("link", name="Fit a line, twice").first.click()
    expect(page.get_by_text("Nothing handed in yet")).to_be_visible()

    hand_in(page, EXAMPLES / "unfinished" / "solution.py")
    address = page.url
    loads: list[str] = []
    page.on("request", lambda request: loads.append(request.url) if request.is_navigation_request() else None)
    page.evaluate("document.documentElement.dataset.here = 'since before the result'")
    expect(page.locator("#score-title")).to_have_text("41 of 120 points", timeout=GRADING)
    assert page.url == address
    assert not loads, "the page was loaded again"
    assert page.evaluate("document.documentElement.dataset.here") == "since before the result"
    expect(page.get_by_text("points still to win").first).to_be_visible()

    page.get_by_role("button", name="Hand in again").first.click()
    page.wait_for_url("**/assignments/*")
    hand_in(page, EXAMPLES / "reference" / "solution.py")
    expect(page.locator("#score-title")).to_have_text("100 of 120 points", timeout=GRADING)

    page.get_by_role("button", name="Compare with the one before").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("59 points gained")
    expect(page.get_by_role("row", name="Fits by gradient descent, step by step")).to_contain_text("Gained 20")

    page.goto("/")
    results = page.get_by_role("region", name="Last results").get_by_role("link")
    expect(results.filter(has_text="Fit a line, twice")).to_have_count(2)

    stranger = visit("employer")
    answer = stranger.goto(address)
    assert answer is not None
    assert answer.status == 404
    expect(stranger.get_by_role("heading", level=1)).not_to_contain_text("Fit a line")
