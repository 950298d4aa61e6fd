"""A class at work: a course with an assignment that tests and people judge, students, and submissions with reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from grader.config import Settings
from grader.db import Database, assignments, queries, submitting, suites
from grader.db.assignments import Rules
from grader.db.queries import NewSubmission, Outcome, new_id
from grader.db.school import Assignment, Course, Enrolment, Group, GroupMember, Person, PublishedSuite
from grader.intake.store import BlobStore
from grader.intake.tree import Tree

RUBRIC = """\
rubric: 1
id: essay
version: {version}
title: An essay <with> code
summary: Writes and computes.
sandbox: python
submission: {{accepts: [repository], requires: [solution.py]}}
limits: {{time: 30}}
attempts: {{count: 5, per: day}}
pass_mark: 50
criteria:
  - {{id: works, title: Works, points: {works}, tests: tests/test_open.py}}
  - {{id: secret, title: Works on <hidden> input, points: 4, tests: tests/test_shut.py, visibility: hidden, hint: 0?}}
  - id: clear
    title: Is clear
    points: 10
    review: {{levels: [{{name: Not at all, points: 0}}, {{name: Half & half, points: 5}}, {{name: Very, points: 10}}]}}
  - id: cited
    title: Names its sources
    points: 2
    review: {{levels: [{{name: "No", points: 0}}, {{name: "Yes", points: 2}}]}}
"""
TEST = "from solution import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n"
NOW = datetime.now(UTC).replace(microsecond=0)
DIGEST = "sha256:" + "0" * 64


def person(name: str, role: Any = "student") -> Person:
    email = f"{name.casefold().replace(' ', '.')}@example.org"
    return Person(id=new_id(), email=email, name=name, role=role, session_key=new_id(), created_at=NOW)


def write_suite(settings: Settings, *, version: int = 1, works: float = 6, folder: str = "essay") -> None:
    """The suite's folder among those of the installation."""
    suite = settings.rubrics / folder
    (suite / "tests").mkdir(parents=True, exist_ok=True)
    (suite / "starter").mkdir(exist_ok=True)
    (suite / "rubric.yaml").write_text(RUBRIC.format(version=version, works=works))
    (suite / "brief.md").write_text("Write. <script>alert(1)</script>\n")
    (suite / "starter" / "solution.py").write_text("def add(a, b):\n    raise NotImplementedError\n")
    for name in ("test_open.py", "test_shut.py"):
        (suite / "tests" / name).write_text(TEST)


def report(points: Mapping[str, float], *, works: float = 6, message: str = "", output: str = "") -> dict[str, Any]:
    """A report of the suite's four criteria; people have marked nothing yet."""
    most = {"works": works, "secret": 4.0, "clear": 10.0, "cited": 2.0}
    titles = {"works": "Works", "secret": "Works on <hidden> input", "clear": "Is clear", "cited": "Names its sources"}
    criteria: list[dict[str, Any]] = []
    for name, full in most.items():
        earned, by_hand = points.get(name, 0.0), name in ("clear", "cited")
        status = "pending" if by_hand else "passed" if earned >= full else "partial" if earned else "failed"
        test = {"id": f"tests/test_{'shut' if name == 'secret' else 'open'}.py::test_add[{name}]", "seconds": 0.1}
        test |= {"status": "passed" if earned else "failed", "message": message, "output": output}
        criteria.append({
            "id": name, "title": titles[name], "points": 0.0 if by_hand else earned, "max_points": full,
            "status": status, "visibility": "hidden" if name == "secret" else "visible",
            "tests": [] if by_hand else [test],
        })  # fmt: skip
    total = sum(criterion["points"] for criterion in criteria)
    return {
        "report": 1, "outcome": "graded", "points": total, "max_points": works + 16, "passed": False,
        "percent": round(100 * total / (works + 16), 2), "rubric": {"id": "essay", "version": 1, "digest": DIGEST},
        "submission": {"kind": "repository", "digest": DIGEST, "commit": None}, "criteria": criteria,
        "environment": {"image": DIGEST, "examiner_image": DIGEST, "seed": "seedseed",
                        "transcript": "sha256:" + "7" * 64, "grader": "0"},
        "timing": {"queued": 1.0, "started": 2.0, "graded": 3.0},
    }  # fmt: skip


