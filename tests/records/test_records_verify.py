from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import made
import pytest

from grader.records import Issued, Issuer, KeyRing, suspension_url, verify
from grader.records.did import did_key
from grader.records.encoding import write_json, write_time
from grader.records.proof import add_proof, unsigned

Change = Callable[[dict[str, Any]], object]
LATER = write_time(made.NOW + timedelta(days=9999))

FORGERIES: dict[str, Change] = {
    "a better mark": lambda c: c["credentialSubject"]["result"][0].update(value="100"),
    "a better level": lambda c: c["credentialSubject"]["result"][1].update(
        achievedLevel=c["credentialSubject"]["achievement"]["resultDescription"][1]["rubricCriterionLevel"][0]["id"]
    ),
    "another name": lambda c: c["credentialSubject"]["identifier"][1].update(identityHash="Mallory"),
    "another address": lambda c: c["credentialSubject"]["identifier"][0].update(identityHash="sha256$" + "0" * 64),
    "another submission": lambda c: c["evidence"][0].update(digestMultibase="uEiB" + "A" * 43),
    "a later end": lambda c: c.update(validUntil=LATER),
    "no end": lambda c: c.pop("validUntil"),
    "another title": lambda c: c["credentialSubject"]["achievement"].update(name="Doctor of Philosophy"),
    "no status": lambda c: c.pop("credentialStatus"),
    "another index": lambda c: c["credentialStatus"].update(statusListIndex="1"),
    "a lower bar": lambda c: c["credentialSubject"]["achievement"]["resultDescription"][0].update(requiredValue="1"),
    "a better assurance": lambda c: c["evidence"][1].update(narrative="Identity: a passport was checked."),
}


@pytest.mark.parametrize("change", FORGERIES.values(), ids=FORGERIES)
def test_a_changed_badge_is_not_verified(school: made.School, badge: Issued, change: Change) -> None:
    found = school.verify(made.changed(badge, change))
    assert found["signature"].ok is False
    assert found.verdict == "invalid"


@pytest.mark.parametrize("form", ["json", "jwt", "png", "svg"])
def test_every_form_is_verified_and_says_in_words_why(school: made.School, badge: Issued, form: str) -> None:
    found = school.verify(getattr(badge, form), issuer=made.DID, record=made.given().record)
    assert found.verified
    assert found.verdict == "verified"
    assert found.container == form
    assert all(check.ok and check.title and check.detail.endswith(".") for check in found.checks)
    assert json.loads(json.dumps(found.as_json()))["verified"] is True


def test_the_swapped_issuer_is_caught(school: made.School, badge: Issued) -> None:
    """A badge that another issuer signs for itself is that issuer's, and not of the expected one."""
    other = Issuer(KeyRing.create("did:web:mallory.example.org", made.NOW), "https://mallory.example.org", "Us")
    forged = other.issue(made.given())
    documents = {made.DID: school.issuer.did_document, other.did: other.did_document}
    found = school.verify(forged.json, documents=documents.get, issuer=made.DID)
    assert found["issuer"].ok is False
    assert not found.verified

    swapped = made.changed(badge, lambda c: c["issuer"].update(id=other.did))
    found = school.verify(swapped, documents=documents.get)
    assert found["key"].ok is False
    assert found.verdict == "invalid"


def test_somebody_elses_achievement_is_not_the_issuers(school: made.School, badge: Issued) -> None:
    other = Issuer(KeyRing.create("did:web:mallory.example.org", made.NOW), "https://mallory.example.org", "Us")
    stolen = made.changed(badge, lambda c: c["issuer"].update(id=other.did))
    name, key = other.keys.proof_key()
    signed = add_proof(unsigned(made.changed(stolen, lambda c: c.pop("credentialStatus"))), key, name, made.NOW)
    found = school.verify(signed, documents={other.did: other.did_document}.get)
    assert found["signature"].ok
    assert found["achievement"].ok is False
    assert not found.verified


