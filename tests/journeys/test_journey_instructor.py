"""An instructor publishes a suite, marks by hand, finds a test that was wrong, and mends the grades of all it cost."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from playwright.sync_api import Page, expect
from visiting import GRADING, Visit

RUBRIC = """\
rubric: 1
id: averages
version: {version}
title: Averages
sandbox: python
submission: {{accepts: [repository], requires: [solution.py]}}
limits: {{time: 60, test_time: 5, memory: 128m, disk: 8m}}
criteria:
  - {{id: mean, title: Takes the mean, points: 10, tests: tests/test_mean.py}}
  - id: words
    title: Says when a mean misleads
    points: 10
    review: {{levels: [{{name: missing, points: 0}}, {{name: sound, points: 6}}, {{name: convincing, points: 10}}]}}
"""
TEST = """\
from solution import mean


def test_of_three():
    assert mean([1.0, 2.0, 6.0]) == 3.0


def test_of_nothing():
    assert mean([]) {wanted}
"""
WORK = """\
def mean(values):
    # One rich neighbour misleads it: say the median, too.
    return sum(values) / len(values) if values else None
"""
WHY = "The brief does not say what the mean of nothing is, so None is as good as 0."


def test_an_instructor_publishes_marks_and_regrades_and_the_student_reads_why(visit: Visit) -> None:
    instructor = visit("instructor")
    instructor.get_by_role("region", name="You teach").get_by_role("link").first.click()
    instructor.wait_for_url("**/desk/courses/*")
    desk = instructor.url
    publish(instructor, version=1, wanted="== 0")
    instructor.get_by_role("button", name="Make an assignment with it").click()
    instructor.get_by_label("Title").fill("Averages")
    instructor.get_by_role("button", name="Make the assignment").click()
    instructor.get_by_role("button", name="Publish", exact=True).click()
    expect(instructor.get_by_text("They see it since")).to_be_visible()

    student = visit("student")
    student.goto(desk.replace("/desk/", "/"))
    student.get_by_role("link", name="Averages").first.click()
    student.get_by_label("A file").set_input_files(upload("solution.py", WORK.encode()))
    student.get_by_role("button", name="Hand in").click()
    expect(student.locator("#score-title")).to_have_text("5 of 20 points", timeout=GRADING)
    result = student.url

    instructor.get_by_role("link", name="Marking").click()
    instructor.get_by_label("sound").check()
    instructor.get_by_label("Comment for the student").fill("Good. *Why* the median?")
    instructor.get_by_role("button", name="Save", exact=False).first.click()
    expect(instructor.get_by_text("Everything is marked")).to_be_visible()
    student.reload()
    expect(student.locator("#score-title")).to_have_text("11 of 20 points")
    expect(student.get_by_text("Why", exact=True)).to_be_visible()

    instructor.goto(desk)
    publish(instructor, version=2, wanted="in (0, None)")
    instructor.get_by_role("button", name="Try it as a regrade").click()
    instructor.get_by_label("Why").fill(WHY)
    instructor.get_by_role("button", name="Try it on").click()
    expect(instructor.get_by_role("heading", name="What it would change", exact=True)).to_be_visible(timeout=GRADING)
    row = instructor.get_by_role("row", name="Demo Student")
    expect(row).to_contain_text("+5")
    expect(row).to_contain_text("would pass")
    student.reload()
    expect(student.locator("#score-title")).to_have_text("11 of 20 points")

    instructor.get_by_role("button", name="Apply: change these grades").click()
    expect(instructor.get_by_text("These grades changed:")).to_be_visible()
    student.goto(result)
    expect(student.locator("#score-title")).to_have_text("16 of 20 points")
    told = student.get_by_text("Your grade changed from 11 to 16")
    expect(told).to_be_visible()
    expect(student.get_by_text(WHY)).to_be_visible()


def publish(page: Page, *, version: int, wanted: str) -> None:
    """From the desk's page of a course to the page of the suite."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("rubric.yaml", RUBRIC.format(version=version))
        archive.writestr("brief.md", "Write `mean(values)`, and say when it misleads.\n")
        archive.writestr("tests/test_mean.py", TEST.format(wanted=wanted))
    page.get_by_role("button", name="Publish a suite").first.click()
    page.get_by_label("An archive from your machine").check()
    page.get_by_label("Archive", exact=True).set_input_files(upload("averages.zip", out.getvalue()))
    page.get_by_role("button", name="Check and publish").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Averages version {version}")


def upload(name: str, content: bytes) -> Any:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}
