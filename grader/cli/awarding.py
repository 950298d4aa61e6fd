"""The badges of a demo: what a teacher has still to mark for them, and the files that are left behind."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from grader.config import Settings
from grader.db import Database, issuance, reviews, shares
from grader.db.credentials import DUE, Badge, Credential
from grader.db.reviews import NewMark
from grader.db.school import Assignment, PublishedSuite
from grader.db.tables import Submission
from grader.errors import InfrastructureError
from grader.intake import BlobStore
from grader.rubric.model import Rubric

PATIENCE = 120.0
"""Seconds in which the issuing process signs what is due."""
_ENDS = ("", "/suspension")


@dataclass(frozen=True)
class Left:
    """A badge that was issued: its files' name without the ending, and its address on the website."""

    name: str
    address: str


def review(settings: Settings, rubric: Rubric, submission_id: str) -> None:
    """Give the best level for everything that waits for a person, as a teacher does who likes the work."""
    marks = [
        NewMark(criterion.id, max(criterion.review.levels, key=lambda level: level.points).name, "Well done.", None)
        for criterion in rubric.criteria
        if criterion.review is not None
    ]
    if not marks:
        return
    with _opened(settings) as database, database.write() as session:
        submission = session.scalars(select(Submission).where(Submission.id == submission_id)).one()
        assignment = session.get_one(Assignment, submission.assignment_id)
        teacher = session.get_one(PublishedSuite, assignment.suite_id).published_by
        assert teacher is not None
        reviews.mark(session, submission, rubric, marks, by=teacher, course_id=assignment.course_id)


def collect(settings: Settings, home: Path, names: Mapping[str, str], watch: Callable[[], None]) -> list[Left]:
    """Wait until everything is signed; write badges, status lists and did.json below `home`.

    The badges are made public, as their learners could do.

    Args:
        names: of the files, by submission.
        watch: raises when a part of the service has ended.

    Raises InfrastructureError when it takes too long.
    """
    left: list[Left] = []
    with _opened(settings) as database:
        _wait(database, watch)
        blobs = BlobStore(settings.blob_root)
        with database.write() as session:
            files = ["did", *(f"status/{number}{end}" for number in issuance.lists(session) for end in _ENDS)]
            for name in files:
                published = issuance.publication(session, name)
                if published is not None:
                    _write(home / f"{name.replace('/suspension', '-suspension')}.json", published.text.encode())
            for badge, row in _valid(session):
                shares.publish(session, badge, public="evidence", indexed=False, rerun=True, by=badge.person_id)
                name = names[row.submission_id]
                _write(home / "badges" / f"{name}.json", (row.json or "").encode())
                _write(home / "badges" / f"{name}.png", blobs.get((row.images or {})["png"]))
                left.append(Left(name, f"{settings.public_url}/badges/{badge.id}"))
    return sorted(left, key=lambda one: one.name)


@contextlib.contextmanager
def _opened(settings: Settings) -> Iterator[Database]:
    database = Database(settings.sqlalchemy_url)
    try:
        yield database
    finally:
        database.dispose()


def _wait(database: Database, watch: Callable[[], None]) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        watch()
        with database.read() as session:
            waiting = session.scalar(select(Credential.seq).where(Credential.state.in_(DUE)).limit(1))
            published = issuance.publication(session, "did")
        if waiting is None and published is not None:
            return
        if time.monotonic() > until:
            raise InfrastructureError(f"badges are not signed after {PATIENCE:.0f} s; the log says why")
        time.sleep(0.3)


def _valid(session: Session) -> list[tuple[Badge, Credential]]:
    query = (
        select(Badge, Credential)
        .join(Credential, Credential.badge_id == Badge.id)
        .where(Credential.state == "issued")
        .options(undefer(Credential.json))
    )
    return [(badge, row) for badge, row in session.execute(query)]


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
