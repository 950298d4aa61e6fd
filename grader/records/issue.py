"""Issues badges, learner records and status lists. Nothing leaves before our own verifier has accepted it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from grader.errors import RecordsError, Refused
from grader.records.badge import BadgeInput, Places, build
from grader.records.bake import bake_png, bake_svg, unbake_png, unbake_svg
from grader.records.clr import TranscriptInput, build_transcript
from grader.records.did import did_web
from grader.records.drawing import Face, draw, render
from grader.records.encoding import write_json
from grader.records.jwt import write_token
from grader.records.keys import KeyRing
from grader.records.proof import add_proof
from grader.records.reading import parse_json
from grader.records.status import StatusList, StatusLists, read_list
from grader.records.verify import verify

Json = dict[str, Any]
_LATER = frozenset({"status", "suspension", "evidence", "achievement"})
"""Checks that a fresh credential cannot pass by itself: its status list may not be published yet."""


@dataclass(frozen=True)
class Issued:
    """A badge that was verified: as JSON, as JWT, and drawn. Images are made when they are first asked for."""

    credential: Mapping[str, Any]
    json: str
    jwt: str
    face: Face

    @cached_property
    def svg(self) -> str:
        """The drawing with the JSON baked in.

        Raises:
            RecordsError: the credential cannot be taken out again unchanged.
        """
        baked = bake_svg(draw(self.face), self.json)
        if parse_json(unbake_svg(baked)) != self.credential:
            raise RecordsError("the badge's SVG does not hold what was put in")
        return baked

    @cached_property
    def png(self) -> bytes:
        """The drawing, 512 pixels wide and high, with the JSON baked in.

        Raises:
            RecordsError: the credential cannot be taken out again unchanged.
        """
        baked = bake_png(render(self.face), self.json)
        if unbake_png(baked) != self.json:
            raise RecordsError("the badge's PNG does not hold what was put in")
        return baked


class Issuer:
    """An institution with its keys and its public address, `https://host/path`, from which its did:web is made."""

    def __init__(self, keys: KeyRing, base_url: str, name: str) -> None:
        """Raises RecordsError when the keys are another issuer's."""
        if keys.issuer != did_web(base_url):
            raise RecordsError(f"the keys are those of {keys.issuer}, and {base_url} is {did_web(base_url)}")
        self.keys = keys
        self.name = name
        self.places = Places(base_url.rstrip("/"))

    @property
    def did(self) -> str:
        """The issuer's identifier."""
        return self.keys.issuer

    @cached_property
    def did_document(self) -> Json:
        """The document to publish at `did.did_web_url(did)`."""
        return self.keys.did_document(suspensions=self.places.statuses)

    @property
    def _profile(self) -> Json:
        return {"id": self.did, "type": ["Profile"], "name": self.name, "url": self.places.base_url}

    def issue(self, given: BadgeInput) -> Issued:
        """Make a badge: build, sign, verify.

        Raises:
            BadInput: the report cannot become a badge.
            RecordsError: what was made does not verify.
        """
        credential = build(given, self.places, self._profile)
        signed = self._sign(credential, given.issued)
        name, key = self.keys.token_key()
        text, token = write_json(signed), write_token(credential, key, name)
        for form in (text, token):
            self._check(form, given.issued, given.record)
        return Issued(signed, text, token, self._face(given))

    def _face(self, given: BadgeInput) -> Face:
        rubric = given.rubric
        return Face(rubric.title, given.report.percent, self.name, (given.awarded or given.issued).year, rubric.id)

    def transcript(self, given: TranscriptInput, status_lists: StatusLists) -> str:
        """Make a learner record (CLR 2.0) of badges that this issuer made, all of which must still hold.

        `status_lists` gives the text of the status list at an address.

        Raises:
            BadInput: there is no badge.
            RecordsError: what was made does not verify: a badge was revoked or has expired, or is somebody else's.
        """
        text = write_json(self._sign(build_transcript(given, self._profile), given.issued))
        self._check(text, given.issued, status_lists=status_lists)
        return text

    def publish(self, bits: StatusList, issued: datetime, valid_until: datetime) -> str:
        """A status list as the static file to serve at its address; publish it anew before `valid_until`.

        Raises:
            RecordsError: what was made does not verify.
        """
        signed = self._sign(bits.credential(self.did, issued, valid_until), issued)
        if read_list(signed, bits.url, bits.purpose, issued).bits != bits.bits:
            raise RecordsError("the status list does not hold what was put in")
        return write_json(signed)

    def _sign(self, document: Json, created: datetime) -> Json:
        name, key = self.keys.proof_key()
        try:
            return add_proof(document, key, name, created)
        except Refused as error:
            raise RecordsError(f"what was to be signed is not fit for it: {error}") from error

    def _check(
        self, text: str, now: datetime, record: bytes | None = None, status_lists: StatusLists | None = None
    ) -> None:
        lists = status_lists or (lambda _: None)
        found = verify(text, documents=self._document, status_lists=lists, now=now, issuer=self.did, record=record)
        for check in [check for part in (*found.members, found) for check in part.checks]:
            if check.ok is False or (check.ok is None and check.id not in _LATER):
                raise RecordsError(f"the credential that was made does not verify: {check.title}: {check.detail}")

    def _document(self, did: str) -> Json | None:
        return self.did_document if did == self.did else None
