"""Groups: made, joined by code, left; every member gets the grade."""

from __future__ import annotations

import pytest
from courses import DAY, NOON, Class, at_once, criterion, graded
from sqlalchemy import select

from grader.db import audit, extensions, groups
from grader.db.school import Assignment, Group, GroupMember
from grader.errors import BadInput


@pytest.fixture
def team(school: Class) -> Class:
    school.change(group_size=2)
    return school


def act(school: Class, name: str, who: int, *values: str) -> Group:
    with school.database.write() as session:
        row = session.get_one(Assignment, school.assignment.id)
        return getattr(groups, name)(session, row, school.students[who].id, *values)  # type: ignore[no-any-return]


def test_every_member_gets_the_grade(team: Class) -> None:
    team.group(0, 1)
    public_id = team.hand_in(1)
    team.finish(public_id, graded(criterion("works", 8, 10)))

    assert [team.final(0), team.final(1)] == [8, 8]
    assert team.grade(2) is None


def test_attempts_and_waiting_submissions_are_the_groups(team: Class) -> None:
    team.change(attempts=1, attempts_per="ever")
    team.group(0, 1)
    first = team.hand_in(0)
    team.hand_in(1)
    assert team.state(first) == "cancelled"
    team.finish(team.hand_in(0), graded(criterion("works", 8, 10)))

    with pytest.raises(BadInput, match="only attempt"):
        team.hand_in(1)


def test_lateness_is_each_members_own(team: Class) -> None:
    team.change(due_at=NOON, penalty=10.0)
    team.group(0, 1)
    with team.database.write() as session:
        row = session.get_one(Assignment, team.assignment.id)
        extensions.grant(session, row, team.students[0].id, NOON + DAY, why="flu", by=None)
    team.finish(team.hand_in(1, NOON + DAY), graded(criterion("works", 10, 10)))

    assert [team.final(0), team.final(1)] == [10, 9]


def test_a_group_is_found_by_its_code_however_it_is_typed(team: Class) -> None:
    group = team.group(0)
    code = f" {group.code[:4].upper()} {group.code[4:]} "

    assert act(team, "join", 1, code).id == group.id
    with team.database.read() as session:
        assert [one.name for one in groups.members(session, group.id)] == ["ann", "ben"]
        assert [row.action for row in audit.history(session, f"group:{group.id}")] == ["group.joined", "group.created"]


@pytest.mark.parametrize(("name", "why"), [("", "1 to 100"), ("x" * 101, "1 to 100"), ("a\x1b[2J", "1 to 100")])
def test_names_are_plain(team: Class, name: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        act(team, "create", 0, name)


def test_what_makes_no_sense_is_refused(team: Class) -> None:
    group = team.group(0, 1)

    for name, who, value, why in [
        ("create", 2, "The  Sums", "called The Sums already"),
        ("create", 0, "Another", "in a group already"),
        ("join", 0, group.code, "in a group already"),
        ("join", 2, "nonsense", "No group"),
        ("join", 2, group.code, "2 members already"),
    ]:
        with pytest.raises(BadInput, match=why):
            act(team, name, who, value)
    with pytest.raises(BadInput, match="in no group"):
        act(team, "leave", 2)
    team.hand_in(2)
    with pytest.raises(BadInput, match="handed in alone"):
        act(team, "create", 2, "Late")
    team.change(group_size=1)
    with pytest.raises(BadInput, match="done alone"):
        act(team, "create", 3, "Alone")


def test_a_group_can_be_left_until_it_has_handed_in(team: Class) -> None:
    group = team.group(0, 1)
    act(team, "leave", 1)
    act(team, "join", 2, group.code)
    team.hand_in(2)
    with pytest.raises(BadInput, match="handed in"):
        act(team, "leave", 0)


def test_a_group_without_members_goes(team: Class) -> None:
    team.group(0)
    act(team, "leave", 0)
    with team.database.read() as session:
        assert session.scalars(select(Group)).all() == []


def test_the_last_place_is_taken_once(team: Class) -> None:
    group = team.group(0)
    results = at_once(3, lambda n: act(team, "join", n + 1, group.code))

    assert len([result for result in results if isinstance(result, BadInput)]) == 2
    with team.database.read() as session:
        assert len(session.scalars(select(GroupMember)).all()) == 2