@dataclass
class Desk:
    """The world of a test. Every method commits."""

    settings: Settings
    database: Database
    teacher: Person
    colleague: Person
    """Teaches the same course."""
    stranger: Person
    """Teaches another course."""
    outsider: Person
    course: Course
    other_course: Course
    suite: PublishedSuite
    assignment: Assignment
    students: list[Person] = field(default_factory=list)

    @property
    def blobs(self) -> BlobStore:
        return BlobStore(self.settings.blob_root)

    def student(self, name: str) -> Person:
        """A new student of the course."""
        row = person(name)
        with self.database.write() as session:
            session.add(row)
            session.flush()
            session.add(Enrolment(course_id=self.course.id, person_id=row.id, role="student", created_at=NOW))
        self.students.append(row)
        return row

    def group(self, name: str, *members: Person) -> Group:
        row = Group(id=new_id(), assignment_id=self.assignment.id, name=name, code=new_id()[:20])
        with self.database.write() as session:
            session.add(row)
            session.flush()
            for member in members:
                session.add(GroupMember(assignment_id=self.assignment.id, person_id=member.id, group_id=row.id))
        return row

    def hand_in(self, who: Person, at: datetime | None = None, *, files: Mapping[str, str] | None = None,
                name: str = "work.zip", grade: Mapping[str, float] | None = None, **more: Any) -> str:  # fmt: skip
        """Submit, and with `grade` finish the attempt; returns the submission's id."""
        contents = {key: text.encode() for key, text in (files or {"solution.py": "x = 1\n"}).items()}
        tree = Tree("repository", contents)
        new = NewSubmission(rubric="essay", suite="", queue="high", job_timeout=60, blob=self.blobs.put(tree.tar()),
                            filename=name, size=tree.size)  # fmt: skip
        with self.database.write() as session:
            assignment = session.get_one(Assignment, self.assignment.id)
            row = submitting.add(session, assignment, who, new, at or datetime.now(UTC))
        if grade is not None:
            self.finish(f"{row.id}-1", report(grade, **more))
        return row.id

    def finish(self, attempt_id: str, content: Mapping[str, Any], **artifacts: bytes) -> None:
        """As a worker does; `artifacts` are logs by name with `_` for `.`."""
        kept = {name.replace("_", "."): self.blobs.put(data) for name, data in artifacts.items()}
        with self.database.write() as session:
            assert queries.claim(session, attempt_id, "worker:1")
            assert queries.finish(session, attempt_id, Outcome("graded", report=content, artifacts=kept))

    def publish(self, *, version: int, works: float) -> PublishedSuite:
        """Another version of the suite, as its author would change it."""
        write_suite(self.settings, version=version, works=works)
        with self.database.write() as session:
            return suites.publish(session, self.blobs, course_id=self.course.id, by=self.teacher.id,
                                  folder=self.settings.rubrics / "essay")  # fmt: skip


def open_desk(settings: Settings, database: Database, **rules: Any) -> Desk:
    """A course with a published assignment that is due in a week, and nobody in it yet."""
    write_suite(settings)
    teacher, colleague = person("Tess Teacher", "instructor"), person("Carl Colleague", "instructor")
    stranger, outsider = person("Stan Stranger", "instructor"), person("Otto Outsider")
    course = Course(id=new_id(), title="Essays & <code>", created_at=NOW)
    other = Course(id=new_id(), title="Elsewhere", created_at=NOW)
    with database.write() as session:
        session.add_all([teacher, colleague, stranger, outsider, course, other])
        session.flush()
        for who, where in ((teacher, course), (colleague, course), (stranger, other)):
            session.add(Enrolment(course_id=where.id, person_id=who.id, role="instructor", created_at=NOW))
        suite = suites.publish(session, BlobStore(settings.blob_root), course_id=course.id, by=teacher.id,
                               folder=settings.rubrics / "essay")  # fmt: skip
        wanted = Rules(**{"title": "First <essay>", "due_at": NOW + timedelta(days=7), "attempts": 1000,
                          "attempts_per": "ever"} | rules)  # fmt: skip
        assignment = assignments.create(session, suite, wanted, by=teacher.id)
        assignments.publish(session, assignment.id, by=teacher.id, published=True)
    return Desk(settings, database, teacher, colleague, stranger, outsider, course, other, suite, assignment)
