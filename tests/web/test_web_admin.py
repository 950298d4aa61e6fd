"""People, courses, invitations, lists, codes, tokens and the audit log."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from conftest import School, new_person
from flask import Flask
from flask.testing import FlaskClient
from mails import outbox, path_in
from sqlalchemy import event, func, select, update

from grader.config import Settings
from grader.db import Database, people, roster
from grader.db.queries import now
from grader.db.roster import read
from grader.db.school import ApiToken, Course, Enrolment, Person, SignInLink
from grader.web import create_app
from grader.web.services import services

AsPerson = Callable[[Person], FlaskClient]
PASSWORD = "correct horse battery"
NEW = {"name": "Nell New", "password": PASSWORD, "again": PASSWORD}


def who(client: FlaskClient) -> str | None:
    found = re.search(r'value="([^"]+)" autocomplete="username" readonly', client.get("/account").text)
    return found[1] if found else None


def fresh(database: Database, person: Person) -> Person:
    with database.read() as session:
        return people.known(session, person.id)


def role_in(database: Database, school: School, email: str) -> str | None:
    """What somebody is in the school's course."""
    with database.read() as session:
        mine = (Enrolment.course_id == school.course.id, Person.email == email)
        return session.scalar(select(Enrolment.role).join(Person, Person.id == Enrolment.person_id).where(*mine))


def count(database: Database, table: Any) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def enrol_url(school: School, more: str = "") -> str:
    return f"/admin/courses/{school.course.id}/enrol{more}"


@pytest.mark.parametrize("person", ["student", "teacher", "outsider"])
@pytest.mark.parametrize(("method", "path"), [
    ("GET", "/admin/people"), ("POST", "/admin/people/invite"), ("POST", "/admin/people/{me}/role"),
    ("POST", "/admin/people/{me}/disable"), ("POST", "/admin/people/{me}/enable"), ("GET", "/admin/courses"),
    ("POST", "/admin/courses"), ("POST", "/admin/courses/{course}/archive"), ("GET", "/admin/audit"),
    ("GET", "/admin/"),
])  # fmt: skip
def test_administration_is_for_admins(
    school: School, as_person: AsPerson, database: Database, person: str, method: str, path: str
) -> None:
    me: Person = getattr(school, person)
    there = path.format(me=me.id, course=school.course.id)
    data = {"role": "admin", "title": "Mine", "email": "x@example.org"} if method == "POST" else None
    response = as_person(me).open(there, method=method, data=data)

    assert response.status_code == 403
    assert fresh(database, me).role == me.role
    assert count(database, Course) == 1


@pytest.mark.parametrize(("method", "path"), [
    ("GET", ""), ("POST", "/list"), ("POST", "/invite"), ("POST", "/withdraw"), ("POST", "/code"),
    ("POST", "/members/{me}"),
])  # fmt: skip
def test_a_courses_people_are_for_its_instructors_and_admins(
    app: Flask, school: School, as_person: AsPerson, database: Database, method: str, path: str
) -> None:
    with database.write() as session:
        elsewhere = new_person("Ella Elsewhere", "instructor")
        session.add(elsewhere)
    data = {"role": "instructor", "email": "x@example.org", "list": "X,x@example.org", "confirm": "1", "on": "1"}
    for person in (school.student, school.outsider, elsewhere):
        there = enrol_url(school, path.format(me=person.id))
        response = as_person(person).open(there, method=method, data=data if method == "POST" else None)
        unknown = as_person(person).open(there.replace(school.course.id, "0" * 32), method=method, data={})
        assert response.status_code == unknown.status_code == 404
        assert response.text == unknown.text

    assert count(database, SignInLink) == 0
    assert role_in(database, school, school.student.email) == "student"
    assert outbox(app) == []


def test_people_are_found_by_parts_of_their_names(admin: FlaskClient, school: School) -> None:
    everybody = admin.get("/admin/people").text
    for person in (school.admin, school.teacher, school.student, school.outsider):
        assert person.email in everybody
    found = admin.get("/admin/people?q=oTTo").text

    assert school.outsider.email in found
    assert school.teacher.email not in found
    assert "Nobody found" in admin.get("/admin/people?q=%25").text
    assert "Nobody found" in admin.get("/admin/people?q=__________").text


