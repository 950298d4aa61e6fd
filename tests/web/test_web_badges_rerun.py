"""Grading again as proof: who may ask, how often, and what is said of the result."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from badge_pages import Site
from sqlalchemy import select

from grader.db import queries, reruns
from grader.db.credentials import Rerun
from grader.db.marking import Grade
from grader.db.queries import Outcome
from grader.db.tables import Attempt
from grader.web import rerun as asking


def newest(site: Site) -> Attempt:
    with site.world.database.read() as session:
        return session.scalars(select(Attempt).order_by(Attempt.created_at.desc(), Attempt.number.desc())).first()  # type: ignore[return-value]


def finish(site: Site, report: dict[str, Any]) -> None:
    with site.world.database.write() as session:
        assert queries.finish(session, newest(site).id, Outcome("graded", report=report))


def allow_again(site: Site) -> None:
    with site.world.database.write() as session:
        for row in session.scalars(select(Rerun)):
            row.asked_at -= reruns.EVERY + timedelta(minutes=1)


def test_only_where_the_learner_allows_it(site: Site) -> None:
    held = site.world.awarded(0.9)
    address = f"/badges/{held.badge.id}/rerun"
    assert site.nobody.post(address).status_code == 404, "private"
    site.show(held, "evidence")
    assert site.nobody.post(address).status_code == 403
    assert "has not allowed" in site.nobody.get(f"/badges/{held.badge.id}").text
    site.show(held, "criteria", rerun="1")
    assert site.nobody.post(address).status_code == 403, "who is not shown the evidence cannot ask for it"
    site.show(held, "evidence", rerun="1")
    assert site.nobody.post(address).status_code == 303
    assert site.sam.post(f"/badges/{'0' * 32}/rerun").status_code == 404


def test_a_rerun_is_a_dry_attempt_with_the_same_suite_that_changes_nothing(site: Site) -> None:
    held = site.world.awarded(0.9)
    site.show(held, "evidence", rerun="1")
    site.nobody.post(f"/badges/{held.badge.id}/rerun")
    attempt = newest(site)
    assert (attempt.counts, attempt.queue, attempt.number, attempt.suite_id) == (False, "batch", 2, site.world.suite.id)
    assert attempt.state == "queued"
    with site.world.database.read() as session:
        before = vars(session.get_one(Grade, (site.world.assignment.id, site.world.sam.id)))["points"]
    page = site.nobody.get(f"/badges/{held.badge.id}").text
    assert "Being graded again" in page
    assert "Grade it again" not in page
    finish(site, site.world.report(0.1))
    assert site.world.issue() == 0
    with site.world.database.read() as session:
        assert session.get_one(Grade, (site.world.assignment.id, site.world.sam.id)).points == before
    assert site.world.badge().standing() == "valid"
    assert "Graded again" not in site.sam.get(f"/submissions/{attempt.submission_id}").text


def test_an_identical_result_is_called_identical_and_another_is_told_line_by_line(site: Site) -> None:
    held = site.world.awarded(0.9)
    site.show(held, "evidence", rerun="1")
    address = f"/badges/{held.badge.id}"
    site.nobody.post(f"{address}/rerun")
    finish(site, site.world.report(0.9))
    page = site.nobody.get(address).text
    assert "Identical" in page
    assert "Not identical" not in page
    assert "differs" not in page
    allow_again(site)
    site.nobody.post(f"{address}/rerun")
    other = site.world.report(0.9, accuracy=5.0)
    other["environment"]["image"] = "sha256:" + "9" * 64
    finish(site, other)
    page = site.nobody.get(address).text
    assert "Not identical" in page
    with site.world.database.read() as session:
        found = reruns.latest(session, held.badge.id)
    assert found is not None
    differing = {line.name for line in found.lines if not line.same}
    assert differing == {"Image of the sandbox", "Accuracy on images it has not seen"}


def test_one_that_could_not_be_graded_says_nothing_about_the_work(site: Site) -> None:
    held = site.world.awarded(0.9)
    site.show(held, "evidence", rerun="1")
    site.nobody.post(f"/badges/{held.badge.id}/rerun")
    with site.world.database.write() as session:
        queries.finish(session, newest(site).id, Outcome("failed", reason="no Docker"))
    page = site.nobody.get(f"/badges/{held.badge.id}").text
    assert "says nothing about the work" in page
    assert "no Docker" not in page


def test_it_is_asked_for_at_most_once_an_hour_for_a_badge_and_seldom_by_one_address(site: Site) -> None:
    held = site.world.awarded(0.9)
    site.show(held, "evidence", rerun="1")
    address = f"/badges/{held.badge.id}/rerun"
    browser = site.nobody
    browser.post(address)
    finish(site, site.world.report(0.9))
    browser.post(address)
    assert "less than an hour ago" in browser.get(f"/badges/{held.badge.id}").text
    with site.world.database.read() as session:
        assert len(session.scalars(select(Rerun)).all()) == 1
    statuses = [browser.post(address).status_code for _ in range(asking.AN_HOUR)]
    assert statuses[-1] == 429


def test_through_a_link_it_is_noted(site: Site) -> None:
    held = site.world.awarded(0.9)
    path = site.share(held, "evidence")
    address = f"{path}/{held.badge.id}/rerun"
    assert site.nobody.post(address).status_code == 403
    site.show(held, "", rerun="1")
    assert site.nobody.post(address).status_code == 303
    assert newest(site).counts is False
    assert "had it graded again" in site.sam.get(f"/record/badges/{held.badge.id}").text
