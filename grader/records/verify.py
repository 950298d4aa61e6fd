"""Verifies badges and learner records, whoever issued them, from bytes that nobody vouches for.

Nothing here reaches for a network, a file or a clock: the caller gives the time, and functions that find issuers'
documents and status lists. Each check ends in words that somebody who hires can read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Literal

from grader.errors import Refused, Unreadable
from grader.records.contents import (
    achievement_of,
    association_problems,
    issuer_id,
    result_problems,
    same_subject,
    subject_of,
)
from grader.records.did import Documents
from grader.records.encoding import listed, matches_digest, read_time
from grader.records.jwt import Token, check_token, read_token
from grader.records.linked import canonical
from grader.records.proof import check_proof, unsigned
from grader.records.reading import Found, find_credential, parse_json
from grader.records.schemas import is_transcript, problems
from grader.records.sources import Keys, Sources
from grader.records.standing import status_checks
from grader.records.status import StatusLists
from grader.records.verdict import Check, Verification, check, sentence

MAX_MEMBERS = 500


def _nothing(_: str) -> None:
    """A resolver that has nothing."""


def verify(
    data: bytes | str,
    *,
    documents: Documents = _nothing,
    status_lists: StatusLists = _nothing,
    now: datetime,
    issuer: str | None = None,
    record: bytes | None = None,
) -> Verification:
    """Verify a credential in any form: JSON, JWT, baked PNG or SVG.

    Args:
        documents: gives the DID or controller document of an issuer's identifier (did:key needs none), or None.
        status_lists: gives the text of the status list at an address, or None.
        now: an aware datetime.
        issuer: the only identifier to accept, if it is known who must have issued it.
        record: the grading record, to be compared with the digest in the badge.

    Nothing is raised for what the credential holds: every problem is a check that failed.
    """
    try:
        found = find_credential(data)
        token = read_token(found.text) if found.form == "jwt" else None
        credential = token.credential if token else parse_json(found.text)
    except (Unreadable, Refused) as error:
        return Verification((check("readable", False, f"{sentence(error)}"),))
    return _verify(credential, token, found, Sources(documents, status_lists, now), issuer=issuer, record=record)


def _verify(
    credential: dict[str, Any],
    token: Token | None,
    found: Found | None,
    sources: Sources,
    *,
    issuer: str | None = None,
    record: bytes | None = None,
) -> Verification:
    words = {"png": "in a PNG image", "svg": "in an SVG image", "jwt": "as a JWT", "json": "as JSON"}
    where = words[found.container] if found else "inside a learner record"
    checks = [check("readable", True, f"It was found {where}.")]
    checks += _form_and_proof(credential, token, sources)
    if issuer is not None:
        same = issuer_id(credential) == issuer
        checks.append(check("issuer", same, f"It was issued by {issuer_id(credential) or 'nobody'}."))
    checks += _period(credential, sources.now)
    checks += status_checks(credential, sources)
    members: tuple[Verification, ...] = ()
    if is_transcript(credential):
        members = tuple(_members(credential, sources))
        checks.append(_members_check(credential, members))
    else:
        checks += _contents(credential, record)
    form: Literal["json", "jwt"] = "jwt" if token else "json"
    return Verification(tuple(checks), credential, form, found.container if found else form, members)


def _form_and_proof(credential: dict[str, Any], token: Token | None, sources: Sources) -> Iterator[Check]:
    wrong = problems(credential)
    form = "1EdTech's schema accepts it." if not wrong else f"1EdTech's schema does not accept it: {'; '.join(wrong)}."
    yield check("schema", not wrong, form)
    quads = b""
    if token:
        yield check("context", True, "A JWT is signed as a whole, whatever its words mean.")
    else:
        try:
            quads = canonical(unsigned(credential))
        except Refused as error:
            yield check("context", False, f"Part of it is not covered by the signature: {error}.")
            yield check("key", None, "This was not looked at.")
            yield check("signature", None, "This was not looked at.")
            return
        yield check("context", True, "All of its content is covered by the signature.")
    yield from _proof(credential, token, sources, quads)


def _proof(credential: dict[str, Any], token: Token | None, sources: Sources, quads: bytes) -> Iterator[Check]:
    keys = Keys(issuer_id(credential), sources)
    try:
        name = check_token(token, keys) if token else check_proof(credential, keys, sources.now, quads)
    except Refused as error:
        if not keys.found:
            known = None if keys.missing else False
            yield check("key", known if keys.asked else None, sentence(error) if keys.asked else "No key was used.")
            yield check("signature", None if keys.asked else False, sentence(error))
            return
        yield check("key", True, f"{issuer_id(credential)} lists it for its assertions.")
        yield check("signature", False, sentence(error))
        return
    yield check("key", True, f"{issuer_id(credential)} lists the key {name} for its assertions.")
    how = f"The signature holds ({token.header['alg']})." if token else "The signature holds (eddsa-rdfc-2022)."
    yield check("signature", True, how)


def _period(credential: Mapping[str, Any], now: datetime) -> Iterator[Check]:
    for id, name in (("begun", "validFrom"), ("period", "validUntil")):
        if name not in credential:
            yield check(id, name == "validUntil", f"It does not say {name}.")
            continue
        try:
            moment = read_time(credential[name])
        except Refused as error:
            yield check(id, False, sentence(error))
            continue
        if name == "validFrom":
            begun = moment <= now
            yield check(id, begun, f"It is {'valid since' if begun else 'not valid before'} {credential[name]}.")
        else:
            holds = now <= moment
            yield check(id, holds, f"It {'expires' if holds else 'expired'} on {credential[name]}.")


def _contents(credential: Mapping[str, Any], record: bytes | None) -> Iterator[Check]:
    subject, achievement = subject_of(credential), achievement_of(credential)
    told = bool(subject.get("id") or listed(subject.get("identifier")))
    yield check("subject", told, "It names its holder." if told else "It does not say whom it is about.")
    yield _owner(issuer_id(credential), achievement)
    wrong = result_problems(credential)
    count = len(listed(subject.get("result")))
    fits = f"{count} marks fit their scales." if count else "It has no marks."
    yield check("results", not wrong, fits if not wrong else f"{'; '.join(wrong[:5])}.")
    yield from _evidence(credential, record)
    if any("endorsement" in part or "endorsementJwt" in part for part in (credential, achievement)):
        yield check("endorsements", None, "It carries endorsements by others, which were not looked at.")


def _owner(issuer: str, achievement: Mapping[str, Any]) -> Check:
    creator = achievement.get("creator")
    maker = creator.get("id") if isinstance(creator, Mapping) else creator
    if maker is None:
        return check("achievement", None, "It does not say who defined the achievement.")
    if maker == issuer:
        return check("achievement", True, "The issuer defined the achievement.")
    return check("achievement", False, f"The achievement is {str(maker)[:200]}'s, and {issuer} issued it.")


def _evidence(credential: Mapping[str, Any], record: bytes | None) -> Iterator[Check]:
    evidence = [item for item in listed(credential.get("evidence")) if isinstance(item, Mapping)]
    digests = [item["digestMultibase"] for item in evidence if "digestMultibase" in item]
    if record is not None:
        same = any(matches_digest(record, digest) for digest in digests)
        detail = "Its digest is in the badge." if same else "Its digest is not in the badge: it is another record."
        yield check("evidence", same, detail)
    elif digests:
        yield check("evidence", None, "The badge binds a grading record, which was not given.")


def _members(credential: Mapping[str, Any], sources: Sources) -> Iterator[Verification]:
    for member in listed(subject_of(credential).get("verifiableCredential"))[:MAX_MEMBERS]:
        try:
            token = read_token(member) if isinstance(member, str) else None
        except (Unreadable, Refused) as error:
            yield Verification((check("readable", False, sentence(error)),))
            continue
        inner = token.credential if token else member
        if isinstance(inner, dict) and not is_transcript(inner):
            yield _verify(inner, token, None, sources)
        else:
            yield Verification((check("readable", False, "It is not a badge."),))


def _members_check(credential: Mapping[str, Any], members: tuple[Verification, ...]) -> Check:
    total = len(listed(subject_of(credential).get("verifiableCredential")))
    bad = [str(number) for number, member in enumerate(members, 1) if not member.verified]
    wrong = association_problems(credential)
    if total > MAX_MEMBERS:
        wrong.append(f"it has {total} badges, more than the {MAX_MEMBERS} that are looked at")
    if bad:
        wrong.append(f"number {', '.join(bad)} of {total} does not hold")
    if not same_subject(credential):
        wrong.append("they are not all about the same person")
    return check("members", not wrong, f"{'; '.join(wrong)}." if wrong else f"All {total} badges in it hold.")