def test_people_come_in_pages_by_key_and_with_as_many_queries(
    admin: FlaskClient, school: School, database: Database
) -> None:
    def queries() -> int:
        statements: list[str] = []

        def note(*args: Any) -> None:
            statements.append(args[2])

        event.listen(database.engine, "before_cursor_execute", note)
        assert admin.get("/admin/people").status_code == 200
        event.remove(database.engine, "before_cursor_execute", note)
        return len(statements)

    few = queries()
    with database.write() as session:
        session.add_all([new_person(f"p{number:03} Page") for number in range(120)])
    assert queries() == few
    seen: list[str] = []
    there: str | None = "/admin/people?q=page"
    while there:
        page = admin.get(there).text
        seen += re.findall(r'block">(p\d{3}@example\.org)', page)
        older = re.search(r'href="([^"]+)" rel="next"', page)
        there = older[1].replace("&amp;", "&") if older else None
    assert seen == sorted(set(seen))
    assert len(seen) == 120


def test_an_admin_changes_roles_and_it_is_written_down(admin: FlaskClient, school: School, database: Database) -> None:
    response = admin.post(f"/admin/people/{school.student.id}/role", data={"role": "instructor"})

    assert response.status_code == 303
    assert fresh(database, school.student).role == "instructor"
    log = admin.get(f"/admin/audit?person={school.student.email}").text
    assert "role.changed" in log
    assert "student →" in log
    assert school.admin.email in log


@pytest.mark.parametrize("role", ["root", "", "admin' OR 1=1"])
def test_an_unknown_role_changes_nothing(admin: FlaskClient, school: School, database: Database, role: str) -> None:
    assert admin.post(f"/admin/people/{school.student.id}/role", data={"role": role}).status_code == 422
    assert fresh(database, school.student).role == "student"


def test_the_last_admin_stays(admin: FlaskClient, school: School, database: Database) -> None:
    for path, data in (("role", {"role": "student"}), ("disable", {})):
        response = admin.post(f"/admin/people/{school.admin.id}/{path}", data=data)
        assert response.status_code == 422
        assert "only admin" in response.text
    admin.post(f"/admin/people/{school.teacher.id}/role", data={"role": "admin"})

    assert admin.post(f"/admin/people/{school.admin.id}/role", data={"role": "student"}).status_code == 303
    assert admin.get("/admin/people").status_code == 403


@pytest.mark.parametrize("what", ["role", "disable", "enable"])
def test_nobody_is_not_found(admin: FlaskClient, what: str) -> None:
    assert admin.post(f"/admin/people/{'0' * 32}/{what}", data={"role": "student"}).status_code == 404


def test_an_invited_instructor_makes_an_account(app: Flask, admin: FlaskClient, database: Database) -> None:
    form = {"email": "Nell@example.org", "name": "Nell", "role": "instructor"}
    assert admin.post("/admin/people/invite", data=form).status_code == 303
    assert "nell@example.org" in admin.get("/admin/people").text
    (mail,) = outbox(app)
    assert mail["To"] == "nell@example.org"
    client, path = app.test_client(), path_in(mail)

    assert 'value="Nell"' in client.get(path).text
    assert client.get(path).status_code == 200  # looking spends nothing
    assert client.post(path, data=NEW).status_code == 303
    assert who(client) == "nell@example.org"
    with database.read() as session:
        person = people.by_email(session, "nell@example.org")
    assert person is not None
    assert (person.name, person.role) == ("Nell New", "instructor")
    assert app.test_client().post(path, data=NEW).status_code == 410
    assert app.test_client().post("/sign-in", data={"email": form["email"], "password": PASSWORD}).status_code == 303


@pytest.mark.parametrize("wrong", [
    {"password": "short", "again": "short"}, {"again": "something else"}, {"name": ""}, {"name": "a\x00b"},
    {"name": "\u202egnp"}, {"name": "x" * 201}, {"password": "", "again": ""},
])  # fmt: skip
def test_an_account_that_would_not_do_leaves_the_invitation_as_it_was(
    app: Flask, admin: FlaskClient, database: Database, wrong: dict[str, str]
) -> None:
    admin.post("/admin/people/invite", data={"email": "nell@example.org", "role": "student"})
    (mail,) = outbox(app)
    client, path, before = app.test_client(), path_in(mail), count(database, Person)

    assert client.post(path, data=NEW | wrong).status_code == 422
    assert count(database, Person) == before
    assert client.post(path, data=NEW).status_code == 303


