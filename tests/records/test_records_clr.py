"""Records of skills (CLR 2.0): they hold as long as every badge in them does."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import made
import pytest

from grader.records import Issued

Change = Callable[[dict[str, Any]], object]


@pytest.fixture(scope="module")
def clr(school: made.School, badge: Issued) -> dict[str, Any]:
    other = school.issuer.issue(made.given(made.rubric_of("house-prices"), token="B" * 22, status_index=5))
    return dict(json.loads(school.transcript(badge.json, other.json)))


RECORD_FORGERIES: dict[str, Change] = {
    "a badge was taken out": lambda c: c["credentialSubject"]["verifiableCredential"].pop(),
    "a badge was put in twice with a change": lambda c: c["credentialSubject"]["verifiableCredential"].append(
        made.changed(c["credentialSubject"]["verifiableCredential"][0], lambda b: b.update(name="x"))
    ),
    "a mark was changed": lambda c: c["credentialSubject"]["verifiableCredential"][0]["credentialSubject"]["result"][
        0
    ].update(value="100"),
    "it calls itself whole": lambda c: c.update(partial=True),
}


class TestRecordOfSkills:
    def test_it_is_verified_with_its_badges(self, school: made.School, clr: dict[str, Any]) -> None:
        found = school.verify(clr)
        assert found.verified
        assert len(found.members) == 2

    @pytest.mark.parametrize("change", RECORD_FORGERIES.values(), ids=RECORD_FORGERIES)
    def test_it_is_not_after(self, school: made.School, clr: dict[str, Any], change: Change) -> None:
        assert school.verify(made.changed(clr, change)).verdict == "invalid"

    def test_one_revoked_badge_takes_the_record_down(self, school: made.School, clr: dict[str, Any]) -> None:
        found = made.School(school.issuer, revoked=frozenset({5})).verify(clr)
        assert [member.verdict for member in found.members] == ["verified", "revoked"]
        assert not found.verified

    def test_a_record_sends_us_to_so_many_places_and_no_further(self, school: made.School, clr: dict[str, Any]) -> None:
        def elsewhere(number: int) -> dict[str, Any]:
            method = f"did:web:x{number}.example.org#1"
            small = made.changed(made.vector("1edtech-vector-ob.json"), lambda c: c["issuer"].update(id=method[:-2]))
            return made.changed(small, lambda c: c["proof"].update(verificationMethod=method))

        asked: list[str] = []
        many = [elsewhere(number) for number in range(120)]
        record = made.changed(clr, lambda c: c["credentialSubject"].update(verifiableCredential=many))
        found = school.verify(record, documents=asked.append, status_lists=asked.append)
        assert not found.verified
        assert len(asked) == 50

    def test_links_may_not_lead_out_of_it(self, school: made.School, clr: dict[str, Any]) -> None:
        link = {"type": "Association", "associationType": "precedes", "sourceId": "urn:a:b", "targetId": "urn:c:d"}
        found = school.verify(
            school.sign(made.changed(clr, lambda c: c["credentialSubject"].update(association=[link])))
        )
        assert "which are not both in it" in found["members"].detail

    def test_members_may_be_tokens(self, school: made.School, badge: Issued, clr: dict[str, Any]) -> None:
        token = school.token(
            made.changed(clr, lambda c: c["credentialSubject"].update(verifiableCredential=[badge.jwt, "a.b.c"]))
        )
        found = school.verify(token)
        assert [member.verified for member in found.members] == [True, False]