def test_the_time_is_the_callers(school: made.School, badge: Issued) -> None:
    assert school.verify(badge.json, now=made.NOW - timedelta(days=1)).verdict == "not_yet"
    late = school.verify(badge.json, now=made.NOW + timedelta(days=731))
    assert late["period"].ok is False
    assert "expired on" in late["period"].detail
    ended = made.School(school.issuer)
    assert (
        ended.verify(badge.json, now=made.NOW + timedelta(days=731), status_lists=lambda _: None).verdict == "expired"
    )


def test_revoked_and_suspended_are_told_apart(school: made.School, badge: Issued) -> None:
    index = frozenset({made.INDEX})
    assert made.School(school.issuer, revoked=index).verify(badge.json).verdict == "revoked"
    suspended = made.School(school.issuer, suspended=index).verify(badge.jwt)
    assert suspended.verdict == "suspended"
    assert suspended["status"].ok
    assert made.School(school.issuer, revoked=frozenset({made.INDEX + 1})).verify(badge.json).verified


def test_a_status_that_cannot_be_had_is_not_taken_for_a_good_one(school: made.School, badge: Issued) -> None:
    found = school.verify(badge.json, status_lists=lambda _: None)
    assert (found["status"].ok, found["suspension"].ok) == (None, None)
    assert found.verdict == "unknown"
    only = {school.issuer.places.status(1): school.status_list(school.issuer.places.status(1))}
    found = school.verify(badge.json, status_lists=only.get)
    assert found["suspension"].ok is None
    assert found.verified


def test_an_issuer_that_cannot_be_reached_leaves_the_badge_unknown(school: made.School, badge: Issued) -> None:
    for form in (badge.json, badge.jwt):
        found = school.verify(form, documents=lambda _: None)
        assert found["key"].ok is None
        assert found["signature"].ok is None
        assert found.verdict == "unknown"


def test_an_old_or_foreign_list_cannot_clear_a_badge(school: made.School, badge: Issued) -> None:
    url = school.issuer.places.status(1)
    good = str(school.status_list(url))
    cases = {
        "out of date": (good, made.NOW + timedelta(days=8)),
        "another issuer": (good.replace(made.DID, "did:web:x.example"), made.NOW),
        "changed": (good.replace('"statusPurpose":"revocation"', '"statusPurpose":"suspension"'), made.NOW),
        "another purpose": (school.status_list(suspension_url(url)), made.NOW),
        "no list": (badge.json, made.NOW),
        "nonsense": ("nonsense", made.NOW),
    }
    for name, (text, now) in cases.items():
        found = school.verify(badge.json, status_lists={url: text}.get, now=now)
        assert found["status"].ok is None, name
        assert not found.verified


def test_a_list_under_another_name_proves_a_revocation_and_nothing_else(school: made.School, badge: Issued) -> None:
    url, other = school.issuer.places.status(1), school.issuer.places.status(2)
    for revoked, expected in ((set(), None), ({made.INDEX}, False)):
        bits = made.StatusList.of(other, "revocation", revoked)
        text = school.issuer.publish(bits, made.NOW, made.NOW + timedelta(days=1))
        assert school.verify(badge.json, status_lists={url: text}.get)["status"].ok is expected


BROKEN_STATUS: dict[str, Any] = {
    "another kind": {"id": "https://x.example/1", "type": "1EdTechRevocationList"},
    "two bits": {"statusSize": 2},
    "another purpose": {"statusPurpose": "message"},
    "a negative index": {"statusListIndex": "-1"},
    "no index": {"statusListIndex": "one"},
    "beyond the end": {"statusListIndex": "131072"},
    "no list": {"statusListCredential": 5},
}


@pytest.mark.parametrize("status", BROKEN_STATUS.values(), ids=BROKEN_STATUS)
def test_a_status_that_is_not_understood_fails(school: made.School, badge: Issued, status: dict[str, Any]) -> None:
    token = school.token(made.changed(badge, lambda c: c["credentialStatus"].update(status)))
    found = school.verify(token)
    assert found["signature"].ok
    assert not found["status"].ok
    assert not found.verified