def test_an_invitation_is_too_old_after_a_while_and_a_newer_one_replaces_it(
    app: Flask, admin: FlaskClient, database: Database
) -> None:
    for _ in range(2):
        admin.post("/admin/people/invite", data={"email": "nell@example.org", "role": "student"})
    first, second = (path_in(mail) for mail in outbox(app))
    assert app.test_client().get(first).status_code == 410
    assert app.test_client().get(second).status_code == 200
    with database.write() as session:
        session.execute(update(SignInLink).values(expires_at=now() - timedelta(seconds=1)))

    assert app.test_client().post(second, data=NEW).status_code == 410


def test_a_form_cannot_ask_for_more_than_the_invitation_gives(
    app: Flask, admin: FlaskClient, database: Database
) -> None:
    admin.post("/admin/people/invite", data={"email": "nell@example.org", "role": "student"})
    (mail,) = outbox(app)
    app.test_client().post(path_in(mail), data=NEW | {"role": "admin", "email": "admin@example.org", "course_id": "x"})

    with database.read() as session:
        person = people.by_email(session, "nell@example.org")
    assert person is not None
    assert person.role == "student"


def test_an_instructor_invites_into_their_course(
    app: Flask, teacher: FlaskClient, school: School, database: Database
) -> None:
    form = {"email": "nell@example.org", "name": "Nell", "role": "student"}
    assert teacher.post(enrol_url(school, "/invite"), data=form).status_code == 303
    assert "nell@example.org" in teacher.get(enrol_url(school)).text
    (mail,) = outbox(app)
    assert "Adding <up>" in mail["Subject"]
    assert app.test_client().post(path_in(mail), data=NEW).status_code == 303

    assert role_in(database, school, "nell@example.org") == "student"
    assert "not answered" not in teacher.get(enrol_url(school)).text


def test_an_instructor_puts_an_account_in_at_once(
    app: Flask, teacher: FlaskClient, school: School, database: Database
) -> None:
    teacher.post(enrol_url(school, "/invite"), data={"email": "OTTO@example.org", "role": "student"})

    assert role_in(database, school, "otto@example.org") == "student"
    (mail,) = outbox(app)
    assert mail["To"] == "otto@example.org"


def test_a_withdrawn_invitation_is_worth_nothing(app: Flask, teacher: FlaskClient, school: School) -> None:
    teacher.post(enrol_url(school, "/invite"), data={"email": "nell@example.org", "role": "student"})
    (mail,) = outbox(app)
    teacher.post(enrol_url(school, "/withdraw"), data={"email": "nell@example.org"})

    assert app.test_client().post(path_in(mail), data=NEW).status_code == 410


def test_who_has_an_account_by_then_signs_in_to_accept(
    app: Flask, teacher: FlaskClient, school: School, as_person: AsPerson, database: Database
) -> None:
    teacher.post(enrol_url(school, "/invite"), data={"email": "nell@example.org", "role": "instructor"})
    (mail,) = outbox(app)
    path = path_in(mail)
    with database.write() as session:
        nell = people.add(session, email="nell@example.org", name="Nell", role="student")
    stranger = app.test_client()
    assert "password" not in stranger.get(path).text.split("<main")[1]
    assert stranger.post(path, data=NEW).headers["Location"].startswith("/sign-in?next=/invitation/")
    assert as_person(school.outsider).post(path).status_code == 422
    assert role_in(database, school, "nell@example.org") is None

    assert as_person(nell).post(path).status_code == 303
    assert role_in(database, school, "nell@example.org") == "instructor"
    assert fresh(database, nell).role == "instructor"


LIST = """\
name,email,role
Nell New,nell@example.org
"Out, Otto",OTTO@example.org,student
Sam,sam@example.org,student
Olga,olga@example.org,Instructor

"""


