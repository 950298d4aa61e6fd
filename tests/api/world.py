"""A small school in a database, made with the product's own functions: every operation finds something there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from grader.config import Settings
from grader.db import (
    Database,
    assignments,
    courses,
    extensions,
    groups,
    leaderboard,
    organisations,
    people,
    queries,
    regrades,
    shortlists,
    submitting,
    suites,
    talent_contacts,
    talent_profile,
    tokens,
    webhooks,
)
from grader.db.queries import NewSubmission, Outcome, now
from grader.db.school import Assignment, Course, Person, PublishedSuite
from grader.db.talent import Skill
from grader.intake.store import BlobStore
from grader.web.talent.names import Names

RUBRIC = """\
rubric: 1
id: addition
version: {version}
title: Add <two> numbers
summary: Adds.
sandbox: python
submission: {{accepts: [repository], requires: [solution.py], max_size: 1m}}
limits: {{time: 30}}
attempts: {{count: 1000, per: day}}
pass_mark: 60
criteria:
  - {{id: open, title: Adds, points: 6, tests: tests/test_open.py, hint: Carry the one.}}
  - {{id: shut, title: Adds more, points: 4, tests: tests/test_shut.py, visibility: hidden}}
  - id: style
    title: Reads well
    points: 5
    review:
      levels: [{{name: poor, points: 0}}, {{name: good, points: 5}}]
"""
TEST = "from solution import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n"


Call = Callable[..., TestResponse]


@dataclass(frozen=True)
class World:
    """Ids, and a token of each of the people, by name."""

    ids: dict[str, str]
    """By the name of a path's parameter; `spare_…` are for what deletes."""
    tokens: dict[str, str]
    people: dict[str, Person]


def write_suite(folder: Path, version: int = 1) -> Path:
    """A suite as a folder."""
    (folder / "tests").mkdir(parents=True, exist_ok=True)
    (folder / "rubric.yaml").write_text(RUBRIC.format(version=version))
    (folder / "brief.md").write_text("Write `add`.\n")
    for name in ("test_open.py", "test_shut.py"):
        (folder / "tests" / name).write_text(TEST)
    return folder


def make_world(settings: Settings, database: Database) -> World:
    """A course with a graded submission that waits for a mark, one that waits for a grader, a regrade, a webhook."""
    blobs = BlobStore(settings.blob_root)
    with database.write() as session:
        who = _people(session)
        course = courses.add(session, "Adding <up>", by=who["admin"].id)
        for name, role in (
            ("teacher", "instructor"),
            ("student", "student"),
            ("mate", "student"),
            ("spare", "student"),
        ):
            courses.enrol(session, course.id, who[name].id, role, by=who["admin"].id)  # type: ignore[arg-type]
        assignment, newer = _assignment(session, blobs, settings, course, who)
        ids = _submissions(session, assignment, who, blobs)
        ids |= _marking(session, assignment, newer, who)
        ids |= _talent(session, settings, who)
        secrets = {name: _token(session, person) for name, person in who.items()}
        spare, _ = tokens.add(session, who["student"], name="spare", scopes=("read",), days=30)
        pairs = assignments.create(session, newer, assignments.Rules("In pairs", group_size=2), by=who["teacher"].id)
        assignments.publish(session, pairs.id, by=who["teacher"].id, published=True)
        groups.create(session, pairs, who["student"].id, "Euler & Gauss")
    ids |= {
        "pairs_id": pairs.id,
        "course_id": course.id, "assignment_id": assignment.id, "suite_id": newer.id, "person_id": who["mate"].id,
        "spare_person_id": who["spare"].id, "token_id": spare.id,
    }  # fmt: skip
    return World(ids, secrets, who)


def _people(session: Session) -> dict[str, Person]:
    roles: dict[str, Any] = {
        "admin": "admin", "teacher": "instructor", "student": "student", "mate": "student", "spare": "student",
        "outsider": "student", "stranger": "instructor", "employer": "employer",
    }  # fmt: skip
    return {
        name: people.add(session, email=f"{name}@example.org", name=f"{name.title()} <b>", role=role)
        for name, role in roles.items()
    }


def _token(session: Session, person: Person) -> str:
    scopes = tokens.scopes_for(person)
    return tokens.add(session, person, name="tests", scopes=scopes, days=30)[1]


