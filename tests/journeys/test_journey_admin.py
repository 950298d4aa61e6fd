"""An admin enrols a class by a list, and a student of it comes in by the mail that it sends."""

from __future__ import annotations

import re
import time
from pathlib import Path

from playwright.sync_api import expect
from visiting import PATIENCE, Site, Visit

COURSE = "Statistics for everybody"
CLASS = """\
name,email,role
Newly Invited,newly@class.invalid
Also Invited,also@class.invalid,student
Demo Student,student@demo.invalid,student
"""


def test_an_admin_enrols_a_class_and_a_student_accepts_the_invitation(visit: Visit, site: Site, tmp_path: Path) -> None:
    admin = visit("admin")
    admin.goto("/admin/courses")
    admin.get_by_label("Title").fill(COURSE)
    admin.get_by_role("button", name="Make the course").click()
    admin.goto("/admin/courses")
    admin.get_by_role("button", name=f"People of {COURSE}").click()
    expect(admin.get_by_text("Nobody is in this course yet")).to_be_visible()

    names = tmp_path / "class.csv"
    names.write_text(CLASS)
    admin.get_by_label("A CSV file").set_input_files(names)
    admin.get_by_role("button", name="See what will happen").click()
    expect(admin.get_by_role("row").filter(has_text="newly@class.invalid")).to_be_visible()
    assert not site.outbox(), "nothing is sent before the admin says so"
    admin.get_by_role("button", name="Do this").click()
    invited = admin.get_by_role("region", name="Invited, not answered yet")
    expect(invited.get_by_role("row").filter(has_text="newly@class.invalid")).to_be_visible()
    expect(admin.get_by_role("region", name="In the course").get_by_text("Demo Student")).to_be_visible()

    link = re.search(r"http://\S+/invitation/\S+", mail_to(site, "newly@class.invalid"))
    assert link
    student = visit()
    student.goto(link[0])
    expect(student.get_by_role("heading", level=1)).to_have_text(COURSE)
    student.get_by_label("Your name").fill("Newly Enrolled")
    student.get_by_label("Password", exact=True).fill("four words are enough")
    student.get_by_label("The password again").fill("four words are enough")
    student.get_by_role("button", name="Make the account").click()
    expect(student.get_by_role("main").get_by_text(COURSE).first).to_be_visible()

    again = visit()
    answer = again.goto(link[0])
    assert answer is not None
    assert answer.status == 410, "an invitation works once"
    admin.reload()
    expect(admin.get_by_role("region", name="In the course").get_by_text("Newly Enrolled")).to_be_visible()
    expect(invited.get_by_role("row").filter(has_text="newly@class.invalid")).to_have_count(0)


def mail_to(site: Site, address: str) -> str:
    """Mails are written soon after the answer."""
    until = time.monotonic() + PATIENCE / 1000
    while not site.mails_to(address) and time.monotonic() < until:
        time.sleep(0.05)
    (text,) = site.mails_to(address)
    return text