def test_a_list_is_shown_before_it_is_done(
    app: Flask, teacher: FlaskClient, school: School, database: Database
) -> None:
    file = (io.BytesIO(LIST.encode("utf-8-sig")), "class.csv")
    page = teacher.post(enrol_url(school, "/list"), data={"file": file})

    assert page.status_code == 200
    words = re.findall(r'data-label="What happens"><span class="badge \w+">([^<]+)', page.text)
    assert words == ["gets an invitation", "is enrolled", "is in the course", "gets another role"]
    assert role_in(database, school, "otto@example.org") is None
    assert count(database, SignInLink) == 0

    confirmed = {"confirm": "1", "list": LIST}
    assert teacher.post(enrol_url(school, "/list"), data=confirmed).status_code == 303
    assert role_in(database, school, "otto@example.org") == "student"
    assert role_in(database, school, "olga@example.org") == "instructor"
    assert sorted(str(mail["To"]) for mail in outbox(app)) == [
        "nell@example.org", "olga@example.org", "otto@example.org",
    ]  # fmt: skip
    assert "Nothing is left to do" in teacher.post(enrol_url(school, "/list"), data={"list": LIST}).text


def test_a_list_with_a_problem_does_nothing_and_tells_all_of_them(
    app: Flask, teacher: FlaskClient, school: School, database: Database
) -> None:
    text = "Otto,otto@example.org\nNo,no address\n,\nA,b@c.d,boss\nOtto,OTTO@example.org\nToo,many@x.y,student,x\n"
    for more in ({}, {"confirm": "1"}):
        page = teacher.post(enrol_url(school, "/list"), data={"list": text} | more)
        assert page.status_code == 422
    _, problems = read(text)

    assert [problem.line for problem in problems] == [2, 4, 5, 6]
    page = teacher.post(enrol_url(school, "/list"), data={"list": text})
    for part in ("Line 2:", "Line 4:", "Line 5:", "is in line 1 already", "Line 6:", "no address", "boss"):
        assert part in page.text
    assert role_in(database, school, "otto@example.org") is None
    assert outbox(app) == []


@pytest.mark.parametrize(("text", "emails"), [
    ("email;name\na@b.c;A\n", ["a@b.c"]), ("A\ta@b.c\nB\tb@b.c\n", ["a@b.c", "b@b.c"]),
    ("A,a@b.c\r\n\r\nB,b@b.c", ["a@b.c", "b@b.c"]),
    ('"Two\nlines",a@b.c\nB,b@b.c', ["a@b.c", "b@b.c"]), ("E-Mail,Name\na@b.c,=HYPERLINK(1)", ["a@b.c"]),
])  # fmt: skip
def test_lists_are_read_as_sheets_write_them(text: str, emails: list[str]) -> None:
    lines, problems = read(text)

    assert problems == []
    assert [line.email for line in lines] == emails


@pytest.mark.parametrize(("text", "told"), [
    ("", "nobody in the list"), ("name,email\n", "nobody in the list"), ("name,email,phone\nA,a@b.c,1", "“phone”"),
    ("email,email\na@b.c,x", "too many"), ("A,a@b.c\n" * 2, "line 1 already"), ('"A,a@b.c', "no CSV"),
    ("".join(f"A,a{n}@b.c\n" for n in range(roster.LINES + 1)), "more than"),
])  # fmt: skip
def test_what_is_no_list_is_told_so(text: str, told: str) -> None:
    _, problems = read(text)

    assert told in " ".join(map(str, problems))


@pytest.mark.parametrize(("data", "told"), [
    ("Ä,a@b.c".encode("latin-1"), "UTF-8"), (b"x" * 300_000, "longer than"), (b"PK\x03\x04\0\0", "no text"),
])  # fmt: skip
def test_a_file_that_is_no_text_is_refused(teacher: FlaskClient, school: School, data: bytes, told: str) -> None:
    page = teacher.post(enrol_url(school, "/list"), data={"file": (io.BytesIO(data), "x.csv")})

    assert page.status_code == 422
    assert told in page.text


def test_names_in_lists_are_escaped(teacher: FlaskClient, school: School) -> None:
    page = teacher.post(enrol_url(school, "/list"), data={"list": "<script>alert(1)</script>{{config}},a@b.c"}).text

    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert "{{config}}" in page


