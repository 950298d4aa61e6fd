"""The issuing process: the only one that opens the keys. It signs what is due and publishes what everybody may read.

It takes its work from the database and puts the signed credentials there; website and workers run without it, and
without the keys. Running it twice is safe: every change is conditional on what the row says.
"""

from __future__ import annotations

import json
import logging
import threading
import uuid
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from grader.config import Settings, setup_logging
from grader.db import Database, badges, issuance, migrate, talent_skills
from grader.db.credentials import Credential, Transcript
from grader.db.issuance import Material, Signed
from grader.db.queries import now
from grader.db.school import Assignment, PublishedSuite
from grader.db.suites import open_suite
from grader.errors import BadInput, GraderError, RecordsError
from grader.intake import BlobStore
from grader.records import (
    BadgeInput,
    Issuer,
    KeyRing,
    Learner,
    RubricMeta,
    StatusList,
    TranscriptInput,
    record,
    suspension_url,
)
from grader.records.did import did_web
from grader.rubric.report import Report

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0
LOOK_AGAIN = timedelta(minutes=1)
BADGE_VALID = timedelta(days=730)
TRANSCRIPT_VALID = timedelta(days=365)
LIST_VALID = timedelta(days=7)
"""How long an old copy of a status list can be shown in place of the current one."""
LIST_RENEWED = timedelta(days=1)
_BACKOFF = (timedelta(seconds=5), timedelta(minutes=1), timedelta(minutes=15))
_LOOPBACK = "did:web:127.0.0.1"


class Issuing:
    """An issuer at work on one database. `turn` does what is due now."""

    def __init__(self, settings: Settings) -> None:
        """Raises RecordsError: the keys cannot be read, may be read by others, or are those of another address."""
        self.settings = settings
        self.issuer = Issuer(load_keys(settings), settings.public_url, settings.issuer_name)
        self.database = Database(settings.sqlalchemy_url)
        self.blobs = BlobStore(settings.blob_root)
        self._looked: datetime | None = None
        self._published: set[int] = set()

    def close(self) -> None:
        self.database.dispose()

    def turn(self) -> int:
        """Sign, revoke, suspend and publish what is due; returns how many things were done."""
        if self._looked is None or now() - self._looked > LOOK_AGAIN:
            self._looked = now()
            self.publish()
            self._look_back()
        with self.database.read() as session:
            rows, transcripts = issuance.due(session), issuance.due_transcripts(session)
        changes = [row for row in rows if row.state != "due"]
        if changes:
            self._change(changes)
        issued = sum(self._issue(row.seq) for row in rows if row.state == "due")
        for transcript in transcripts:
            self._transcribe(transcript)
        self._renew_skills()
        return len(changes) + issued + len(transcripts)

    def _renew_skills(self) -> None:
        """Compute the skills anew by which employers find those whose badges have changed."""
        with self.database.read() as session:
            waiting = talent_skills.due(session)
        for learner in waiting:
            try:
                with self.database.write() as session:
                    talent_skills.renew(session, learner, self._meta_of)
            except (GraderError, ValueError) as problem:
                log.error("the skills of person %s cannot be computed: %s", learner.person_id, problem)
                with self.database.write() as session:
                    talent_skills.put_off(session, learner, now() + _BACKOFF[-1])

    def _meta_of(self, suite: PublishedSuite) -> RubricMeta:
        return RubricMeta.of(open_suite(self.settings, self.blobs, suite).rubric)

    def publish(self) -> None:
        """Write `did.json`, and every status list that is missing, another issuer's, or older than a day."""
        with self.database.read() as session:
            numbers = issuance.lists(session)
            stale = [number for number in numbers if not self._current(session, number)]
        with self.database.write() as session:
            issuance.publish(session, "did", json.dumps(self.issuer.did_document, indent=1) + "\n")
            for number in stale:
                self._write_lists(session, number)
        self._published = set(numbers)

    def _current(self, session: Session, number: int) -> bool:
        found = [issuance.publication(session, name) for name in (f"status/{number}", f"status/{number}/suspension")]
        until = now() - LIST_RENEWED
        return all(one is not None and one.published_at > until and self.issuer.did in one.text for one in found)

    def _look_back(self) -> None:
        """Make a badge due for grades that have none, such as those from before badges were issued."""
        with self.database.write() as session:
            for grade in badges.overlooked(session):
                assignment = session.get_one(Assignment, grade.assignment_id)
                badges.follow(session, assignment, grade.person_id, grade, why="The project was passed.", by=None)

    def _change(self, rows: list[Credential]) -> None:
        """Publish the lists in which something changes, and with them note it as done."""
        for number in sorted({row.status_list for row in rows if row.status_list is not None}):
            with self.database.write() as session:
                self._write_lists(session, number)
                issuance.conclude(session, [row.seq for row in rows if row.status_list == number])
        for row in rows:
            log.info("credential %d of badge %s: %s", row.number, row.badge_id, row.state.removesuffix("_due"))

    def _write_lists(self, session: Session, number: int) -> None:
        url = self.issuer.places.status(number)
        at = now()
        until = at + LIST_VALID
        for purpose, address, name in (
            ("revocation", url, f"status/{number}"),
            ("suspension", suspension_url(url), f"status/{number}/suspension"),
        ):
            issuance.publication(session, name, hold=True)
            bits = StatusList.of(address, purpose, issuance.set_bits(session, number, purpose, self.issuer.did))  # type: ignore[arg-type]
            issuance.publish(session, name, self.issuer.publish(bits, at, until), valid_until=until)

    def _issue(self, seq: int) -> bool:
        with self.database.write() as session:
            made_of = issuance.material(session, seq)
        if made_of is None:
            return False
        if made_of.credential.status_list not in self._published:
            self.publish()  # nobody is to meet a badge whose list is not there yet
        try:
            signed = self._sign(made_of)
        except BadInput as problem:  # it can never become a badge
            log.error("badge %s cannot be issued: %s", made_of.badge.id, problem)
            self._put_off(seq, str(problem), None)
            return False
        except (GraderError, ValueError) as problem:
            log.exception("badge %s is not issued yet", made_of.badge.id)
            self._put_off(seq, str(problem), _BACKOFF[min(made_of.credential.tries, len(_BACKOFF) - 1)])
            return False
        with self.database.write() as session:
            stored = issuance.store(session, made_of, signed)
        if stored:
            log.info("badge %s: credential %d is issued", made_of.badge.id, made_of.credential.number)
        return stored

    def _put_off(self, seq: int, problem: str, wait: timedelta | None) -> None:
        with self.database.write() as session:
            issuance.put_off(session, seq, problem, wait)

    def _sign(self, made_of: Material) -> Signed:
        report = Report.model_validate(made_of.report)
        kept = record(report)
        row, at = made_of.credential, now().replace(microsecond=0)
        assert row.status_list is not None
        assert row.status_index is not None
        given = BadgeInput(
            rubric=open_suite(self.settings, self.blobs, made_of.suite).rubric,
            report=report,
            learner=Learner.by_email(made_of.person.email, made_of.salt, made_of.name),
            record=kept,
            token=made_of.badge.id,
            issued=at,
            valid_until=at + BADGE_VALID,
            status_list=row.status_list,
            status_index=row.status_index,
            awarded=made_of.badge.awarded_at,
        )
        made = self.issuer.issue(given)
        images = {"png": self.blobs.put(made.png), "svg": self.blobs.put(made.svg.encode())}
        return Signed(made.json, made.jwt, kept.decode(), images, self.issuer.did, at, given.valid_until)

    def _transcribe(self, transcript: Transcript) -> None:
        at = now().replace(microsecond=0)
        with self.database.write() as session:
            person, salt, texts, partial = issuance.transcript_material(session, transcript.person_id)
        asked = TranscriptInput(
            learner=Learner.by_email(person.email, salt),
            badges=texts,
            id=f"urn:uuid:{uuid.UUID(hex=transcript.id)}",
            issued=at,
            valid_until=at + TRANSCRIPT_VALID,
            partial=partial,
        )
        try:
            made = self.issuer.transcript(asked, self._list)
            values = {"json": made, "badges": len(texts), "issued_at": at, "valid_until": asked.valid_until}
        except GraderError as problem:
            log.error("the transcript %s cannot be made: %s", transcript.id, problem)
            values = {"problem": str(problem)[:2000]}
        with self.database.write() as session:
            issuance.finish_transcript(session, transcript.id, **values)

    def _list(self, address: str) -> str | None:
        name = address.removeprefix(f"{self.issuer.places.base_url}/")
        with self.database.read() as session:
            found = issuance.publication(session, name)
        return found.text if found is not None else None


