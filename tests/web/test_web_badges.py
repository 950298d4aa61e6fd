"""A badge's page and files: what is shown to whom, links, and the cases B1 to B9 of the attacks on badges."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import judge
import made
import pytest
from awards import BASE
from badge_pages import Site
from sqlalchemy import update

from grader.db import shares
from grader.db.credentials import Share
from grader.db.school import PublishedSuite
from grader.web import looks

SECRET_THINGS = ("sam@example.org", "Sam Student")


def test_a_badge_is_private_and_looks_like_one_that_does_not_exist(site: Site) -> None:
    held = site.world.awarded(0.9)
    address = f"/badges/{held.badge.id}"
    for path in (
        address,
        f"{address}.json",
        f"{address}.jwt",
        f"{address}.png",
        f"{address}.svg",
        f"{address}/record.json",
    ):
        assert site.sam.get(path).status_code == 200, path
        for who in (site.nobody, site.as_person(site.world.olga), site.tess):
            hidden, unknown = who.get(path), who.get(path.replace(held.badge.id, "0" * 32))
            assert (hidden.status_code, unknown.status_code) == (404, 404), path
            assert hidden.text == unknown.text


def test_the_page_shows_as_much_as_its_learner_allows(site: Site) -> None:
    held = site.world.awarded(0.9)
    address = f"/badges/{held.badge.id}"
    title = "Trains a classifier that can be used"
    site.show(held, "badge")
    page = site.nobody.get(address)
    assert page.status_code == 200
    assert "Read handwritten digits" in page.text
    assert title not in page.text
    assert "sha256:" not in page.text
    assert site.nobody.get(f"{address}.json").status_code == 404
    assert site.nobody.get(f"{address}/record.json").status_code == 404
    assert b"openbadges" not in site.nobody.get(f"{address}.png").data, "the picture alone"
    site.show(held, "criteria")
    page = site.nobody.get(address)
    assert title in page.text
    assert "sha256:" not in page.text
    assert site.nobody.get(f"{address}.json").status_code == 200
    assert site.nobody.get(f"{address}/record.json").status_code == 404
    site.show(held, "evidence")
    assert "sha256:" in site.nobody.get(address).text
    assert site.nobody.get(f"{address}/record.json").status_code == 200
    site.show(held, "")
    assert site.nobody.get(address).status_code == 404


def test_no_personal_data_is_on_it_beyond_what_its_learner_shows(site: Site) -> None:
    held = site.world.awarded(0.9)
    site.show(held, "evidence")
    for path in ("", ".json", ".jwt", ".svg", "/record.json"):
        text = site.nobody.get(f"/badges/{held.badge.id}{path}").text
        assert not [thing for thing in SECRET_THINGS if thing in text], path


def test_search_engines_may_list_it_only_when_its_learner_wants_it(site: Site) -> None:
    held = site.world.awarded(0.9)
    site.show(held)
    assert "noindex" in site.nobody.get(f"/badges/{held.badge.id}").headers["X-Robots-Tag"]
    site.show(held, indexed="1")
    assert "X-Robots-Tag" not in site.nobody.get(f"/badges/{held.badge.id}").headers
    assert "noindex" in site.nobody.get(site.share(held)).headers["X-Robots-Tag"]


def test_ids_are_128_random_bits_and_guessing_is_slowed_down(site: Site) -> None:
    held = site.world.awarded(0.9)
    assert re.fullmatch(r"[0-9a-f]{32}", held.badge.id)
    site.show(held)
    statuses = [site.nobody.get(f"/badges/{number:032x}").status_code for number in range(looks.LOOKS_A_MINUTE + 1)]
    assert set(statuses[:100]) == {404}
    assert statuses[-1] == 429
    assert site.nobody.get("/s/" + "x" * 32).status_code == 429


def test_the_files_from_the_running_site_are_accepted_by_the_independent_verifier_until_a_regrade(
    site: Site, tmp_path: Path
) -> None:
    second, held = judge.find_judge(), site.world.awarded(0.9)
    site.show(held)
    anybody = site.nobody
    kinds = ("json", "jwt", "png", "svg")
    for kind in kinds:
        (tmp_path / f"badge.{kind}").write_bytes(anybody.get(f"/badges/{held.badge.id}.{kind}?download=1").data)

    def judged() -> dict[str, judge.Judgement]:
        (tmp_path / "did.json").write_bytes(anybody.get("/.well-known/did.json").data)
        (tmp_path / "status.json").write_bytes(anybody.get("/status/1").data)
        options = ("--did", tmp_path / "did.json", "--status", tmp_path / "status.json", "--issuer", made.DID)
        return second.all({kind: (tmp_path / f"badge.{kind}", *options) for kind in kinds})

    before = judged()
    assert {kind: (one.status, one.failed) for kind, one in before.items()} == dict.fromkeys(kinds, (0, ""))
    site.world.graded(0.2)
    site.world.issue()
    after = judged()
    assert {kind: one.status for kind, one in after.items()} == dict.fromkeys(kinds, 1)
    page = anybody.get(f"/badges/{held.badge.id}")
    assert "This badge was revoked" in page.text


def test_what_is_published_is_static_and_may_be_cached_and_read_by_any_website(site: Site) -> None:
    site.world.awarded(0.9)
    for path, most in (("/.well-known/did.json", 3600), ("/status/1", 300), ("/status/1/suspension", 300)):
        answer = site.nobody.get(path)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == f"public, max-age={most}"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Set-Cookie" not in answer.headers
        again = site.nobody.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304
    assert site.nobody.get("/status/9").status_code == 404


def test_an_achievement_is_a_page_and_json_once_a_badge_was_issued(site: Site) -> None:
    assert site.nobody.get("/achievements/digits-classifier/v1").status_code == 404
    held = site.world.awarded(0.9)
    page = site.nobody.get("/achievements/digits-classifier/v1", headers={"Accept": "text/html"})
    assert "At least 70 %" in page.text
    found = site.nobody.get("/achievements/digits-classifier/v1", headers={"Accept": "application/json"})
    document = json.loads(found.data)
    assert document["id"] == f"{BASE}/achievements/digits-classifier/v1"
    credential = json.loads(site.sam.get(f"/badges/{held.badge.id}.json").data)
    assert {**document, "@context": None} == {**credential["credentialSubject"]["achievement"], "@context": None}
    assert "identityHash" not in found.text
    assert site.nobody.get("/achievements/digits-classifier/v2").status_code == 404


def test_a_badge_of_an_old_version_says_that_there_is_a_newer_one(site: Site) -> None:
    held = site.world.awarded(0.9)
    site.show(held)
    assert "Version 2 of this project exists" not in site.nobody.get(f"/badges/{held.badge.id}").text
    with site.world.database.write() as session:
        suite = site.world.suite
        session.add(
            PublishedSuite(
                id="f" * 32, course_id=suite.course_id, rubric=suite.rubric, version=2, title="x", max_points=1.0,
                digest="sha256:x", blob=suite.blob, published_at=datetime.now(UTC),
            )
        )  # fmt: skip
    assert "Version 2 of this project exists" in site.nobody.get(f"/badges/{held.badge.id}").text
    assert "version 2 exists" in site.nobody.get(f"/verify?badge={held.badge.id}").text
    assert "version 2 exists" in site.sam.get("/record").text


def test_a_link_shows_what_was_chosen_to_whoever_has_it_and_is_noted(site: Site) -> None:
    held = site.world.awarded(0.9)
    path = site.share(held, "evidence", label="ACME")
    assert re.fullmatch(r"/s/[\w-]{32}", path)
    answer = site.nobody.get(path, headers={"User-Agent": "Reader/1"})
    assert "Read handwritten digits" in answer.text
    assert "sha256:" in answer.text
    assert site.nobody.get(f"{path}/{held.badge.id}.json?download=1").status_code == 200
    assert site.nobody.get(f"{path}/{held.badge.id}/record.json").status_code == 200
    assert site.nobody.get(f"/badges/{held.badge.id}").status_code == 404, "the badge itself stays private"
    assert site.sam.get(path).status_code == 200
    page = site.sam.get(f"/record/badges/{held.badge.id}").text
    assert "3 looks" in page, "one's own is not counted"
    assert "Reader/1" in page
    assert "downloaded JSON" in page
    assert "127.0.0.1" not in page


def test_a_link_to_the_badge_alone_gives_neither_marks_nor_files(site: Site) -> None:
    held = site.world.awarded(0.9)
    path = site.share(held, "badge")
    page = site.nobody.get(path).text
    assert "Trains a classifier" not in page
    for kind in ("json", "jwt"):
        assert site.nobody.get(f"{path}/{held.badge.id}.{kind}").status_code == 404
    assert site.nobody.get(f"{path}/{held.badge.id}/record.json").status_code == 404
    verified = site.nobody.post("/verify", data={"given": f"{BASE}{path}"})
    assert "This badge holds" in verified.text
    assert "Trains a classifier" not in verified.text


def test_a_link_with_a_password_shows_nothing_without_it(site: Site) -> None:
    held = site.world.awarded(0.9)
    path = site.share(held, password="correct horse battery")
    browser = site.nobody
    assert "Read handwritten digits" not in browser.get(path).text
    assert browser.get(f"{path}/{held.badge.id}.json").status_code == 303
    wrong = browser.post(path, data={"password": "wrong horse battery"})
    assert wrong.status_code == 403
    assert browser.post(path, data={"password": "correct horse battery"}).status_code == 303
    cookie = next(iter(browser._cookies.values()))
    assert (cookie.path, cookie.http_only, cookie.same_site) == (path, True, "Lax")
    assert "Read handwritten digits" in browser.get(path).text
    assert browser.get(f"{path}/{held.badge.id}.json").status_code == 200
    assert "Read handwritten digits" not in site.nobody.get(path).text
    assert "gave a wrong password" in site.sam.get(f"/record/badges/{held.badge.id}").text


def test_a_password_cannot_be_guessed_by_trying(site: Site) -> None:
    path = site.share(site.world.awarded(0.9), password="correct horse battery")
    statuses = [site.nobody.post(path, data={"password": f"wrong {number}"}).status_code for number in range(11)]
    assert statuses == [403] * 10 + [429]


def test_a_link_ends_by_itself_and_at_its_learners_word(site: Site) -> None:
    held = site.world.awarded(0.9)
    path = site.share(held)
    with site.world.database.write() as session:
        session.execute(update(Share).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    assert site.nobody.get(path).status_code == 404
    path = site.share(held)
    with site.world.database.read() as session:
        share = shares.find(session, path.removeprefix("/s/"))
    assert share is not None
    assert site.as_person(site.world.olga).post(f"/record/shares/{share.id}/end").status_code == 404
    assert site.nobody.get(path).status_code == 200
    assert site.sam.post(f"/record/shares/{share.id}/end").status_code == 303
    assert site.nobody.get(path).status_code == 404


def test_a_link_to_all_badges_follows_what_there_is(site: Site) -> None:
    path = site.share(None, "criteria")
    assert "0 badges" in site.nobody.get(path).text
    held = site.world.awarded(0.9)
    assert held.badge.id in site.nobody.get(path).text
    assert "Trains a classifier" in site.nobody.get(f"{path}/{held.badge.id}").text
    other = site.world.awarded(0.9, site.world.olga)
    assert site.nobody.get(f"{path}/{other.badge.id}").status_code == 404, "another learner's"


@pytest.mark.parametrize(
    "wrong",
    [{"detail": "all"}, {"days": "8000"}, {"badge": "0" * 32}, {"label": "x" * 101}, {"password": "short"}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_link_that_cannot_be_made_is_refused_and_nothing_is_made(site: Site, wrong: dict[str, str]) -> None:
    held = site.world.awarded(0.9)
    data = {"badge": held.badge.id, "detail": "badge", "days": "7", **wrong}
    browser = site.sam
    answer = browser.post("/record/shares", data=data)
    assert answer.status_code == 303
    with site.world.database.read() as session:
        assert shares.of_person(session, site.world.sam.id) == []


def test_only_a_digest_of_a_links_secret_is_stored(site: Site) -> None:
    path = site.share(site.world.awarded(0.9))
    with site.world.database.read() as session:
        (row,) = shares.of_person(session, site.world.sam.id)
    assert path.removeprefix("/s/") not in str(vars(row))


def test_a_picture_of_a_badge_runs_nothing(site: Site) -> None:
    held = site.world.awarded(0.9)
    answer = site.sam.get(f"/badges/{held.badge.id}.svg")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer.mimetype == "image/svg+xml"


def test_an_address_of_another_form_is_refused(site: Site) -> None:
    held = site.world.awarded(0.9)
    site.show(held)
    assert site.nobody.get(f"/badges/{held.badge.id}.exe").status_code == 404
    assert site.nobody.get(f"/badges/{held.badge.id.upper()}").status_code == 404