def test_a_disabled_account_in_a_list_is_a_problem(
    teacher: FlaskClient, admin: FlaskClient, school: School, database: Database
) -> None:
    admin.post(f"/admin/people/{school.outsider.id}/disable")
    page = teacher.post(enrol_url(school, "/list"), data={"list": "Otto,otto@example.org", "confirm": "1"})

    assert page.status_code == 422
    assert "disabled" in page.text
    assert role_in(database, school, "otto@example.org") is None


def code_of(database: Database, school: School) -> str:
    with database.read() as session:
        return str(session.scalar(select(Course.code).where(Course.id == school.course.id)))


def test_a_code_lets_students_in_until_it_is_changed(
    teacher: FlaskClient, school: School, as_person: AsPerson, database: Database
) -> None:
    teacher.post(enrol_url(school, "/code"), data={"on": "1"})
    code = code_of(database, school)
    assert len(code) >= 10
    assert f"{code[:5]}-{code[5:]}" in teacher.get(enrol_url(school)).text
    otto = as_person(school.outsider)
    assert f'value="{code}"' in otto.get(f"/courses/join?code={code}").text
    assert otto.post("/courses/join", data={"code": f" {code[:5].lower()}-{code[5:]} "}).status_code == 303
    assert role_in(database, school, "otto@example.org") == "student"

    teacher.post(enrol_url(school, "/members/" + school.outsider.id), data={"remove": "1"})
    assert role_in(database, school, "otto@example.org") is None
    teacher.post(enrol_url(school, "/code"), data={"on": "1"})
    assert otto.post("/courses/join", data={"code": code}).status_code == 422
    teacher.post(enrol_url(school, "/code"))
    for gone in ("", "None", code):
        assert otto.post("/courses/join", data={"code": gone}).status_code == 422
    assert role_in(database, school, "otto@example.org") is None


def test_a_code_makes_no_instructor_a_student(teacher: FlaskClient, school: School, database: Database) -> None:
    teacher.post(enrol_url(school, "/code"), data={"on": "1"})
    teacher.post("/courses/join", data={"code": code_of(database, school)})

    assert role_in(database, school, school.teacher.email) == "instructor"


def test_codes_are_not_found_by_trying(school: School, as_person: AsPerson) -> None:
    otto = as_person(school.outsider)

    assert 429 in [otto.post("/courses/join", data={"code": "WRONGCODE1"}).status_code for _ in range(21)]


def test_an_archived_course_takes_nobody(
    app: Flask, admin: FlaskClient, teacher: FlaskClient, school: School, as_person: AsPerson, database: Database
) -> None:
    teacher.post(enrol_url(school, "/code"), data={"on": "1"})
    code = code_of(database, school)
    admin.post(f"/admin/courses/{school.course.id}/archive")

    assert as_person(school.outsider).post("/courses/join", data={"code": code}).status_code == 422
    for path, data in (
        ("/list", {"list": "Otto,otto@example.org", "confirm": "1"}),
        ("/invite", {"email": "otto@example.org"}),
    ):
        assert teacher.post(enrol_url(school, path), data=data).status_code == 422
    assert role_in(database, school, "otto@example.org") is None
    admin.post(f"/admin/courses/{school.course.id}/reopen")
    assert as_person(school.outsider).post("/courses/join", data={"code": code}).status_code == 303


def test_an_admin_makes_a_course(admin: FlaskClient, database: Database) -> None:
    response = admin.post("/admin/courses", data={"title": "  Deep   <b>learning</b> "})

    assert response.status_code == 303
    assert "Nobody is in this course yet" in admin.get(response.headers["Location"]).text
    page = admin.get("/admin/courses").text
    assert "Deep &lt;b&gt;learning&lt;/b&gt;" in page
    for title in ("", " ", "x" * 201, "a\x1b[2Jb"):
        assert admin.post("/admin/courses", data={"title": title}).status_code == 422
    assert count(database, Course) == 2


def test_a_role_in_a_course_is_changed(teacher: FlaskClient, school: School, database: Database) -> None:
    teacher.post(enrol_url(school, f"/members/{school.student.id}"), data={"role": "instructor"})
    assert role_in(database, school, school.student.email) == "instructor"

    assert teacher.post(enrol_url(school, f"/members/{school.student.id}"), data={"role": "admin"}).status_code == 422
    assert (
        teacher.post(enrol_url(school, f"/members/{school.outsider.id}"), data={"role": "student"}).status_code == 422
    )
    assert role_in(database, school, "otto@example.org") is None