INCONSISTENT: dict[str, tuple[Change, str]] = {
    "more than all points": (lambda c: c["credentialSubject"]["result"][1].update(value="11"), "is more than the most"),
    "less than none": (lambda c: c["credentialSubject"]["result"][1].update(value="-1"), "is less than the least"),
    "below the pass mark": (lambda c: c["credentialSubject"]["result"][0].update(value="69"), "which is required"),
    "a level of another criterion": (
        lambda c: c["credentialSubject"]["result"][1].update(
            achievedLevel=c["credentialSubject"]["result"][2]["achievedLevel"]
        ),
        "is not on its scale",
    ),
    "a scale of another achievement": (
        lambda c: c["credentialSubject"]["result"][1].update(resultDescription="https://x.example/other"),
        "a scale that the achievement does not have",
    ),
    "two marks on one scale": (
        lambda c: c["credentialSubject"]["result"].append({**c["credentialSubject"]["result"][1], "value": "1"}),
        "two results",
    ),
    "below the required level": (
        lambda c: c["credentialSubject"]["achievement"]["resultDescription"][2].update(
            requiredLevel=c["credentialSubject"]["achievement"]["resultDescription"][2]["rubricCriterionLevel"][2]["id"]
        ),
        "is below the required one",
    ),
}


@pytest.mark.parametrize(("change", "words"), INCONSISTENT.values(), ids=INCONSISTENT)
def test_marks_that_contradict_their_scale_are_found_though_signed(
    school: made.School, badge: Issued, change: Change, words: str
) -> None:
    found = school.verify(school.sign(made.changed(badge, change)))
    assert found["signature"].ok
    assert words in found["results"].detail
    assert not found.verified


def test_the_grading_record_is_compared(school: made.School, badge: Issued) -> None:
    assert school.verify(badge.json, record=made.given().record)["evidence"].ok
    found = school.verify(badge.json, record=made.given().record.replace(b'"passed":true', b'"passed":null'))
    assert found["evidence"].ok is False
    assert not found.verified
    assert school.verify(badge.json)["evidence"].ok is None


def test_a_badge_of_a_did_key_needs_no_document(school: made.School, badge: Issued) -> None:
    _, key = school.issuer.keys.proof_key()
    did = did_key(key.public_key())

    def change(c: dict[str, Any]) -> None:
        c["issuer"]["id"] = c["credentialSubject"]["achievement"]["creator"]["id"] = did
        del c["credentialStatus"]

    bare = unsigned(made.changed(badge, change))
    signed = add_proof(bare, key, f"{did}#{did.removeprefix('did:key:')}", made.NOW)
    assert verify(write_json(signed), now=made.NOW).verified
    fragmentless = add_proof(bare, key, did, made.NOW)
    assert not verify(write_json(fragmentless), now=made.NOW).verified


BAD_PROOFS: dict[str, Change] = {
    "none": lambda c: c.pop("proof"),
    "an empty list": lambda c: c.update(proof=[]),
    "too many": lambda c: c.update(proof=[c["proof"]] * 4),
    "another suite": lambda c: c["proof"].update(cryptosuite="eddsa-jcs-2022"),
    "another type": lambda c: c["proof"].update(type="Ed25519Signature2020"),
    "another purpose": lambda c: c["proof"].update(proofPurpose="authentication"),
    "another time": lambda c: c["proof"].update(created=LATER),
    "no time at all": lambda c: c["proof"].update(created="yesterday"),
    "a key of nobody": lambda c: c["proof"].update(verificationMethod=f"{made.DID}#none"),
    "no key": lambda c: c["proof"].update(verificationMethod=made.DID),
    "not base58": lambda c: c["proof"].update(proofValue="z0OIl"),
    "a long signature": lambda c: c["proof"].update(proofValue="z" + "2" * 100_000),
    "a short signature": lambda c: c["proof"].update(proofValue="z2"),
    "an undefined word in the proof": lambda c: c["proof"].update(honest=True),
    "a chain": lambda c: c["proof"].update(previousProof="urn:uuid:1"),
    "an expiry in the past": lambda c: c["proof"].update(expires="2020-01-01T00:00:00Z"),
    "text": lambda c: c.update(proof="trust me"),
    "one good and one bad": lambda c: c.update(proof=[c["proof"], {**c["proof"], "created": LATER}]),
}