def _assignment(
    session: Session, blobs: BlobStore, settings: Settings, course: Course, who: dict[str, Person]
) -> tuple[Assignment, PublishedSuite]:
    by = who["teacher"].id
    first, newer = (
        suites.publish(
            session,
            blobs,
            course_id=course.id,
            by=by,
            folder=write_suite(settings.rubrics / f"adding-{number}", number),
        )
        for number in (1, 2)
    )
    rules = assignments.Rules("First sums", due_at=now() + timedelta(days=7), leaderboard=True)
    row = assignments.create(session, first, rules, by=by)
    assignments.publish(session, row.id, by=by, published=True)
    return row, newer


def _submissions(session: Session, assignment: Assignment, who: dict[str, Person], blobs: BlobStore) -> dict[str, str]:
    blob = blobs.put(b"work")
    new = NewSubmission(rubric="", suite="", queue="default", job_timeout=60, blob=blob, filename="<work>.zip", size=4)
    graded = submitting.add(session, assignment, who["student"], new, now())
    report = graded_report()
    artifacts = {"candidate.log": blobs.put(b"log"), "notebook.ipynb": blobs.put(b"{}")}
    queries.finish(session, f"{graded.id}-1", Outcome("graded", report=report, artifacts=artifacts))
    submitting.add(session, assignment, who["mate"], new, now())
    return {"submission_id": graded.id}


def _marking(session: Session, assignment: Assignment, newer: PublishedSuite, who: dict[str, Person]) -> dict[str, str]:
    by = who["teacher"].id
    extensions.grant(session, assignment, who["mate"].id, now() + timedelta(days=9), why="ill", by=by)
    leaderboard.set_alias(session, assignment.course_id, who["student"].id, "Gauss")
    regrade, _ = regrades.start(session, assignment, regrades.Asked(newer, "a wrong bound", by, 60))
    hook = webhooks.add(session, course_id=assignment.course_id, url="https://example.org/hook", by=by)
    webhooks.ping(session, hook)
    spare = webhooks.add(session, course_id=assignment.course_id, url="https://example.org/spare", by=by)
    return {"regrade_id": regrade.id, "webhook_id": hook.id, "spare_webhook_id": spare.id}


def _talent(session: Session, settings: Settings, who: dict[str, Person]) -> dict[str, str]:
    """An organisation that has found two learners, asked one of them, and keeps shortlists."""
    by = who["admin"].id
    organisation = organisations.add(session, "Example Robots", "", by=by)
    organisations.invite(session, organisation.id, who["employer"].email, by=by)
    organisations.join(session, who["employer"])
    learners = [talent_profile.set_found(session, who[name], found=True) for name in ("student", "mate")]
    message = "We look for somebody who adds well."
    asked, spare = (talent_contacts.ask(session, organisation, who["employer"], one, message) for one in learners)
    lists = [shortlists.add(session, organisation.id, name, by=who["employer"].id) for name in ("Some", "Spare")]
    shortlists.put(session, lists[0], learners[0], "good", by=who["employer"].id)
    session.add(Skill(key="adding", name="Adding", levels=["some", "more"]))
    return {
        "learner_id": Names(settings, organisation.id).of(who["student"].id), "request_id": asked.id,
        "spare_request_id": spare.id, "shortlist_id": lists[0].id, "spare_shortlist_id": lists[1].id,
    }  # fmt: skip


def graded_report() -> dict[str, Any]:
    """A report with an open criterion half done, a hidden one, and one for a person."""
    digest = "sha256:" + "0" * 64

    def test(name: str, status: str) -> dict[str, Any]:
        return {"id": name, "status": status, "seconds": 0.2}

    def criterion(name: str, points: float, most: float, status: str, *tests: dict[str, Any]) -> dict[str, Any]:
        visibility = "hidden" if name == "shut" else "visible"
        return {
            "id": name, "title": name.title(), "points": points, "max_points": most, "status": status,
            "visibility": visibility, "hint": None, "tests": list(tests),
        }  # fmt: skip

    return {
        "report": 1, "outcome": "graded", "reason": None, "points": 3.0, "max_points": 15.0, "percent": 20.0,
        "passed": False,
        "rubric": {"id": "addition", "version": 1, "digest": digest},
        "submission": {"kind": "repository", "digest": digest, "commit": None},
        "criteria": [
            criterion("open", 3.0, 6.0, "partial", test("tests/test_open.py::test_add", "passed")),
            criterion("shut", 0.0, 4.0, "failed", test("tests/test_shut.py::test_x[secret-7]", "failed")),
            criterion("style", 0.0, 5.0, "pending"),
        ],
        "notebook": None,
        "environment": {"image": digest, "examiner_image": None, "seed": "s", "transcript": None, "grader": "0"},
        "timing": {"queued": 1.0, "started": 2.0, "graded": 3.0},
    }  # fmt: skip