def test_a_token_is_shown_once_and_kept_as_a_digest(student: FlaskClient, school: School, database: Database) -> None:
    page = student.post("/account/tokens", data={"token_name": "lap<top>", "scopes": ["read", "submit"], "days": "30"})
    found = re.search(r">(grd_[\w-]{40,})</pre>", page.text)
    assert found is not None
    with database.read() as session:
        token = session.scalars(select(ApiToken)).one()

    assert token.scopes == ["read", "submit"]
    assert token.person_id == school.student.id
    assert found[1] not in str(token.__dict__)
    again = student.get("/account").text
    assert found[1] not in again
    assert "lap&lt;top&gt;" in again
    assert student.post(f"/account/tokens/{token.id}/revoke").status_code == 303
    assert "lap&lt;top&gt;" not in student.get("/account").text


@pytest.mark.parametrize("form", [
    {"token_name": "", "scopes": "read", "days": "30"}, {"token_name": "x", "days": "30"},
    {"token_name": "x", "scopes": "admin", "days": "30"}, {"token_name": "x", "scopes": ["read", "all"], "days": "30"},
    {"token_name": "x", "scopes": "read", "days": "31"}, {"token_name": "x", "scopes": "read", "days": "-1"},
    {"token_name": "x" * 101, "scopes": "read", "days": ""},
])  # fmt: skip
def test_a_token_that_would_not_do_is_not_made(student: FlaskClient, database: Database, form: dict[str, Any]) -> None:
    assert student.post("/account/tokens", data=form).status_code == 422
    assert count(database, ApiToken) == 0


def test_nobody_revokes_anothers_token(
    student: FlaskClient, school: School, as_person: AsPerson, database: Database
) -> None:
    student.post("/account/tokens", data={"token_name": "x", "scopes": "read", "days": ""})
    with database.read() as session:
        token = session.scalars(select(ApiToken)).one()

    assert as_person(school.other_student).post(f"/account/tokens/{token.id}/revoke").status_code == 404
    with database.read() as session:
        assert session.get_one(ApiToken, token.id).revoked_at is None


def test_a_name_is_changed_and_shown_as_text(student: FlaskClient, school: School, database: Database) -> None:
    assert student.post("/account/name", data={"name": " <img src=x>  {{7*7}} ", "role": "admin"}).status_code == 303
    assert fresh(database, school.student).name == "<img src=x> {{7*7}}"
    assert fresh(database, school.student).role == "student"
    page = student.get("/account").text
    assert "<img src=x>" not in page
    assert "{{7*7}}" in page


def test_the_audit_log_goes_back_in_pages(admin: FlaskClient, school: School) -> None:
    for _ in range(30):
        admin.post(f"/admin/people/{school.student.id}/role", data={"role": "employer"})
        admin.post(f"/admin/people/{school.student.id}/role", data={"role": "student"})
    page = admin.get("/admin/audit?action=role.changed").text
    older = re.search(r'href="([^"]+)" rel="next"', page)
    assert older is not None
    assert page.count("<code>role.changed</code>") == 50
    assert admin.get(older[1].replace("&amp;", "&")).text.count("<code>role.changed</code>") == 10
    assert admin.get("/admin/audit?before=x").status_code == 422
    assert "Nothing to show" in admin.get("/admin/audit?person=nobody@example.org").text


def test_invitations_have_the_configured_host(settings: Settings, school: School) -> None:
    app = create_app(settings.model_copy(update={"base_url": "http://grader.example.edu/"}))
    client, asked = app.test_client(), "http://evil.example"
    with client.session_transaction(base_url=asked) as session:
        session.update({"person": school.admin.id, "key": school.admin.session_key, "id": "0" * 32})
    client.post("/admin/people/invite", data={"email": "nell@example.org", "role": "student"}, base_url=asked)

    (mail,) = outbox(app)
    assert "http://grader.example.edu/invitation/" in mail.get_content()
    assert "evil" not in mail.as_string()
    services(app).database.dispose()
