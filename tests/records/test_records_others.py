"""What Grader issues is accepted by two verifiers that share nothing with ours, and refused after a forgery."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import made
import pytest
from judge import Judge, Judgement
from openbadgeslib.baking import ITXT_KEYWORD_OB3, SVG_ELEMENT_OB3, extract_png, extract_svg
from openbadgeslib.ob3 import ldp, verifier

from grader.records import Issued, Issuer, KeyRing, StatusList, suspension_url
from grader.records.encoding import write_json, write_time
from grader.records.proof import add_proof, unsigned

Change = Callable[[dict[str, Any]], object]
EXPIRED = write_time(made.NOW - timedelta(days=1))

FORGERIES: dict[str, Change] = {
    "a changed mark": lambda c: c["credentialSubject"]["result"][0].update(value="100"),
    "a changed name": lambda c: c["credentialSubject"]["identifier"][1].update(identityHash="Mallory"),
    "an expired date": lambda c: c.update(validUntil=EXPIRED),
    "a swapped issuer": lambda c: c["issuer"].update(id="did:web:mallory.example.org"),
    "an undefined term": lambda c: c.update(honours="summa cum laude"),
    "an undefined type": lambda c: c["type"].append("Diploma"),
}


@pytest.fixture(scope="module")
def files(school: made.School, badge: Issued, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything that an issuer publishes, and forgeries of it."""
    folder = tmp_path_factory.mktemp("published")
    url = school.issuer.places.status(1)
    until = made.NOW + timedelta(days=7)
    revoked = StatusList.of(url, "revocation", [made.INDEX])
    suspended = StatusList.of(suspension_url(url), "suspension", [made.INDEX])
    rotated = school.issuer.keys.rotate(made.NOW)
    other = school.issuer.issue(made.given(made.rubric_of("house-prices"), token="B" * 22, status_index=5))
    clr = school.transcript(badge.json, other.json)
    expired = made.given(issued=made.NOW - timedelta(days=9), valid_until=made.NOW - timedelta(days=1))
    texts = {
        "badge.json": badge.json,
        "badge.jwt": badge.jwt,
        "badge.svg": badge.svg,
        "clr.json": clr,
        "did.json": json.dumps(school.issuer.did_document),
        "rotated.json": json.dumps(rotated.did_document()),
        "status.json": str(school.status_list(url)),
        "revoked.json": school.issuer.publish(revoked, made.NOW, until),
        "suspended.json": school.issuer.publish(suspended, made.NOW, until),
        "honestly-expired.json": school.issuer.issue(expired).json,
        "dropped.json": write_json(
            made.changed(json.loads(clr), lambda c: c["credentialSubject"]["verifiableCredential"].pop())
        ),
        "forged.jwt": ".".join([*badge.jwt.split(".")[:2], badge.jwt.split(".")[2][::-1]]),
        **{f"{name}.json": write_json(made.changed(badge, change)) for name, change in FORGERIES.items()},
        "resigned.json": resigned(badge),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    (folder / "badge.png").write_bytes(badge.png)
    return folder


def resigned(badge: Issued) -> str:
    """Signed again by somebody else, in the name of the first issuer."""
    other = Issuer(KeyRing.create("did:web:mallory.example.org", made.NOW), "https://mallory.example.org", "Us")
    name, key = other.keys.proof_key()
    return write_json(add_proof(unsigned(badge.credential), key, name, made.NOW))


@pytest.fixture(scope="module")
def judged(files: Path, second: Judge) -> dict[str, Judgement]:
    """Everything at once, since each run takes a second."""
    known = ("--did", files / "did.json", "--issuer", made.DID)
    clear, revoked = ("--status", files / "status.json"), ("--status", files / "revoked.json")
    good = ("badge.json", "badge.jwt", "badge.png", "badge.svg", "clr.json")
    bad = ("dropped.json", "forged.jwt", "resigned.json", "honestly-expired.json", *(f"{n}.json" for n in FORGERIES))
    cases = {name: (files / name, *known, *clear) for name in (*good, *bad)}
    cases |= {f"revoked {name}": (files / name, *known, *revoked) for name in good}
    cases["rotated"] = (files / "badge.json", "--did", files / "rotated.json", *clear)
    cases["rotated jwt"] = (files / "badge.jwt", "--did", files / "rotated.json", *clear)
    cases["no did"] = (files / "badge.json", *clear)
    cases["no status"] = (files / "badge.json", *known)
    return second.all(cases)


@pytest.mark.parametrize(
    "name", ["badge.json", "badge.jwt", "badge.png", "badge.svg", "clr.json", "rotated", "rotated jwt"]
)
def test_the_second_verifier_accepts(judged: dict[str, Judgement], name: str) -> None:
    assert judged[name].failed == ""
    assert judged[name].status == 0


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("a changed mark.json", "proof"),
        ("a changed name.json", "proof"),
        ("an expired date.json", "not expired"),
        ("honestly-expired.json", "not expired"),
        ("a swapped issuer.json", "proof key belongs to the issuer"),
        ("resigned.json", "proof key belongs to the issuer"),
        ("an undefined term.json", "proof"),
        ("an undefined type.json", "proof"),
        ("dropped.json", "proof"),
        ("forged.jwt", "VC-JWT"),
        ("revoked badge.json", "not revoked"),
        ("revoked badge.jwt", "not revoked"),
        ("revoked badge.png", "not revoked"),
        ("revoked badge.svg", "not revoked"),
        ("revoked clr.json", "not revoked"),
        ("no did", "proof"),
        ("no status", "status"),
    ],
)
def test_the_second_verifier_refuses(judged: dict[str, Judgement], name: str, why: str) -> None:
    assert judged[name].status == 1
    assert why in judged[name].failed