def load_keys(settings: Settings) -> KeyRing:
    """The issuer's keys, made when there are none. Keys of this machine's own trial address give way to a real one.

    Raises RecordsError.
    """
    path, issuer = settings.issuer_keys_file, did_web(settings.public_url)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        KeyRing.create(issuer, now()).save(path)
        log.warning("new keys for %s are in %s: keep a copy in a safe place", issuer, path)
    keys = KeyRing.load(path)
    if keys.issuer == issuer:
        return keys
    if not keys.issuer.startswith(_LOOPBACK):
        raise RecordsError(
            f"the keys in {path} are those of {keys.issuer}, and this is {issuer}: set GRADER_BASE_URL back, or move "
            "the file away, after which earlier badges can be verified only at their old address"
        )
    path.rename(path.with_name(f"{path.stem}-{now():%Y%m%d%H%M%S}.json"))
    return load_keys(settings)


def run(settings: Settings | None = None, *, stop: threading.Event | None = None) -> None:
    """Issue until `stop` is set. Raises RecordsError when the keys cannot be used."""
    settings = settings or Settings()
    setup_logging(settings.log_level)
    migrate(settings)
    stop = stop or threading.Event()
    issuing = Issuing(settings)
    log.info("issuing as %s", issuing.issuer.did)
    try:
        while not stop.is_set():
            try:
                while issuing.turn():
                    pass
            except (SQLAlchemyError, GraderError) as error:
                log.error("the outbox could not be emptied: %s", error)
            stop.wait(POLL_SECONDS)
    finally:
        issuing.close()
