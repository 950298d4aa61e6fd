"""What a new database starts with: the first admin, or the demo's course and people."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.cli.places import find_settings
from grader.cli.view import err, out
from grader.config import Settings
from grader.db import Database, assignments, courses, groups, links, migrate, organisations, people, suites
from grader.db.assignments import Rules
from grader.db.queries import now
from grader.db.school import Assignment, Person, Role
from grader.errors import BadInput
from grader.intake import BlobStore

COURSE = "Machine learning in practice (demo)"
PARTNER = "partner@demo.invalid"
_NAMES: dict[str, tuple[str, Role]] = {
    "student@demo.invalid": ("Demo Student", "student"),
    "instructor@demo.invalid": ("Demo Instructor", "instructor"),
    "admin@demo.invalid": ("Demo Admin", "admin"),
    "employer@demo.invalid": ("Demo Employer", "employer"),
    PARTNER: ("Demo Partner", "student"),
}


@dataclass(frozen=True)
class _Planned:
    """An assignment of the demo: a shipped suite, when it is due from now, and what is special about it."""

    suite: str
    title: str
    due: timedelta | None
    penalty: float = 0.0
    group_size: int = 1
    leaderboard: bool = False

    def rules(self, at: datetime) -> Rules:
        due = (at + self.due).replace(hour=23, minute=59, second=0, microsecond=0) if self.due is not None else None
        return Rules(
            self.title,
            due_at=due,
            penalty=self.penalty,
            group_size=self.group_size,
            leaderboard=self.leaderboard,
        )


_PLAN = (
    _Planned("linear-model", "Fit a line, twice", timedelta(days=7)),
    _Planned("churn-notebook", "Who will leave?", timedelta(days=-2), penalty=10.0),
    _Planned("digits-classifier", "Read handwritten digits, in pairs", timedelta(days=14), group_size=2),
    _Planned("house-prices", "What is this house worth?", None, leaderboard=True),
)


def seed_demo(settings: Settings) -> bool:
    """Make the demo's course and people when the database is empty; False when they are there already.

    Raises BadInput when the database belongs to others: with GRADER_DEMO, anybody could sign in as its admin.
    """
    database = Database(settings.sqlalchemy_url)
    try:
        with database.write() as session:
            first = session.scalar(select(Person).order_by(Person.created_at, Person.id).limit(1))
            if first is not None and first.email in _NAMES:
                return False
            if first is not None:
                raise BadInput(
                    "This database holds real accounts, and a demo lets anybody in as an admin.",
                    where="GRADER_DEMO",
                    fix="Leave GRADER_DEMO out, or set GRADER_HOME to a new folder.",
                )
            _seed(session, settings)
        return True
    finally:
        database.dispose()


def _seed(session: Session, settings: Settings) -> None:
    known = {email: people.add(session, email=email, name=name, role=role).id for email, (name, role) in _NAMES.items()}
    admin, teacher, student = (known[f"{who}@demo.invalid"] for who in ("admin", "instructor", "student"))
    course = courses.add(session, COURSE, by=admin)
    courses.set_code(session, course.id, on=True, by=admin)
    courses.enrol(session, course.id, teacher, "instructor", by=admin)
    for person in (student, known[PARTNER]):
        courses.enrol(session, course.id, person, "student", by=admin)
    organisation = organisations.add(session, "Demo Robots", "We build robots that sort mail.", by=admin)
    organisations.invite(session, organisation.id, "employer@demo.invalid", by=admin)
    organisations.join(session, people.known(session, known["employer@demo.invalid"]))
    blobs, at = BlobStore(settings.blob_root), now()
    for planned in _PLAN:
        folder = Path(settings.rubrics, planned.suite)
        suite = suites.publish(session, blobs, course_id=course.id, by=teacher, folder=folder)
        made = assignments.create(session, suite, planned.rules(at), by=teacher)
        assignments.publish(session, made.id, by=teacher, published=True)
        if planned.group_size > 1:
            _pair(session, made, student, known[PARTNER])


def begin_here(settings: Settings, address: str) -> list[str]:
    """What `grader serve` says of where to begin."""
    if settings.demo:
        file = settings.rubrics / "linear-model" / "examples" / "unfinished" / "solution.py"
        return [
            f"Begin at {address}/sign-in: choose “I am a student”, open “{_PLAN[0].title}”, and hand in",
            f"{file}, which is half done. The result comes by itself.",
            "Whoever reaches this address can sign in as the demo's admin: keep it to this machine.",
        ]
    database = Database(settings.sqlalchemy_url)
    try:
        with database.read() as session:
            if session.scalar(select(Person.id).limit(1)) is not None:
                return []
    finally:
        database.dispose()
    return ["Nobody has an account yet: `grader admin YOUR@ADDRESS` makes the first admin."]


def _pair(session: Session, assignment: Assignment, *members: str) -> None:
    first, *others = members
    group = groups.create(session, assignment, first, "The demo pair")
    for other in others:
        groups.join(session, assignment, other, group.code)


def admin(arguments: Namespace) -> int:
    """Make somebody an admin and print the address where they begin."""
    settings = find_settings()
    migrate(settings)
    database = Database(settings.sqlalchemy_url)
    try:
        with database.write() as session:
            path, minutes = _admin(session, people.clean_email(arguments.email), arguments.name)
    finally:
        database.dispose()
    root = settings.base_url.rstrip("/") or "http://127.0.0.1:8000"
    err.print(f"Open this within {minutes}. Whoever opens it is the admin, so keep it to yourself:")
    out.print(root + path, soft_wrap=True)
    return 0


def _admin(session: Session, email: str, name: str | None) -> tuple[str, str]:
    person = people.by_email(session, email)
    if person is None:
        invitation = links.invite(session, email=email, name=name, role="admin", by=None)
        return f"/invitation/{invitation.secret}", f"{links.INVITATION_DAYS} days"
    if person.disabled_at is not None:
        people.set_disabled(session, person.id, disabled=False, by=person.id)
    people.set_role(session, person.id, "admin", by=person.id)
    secret = links.new_secret()
    links.add_login(session, email, secret)
    return f"/sign-in/link/{secret}", f"{links.LOGIN_MINUTES} minutes"
