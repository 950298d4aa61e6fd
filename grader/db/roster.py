"""Enrolment by a list: lines of `name,email[,role]` become enrolments of those we know and invitations of others.

A list is planned as a whole, and done as a whole or not at all.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.db import courses, links, people
from grader.db.links import Invitation
from grader.db.queries import now
from grader.db.school import COURSE_ROLES, Course, CourseRole, Enrolment, Person, SignInLink
from grader.errors import BadInput

LINES = 2000
BYTES = 200_000
_AT_ONCE = 500
_COLUMNS = ("name", "email", "role")

Step = Literal["enrol", "invite", "role", "nothing", "waiting"]
"""enrol: there is an account; invite: there is none; role: in the course as something else; nothing: in the course as
that; waiting: invited before, and not answered yet."""


@dataclass(frozen=True)
class Line:
    """A line of the list that can be used, and what will be done about it."""

    number: int
    name: str
    email: str
    role: CourseRole
    step: Step = "invite"


@dataclass(frozen=True)
class Problem:
    """What is wrong in a line, and how to mend it."""

    line: int
    text: str
    fix: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.text} {self.fix}"


@dataclass(frozen=True)
class Plan:
    """What a list would do. With a problem anywhere it does nothing."""

    lines: Sequence[Line]
    problems: Sequence[Problem]

    def of(self, step: Step) -> list[Line]:
        return [line for line in self.lines if line.step == step]

    @property
    def changes(self) -> int:
        return sum(line.step in ("enrol", "invite", "role") for line in self.lines)


@dataclass(frozen=True)
class Done:
    """What was done: who has to be told what."""

    plan: Plan
    invitations: Sequence[Invitation]
    enrolled: Sequence[Line]


def decode(data: bytes) -> str:
    """Text of an uploaded list. Raises BadInput for what is none or is too long."""
    if len(data) > BYTES:
        raise BadInput(f"The list is longer than {BYTES // 1000} kB.", where="list", fix="Send it in parts.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise BadInput("The list is not in UTF-8.", where=f"line {line}", fix="Save it as “CSV UTF-8”.") from error
    if "\0" in text:
        raise BadInput("This is no text.", where="list", fix="Save the sheet as CSV.")
    return text


def plan(session: Session, course_id: str, text: str) -> Plan:
    """What the list would do to the course now, and everything that is wrong with it."""
    lines, problems = read(text)
    persons: dict[str, Person] = {}
    for some in _parts([line.email for line in lines]):
        persons |= {row.email: row for row in session.scalars(select(Person).where(Person.email.in_(some)))}
    enrolments = session.scalars(select(Enrolment).where(Enrolment.course_id == course_id))
    roles = {row.person_id: row.role for row in enrolments}
    stands = (SignInLink.kind == "invitation", SignInLink.used_at.is_(None), SignInLink.expires_at > now())
    waiting = session.scalars(select(SignInLink).where(SignInLink.course_id == course_id, *stands))
    invited = {link.email: link.course_role for link in waiting}
    planned = []
    for line in lines:
        person = persons.get(line.email)
        if person is not None and person.disabled_at is not None:
            text = f"The account {line.email} is disabled."
            problems.append(Problem(line.number, text, "Take the line out, or have an admin enable it."))
            continue
        step = _step(line, roles.get(person.id) if person else None, person, invited)
        planned.append(Line(line.number, line.name, line.email, line.role, step))
    return Plan(planned, sorted(problems, key=lambda problem: problem.line))


def apply(session: Session, course: Course, text: str, *, by: str) -> Done:
    """Do what the list says. Raises BadInput, having changed nothing, when anything is wrong with it by now."""
    planned = plan(session, course.id, text)
    if planned.problems:
        count = len(planned.problems)
        raise BadInput(f"The list has {count} problem{'s' * (count > 1)}.", where=str(planned.problems[0]), fix="")
    invitations, enrolled = [], []
    for line in planned.lines:
        if line.step == "invite":
            invitations.append(
                links.invite(
                    session,
                    email=line.email,
                    name=line.name,
                    role=line.role,
                    course=course,
                    course_role=line.role,
                    by=by,
                )
            )
        elif line.step in ("enrol", "role"):
            person = people.by_email(session, line.email)
            if person is not None:
                courses.enrol(session, course.id, person.id, line.role, by=by, why="by list")
                enrolled.append(line)
    return Done(planned, invitations, enrolled)


def read(text: str) -> tuple[list[Line], list[Problem]]:
    """The lines of a list, and what is wrong with the others. Columns are told by their heading or by their order."""
    lines: list[Line] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    try:
        for number, row in _rows(text):
            try:
                line = _line(number, row)
            except BadInput as error:
                problems.append(Problem(number, error.message, error.fix))
                continue
            if line.email in seen:
                fix = "Take one of them out."
                problems.append(Problem(number, f"{line.email} is in line {seen[line.email]} already.", fix))
                continue
            seen[line.email] = number
            lines.append(line)
    except BadInput as error:
        problems.append(Problem(1, error.message, error.fix))
    if not lines and not problems:
        problems.append(Problem(1, "There is nobody in the list.", "Write one line for each: name,email"))
    return lines, problems


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Number of a line, from 1, and its cells by column. Raises BadInput."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=True)
    columns: Sequence[str] = _COLUMNS
    begun, count, start = False, 0, 1
    try:
        for row in reader:
            number, start = start, reader.line_num + 1
            if not any(cell.strip() for cell in row):
                continue
            words = [cell.strip().casefold().replace("e-mail", "email") for cell in row]
            if not begun and "email" in words:
                columns = _heading(words)
            else:
                count += 1
                yield number, _cells(columns, row)
            begun = True
            if count >= LINES:
                raise BadInput(f"The list has more than {LINES} lines.", fix="Send it in parts.")
    except csv.Error as error:
        raise BadInput(
            f"This is no CSV: {error} after line {reader.line_num}.", fix="Save the sheet as CSV."
        ) from error


def _heading(words: list[str]) -> list[str]:
    unknown = [word for word in words if word not in _COLUMNS]
    if unknown or len(set(words)) < len(words):
        text = f"There is a column “{(unknown or words)[0][:40]}” too many."
        raise BadInput(text, fix="The columns are name, email and role; role can be left out.")
    return words


def _cells(columns: Sequence[str], row: list[str]) -> dict[str, str]:
    cells = {column: cell.strip() for column, cell in zip(columns, row, strict=False)}
    more = [cell for cell in row[len(columns) :] if cell.strip()]
    return cells | ({"more": more[0]} if more else {})


def _line(number: int, cells: dict[str, str]) -> Line:
    """Raises BadInput."""
    if "more" in cells:
        text = f"“{cells['more'][:40]}” is a column too many."
        raise BadInput(text, fix="Put a name that has a comma in it into quotes.")
    if not cells.get("email"):
        raise BadInput("The address is missing.", fix="Write name,email")
    name = people.clean_name(cells["name"]) if cells.get("name") else ""
    role = cells.get("role", "").casefold() or "student"
    if role not in COURSE_ROLES:
        raise BadInput(f"There is no role “{role[:40]}” in a course.", fix="Write student or instructor, or nothing.")
    return Line(number, name, people.clean_email(cells["email"]), role)


def _step(line: Line, role: str | None, person: Person | None, invited: Mapping[str, CourseRole | None]) -> Step:
    if person is None:
        return "waiting" if invited.get(line.email) == line.role else "invite"
    if role is None:
        return "enrol"
    return "nothing" if role == line.role else "role"


def _parts(emails: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(emails), _AT_ONCE):
        yield emails[start : start + _AT_ONCE]
