"""The table of submissions and the page of one: found, filtered, sorted, paged, and nothing in them can act."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from desk_class import NOW, Desk, open_desk, report
from flask.testing import FlaskClient
from sqlalchemy import event, update

from grader.config import Settings
from grader.db import Database, assignments, extensions, queries
from grader.db.queries import Outcome
from grader.db.school import Assignment, Person

AsPerson = Callable[[Person], FlaskClient]


@pytest.fixture
def desk(settings: Settings, database: Database) -> Desk:
    return open_desk(settings, database)


@pytest.fixture
def teacher(desk: Desk, as_person: AsPerson) -> FlaskClient:
    return as_person(desk.teacher)


def names(client: FlaskClient, desk: Desk, query: str = "") -> list[str]:
    """First names of the rows, in order."""
    answer = client.get(f"/desk/assignments/{desk.assignment.id}/submissions{query}")
    assert answer.status_code == 200
    return re.findall(r'<th scope="row"><a href="[^"]+">([^<]+?)(?: Student)?</a>', answer.text)


@pytest.fixture
def crowd(desk: Desk) -> dict[str, str]:
    """Submissions by first name: early and late, waiting and graded, rejected, passed and not."""
    with desk.database.write() as session:
        row = session.get_one(Assignment, desk.assignment.id)
        rules = replace(assignments.rules_of(row), due_at=NOW - timedelta(days=2))
        assignments.change(session, row.id, rules, by=desk.teacher.id)
    found = {}
    for name, days, points in (("Ada", 3, 6.0), ("Bea", 1, 2.0), ("Cleo", 1, 4.0), ("Dan", 3, None)):
        who = desk.student(f"{name} Student")
        if name == "Cleo":
            with desk.database.write() as session:
                row = session.get_one(Assignment, desk.assignment.id)
                extensions.grant(session, row, who.id, NOW, why="Ill", by=desk.teacher.id)
        given = {"works": points, "secret": 4.0 if name == "Ada" else 0.0} if points is not None else None
        found[name] = desk.hand_in(who, NOW - timedelta(days=days), grade=given, name=f"{name.lower()}_100%.zip")
    evil = desk.student("Eve Student")
    found["Eve"] = desk.hand_in(evil, NOW - timedelta(days=3))
    with desk.database.write() as session:
        queries.finish(
            session, f"{found['Eve']}-1", Outcome("rejected", reason="No file.", place="x.py", fix="Add it.")
        )
    return found


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "Eve Dan Cleo Bea Ada"),
        ("?q=bea", "Bea"),
        ("?q=EA.STU", "Bea"),  # e-mail
        ("?q=cleo_", "Cleo"),  # file
        ("?q=100%25", "Dan Cleo Bea Ada"),  # % and _ are themselves
        ("?q=_s", ""),
        ("?q=' OR 1=1 --", ""),
        ("?state=rejected", "Eve"),
        ("?state=received", "Dan"),
        ("?late=yes", "Bea"),  # Cleo has more time
        ("?late=no", "Eve Dan Cleo Ada"),
        ("?waiting=yes", "Cleo Bea Ada"),
        ("?counting=yes&sort=received&order=up", "Ada Bea Cleo"),
        ("?passed=no", "Cleo Bea Ada"),
        ("?sort=student&order=up", "Ada Bea Cleo Dan Eve"),
        ("?sort=student&order=down", "Eve Dan Cleo Bea Ada"),
        ("?sort=points&order=down&state=graded", "Ada Cleo Bea"),
        ("?sort=points&order=up&state=graded", "Bea Cleo Ada"),
        ("?sort=file&order=up&state=graded", "Ada Bea Cleo"),
        ("?sort=state&order=up", "Ada Bea Cleo Dan Eve"),
    ],
)
def test_the_table_is_searched_filtered_and_sorted(
    desk: Desk, teacher: FlaskClient, crowd: dict[str, str], query: str, expected: str
) -> None:
    assert " ".join(names(teacher, desk, query)) == expected


def test_what_passes_with_the_marks_of_people_has_passed(desk: Desk, teacher: FlaskClient) -> None:
    work = desk.hand_in(desk.student("Ada Student"), grade={"works": 6, "secret": 4})
    desk.hand_in(desk.student("Bob Student"), grade={"works": 6, "secret": 4})
    sent = {"level-clear": "Very", "level-cited": "Yes", "action": "save"}
    assert teacher.post(f"/desk/submissions/{work}/review", data=sent).status_code == 303

    assert names(teacher, desk, "?passed=yes") == ["Ada"]
    assert names(teacher, desk, "?passed=no") == ["Bob"]


@pytest.mark.parametrize("sort", ["received", "student", "file", "state", "points"])
@pytest.mark.parametrize("order", ["up", "down"])
def test_pages_hold_every_row_once_in_any_order(
    desk: Desk, teacher: FlaskClient, monkeypatch: pytest.MonkeyPatch, sort: str, order: str
) -> None:
    monkeypatch.setattr("grader.web.desk.submissions.PAGE", 3)
    for number in range(8):  # many alike, so that the key alone does not order them
        given = {"works": float(number % 2)} if number % 3 else None
        desk.hand_in(desk.student(f"{['Ann', 'Bob'][number % 2]} {number}"), grade=given, name=f"{number % 2}.zip")
    address, seen = f"/desk/assignments/{desk.assignment.id}/submissions?sort={sort}&order={order}", list[str]()
    for _ in range(5):
        page = teacher.get(address).text
        seen += re.findall(r'name="submission" value="([0-9a-f]{32})"', page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        if following is None:
            break
        address = following[1].replace("&amp;", "&")

    assert len(seen) == len(set(seen)) == 8


def test_the_page_asks_as_many_questions_for_many_rows_as_for_few(
    desk: Desk, teacher: FlaskClient, database: Database
) -> None:
    def ask() -> int:
        asked: list[str] = []
        listener = lambda *args: asked.append(args[2])  # noqa: E731
        event.listen(database.engine, "before_cursor_execute", listener)
        names(teacher, desk)
        event.remove(database.engine, "before_cursor_execute", listener)
        return len(asked)

    desk.hand_in(desk.student("Ada Student"), grade={"works": 1})
    few = ask()
    for number in range(20):
        desk.hand_in(desk.student(f"Student {number}"), grade={"works": 1})

    assert ask() == few <= 8


def test_groups_are_shown_and_filtered(desk: Desk, teacher: FlaskClient) -> None:
    with desk.database.write() as session:
        session.execute(update(Assignment).values(group_size=2))
    ada, bob = desk.student("Ada Student"), desk.student("Bob Student")
    group = desk.group("Pair <one>", ada, bob)
    desk.hand_in(ada, grade={"works": 1})
    desk.hand_in(desk.student("Cy Student"), grade={"works": 1})

    assert names(teacher, desk, f"?group={group.id}") == ["Ada"]
    assert names(teacher, desk, "?q=pair") == ["Ada"]
    assert "Pair &lt;one&gt;" in teacher.get(f"/desk/assignments/{desk.assignment.id}/submissions").text


def test_empty_tables_say_why(desk: Desk, teacher: FlaskClient) -> None:
    address = f"/desk/assignments/{desk.assignment.id}/submissions"

    assert "Nothing has been handed in yet" in teacher.get(address).text
    desk.hand_in(desk.student("Ada Student"))
    assert "No submission is like that" in teacher.get(f"{address}?q=nobody").text


def test_one_submission_with_everything_that_is_known_of_it(desk: Desk, teacher: FlaskClient) -> None:
    ada = desk.student("Ada <b> \u202eStudent")
    earlier = desk.hand_in(ada, grade={"works": 1})
    work = desk.hand_in(ada, name="<img src=x>.zip", files={"solution.py": "x = 1\n", "notes/a b.md": "# Hi"})
    told = report({"works": 6, "secret": 1}, message="\x1b[31mred\x1b[0m \x1b]0;title\x07", output="<i>\rover\u202e")
    desk.finish(f"{work}-1", told, candidate_log=b"one\n\x1b[2Jtwo\r\n\xff", examiner_log=b"fine")

    page = teacher.get(f"/desk/submissions/{work}").text

    for text in (
        "Ada &lt;b&gt; \\u202eStudent", "&lt;img src=x&gt;.zip", "Works on &lt;hidden&gt; input", "test_add[secret]",
        "red \\x1b]0;title\\x07", "&lt;i&gt;\\rover\\u202e", "777777777777", "seedseed", "candidate.log",
        "examiner.log", "notes/a b.md", f"/desk/submissions/{earlier}", "Grade settled", "Waited", "As the student",
    ):  # fmt: skip
        assert text in page, text
    for danger in ("\x1b", "\u202e", "\x07", "<img src=x", "<i>"):
        assert danger not in page


def test_a_log_shows_unseen_characters_is_cut_and_can_be_had_whole(
    desk: Desk, teacher: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = desk.hand_in(desk.student("Ada Student"))
    log = b"one\n\x1b[2Jtwo\rthree <script>\xe2\x80\xae\n" + b"x" * 300_000
    desk.finish(f"{work}-1", report({"works": 1}), candidate_log=log, examiner_log=b"")
    address = f"/desk/submissions/{work}/attempts/{work}-1"

    page = teacher.get(f"{address}/candidate.log").text
    assert "\\x1b[2Jtwo\\rthree &lt;script&gt;\\u202e" in page
    assert "the first 256 KiB are shown" in page
    assert len(page) < 280_000
    assert "It is empty." in teacher.get(f"{address}/examiner.log").text
    whole = teacher.get(f"{address}/candidate.log?download=1")
    assert whole.data == log
    assert whole.headers["Content-Disposition"].startswith("attachment")
    assert whole.headers["Content-Type"] == "application/octet-stream"
    assert "sandbox" in whole.headers["Content-Security-Policy"]
    assert teacher.get(f"{address}/other.log").status_code == 404
    other = desk.hand_in(desk.student("Bob Student"))
    assert teacher.get(f"/desk/submissions/{other}/attempts/{work}-1/candidate.log").status_code == 404


def test_a_file_that_was_handed_in_is_read_as_text_or_downloaded_and_never_run(
    desk: Desk, teacher: FlaskClient
) -> None:
    files = {"solution.py": "x = 1\n", "page.html": "<script>alert(1)</script>", "deep/er/a.md": "*hi*"}
    work = desk.hand_in(desk.student("Ada Student"), files=files, grade={"works": 1})

    page = teacher.get(f"/desk/submissions/{work}/files/page.html")
    assert "&lt;script&gt;alert(1)" in page.text
    assert "<script>alert(1)" not in page.text
    assert teacher.get(f"/desk/submissions/{work}/files/deep/er/a.md").status_code == 200
    raw = teacher.get(f"/desk/submissions/{work}/files/page.html?download=1")
    assert (raw.headers["Content-Type"], raw.data) == ("application/octet-stream", b"<script>alert(1)</script>")
    for name in ("nothing.py", "../solution.py", "/etc/passwd", "deep"):
        assert teacher.get(f"/desk/submissions/{work}/files/{name}").status_code in (404, 308)


def test_what_was_rejected_or_failed_says_why_and_how_to_go_on(desk: Desk, teacher: FlaskClient) -> None:
    work = desk.hand_in(desk.student("Ada Student"))
    with desk.database.write() as session:
        queries.finish(session, f"{work}-1", Outcome("failed", reason="SandboxError: no space <left>"))

    page = teacher.get(f"/desk/submissions/{work}").text

    assert "SandboxError: no space &lt;left&gt;" in page
    assert "This is our failure" in page


def test_the_page_of_one_asks_as_many_questions_whatever_its_history(
    desk: Desk, teacher: FlaskClient, database: Database
) -> None:
    ada = desk.student("Ada Student")
    work = desk.hand_in(ada, grade={"works": 1})

    def ask() -> int:
        asked: list[str] = []
        listener = lambda *args: asked.append(args[2])  # noqa: E731
        event.listen(database.engine, "before_cursor_execute", listener)
        assert teacher.get(f"/desk/submissions/{work}").status_code == 200
        event.remove(database.engine, "before_cursor_execute", listener)
        return len(asked)

    few = ask()
    for _ in range(10):
        desk.hand_in(ada, grade={"works": 1})

    assert ask() == few