@pytest.mark.parametrize("change", BAD_PROOFS.values(), ids=BAD_PROOFS)
def test_a_proof_that_does_not_hold_is_refused(school: made.School, badge: Issued, change: Change) -> None:
    found = school.verify(made.changed(badge, change))
    assert not found["signature"].ok
    assert not found.verified


def test_a_set_of_one_proof_is_one_proof(school: made.School, badge: Issued) -> None:
    assert school.verify(made.changed(badge, lambda c: c.update(proof=[c["proof"]]))).verified


NOT_BADGES: dict[str, Change] = {
    "two subjects": lambda c: c.update(credentialSubject=[c["credentialSubject"], c["credentialSubject"]]),
    "no subject": lambda c: c.pop("credentialSubject"),
    "no holder": lambda c: c["credentialSubject"].pop("identifier"),
    "a subject that is text": lambda c: c.update(credentialSubject="me"),
    "an issuer that is a number": lambda c: c.update(issuer=5),
    "another type": lambda c: c.update(type=["VerifiableCredential"]),
    "a status list": lambda c: c.update(type=["VerifiableCredential", "BitstringStatusListCredential"]),
    "no name": lambda c: c["credentialSubject"]["achievement"].pop("name"),
    "no time zone": lambda c: c.update(validFrom="2026-01-01T00:00:00"),
    "no beginning": lambda c: c.pop("validFrom"),
    "two statuses": lambda c: c.update(credentialStatus=[c["credentialStatus"]] * 2),
}


@pytest.mark.parametrize("change", NOT_BADGES.values(), ids=NOT_BADGES)
def test_what_is_not_formed_like_a_badge_is_not_verified_and_breaks_nothing(
    school: made.School, badge: Issued, change: Change
) -> None:
    credential = made.changed(badge, change)
    found = school.verify(credential)
    assert not found.verified
    assert not found["schema"].ok or not found["subject"].ok


def test_endorsements_are_told_not_to_have_been_looked_at(school: made.School, badge: Issued) -> None:
    endorsed = made.changed(badge, lambda c: c.update(endorsementJwt=["a.b.c"]))
    assert school.verify(school.token(endorsed))["endorsements"].ok is None


def test_a_badge_without_status_says_that_it_is_never_revoked(school: made.School, badge: Issued) -> None:
    signed = school.sign(made.changed(badge, lambda c: c.pop("credentialStatus")))
    found = school.verify(signed)
    assert found.verified
    assert "names no status list" in found["status"].detail


def test_a_replayed_badge_names_its_holder_and_its_submission(school: made.School, badge: Issued) -> None:
    """B3: whoever shows it, the credential says whose it is and for which submission."""
    shown = dict(school.verify(badge.json).credential or {})
    assert shown["credentialSubject"]["identifier"][1]["identityHash"].startswith("Ada")
    assert "sha256:" + "b" * 64 in shown["evidence"][0]["description"]
    assert shown["credentialSubject"]["achievement"]["version"] == "1"


def test_a_badge_that_is_issued_again_keeps_the_day_of_its_award(school: made.School) -> None:
    first = made.NOW - timedelta(days=100)
    badge = school.issuer.issue(replace(made.given(), awarded=first))
    assert badge.credential["awardedDate"] == write_time(first)
    assert school.verify(badge.json).verified
