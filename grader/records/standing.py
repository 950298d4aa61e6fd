"""Whether a badge still stands: looks up its bit in the issuer's status lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from grader.errors import Refused, Unreadable
from grader.records import status
from grader.records.contents import issuer_id
from grader.records.encoding import listed
from grader.records.jwt import check_token, read_token
from grader.records.keys import SUSPENSIONS
from grader.records.proof import check_proof
from grader.records.reading import find_credential, parse_json
from grader.records.sources import Keys, Sources
from grader.records.verdict import Check, check, sentence


def status_checks(credential: Mapping[str, Any], sources: Sources) -> Iterator[Check]:
    if "credentialStatus" not in credential:
        yield check("status", True, "Its issuer does not revoke badges: it names no status list.")
        return
    entries = listed(credential["credentialStatus"])
    try:
        if len(entries) != 1:
            raise Refused("more than one status cannot be checked here")
        entry = status.read_entry(entries[0])
    except Refused as error:
        yield check("status", False, sentence(error))
        return
    yield _bit("status" if entry.purpose == "revocation" else "suspension", credential, entry, sources)
    if entry.purpose == "suspension":
        yield check("status", True, "Its issuer suspends badges, and does not revoke them.")
    elif _keeps_suspensions(issuer_id(credential), entry.url, sources):
        other = status.Entry(status.suspension_url(entry.url), "suspension", entry.index)
        yield _bit("suspension", credential, other, sources)


def _keeps_suspensions(issuer: str, url: str, sources: Sources) -> bool:
    document = None if issuer.startswith("did:key:") else sources.document(issuer)
    for service in listed((document or {}).get("service")):
        if isinstance(service, Mapping) and SUSPENSIONS in listed(service.get("type")):
            return url.startswith(str(service.get("serviceEndpoint")))
    return False


def _bit(id: str, credential: Mapping[str, Any], entry: status.Entry, sources: Sources) -> Check:
    url, purpose, index = entry.url, entry.purpose, entry.index
    text = sources.status_list(url)
    if text is None:
        return check(id, None, f"The issuer's list at {url} could not be had, so this is not known.")
    try:
        published = _signed(text, issuer_id(credential), sources)
        is_set = status.read_list(published, url, purpose, sources.now)[index]
    except (Refused, Unreadable) as error:
        return check(id, None, f"The issuer's list at {url} cannot be used: {error}.")
    if is_set:
        word = "revoked" if purpose == "revocation" else "suspended"
        return check(id, False, f"The issuer has {word} it: entry {index} of {url}.")
    if published.get("id") != url:  # a list under another name may prove a revocation, never that there is none
        return check(id, None, f"At {url} is another list, {str(published.get('id'))[:200]}.")
    until = f", which holds until {published['validUntil']}" if "validUntil" in published else ""
    return check(id, True, f"Entry {index} of the issuer's list {url} is clear{until}.")


def _signed(text: str | bytes, issuer: str, sources: Sources) -> dict[str, Any]:
    """A credential of the issuer's about its own badges, checked; its content is not looked at."""
    found = find_credential(text)
    token = read_token(found.text) if found.form == "jwt" else None
    document = token.credential if token else parse_json(found.text)
    if issuer_id(document) != issuer:
        raise Refused("another issuer made it")
    keys = Keys(issuer, sources)
    if token:
        check_token(token, keys)
    else:
        check_proof(document, keys, sources.now)
    return document
