"""Learners with badges that prove skills, and organisations that look for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from grader.db import Database, organisations, talent_profile, talent_skills
from grader.db.credentials import Badge, Credential
from grader.db.queries import new_id
from grader.db.school import Assignment, Course, Person, PublishedSuite
from grader.db.tables import Attempt, Submission
from grader.db.talent import Learner, Organisation, OrganisationMember, Skill
from grader.db.talent_profile import Choices
from grader.records import SkillRecord
from grader.records.skills import Mark, Showing

NOW = datetime.now(UTC).replace(microsecond=0)
LEVELS = ("foundation", "proficient", "advanced")
FREE = frozenset({"US", "FR", "GB", "DE"})
SHARES = (0.0, 55.0, 75.0, 95.0)
NAMES = {
    "ml": "use machine learning", "clean": "clean data", "python": "Python (computer programming)",
    "report": "report <results>",
}  # fmt: skip


def person(name: str, role: Any = "student") -> Person:
    email = f"{name.casefold().replace(' ', '.')}@example.org"
    return Person(id=new_id(), email=email, name=name, role=role, session_key=new_id(), created_at=NOW)


@dataclass(frozen=True)
class Shown:
    """A skill that was shown: which, how well (rank 0 to 3), how many days ago, and with the newest version or not."""

    skill: str
    rank: int
    days: int = 10
    current: bool = True


@dataclass
class Talent:
    """Two organisations with a member each, and whoever a test adds. Every method commits."""

    database: Database
    admin: Person
    course: Course
    suite: PublishedSuite
    organisation: Organisation
    member: Person
    rival: Organisation
    rival_member: Person
    teacher: Person
    people: list[Person] = field(default_factory=list)

    def learner(
        self, name: str, *shown: Shown, found: bool = True, country: str = "FR", availability: str = "now",
        headline: str = "", state: Any = "issued",
    ) -> Person:  # fmt: skip
        """Somebody with one badge for each skill; `state` is that of the badges' credentials."""
        who = person(name)
        with self.database.write() as session:
            session.add(who)
        self.show(who, *shown, state=state)
        with self.database.write() as session:
            until = None if availability != "from" else NOW.date() + timedelta(days=30)
            talent_profile.save(session, who, Choices(country, availability, until, headline), FREE)
            talent_profile.set_found(session, who, found=found)
        self.people.append(who)
        return who

    def show(self, who: Person, *shown: Shown, state: Any = "issued") -> None:
        """Have these skills, and no others."""
        records = []
        with self.database.write() as session:
            for one in shown:
                at = NOW - timedelta(days=one.days)
                attempt_id = self._badge(session, who, at, state)
                records.append(record_of(one, attempt_id, at))
            talent_skills.refresh(session, who.id, records)

    def _badge(self, session: Any, who: Person, at: datetime, state: Any) -> str:
        assignment = Assignment(
            id=new_id(), course_id=self.course.id, suite_id=self.suite.id, title="A secret course's project",
            created_at=NOW,
        )  # fmt: skip
        submission = Submission(
            id=new_id(), rubric="digits", suite="", kind="repository", received_at=at, state="graded",
            assignment_id=assignment.id, person_id=who.id,
        )  # fmt: skip
        session.add_all([assignment, submission])
        session.flush()
        attempt = Attempt(
            id=f"{submission.id}-1", submission_id=submission.id, number=1, suite_id=self.suite.id, state="graded",
            queue="high", job_timeout=60, due_at=at, created_at=at, finished_at=at,
        )  # fmt: skip
        badge = Badge(id=new_id(), person_id=who.id, assignment_id=assignment.id, created_at=at, awarded_at=at)
        session.add_all([attempt, badge])
        session.flush()
        session.add(
            Credential(
                badge_id=badge.id, number=1, state=state, submission_id=submission.id, attempt_id=attempt.id,
                suite_id=self.suite.id, rubric="digits", version=3, title="Recognise digits", points=80.0,
                max_points=100.0, created_at=at, due_at=at, issued_at=at, valid_until=NOW + timedelta(days=700),
                json='{"id": "a signed badge"}', issuer="did:web:grader.example.org",
            )
        )  # fmt: skip
        session.flush()
        return attempt.id

    def skill(self, name: str) -> Skill:
        with self.database.read() as session:
            return session.scalars(select(Skill).where(Skill.key == name)).one()

    def row(self, who: Person) -> Learner:
        with self.database.read() as session:
            return session.scalars(select(Learner).where(Learner.person_id == who.id)).one()

    def badges(self, who: Person) -> Sequence[Badge]:
        with self.database.read() as session:
            return session.scalars(select(Badge).where(Badge.person_id == who.id).order_by(Badge.created_at)).all()


def record_of(one: Shown, attempt_id: str, at: datetime) -> SkillRecord:
    """A learner's record of one skill, as `grader.records.skills` makes it."""
    share, level = SHARES[one.rank], LEVELS[one.rank - 1] if one.rank else None
    marks = (Mark("quality", "Works on <what> it has not seen", share / 10, 10.0),)
    showing = Showing(
        one.skill, share, level, attempt_id, at, "digits", 3, "Recognise digits", marks, levels=LEVELS
    )  # fmt: skip
    freshness = "Up to date." if one.current else "Shown with version 3 of Recognise digits; version 4 exists."
    return SkillRecord(
        one.skill, NAMES.get(one.skill, one.skill), None, level, share, showing, (showing,), one.current, freshness
    )


def make_talent(database: Database) -> Talent:
    admin, teacher = person("Ada Admin", "admin"), person("Tess Teacher", "instructor")
    member, rival = person("Emma Employer", "employer"), person("Rita Rival", "employer")
    course = Course(id=new_id(), title="A secret course", created_at=NOW)
    suite = PublishedSuite(
        id=new_id(), course_id=course.id, rubric="digits", version=3, title="Recognise digits", max_points=100.0,
        digest="sha256:" + "0" * 64, published_at=NOW,
    )  # fmt: skip
    with database.write() as session:
        session.add_all([admin, teacher, member, rival, course])
        session.flush()
        session.add(suite)
        first, second = (
            organisations.add(session, name, about, by=admin.id)
            for name, about in (("Example Robots", "We build robots that sort <mail>."), ("Rival Robots", ""))
        )
        for who, where in ((member, first), (rival, second)):
            session.add(OrganisationMember(person_id=who.id, organisation_id=where.id, joined_at=NOW))
    return Talent(database, admin, course, suite, first, member, second, rival, teacher)
