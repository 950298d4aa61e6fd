"""The verification page: good, revoked, suspended, expired, forged and foreign badges, however they are handed in."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import made
import pytest
from awards import BASE
from badge_pages import Site, posted, text_of
from joserfc import jws
from joserfc.jwk import ECKey, OctKey

from grader.records import KeyRing
from grader.records.encoding import base64url, write_json
from grader.web import verify as verifying


def test_the_form_needs_no_account_and_says_what_is_looked_at(site: Site) -> None:
    page = site.nobody.get("/verify").text
    assert "You need no account" in page
    assert "Badges tell a scrambled form" in page


@pytest.mark.parametrize("form", ["json", "jwt", "png", "svg"])
def test_a_good_badge_is_told_check_by_check_in_words(site: Site, form: str) -> None:
    held = site.world.awarded(0.9)
    content = site.sam.get(f"/badges/{held.badge.id}.{form}").data
    answer = posted(site, file=content)
    assert answer.status_code == 200
    for words in (
        "This badge holds", "It was issued here", "Nothing was changed after it was signed", "It was not revoked",
        "It is not suspended", "It has not expired", "The achievement is the issuer&#39;s own",
        "Read handwritten digits",
    ):  # fmt: skip
        assert words in answer.text, words
    assert "✗" not in answer.text


def test_it_may_be_pasted_or_named_by_link_or_number(site: Site) -> None:
    held = site.world.awarded(0.9)
    private = posted(site, held.badge.id)
    assert private.status_code == 422
    assert "not public" in private.text
    site.show(held, "criteria")
    path = site.share(held, "criteria")
    for given in (
        text_of(site),
        text_of(site, "jwt"),
        held.badge.id,
        f"{BASE}/badges/{held.badge.id}",
        f"{BASE}/badges/{held.badge.id}.png",
        f"{BASE}{path}",
    ):
        answer = posted(site, given)
        assert "This badge holds" in answer.text, given[:80]
    assert "This badge holds" in site.nobody.get(f"/verify?badge={held.badge.id}").text
    assert site.nobody.get(f"/verify?badge={'0' * 32}").status_code == 404


def test_the_grading_record_of_our_own_is_compared_too(site: Site) -> None:
    held = site.world.awarded(0.9)
    site.show(held)
    assert "Its digest is in the badge." in posted(site, held.badge.id).text


def test_a_revoked_badge_says_so_with_the_reason_that_others_may_know(site: Site) -> None:
    held = site.world.awarded(0.9)
    site.show(held)
    text = text_of(site)
    site.world.graded(0.2)
    site.world.issue()
    for answer in (posted(site, text), posted(site, held.badge.id)):
        assert "This badge was revoked" in answer.text
        assert "The grade has changed and is below the pass mark." in answer.text
        assert "✗" in answer.text


def test_misconduct_is_told_to_nobody_but_the_learner(site: Site) -> None:
    held = site.world.awarded(0.9)
    text = text_of(site)
    site.tess.post(f"/desk/badges/{held.badge.id}/revoke", data={"why": "The work is Olga's."})
    site.world.issue()
    answer = posted(site, text)
    assert "This badge was revoked" in answer.text
    assert "Olga" not in answer.text


def test_an_old_copy_of_a_replaced_badge_says_that_there_is_a_newer_one(site: Site) -> None:
    site.world.awarded(0.85)
    old = text_of(site)
    site.world.awarded(0.95)
    assert "A newer credential of the same badge" in posted(site, old).text
    assert "This badge holds" in posted(site, text_of(site)).text


def test_a_suspended_and_an_expired_badge_are_no_forgeries(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    held = site.world.awarded(0.9)
    text = text_of(site)
    site.tess.post(f"/desk/badges/{held.badge.id}/suspend", data={"why": "An inquiry."})
    site.world.issue()
    assert "This badge is suspended" in posted(site, text).text
    site.tess.post(f"/desk/badges/{held.badge.id}/reinstate", data={"why": "Cleared."})
    site.world.issue()
    monkeypatch.setattr(verifying, "now", lambda: datetime.now(UTC) + timedelta(days=3))
    assert "This badge holds" in posted(site, text).text
    monkeypatch.setattr(verifying, "now", lambda: datetime.now(UTC) + timedelta(days=1000))
    answer = posted(site, text).text
    assert "It has not expired" in answer
    assert "This badge holds" not in answer


Change = Callable[[dict[str, Any]], object]
FORGERIES: dict[str, Change] = {
    "mark": lambda c: c["credentialSubject"]["result"][0].update(value="99"),
    "title": lambda c: c["credentialSubject"]["achievement"].update(name="Doctor"),
    "holder": lambda c: c["credentialSubject"]["identifier"][0].update(identityHash="sha256$" + "0" * 64),
    "submission": lambda c: c["evidence"][0].update(digestMultibase="uEiAAAA"),
    "date": lambda c: c.update(validUntil="2099-01-01T00:00:00Z"),
    "status": lambda c: c["credentialStatus"].update(statusListIndex="1", id=f"{BASE}/status/1#1"),
    "issuer": lambda c: c["issuer"].update(id="did:web:127.0.0.1"),
    "unknown word": lambda c: c.update(degree="PhD"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_badge_is_not_believed(site: Site, name: str) -> None:
    site.world.awarded(0.9)
    credential = json.loads(text_of(site))
    FORGERIES[name](credential)
    answer = posted(site, json.dumps(credential))
    assert "This badge holds" not in answer.text
    assert "Nobody vouches for this." in answer.text


def _parts(token: str) -> tuple[dict[str, Any], str]:
    head, body, _ = token.split(".")
    return json.loads(base64.urlsafe_b64decode(head + "==")), body


def _none(token: str, site: Site) -> str:
    header, body = _parts(token)
    return f"{base64url(json.dumps({**header, 'alg': 'none'}).encode())}.{body}."


def _hs256(token: str, site: Site) -> str:
    """Signed with the public key as if it were a secret that both sides share."""
    header, body = _parts(token)
    method = json.loads(site.world.file("did"))["verificationMethod"][1]
    secret = json.dumps(method["publicKeyJwk"]).encode()
    payload = base64.urlsafe_b64decode(body + "==")
    return jws.serialize_compact({**header, "alg": "HS256"}, payload, OctKey.import_key(secret))


def _own_key(token: str, site: Site) -> str:
    """Signed by somebody, whose key is in the header."""
    header, body = _parts(token)
    ring = KeyRing.create(made.DID, made.NOW)
    jwk = ring.active("P-256")
    payload = base64.urlsafe_b64decode(body + "==")
    return jws.serialize_compact({**header, "jwk": jwk.public}, payload, ECKey.import_key(dict(jwk.jwk)))


def _unknown_kid(token: str, site: Site) -> str:
    header, body = _parts(token)
    _, _, signature = token.split(".")
    return f"{base64url(json.dumps({**header, 'kid': made.DID + '#es-unknown'}).encode())}.{body}.{signature}"


@pytest.mark.parametrize("forge", [_none, _hs256, _own_key, _unknown_kid])
def test_a_token_with_a_confused_algorithm_or_another_key_is_not_believed(
    site: Site, forge: Callable[[str, Site], str]
) -> None:
    site.world.awarded(0.9)
    answer = posted(site, forge(text_of(site, "jwt"), site))
    assert answer.status_code == 200
    assert "This badge holds" not in answer.text
    assert "Do not believe this badge" in answer.text or "There is no badge in this" in answer.text


def test_whose_badge_it_is_can_be_asked_with_an_address(site: Site) -> None:
    site.world.awarded(0.9)
    text = text_of(site)
    assert "It is this person&#39;s" in posted(site, text, email="SAM@example.org ").text
    assert "It is somebody else&#39;s" in posted(site, text, email="olga@example.org").text
    credential = json.loads(text)
    del credential["credentialSubject"]["identifier"]
    assert "Whose it is cannot be told" in posted(site, json.dumps(credential), email="sam@example.org").text


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("", "There is nothing to verify."),
        ("https://127.0.0.1/badge.json", "could not be followed"),
        ("http://example.org/badge.json", "could not be followed"),
        ("https://example.org:8080/badge.json", "could not be followed"),
        ("https://user@example.org/badge.json", "could not be followed"),
        (f"{BASE}/elsewhere", "does not lead to a badge"),
        (f"{BASE}/s/{'x' * 32}", "leads nowhere"),
    ],
)
def test_what_cannot_be_verified_is_refused_with_what_to_do(site: Site, given: str, words: str) -> None:
    answer = posted(site, given)
    assert answer.status_code == 422
    assert words in answer.text
    assert "Nothing was verified." in answer.text


@pytest.mark.parametrize(
    "given", [b"hello", b"{}", b"\x89PNG\r\n\x1a\n", b"<svg/>", b"\xff\xfe", b"[" * 5000, b"a.b.c"]
)
def test_a_file_without_a_badge_is_said_to_be_none(site: Site, given: bytes) -> None:
    answer = posted(site, file=given)
    assert answer.status_code == 200
    assert "This badge holds" not in answer.text


def test_what_a_badge_says_is_text_and_never_markup(site: Site) -> None:
    site.world.awarded(0.9)
    credential = json.loads(text_of(site))
    credential["credentialSubject"]["achievement"]["name"] = "<script>alert(1)</script>"
    credential["issuer"]["name"] = "\u202egro.loohcs"
    credential["credentialSubject"]["achievement"]["resultDescription"][1]["alignment"] = [
        {"type": ["Alignment"], "targetName": "x", "targetUrl": "javascript:alert(1)"}
    ]
    page = posted(site, json.dumps(credential)).text
    assert "<script>alert" not in page
    assert "javascript:" not in page
    assert "\u202e" not in page


def test_it_is_counted_so_that_nobody_keeps_the_site_busy(site: Site) -> None:
    statuses = [site.nobody.get("/verify").status_code for _ in range(verifying.A_MINUTE + 1)]
    assert statuses == [200] * verifying.A_MINUTE + [429]


def test_a_record_of_several_badges_is_told_badge_by_badge(site: Site) -> None:
    site.world.awarded(0.9)
    site.sam.post("/record/transcript")
    site.world.issue()
    text = site.sam.get("/record/transcript.json").text
    answer = posted(site, text).text
    assert "This badge holds" in answer
    assert "All 1 badges in it hold." in answer
    document = json.loads(text)
    document["credentialSubject"]["verifiableCredential"][0]["name"] = "Doctor"
    forged = posted(site, write_json(document)).text
    assert "Do not believe this badge" in forged
