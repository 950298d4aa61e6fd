from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import made
import pytest

from grader.errors import BadInput, RecordsError
from grader.records import (
    Association,
    Assurance,
    Issued,
    Issuer,
    KeyRing,
    Learner,
    StatusList,
    record,
)
from grader.records.people import hash_identity
from grader.records.record import read_record, seed_commitment
from grader.records.verdict import ESSENTIAL


def subject(badge: Issued) -> dict[str, Any]:
    return dict(badge.credential["credentialSubject"])


def test_the_badge_says_who_what_when_and_where_its_status_is(badge: Issued) -> None:
    credential = badge.credential
    assert credential["id"] == f"{made.BASE}/badges/{made.TOKEN}"
    assert credential["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert credential["issuer"]["id"] == made.DID
    assert credential["validUntil"] > credential["validFrom"] == credential["awardedDate"]
    assert credential["credentialStatus"] == {
        "id": f"{made.BASE}/status/1#{made.INDEX}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(made.INDEX),
        "statusListCredential": f"{made.BASE}/status/1",
    }


def test_every_criterion_has_its_levels_and_the_mark_on_them(badge: Issued) -> None:
    scales = {scale["id"]: scale for scale in subject(badge)["achievement"]["resultDescription"]}
    results = {result["resultDescription"]: result for result in subject(badge)["result"]}
    assert set(results) == set(scales)
    for criterion in made.rubric_of().criteria:
        name = f"{made.BASE}/achievements/digits-classifier/v1#{criterion.id}"
        levels = {level["id"]: level for level in scales[name]["rubricCriterionLevel"]}
        assert [level["level"] for level in levels.values()] == [str(n) for n in range(len(levels))]
        assert results[name]["achievedLevel"] in levels
        assert float(results[name]["value"]) <= float(scales[name]["valueMax"]) == criterion.points


def test_the_percent_is_there_with_what_is_required(badge: Issued) -> None:
    scale = subject(badge)["achievement"]["resultDescription"][0]
    result = subject(badge)["result"][0]
    assert (scale["resultType"], scale["requiredValue"], scale["valueMax"]) == ("Percent", "70", "100")
    assert (result["value"], result["status"]) == ("92", "Completed")


def test_skills_are_aligned_to_esco_and_have_a_level(badge: Issued) -> None:
    achievement = subject(badge)["achievement"]
    assert {a["targetUrl"] for a in achievement["alignment"]} == {s.uri for s in made.rubric_of().skills}
    assert all(a["targetFramework"].startswith("ESCO") for a in achievement["alignment"])
    shown = {r["resultDescription"].partition("#")[2]: r["value"] for r in subject(badge)["result"]}
    assert shown["skill-python"] == "advanced"
    assert shown["skill-image-recognition"] == "advanced"


def test_no_number_in_a_badge_is_one_that_processors_print_differently(badge: Issued) -> None:
    def numbers(value: Any) -> list[Any]:
        if isinstance(value, dict):
            return [found for item in value.values() for found in numbers(item)]
        if isinstance(value, list):
            return [found for item in value for found in numbers(item)]
        return [value] if isinstance(value, (int, float)) and not isinstance(value, bool) else []

    assert numbers(badge.credential) == []


def test_the_evidence_binds_the_grading_record(badge: Issued) -> None:
    evidence = badge.credential["evidence"][0]
    digest = base64.urlsafe_b64decode(evidence["digestMultibase"][1:] + "==")
    assert digest == b"\x12\x20" + hashlib.sha256(made.given().record).digest()
    assert evidence["id"] == f"{made.BASE}/badges/{made.TOKEN}/record.json"
    assert "sha256:" + "b" * 64 in evidence["description"]


def test_the_assurance_says_what_was_done_and_what_was_not(school: made.School) -> None:
    assurance = Assurance(identity="document", supervision="on_site", similarity="reviewed")
    narrative = school.issuer.issue(made.given(assurance=assurance)).credential["evidence"][1]["narrative"]
    assert narrative.splitlines() == assurance.statement().splitlines()
    plain = Assurance().statement()
    assert "no identity document was checked" in plain
    assert "without supervision" in plain
    assert "not compared" in plain


def test_the_learner_is_a_salted_hash_and_a_name_that_may_be_left_out(school: made.School, badge: Issued) -> None:
    identities = subject(badge)["identifier"]
    assert identities[0]["identityHash"] == hash_identity("ada@example.org", "0123456789abcdef")
    assert identities[1] == {
        "type": "IdentityObject",
        "hashed": False,
        "identityHash": "Ada Lovelace é 画像 🏅",
        "identityType": "name",
    }
    assert "ada@example.org" not in badge.json
    nameless = made.given(learner=Learner.by_email(" ADA@example.org", "0123456789abcdef"))
    assert subject(school.issuer.issue(nameless))["identifier"] == [identities[0]]


def test_a_learner_may_have_a_did_of_their_own(school: made.School) -> None:
    did = "did:key:z6MkjZRZv3aez3r18pB1RBFJR1kwUVJ5jHt92JmQwXbd5hwi"
    badge = school.issuer.issue(made.given(learner=Learner.by_did(did)))
    assert subject(badge)["id"] == did
    assert school.verify(badge.jwt).verified


@pytest.mark.parametrize(("email", "salt"), [("ada", "0123456789abcdef"), ("ada@example.org", "short")])
def test_an_address_or_salt_that_hides_nothing_is_refused(email: str, salt: str) -> None:
    with pytest.raises(BadInput):
        Learner.by_email(email, salt)


def test_the_same_input_gives_the_same_badge(school: made.School, badge: Issued) -> None:
    again = school.issuer.issue(made.given())
    assert (again.json, again.jwt, again.png, again.svg) == (badge.json, badge.jwt, badge.png, badge.svg)


def test_nothing_hidden_is_in_any_form(badge: Issued) -> None:
    seed = hashlib.sha256(b"seed").hexdigest()
    for text in (badge.json, badge.svg, made.given().record.decode()):
        assert made.SECRET not in text
        assert seed not in text
        assert "0.93" not in text  # the threshold of a hidden metric


def test_a_project_that_did_not_pass_gets_no_badge(school: made.School) -> None:
    rubric = made.rubric_of()
    low = made.report_of(rubric, 0.1)
    pending = made.report_of(rubric)
    criteria = [pending.criteria[0].model_copy(update={"status": "pending"}), *pending.criteria[1:]]
    cases = [
        made.given(report=low),
        made.given(report=pending.model_copy(update={"criteria": criteria})),
        made.given(report=pending.model_copy(update={"outcome": "failed"})),
        replace(made.given(), rubric=made.rubric_of("house-prices")),
        made.given(token="short"),
        made.given(token="1" * 10 + "/" * 12),
        made.given(valid_until=made.NOW),
        made.given(status_index=131_072),
    ]
    for case in cases:
        with pytest.raises(BadInput, match="cannot become a badge"):
            school.issuer.issue(case)


def test_a_badge_with_another_projects_record_does_not_leave(school: made.School) -> None:
    badge = made.given()
    object.__setattr__(badge, "record", b"")  # nothing that the check at the door would notice
    assert school.issuer.issue(badge)
    with pytest.raises(RecordsError, match="does not verify"):
        school.issuer._check(school.issuer.issue(made.given()).json, made.NOW, b"another")


def test_control_characters_in_a_title_do_not_reach_the_badge(school: made.School) -> None:
    rubric = made.rubric_of().model_copy(update={"title": "A\x1b[2J\x00title"})
    badge = school.issuer.issue(made.given(rubric))
    assert badge.credential["name"] == "A [2J title"


@pytest.mark.parametrize("name", ["linear-model", "house-prices", "digits-classifier"])
@pytest.mark.parametrize("share", [0.75, 1.0])
def test_every_shipped_rubric_gives_a_badge_that_verifies(school: made.School, name: str, share: float) -> None:
    rubric = made.rubric_of(name)
    badge = school.issuer.issue(made.given(rubric, report=made.report_of(rubric, share)))
    for data in (badge.json, badge.jwt, badge.png, badge.svg):
        found = school.verify(data, record=None, issuer=made.DID)
        assert found.verified, found.checks
        assert {check.id for check in found.checks} >= ESSENTIAL - {"members"}


def test_the_keys_must_be_the_issuers() -> None:
    with pytest.raises(RecordsError, match="the keys are those of"):
        Issuer(KeyRing.create(made.DID, made.NOW), "https://other.example.org", "Other")


def test_the_record_is_canonical_and_holds_what_repeats_the_grade() -> None:
    report = made.report_of(made.rubric_of())
    data = record(report)
    assert data == record(type(report).model_validate_json(report.model_dump_json()))
    read = read_record(data)
    assert json.dumps(read, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() == data
    assert read["environment"]["seed_commitment"] == seed_commitment(report.environment.seed or "")
    assert read["submission"] == report.submission.model_dump()
    assert [c["points"] for c in read["criteria"]] == [c.points for c in report.criteria]


def test_a_record_of_skills_holds_every_badge_as_it_was_signed(school: made.School, badge: Issued) -> None:
    other = school.issuer.issue(made.given(made.rubric_of("house-prices"), token="B" * 22, status_index=5))
    ids = [subject(one)["achievement"]["id"] for one in (badge, other)]
    text = school.transcript(badge.json, other.json, associations=[Association("precedes", *ids)])
    found = school.verify(text)
    assert found.verified, found.checks
    assert [dict(member.credential or {}) for member in found.members] == [badge.credential, other.credential]


def test_a_record_of_fifty_badges_fits(school: made.School, badge: Issued) -> None:
    found = school.verify(school.transcript(*[badge.json] * 50))
    assert found.verified
    assert len(found.members) == 50


def test_a_record_with_a_revoked_badge_or_of_two_people_is_not_made(badge: Issued, school: made.School) -> None:
    with pytest.raises(RecordsError, match="has revoked it"):
        made.School(school.issuer, revoked=frozenset({made.INDEX})).transcript(badge.json)
    stranger = Learner.by_email("bob@example.org", "0123456789abcdef")
    with pytest.raises(RecordsError, match="not all about the same person"):
        school.transcript(badge.json, learner=stranger)
    with pytest.raises(BadInput):
        school.transcript()


def test_a_status_list_is_a_small_static_file(school: made.School) -> None:
    text = school.issuer.publish(
        StatusList.of(school.issuer.places.status(1), "revocation", [1, 2]), made.NOW, made.NOW + timedelta(days=7)
    )
    assert len(text) < 2000
    assert json.loads(text)["proof"]["cryptosuite"] == "eddsa-rdfc-2022"
