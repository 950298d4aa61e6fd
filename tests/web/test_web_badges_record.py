"""A learner's record: skills, what they decide about their badges, the transcript; and an instructor's word."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import judge
import made
from awards import BASE
from badge_pages import Site
from sqlalchemy import event

from grader.records.reading import parse_json

SECRET_THINGS = ("sam@example.org", "Sam Student")


def test_the_transcript_as_served_is_accepted_by_the_independent_verifier(site: Site, tmp_path: Path) -> None:
    site.world.awarded(0.9)
    assert site.sam.get("/record/transcript.json").status_code == 404
    assert site.sam.post("/record/transcript").status_code == 303
    site.world.issue()
    (tmp_path / "clr.json").write_bytes(site.sam.get("/record/transcript.json").data)
    (tmp_path / "did.json").write_bytes(site.nobody.get("/.well-known/did.json").data)
    (tmp_path / "s.json").write_bytes(site.nobody.get("/status/1").data)
    found = judge.find_judge()(
        tmp_path / "clr.json", "--did", tmp_path / "did.json", "--status", tmp_path / "s.json", "--issuer", made.DID
    )
    assert (found.status, found.failed) == (0, "")
    page = site.sam.get("/record/transcript").text
    assert "Transcript of Sam Student" in page
    assert site.as_person(site.world.olga).get("/record/transcript.json").status_code == 404


def test_nobody_manages_anothers_badge(site: Site) -> None:
    held = site.world.awarded(0.9)
    for who in (site.as_person(site.world.olga), site.tess):
        assert who.get(f"/record/badges/{held.badge.id}").status_code == 404
        for what in ("public", "delete", "restore"):
            answer = who.post(f"/record/badges/{held.badge.id}/{what}", data={"public": "evidence", "sure": "1"})
            assert answer.status_code == 404, what
    assert site.nobody.get("/record").location.startswith("/sign-in")
    assert site.world.badge().badge.public is None


def test_a_deleted_badge_is_shown_to_nobody_and_its_links_end(site: Site) -> None:
    held = site.world.awarded(0.9)
    site.show(held)
    path = site.share(held)
    text = site.sam.get(f"/badges/{held.badge.id}.json").text
    assert site.sam.post(f"/record/badges/{held.badge.id}/delete").status_code == 303
    assert site.nobody.get(path).status_code == 200, "nobody has said to be sure"
    assert site.sam.post(f"/record/badges/{held.badge.id}/delete", data={"sure": "1"}).status_code == 303
    site.world.issue()
    for address in (path, f"/badges/{held.badge.id}"):
        assert site.nobody.get(address).status_code == 404
    assert site.world.verify(text).verdict == "revoked"
    assert "Issue it again" in site.sam.get("/record").text
    site.sam.post(f"/record/badges/{held.badge.id}/restore")
    site.world.issue()
    assert site.nobody.get(f"/badges/{held.badge.id}").status_code == 404, "private again"
    assert site.sam.get(f"/badges/{held.badge.id}").status_code == 200


def test_add_to_linkedin_counts_months_from_one_and_names_no_urn(site: Site) -> None:
    held = site.world.awarded(0.9)
    page = f"/record/badges/{held.badge.id}"
    assert "linkedin.com" not in site.sam.get(page).text, "a private address would lead nowhere"
    site.show(held)
    found = re.search(r'href="(https://www\.linkedin\.com/[^"]+)"', site.sam.get(page).text)
    assert found is not None
    address = found[1].replace("&amp;", "&")
    assert held.credential is not None
    assert held.credential.valid_until is not None
    until = held.credential.valid_until
    assert f"issueMonth={datetime.now(UTC).month}&" in address
    assert f"expirationYear={until.year}&expirationMonth={until.month}&" in address
    assert "organizationName=Example+School" in address
    assert f"certUrl=https%3A%2F%2Fgrader.example.org%2Fbadges%2F{held.badge.id}" in address
    assert "urn" not in address


def test_the_learners_record_has_skills_with_evidence_history_and_freshness(site: Site) -> None:
    empty = site.sam.get("/record").text
    assert "No badges yet" in empty
    assert "No skills yet" in empty
    site.world.graded(0.75)
    site.world.awarded(0.9)
    page = site.sam.get("/record").text
    for words in ("Image recognition", "advanced", "Up to date.", "History", "Shown best", "version 1"):
        assert words in page
    assert "Image recognition" not in site.as_person(site.world.olga).get("/record").text


def test_work_whose_badge_was_taken_away_earns_no_skill(site: Site) -> None:
    held = site.world.awarded(0.9)
    answer = site.tess.post(f"/desk/badges/{held.badge.id}/revoke", data={"why": "Copied."})
    assert answer.status_code == 303
    page = site.sam.get("/record").text
    assert "No skills yet" in page
    assert "Copied." in page, "its learner reads why"


def test_everything_can_be_taken_away(site: Site) -> None:
    site.world.awarded(0.9)
    answer = site.sam.get("/record/all.zip")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        names = {name.rpartition("/")[2] for name in archive.namelist()}
        text = archive.read(next(name for name in archive.namelist() if name.endswith("badge.json")))
    assert names == {"badge.json", "badge.jwt", "badge.png", "badge.svg", "record.json"}
    assert site.world.verify(text).verified
    assert parse_json(text)["id"].startswith(f"{BASE}/badges/")


def test_an_instructor_takes_a_badge_away_and_gives_it_back_with_a_reason(site: Site) -> None:
    held = site.world.awarded(0.9)
    address = f"/desk/badges/{held.badge.id}"
    assert site.sam.get(address).status_code == 404
    assert site.as_person(site.world.otto).post(f"{address}/revoke", data={"why": "x"}).status_code == 404
    assert site.tess.get(address).status_code == 200
    refused = site.tess.post(f"{address}/suspend", data={"why": ""})
    assert refused.status_code == 422
    assert "There is no reason." in refused.text
    assert site.tess.post(f"{address}/suspend", data={"why": "An inquiry <b>runs</b>."}).status_code == 303
    site.world.issue()
    assert "This badge is suspended" in site.sam.get(f"/badges/{held.badge.id}").text
    assert "&lt;b&gt;runs" in site.sam.get(f"/badges/{held.badge.id}").text
    site.show(held)
    assert "inquiry" not in site.nobody.get(f"/badges/{held.badge.id}").text, "others do not read the reason"
    assert site.tess.post(f"{address}/reinstate", data={"why": "It was theirs."}).status_code == 303
    site.world.issue()
    assert site.world.badge().standing() == "valid"
    assert "It was theirs." in site.tess.get(address).text


def test_the_records_queries_do_not_grow_with_what_is_on_it(site: Site) -> None:
    def queries() -> int:
        asked: list[str] = []

        def note(*given: Any) -> None:
            asked.append(given[2])

        browser = site.sam
        browser.get("/record")
        event.listen(site.world.database.engine, "before_cursor_execute", note)
        try:
            assert browser.get("/record").status_code == 200
        finally:
            event.remove(site.world.database.engine, "before_cursor_execute", note)
        return len(asked)

    site.share(site.world.awarded(0.8), "badge")
    before = queries()
    for share in (0.85, 0.9, 0.95):
        site.share(site.world.awarded(share), "criteria")
    assert queries() == before
