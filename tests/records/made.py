"""An issuer, a passed project and its badge, made the way the product makes them."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from grader.records import (
    BadgeInput,
    Issued,
    Issuer,
    KeyRing,
    Learner,
    StatusList,
    TranscriptInput,
    Verification,
    record,
    suspension_url,
    verify,
)
from grader.records.encoding import write_json
from grader.records.jwt import write_token
from grader.records.proof import add_proof
from grader.rubric import load_suite
from grader.rubric.model import Rubric
from grader.rubric.report import (
    CriterionResult,
    Environment,
    Report,
    RubricRef,
    SubmissionRef,
    TestResult,
    Timing,
)
from grader.rubric.score import total

ROOT = Path(__file__).parents[2]
VECTORS = Path(__file__).parent / "verifier" / "vectors"
BASE = "https://grader.example.org"
DID = "did:web:grader.example.org"
SECRET = "the hidden input is 42"
# The second judge reads lists of status by the clock of this machine, so what is made here is made now.
NOW = datetime.now(UTC).replace(microsecond=0)
TOKEN = "AbCdEfGhIjKlMnOpQrStUv"
INDEX = 94_567


def rubric_of(name: str = "digits-classifier") -> Rubric:
    return load_suite(ROOT / "rubrics" / name).rubric


def report_of(rubric: Rubric, share: float = 0.9, **points: float) -> Report:
    """A graded report: `share` of each criterion's points, in a metric's case the best band's, or the points given."""
    results = []
    for criterion in rubric.criteria:
        earned = criterion.metric.bands[-1].points if criterion.metric else round(criterion.points * share, 2)
        earned = points.get(criterion.id.replace("-", "_"), earned)
        results.append(
            CriterionResult(
                id=criterion.id,
                title=criterion.title,
                points=earned,
                max_points=criterion.points,
                status="passed" if earned == criterion.points else "partial",
                visibility=criterion.visibility,
                detail=SECRET,
                tests=[TestResult(id="tests/test_x.py::test_x", status="passed", message=SECRET, output=SECRET)],
            )
        )
    sums = total(results, rubric.pass_mark)
    return Report(
        outcome="graded",
        **sums._asdict(),
        rubric=RubricRef(id=rubric.id, version=rubric.version, digest="sha256:" + "a" * 64),
        submission=SubmissionRef(kind="repository", digest="sha256:" + "b" * 64, commit="c" * 40),
        criteria=results,
        environment=Environment(
            image="sha256:" + "1" * 64,
            examiner_image="sha256:" + "2" * 64,
            seed=hashlib.sha256(b"seed").hexdigest(),
            transcript="sha256:" + "3" * 64,
            grader="0.1.0",
        ),
        timing=Timing(graded=NOW.timestamp()),
    )


def given(rubric: Rubric | None = None, **changes: Any) -> BadgeInput:
    """What a badge is made of."""
    rubric = rubric or rubric_of()
    report = changes.pop("report", None) or report_of(rubric)
    made = BadgeInput(
        rubric=rubric,
        report=report,
        learner=Learner.by_email("ada@example.org", "0123456789abcdef", name="Ada Lovelace é 画像 🏅"),
        record=record(report),
        token=TOKEN,
        issued=NOW,
        valid_until=NOW + timedelta(days=730),
        status_list=1,
        status_index=INDEX,
    )
    return replace(made, **changes)


@dataclass
class School:
    """An issuer with its published files, and a verifier's look at them."""

    issuer: Issuer
    revoked: frozenset[int] = frozenset()
    suspended: frozenset[int] = frozenset()

    @classmethod
    def create(cls) -> School:
        return cls(Issuer(KeyRing.create(DID, NOW), BASE, "Example School of Computing"))

    def status_list(self, url: str) -> str | None:
        first = self.issuer.places.status(1)
        until = NOW + timedelta(days=7)
        if url == first:
            return self.issuer.publish(StatusList.of(url, "revocation", self.revoked), NOW, until)
        if url == suspension_url(first):
            return self.issuer.publish(StatusList.of(url, "suspension", self.suspended), NOW, until)
        return None

    def transcript(self, *badges: str, **changes: Any) -> str:
        made_of = TranscriptInput(
            learner=given().learner,
            badges=badges,
            id="urn:uuid:1b4e28ba-2fa1-41d2-883f-0016d3cca427",
            issued=NOW,
            valid_until=NOW + timedelta(days=30),
        )
        return self.issuer.transcript(replace(made_of, **changes), self.status_list)

    def document(self, did: str) -> Mapping[str, Any] | None:
        return self.issuer.did_document if did == DID else None

    def verify(self, data: bytes | str | Mapping[str, Any], **changes: Any) -> Verification:
        text = write_json(data) if isinstance(data, Mapping) else data
        options = {"documents": self.document, "status_lists": self.status_list, "now": NOW, **changes}
        return verify(text, **options)

    def sign(self, credential: Mapping[str, Any]) -> dict[str, Any]:
        """Sign anything at all, as an issuer that does not look would."""
        name, key = self.issuer.keys.proof_key()
        bare = {key: value for key, value in credential.items() if key != "proof"}
        return add_proof(bare, key, name, NOW)

    def token(self, credential: Mapping[str, Any]) -> str:
        name, key = self.issuer.keys.token_key()
        return write_token({k: v for k, v in credential.items() if k != "proof"}, key, name)


def changed(badge: Issued | Mapping[str, Any], change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """A copy of a credential after a change."""
    credential = copy.deepcopy(dict(badge.credential if isinstance(badge, Issued) else badge))
    change(credential)
    return credential


def vector(name: str) -> dict[str, Any]:
    return dict(json.loads((VECTORS / name).read_text("utf-8")))