def test_ours_agrees_with_it_on_every_file(files: Path, school: made.School, judged: dict[str, Judgement]) -> None:
    for path in files.iterdir():
        if path.name in judged:
            found = school.verify(path.read_bytes(), issuer=made.DID)
            assert found.verified == (judged[path.name].status == 0), path.name


def download(files: Path) -> Callable[[str], bytes]:
    places = {
        "https://grader.example.org/.well-known/did.json": "did.json",
        "https://grader.example.org/status/1": "status.json",
    }
    return lambda url: (files / places[url]).read_bytes()


def test_openbadgeslib_accepts_every_form(files: Path, badge: Issued) -> None:
    embedded = ldp.OB3LdpVerifier.for_issuer_did(made.DID, download=download(files))
    image = badge.svg.encode()
    baked = [
        extract_png(badge.png, keyword=ITXT_KEYWORD_OB3),
        extract_svg(image, element=SVG_ELEMENT_OB3, text_fallback=True),
    ]
    for text in (badge.json, *baked):
        assert text
        accepted = embedded.verify(text, download=download(files))
        assert accepted.id == badge.credential["id"]
    token = verifier.OB3Verifier.for_issuer_did(made.DID, download=download(files))
    assert token.verify(badge.jwt).id == badge.credential["id"]


@pytest.mark.parametrize("change", FORGERIES.values(), ids=FORGERIES)
def test_openbadgeslib_refuses_what_ours_refuses(files: Path, badge: Issued, change: Change) -> None:
    embedded = ldp.OB3LdpVerifier.for_issuer_did(made.DID, download=download(files))
    with pytest.raises(verifier.OB3VerificationError) as raised:
        embedded.verify(write_json(made.changed(badge, change)), download=download(files))
    assert "could not fetch" not in str(raised.value) or change is FORGERIES["a swapped issuer"]


def test_openbadgeslib_reads_our_status_lists(files: Path, school: made.School, badge: Issued) -> None:
    """It reads the bit of an embedded-proof list; it checks the signature of lists that are tokens only."""
    embedded = ldp.OB3LdpVerifier.for_issuer_did(made.DID, download=download(files))
    options = {"check_status": True, "verify_status_list": False}
    assert embedded.verify(badge.json, download=download(files), **options)
    (files / "status.json").write_bytes((files / "revoked.json").read_bytes())
    with pytest.raises(verifier.OB3VerificationError, match="is set at index"):
        embedded.verify(badge.json, download=download(files), **options)
