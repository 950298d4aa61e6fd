"""Marking by people: one after another, through plain forms, without overwriting each other."""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from desk_class import Desk, open_desk
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from grader.config import Settings
from grader.db import Database
from grader.db.marking import Audit, Grade, Review
from grader.db.school import Assignment, Person

AsPerson = Callable[[Person], FlaskClient]


@pytest.fixture
def desk(settings: Settings, database: Database) -> Desk:
    return open_desk(settings, database)


@pytest.fixture
def teacher(desk: Desk, as_person: AsPerson) -> FlaskClient:
    return as_person(desk.teacher)


def works(desk: Desk, *names: str) -> list[str]:
    return [desk.hand_in(desk.student(f"{name} Student"), grade={"works": 6, "secret": 2}) for name in names]


def form_of(client: FlaskClient, public_id: str) -> dict[str, str]:
    """What a browser without script would send if nothing were touched."""
    page = client.get(f"/desk/submissions/{public_id}/review").text
    form = page[page.index('<form method="post"') : page.index("</form>", page.index('<form method="post"'))]
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    fields |= dict(re.findall(r'name="(level-[^"]+)" value="([^"]+)" checked', form))
    fields |= dict(re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>([^<]*)</textarea>', form))
    return {name: html.unescape(value) for name, value in fields.items()}


def save(client: FlaskClient, public_id: str, action: str = "save", **marks: str) -> Any:
    fields = form_of(client, public_id) | {name.replace("_", "-"): value for name, value in marks.items()}
    return client.post(f"/desk/submissions/{public_id}/review", data={**fields, "action": action})


def current(desk: Desk) -> dict[tuple[str, str], tuple[str, float, str]]:
    with desk.database.read() as session:
        rows = session.scalars(select(Review).where(Review.replaced_at.is_(None)))
        return {(row.submission_id, row.criterion): (row.level, row.points, row.comment) for row in rows}


def test_marking_goes_from_one_waiting_submission_to_the_next_and_settles_each(
    desk: Desk, teacher: FlaskClient
) -> None:
    first, second = works(desk, "Ada", "Bob")
    address = f"/desk/assignments/{desk.assignment.id}/review"

    answer = teacher.get(address)
    assert answer.headers["Location"] == f"/desk/submissions/{first}/review"
    page = teacher.get(answer.headers["Location"]).text
    assert "2 of 2 to mark" in page
    assert f'href="/desk/submissions/{second}/review" data-key="n"' in page

    answer = save(teacher, first, level_clear="Very", comment_clear="Well **done**", level_cited="Yes")

    assert answer.headers["Location"] == f"/desk/submissions/{second}/review"
    assert current(desk) == {(first, "clear"): ("Very", 10.0, "Well **done**"), (first, "cited"): ("Yes", 2.0, "")}
    with desk.database.read() as session:
        grade = session.scalars(select(Grade).where(Grade.submission_id == first)).one()
        assert (grade.points, grade.pending, grade.passed) == (20.0, False, True)
        marked = session.scalars(select(Audit).where(Audit.action == "review.marked")).all()
    assert {(row.about, row.person_id) for row in marked} == {(f"submission:{first}", desk.teacher.id)}
    page = teacher.get(f"/desk/submissions/{second}/review").text
    assert "1 of 2 to mark" in page
    assert f'href="/desk/submissions/{first}/review" data-key="p"' in page
    answer = save(teacher, second, level_clear="Not at all", level_cited="No")
    assert answer.headers["Location"] == address
    assert "Everything is marked" in teacher.get(address).text


def test_half_of_the_criteria_may_be_marked_now_and_the_rest_later(desk: Desk, teacher: FlaskClient) -> None:
    (work,) = works(desk, "Ada")

    assert save(teacher, work, "stay", level_clear="Half & half").headers["Location"].endswith(f"{work}/review")

    with desk.database.read() as session:
        grade = session.scalars(select(Grade)).one()
        assert (grade.points, grade.pending) == (13.0, True)
    assert save(teacher, work, level_cited="Yes").status_code == 303
    assert {criterion for _, criterion in current(desk)} == {"clear", "cited"}


def test_a_reviewer_who_was_overtaken_is_told_and_loses_nothing(
    desk: Desk, teacher: FlaskClient, as_person: AsPerson
) -> None:
    (work,) = works(desk, "Ada")
    colleague = as_person(desk.colleague)
    stale = form_of(teacher, work)
    save(colleague, work, level_clear="Not at all", comment_clear="Too short.")

    mine = stale | {"level-clear": "Very", "comment-clear": "Splendid <b>.", "action": "save"}
    answer = teacher.post(f"/desk/submissions/{work}/review", data=mine)

    assert answer.status_code == 409
    assert "Carl Colleague has marked this with “Not at all”" in answer.text
    assert "Splendid &lt;b&gt;." in answer.text  # what was written is still there
    assert current(desk)[work, "clear"] == ("Not at all", 0.0, "Too short.")
    page = answer.text
    seen = re.search(r'name="seen-clear" value="(\d+)"', page)
    assert seen is not None
    answer = teacher.post(f"/desk/submissions/{work}/review", data=mine | {"seen-clear": seen[1]})
    assert answer.status_code == 303  # having seen it, they may replace it
    assert current(desk)[work, "clear"] == ("Very", 10.0, "Splendid <b>.")
    with desk.database.read() as session:
        kept = session.scalars(select(Review).where(Review.criterion == "clear")).all()
    assert [row.level for row in sorted(kept, key=lambda row: row.seq)] == ["Not at all", "Very"]


def test_an_overtaken_criterion_holds_back_the_others_of_the_same_form(
    desk: Desk, teacher: FlaskClient, as_person: AsPerson
) -> None:
    (work,) = works(desk, "Ada")
    stale = form_of(teacher, work)
    save(as_person(desk.colleague), work, level_clear="Not at all")

    both = stale | {"level-clear": "Very", "level-cited": "Yes", "action": "save"}

    assert teacher.post(f"/desk/submissions/{work}/review", data=both).status_code == 409
    assert set(current(desk)) == {(work, "clear")}


def test_of_reviewers_in_the_same_moment_one_wins_and_the_others_are_told(
    app: Flask, desk: Desk, as_person: AsPerson
) -> None:
    (work,) = works(desk, "Ada")
    clients = [as_person(person) for person in (desk.teacher, desk.colleague) for _ in range(2)]
    fields = form_of(clients[0], work)
    barrier, codes = threading.Barrier(4), list[int]()

    def mark(client: FlaskClient, comment: str) -> None:
        barrier.wait()
        sent = fields | {"level-clear": "Very", "comment-clear": comment, "action": "save"}
        codes.append(client.post(f"/desk/submissions/{work}/review", data=sent).status_code)

    threads = [threading.Thread(target=mark, args=(client, str(n))) for n, client in enumerate(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(codes) == [303, 409, 409, 409]
    with desk.database.read() as session:
        assert len(session.scalars(select(Review)).all()) == 1


def test_saying_the_very_same_again_changes_nothing(desk: Desk, teacher: FlaskClient) -> None:
    (work,) = works(desk, "Ada")
    stale = form_of(teacher, work) | {"level-clear": "Very", "action": "save"}
    for _ in range(2):  # a double click
        assert teacher.post(f"/desk/submissions/{work}/review", data=stale).status_code == 303

    with desk.database.read() as session:
        assert len(session.scalars(select(Review)).all()) == 1


def test_a_comment_is_previewed_and_shown_without_a_way_to_run_anything(
    desk: Desk, teacher: FlaskClient, as_person: AsPerson
) -> None:
    (work,) = works(desk, "Ada")
    evil = "**bold** <script>alert(1)</script> [x](javascript:alert(1)) ![i](https://example.org/i.png) \u202eevil"

    answer = save(teacher, work, "preview", level_clear="Very", comment_clear=evil)

    assert answer.status_code == 200
    assert current(desk) == {}
    preview = answer.text[answer.text.index('class="preview"') :].split("</fieldset>")[0]
    assert "<strong>bold</strong>" in preview
    for danger in ("<script", "<img", 'href="javascript', "\u202e"):
        assert danger not in preview
    assert 'value="Very" checked' in answer.text
    save(teacher, work, level_clear="Very", comment_clear=evil)
    for address in (f"/desk/submissions/{work}", f"/submissions/{work}"):
        client = teacher if "desk" in address else as_person(desk.students[0])
        page = client.get(address).text
        assert "<script>alert" not in page
        assert 'href="javascript' not in page


@pytest.mark.parametrize(
    ("marks", "told"),
    [
        ({"level-clear": "Superb"}, "no such level"),
        ({"comment-clear": "Only words"}, "no level"),
        ({"level-clear": "Very", "comment-clear": "x" * 20_001}, "more than 20000"),
        ({"level-clear": "Very", "seen-clear": "1 OR 1=1"}, "no mark"),
        ({"level-works": "Very"}, "no such field"),
        ({"level-clear": "Very", "points-clear": "100"}, "no such field"),
    ],
)
def test_a_mark_that_is_none_is_refused(desk: Desk, teacher: FlaskClient, marks: dict[str, str], told: str) -> None:
    (work,) = works(desk, "Ada")

    answer = teacher.post(
        f"/desk/submissions/{work}/review", data={**form_of(teacher, work), **marks, "action": "save"}
    )

    assert answer.status_code == 422
    assert told in answer.text
    assert current(desk) == {}


def test_a_group_is_marked_once_for_all_its_members(desk: Desk, teacher: FlaskClient) -> None:
    with desk.database.write() as session:
        session.execute(update(Assignment).values(group_size=2))
    ada, bob = desk.student("Ada Student"), desk.student("Bob Student")
    desk.group("Pair <one>", ada, bob)
    work = desk.hand_in(ada, grade={"works": 2})

    page = teacher.get(f"/desk/submissions/{work}/review").text
    assert "Ada Student, Bob Student" in page
    assert "1 of 1 to mark" in page
    save(teacher, work, level_clear="Very", level_cited="Yes")

    with desk.database.read() as session:
        assert [(row.points, row.pending) for row in session.scalars(select(Grade))] == [(14.0, False)] * 2


def test_what_waits_or_has_no_marks_of_people_has_no_form(desk: Desk, teacher: FlaskClient) -> None:
    waiting = desk.hand_in(desk.student("Ada Student"))

    assert teacher.get(f"/desk/submissions/{waiting}/review").status_code == 404


def test_an_assignment_without_marks_of_people_says_so(desk: Desk, teacher: FlaskClient, settings: Settings) -> None:
    rubric = settings.rubrics / "essay" / "rubric.yaml"
    text = rubric.read_text()
    rubric.write_text(text[: text.index("  - id: clear")].replace("version: 1", "version: 7"))
    answer = teacher.post(f"/desk/courses/{desk.course.id}/publish", data={"source": "folder", "folder": "essay"})
    suite_id = answer.headers["Location"].rsplit("/", 1)[1]
    teacher.post(f"/desk/assignments/{desk.assignment.id}/suite", data={"suite": suite_id})

    page = teacher.get(f"/desk/assignments/{desk.assignment.id}/review").text

    assert "Nothing here is marked by people" in page
