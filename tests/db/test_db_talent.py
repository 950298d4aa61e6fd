"""What employers find, in which order, and what learners keep to themselves; on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event, func, select, text, update
from talent_world import NOW, Shown, Talent, make_talent

from grader.db import (
    Database,
    contact_data,
    organisations,
    people,
    shortlists,
    talent_contacts,
    talent_profile,
    talent_search,
    talent_skills,
)
from grader.db.credentials import Credential
from grader.db.school import Person
from grader.db.talent import Evidence, Learner, LearnerSkill, Organisation, ShortlistEntry
from grader.db.talent_profile import Choices
from grader.db.talent_search import FEW, Finder, Search, Wanted
from grader.errors import BadInput

MESSAGE = "We look for somebody who cleans data. Shall we talk?"


@pytest.fixture
def world(database: Database) -> Talent:
    return make_talent(database)


def names(world: Talent, *skills: tuple[str, int], by: str = "", limit: int = 50, **more: object) -> list[str]:
    """Who is found, in order."""
    wanted = [Wanted(world.skill(key).id, rank) for key, rank in skills]
    search = Search(by or world.organisation.id, wanted, **more)  # type: ignore[arg-type]
    with world.database.read() as session:
        found = Finder(session, search).page(limit).found
        known = {row.id: row.name for row in session.scalars(select(Person))}
        return [known[one.learner.person_id] for one in found]


def test_the_first_skill_leads_by_level_and_then_by_date(world: Talent) -> None:
    world.learner("Old Advanced", Shown("ml", 3, days=300), Shown("clean", 1))
    world.learner("New Advanced", Shown("ml", 3, days=3), Shown("clean", 1))
    world.learner("Foundation", Shown("ml", 1, days=1), Shown("clean", 3))
    world.learner("Without", Shown("clean", 3))

    assert names(world, ("ml", 0)) == ["New Advanced", "Old Advanced", "Foundation"]
    assert names(world, ("ml", 2)) == ["New Advanced", "Old Advanced"]
    assert names(world, ("clean", 0), ("ml", 0)) == ["Foundation", "New Advanced", "Old Advanced"]
    assert names(world, ("ml", 1), ("clean", 2)) == ["Foundation"]


def test_every_filter_must_hold_for_every_skill(world: Talent) -> None:
    world.learner("Fits", Shown("ml", 2, days=20), Shown("clean", 2, days=30))
    world.learner("Stale", Shown("ml", 2, days=20), Shown("clean", 2, days=500))
    world.learner("Outdated", Shown("ml", 2, current=False), Shown("clean", 2))
    world.learner("Elsewhere", Shown("ml", 2), Shown("clean", 2), country="GB")
    world.learner("Later", Shown("ml", 2), Shown("clean", 2), availability="from")
    world.learner("Settled", Shown("ml", 2), Shown("clean", 2), availability="no")
    both, today = (("ml", 2), ("clean", 2)), NOW.date()

    assert set(names(world, *both)) == {"Fits", "Stale", "Outdated", "Elsewhere", "Later", "Settled"}
    assert set(names(world, *both, since=today - timedelta(days=365))) >= {"Fits", "Later"}
    assert "Stale" not in names(world, *both, since=today - timedelta(days=365))
    assert "Outdated" not in names(world, *both, current=True)
    assert names(world, *both, country="GB") == ["Elsewhere"]
    assert "Later" not in names(world, *both, available_by=today)
    assert "Later" in names(world, *both, available_by=today + timedelta(days=31))
    assert "Settled" not in names(world, *both, available_by=today + timedelta(days=3000))
    everything = {"since": today - timedelta(days=365), "current": True, "country": "FR", "available_by": today}
    assert names(world, *both, **everything) == ["Fits"]


def test_only_valid_badges_prove_a_skill(world: Talent) -> None:
    world.learner("Issued", Shown("ml", 1))
    for state in ("due", "suspended", "revoked", "dropped"):
        world.learner(state.title(), Shown("ml", 3), state=state)

    assert names(world, ("ml", 0)) == ["Issued"]


def test_a_better_showing_without_a_badge_does_not_count(world: Talent) -> None:
    from talent_world import record_of

    who = world.learner("Sam", Shown("ml", 1))
    with world.database.write() as session:
        kept = session.scalars(select(Evidence)).one().attempt_id
        weak, strong = record_of(Shown("ml", 1), kept, NOW), record_of(Shown("ml", 3), "without-badge", NOW)
        both = type(strong)(**{**strong.__dict__, "history": (*weak.history, *strong.history)})
        talent_skills.refresh(session, who.id, [both])
    with world.database.read() as session:
        row, proof = session.scalars(select(LearnerSkill)).one(), session.scalars(select(Evidence)).one()
        assert (row.rank, proof.level, proof.attempt_id, proof.share) == (1, "foundation", kept, 55.0)


def test_pages_have_everybody_once_in_the_order_of_the_whole(world: Talent) -> None:
    for number in range(25):  # many with the same level and day
        world.learner(f"L{number:02}", Shown("ml", number % 2 + 1, days=number % 3), Shown("clean", 1))
    for skills in ([("ml", 0)], [("ml", 0), ("clean", 0)], [("clean", 0), ("ml", 1)]):
        wanted = Search(world.organisation.id, [Wanted(world.skill(key).id, rank) for key, rank in skills])
        with world.database.read() as session:
            whole = [one.learner.seq for one in Finder(session, wanted).page(100).found]
            pages, after = [], None
            while True:
                page = Finder(session, wanted).page(7, after)
                pages += [one.learner.seq for one in page.found]
                if (after := page.more) is None:
                    break
        assert pages == whole
        assert len(set(whole)) == 25


@pytest.mark.parametrize("few", [0, 3, 1000])
def test_where_the_search_begins_changes_nothing(world: Talent, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rare skill first, or the leading one: the same learners in the same order."""
    monkeypatch.setattr(talent_search, "FEW", few)
    for number in range(12):
        rare = [Shown("python", 2)] if number % 4 == 0 else []
        world.learner(f"L{number:02}", Shown("ml", number % 3 + 1, days=number), *rare)
    assert names(world, ("ml", 0), ("python", 0)) == ["L08", "L04", "L00"]
    assert names(world, ("ml", 2), ("python", 2)) == ["L08", "L04"]


def test_counts_are_there_while_they_are_cheap(world: Talent, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, country in enumerate(("FR", "FR", "GB", "US")):
        world.learner(f"L{number}", Shown("ml", 2), country=country)
    search = Search(world.organisation.id, [Wanted(world.skill("ml").id)])
    with world.database.read() as session:
        counts = Finder(session, search).counts()
        assert (counts.total, dict(counts.countries)) == (4, {"FR": 2, "GB": 1, "US": 1})
        monkeypatch.setattr(talent_search, "FEW", 3)
        assert Finder(session, search).counts().total is None
    assert FEW == 1000


def test_without_consent_nobody_is_found(world: Talent) -> None:
    who = world.learner("Shy", Shown("ml", 3), found=False)
    assert names(world, ("ml", 0)) == []
    with world.database.read() as session:
        assert talent_search.learner(session, world.organisation.id, who.id) is None
        assert talent_search.catalogue(session) == []


def test_withdrawing_takes_effect_everywhere_at_once(world: Talent) -> None:
    who, other = world.learner("Wanda", Shown("ml", 3)), world.learner("Other", Shown("ml", 2))
    with world.database.write() as session:
        row = talent_skills.learner_of(session, who.id)
        first = talent_contacts.ask(session, world.organisation, world.member, row, MESSAGE)
        second = talent_contacts.ask(session, world.rival, world.rival_member, row, MESSAGE)
        badge_ids = [held.badge.id for held in talent_contacts.shareable(session, who.id)]
        talent_contacts.answer(session, who, first.id, accept=True, text="Yes", badge_ids=badge_ids)
        some = shortlists.add(session, world.organisation.id, "Some", by=world.member.id)
        for one in (who, other):
            shortlists.put(session, some, talent_skills.learner_of(session, one.id), "good", by=world.member.id)
    with world.database.read() as session:
        (asked,) = talent_contacts.asked(session, world.organisation.id, 9)
        assert asked.person is not None
        assert (asked.person.email, len(asked.badges)) == (who.email, 1)

    with world.database.write() as session:
        talent_profile.set_found(session, who, found=False)

    assert names(world, ("ml", 0)) == ["Other"]
    with world.database.read() as session:
        assert talent_search.learner(session, world.organisation.id, who.id) is None
        (asked,) = talent_contacts.asked(session, world.organisation.id, 9)
        assert (asked.request.state, asked.person, asked.badges, asked.request.answer) == ("ended", None, [], "")
        (rivals,) = talent_contacts.asked(session, world.rival.id, 9)
        assert (rivals.request.id, rivals.request.state, rivals.person) == (second.id, "declined", None)
        assert [line.found.learner.person_id for line in shortlists.lines(session, some, 9)] == [other.id]
        assert talent_contacts.accepted_people(session, world.organisation.id, [row.seq]) == {}
    with world.database.write() as session:  # consenting again brings nothing of the past back
        talent_profile.set_found(session, who, found=True)
        assert session.scalar(select(func.count()).select_from(ShortlistEntry)) == 1
    assert names(world, ("ml", 0)) == ["Wanda", "Other"]


def test_a_blocked_organisation_finds_nothing_and_others_do(world: Talent) -> None:
    who = world.learner("Bea", Shown("ml", 3))
    with world.database.write() as session:
        row = talent_skills.learner_of(session, who.id)
        request = talent_contacts.ask(session, world.organisation, world.member, row, MESSAGE)
        talent_contacts.answer(session, who, request.id, accept=True, text="")
        some = shortlists.add(session, world.organisation.id, "Some", by=world.member.id)
        shortlists.put(session, some, row, "", by=world.member.id)
        talent_profile.block(session, who, world.organisation.id)

    assert names(world, ("ml", 0)) == []
    assert names(world, ("ml", 0), by=world.rival.id) == ["Bea"]
    with world.database.read() as session:
        assert talent_search.learner(session, world.organisation.id, who.id) is None
        assert talent_search.learner(session, world.rival.id, who.id) is not None
        (asked,) = talent_contacts.asked(session, world.organisation.id, 9)
        assert (asked.person, asked.there, asked.request.state) == (None, False, "ended")
        assert shortlists.lines(session, some, 9) == []
        assert Finder(session, Search(world.organisation.id, [Wanted(world.skill("ml").id)])).counts().total == 0
    with world.database.write() as session:
        talent_profile.unblock(session, who, world.organisation.id)
    assert names(world, ("ml", 0)) == ["Bea"]


def test_a_disabled_account_is_found_by_nobody(world: Talent) -> None:
    who = world.learner("Dora", Shown("ml", 3))
    with world.database.write() as session:
        people.set_disabled(session, who.id, disabled=True, by=world.admin.id)
    assert names(world, ("ml", 0)) == []
    with world.database.read() as session:
        assert talent_search.learner(session, world.organisation.id, who.id) is None


def test_asking_twice_and_after_a_decline_is_refused(world: Talent) -> None:
    who = world.learner("Dana", Shown("ml", 3))
    with world.database.write() as session:
        row = talent_skills.learner_of(session, who.id)
        request = talent_contacts.ask(session, world.organisation, world.member, row, MESSAGE)
        with pytest.raises(BadInput, match="not answered"):
            talent_contacts.ask(session, world.organisation, world.member, row, MESSAGE)
        talent_contacts.answer(session, who, request.id, accept=False, text="No")
        with pytest.raises(BadInput, match="declined"):
            talent_contacts.ask(session, world.organisation, world.member, row, MESSAGE)
        talent_contacts.ask(session, world.rival, world.rival_member, row, MESSAGE)
        request.answered_at = datetime.now(UTC) - timedelta(days=talent_contacts.AGAIN_DAYS + 1)
        session.flush()
        talent_contacts.ask(session, world.organisation, world.member, row, MESSAGE)


@pytest.mark.parametrize("message", ["Hi", "x" * 2001, " " * 50])
def test_a_message_says_something(world: Talent, message: str) -> None:
    who = world.learner("Mia", Shown("ml", 3))
    row = world.row(who)
    with world.database.write() as session, pytest.raises(BadInput, match="characters"):
        talent_contacts.ask(session, world.organisation, world.member, row, message)


def test_nobody_answers_for_somebody_else_or_shows_their_badges(world: Talent) -> None:
    who, other = world.learner("Wen", Shown("ml", 3)), world.learner("Oth", Shown("ml", 3))
    with world.database.write() as session:
        row = talent_skills.learner_of(session, who.id)
        request = talent_contacts.ask(session, world.organisation, world.member, row, MESSAGE)
        with pytest.raises(BadInput, match="no such request"):
            talent_contacts.answer(session, other, request.id, accept=True, text="")
        theirs = [world.badges(other)[0].id]
        with pytest.raises(BadInput, match="no such badge"):
            talent_contacts.answer(session, who, request.id, accept=True, text="", badge_ids=theirs)
        assert request.state == "waiting"


def test_an_organisation_is_joined_by_invitation_with_the_role_of_employers(world: Talent) -> None:
    with world.database.write() as session:
        student = people.add(session, email="s@example.org", name="S", role="student")
        with pytest.raises(BadInput, match="role student"):
            organisations.invite(session, world.organisation.id, "s@example.org", by=world.admin.id)
        assert organisations.invite(session, world.organisation.id, "New@Example.org", by=world.admin.id) is None
        new = people.add(session, email="new@example.org", name="New", role="employer")
        with pytest.raises(BadInput, match="another organisation"):
            organisations.invite(session, world.rival.id, "new@example.org", by=world.admin.id)
        assert organisations.of_member(session, new.id) is None
        assert organisations.join(session, new).id == world.organisation.id
        with pytest.raises(BadInput, match="no invitation"):
            organisations.join(session, student)
        organisations.set_closed(session, world.organisation.id, closed=True, by=world.admin.id)
        assert organisations.of_member(session, new.id) is None


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("Write to me: sam@example.org", "e-mail"),
        ("sam (at) example dot org", "e-mail"),
        ("sam\uff20example.org", "e-mail"),
        ("find sam at gmail dot com", "e-mail"),
        ("github: samtheman", "account"),
        ("@samtheman on the usual places", "account"),
        ("see example.com/sam", "link"),
        ("https://sam.example", "link"),
        ("www.sam.example", "link"),
        ("call +33 6 12 34 56 78", "telephone"),
        ("0612345678", "telephone"),
        ("\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667", "telephone"),
        ("I am sam, hire me", "name"),
        ("PÉREZ here", "name"),
    ],
)
def test_a_headline_tells_nobody_how_to_reach_its_author(line: str, what: str) -> None:
    with pytest.raises(BadInput, match=what):
        contact_data.headline(line, "Sam Perez")


@pytest.mark.parametrize(
    "line",
    [
        "", "Data analyst, 2019-2024 in health", "ASP.NET and Node.js developer", "Ten years of shift planning",
        "I read papers at night and dot my i's", "Samples, sampling, same day delivery", "C++ / C#, 95 % of the time",
    ],
)  # fmt: skip
def test_ordinary_headlines_are_taken(line: str) -> None:
    assert contact_data.headline(line, "Sam Perez") == line


def test_a_refused_profile_changes_nothing(world: Talent) -> None:
    who = world.learner("Rosa", Shown("ml", 1), headline="Quiet")
    for choices in (
        Choices("XX", "now", None, ""), Choices("FR", "soon", None, ""), Choices("FR", "from", None, ""),
        Choices("FR", "from", date(1999, 1, 1), ""), Choices("FR", "now", None, "a@b.org"),
    ):  # fmt: skip
        with world.database.write() as session, pytest.raises(BadInput):
            talent_profile.save(session, who, choices, frozenset({"FR"}))
    assert (world.row(who).headline, world.row(who).country) == ("Quiet", "FR")


def test_the_learner_sees_which_organisations_looked(world: Talent) -> None:
    who = world.learner("Vera", Shown("ml", 1))
    row = world.row(who)
    with world.database.write() as session:
        for organisation, viewer in ((world.organisation, world.member), (world.rival, world.rival_member)):
            talent_profile.note_view(session, row.seq, organisation.id, viewer.id)
        talent_profile.note_view(session, row.seq, world.organisation.id, world.member.id)
        looked = talent_profile.looked(session, row.seq)
    assert {(one.organisation, one.times) for one in looked} == {("Example Robots", 2), ("Rival Robots", 1)}


def test_what_is_issued_or_outdated_is_computed_anew(world: Talent) -> None:
    who = world.learner("Ida", Shown("ml", 1))
    with world.database.write() as session:
        assert talent_skills.due(session) == []
        badge_id = world.badges(who)[0].id
        talent_skills.mark(session, [badge_id])
        assert [row.person_id for row in talent_skills.due(session)] == [who.id]
        session.execute(update(Learner).values(renew_at=None))
        talent_skills.mark_rubric(session, "another")
        assert talent_skills.due(session) == []
        talent_skills.mark_rubric(session, "digits")
        (row,) = talent_skills.due(session)
        talent_skills.put_off(session, row, datetime.now(UTC) + timedelta(minutes=5))
        assert talent_skills.due(session) == []
        session.execute(update(Credential).values(state="suspended"))
        talent_skills.refresh(session, who.id, [])
        assert session.scalars(select(LearnerSkill)).all() == []


def _statements(database: Database) -> list[str]:
    seen: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda _c, _k, statement, *_: seen.append(statement))
    return seen


def test_a_page_takes_as_many_queries_for_one_learner_as_for_many(world: Talent) -> None:
    world.learner("First", Shown("ml", 2), Shown("clean", 2))
    seen, numbers = _statements(world.database), []
    for _ in range(2):
        search = Search(world.organisation.id, [Wanted(world.skill(key).id) for key in ("ml", "clean")])
        with world.database.read() as session:
            seen.clear()
            finder = Finder(session, search)
            found = (finder.counts(), finder.page(20))[1].found
            numbers.append((len(seen), len(found)))
        if len(numbers) == 1:
            for number in range(9):
                world.learner(f"L{number}", Shown("ml", 2), Shown("clean", 2), Shown("python", 1))
    assert numbers[1][1] == 10
    assert numbers[0][0] == numbers[1][0] <= 8


def _plan(database: Database, search: Search) -> Sequence[str]:
    seen: list[tuple[str, object]] = []
    with database.engine.connect() as connection:
        postgresql = connection.dialect.name == "postgresql"
        if postgresql:  # few rows: it would read them all
            connection.execute(text("SET enable_seqscan = off"))
        event.listen(connection, "before_cursor_execute", lambda _c, _k, sql, values, *_: seen.append((sql, values)))
        with database.read() as session:
            session.bind = connection
            Finder(session, search).places(20)
        event_sql, values = seen[-1]
        rows = connection.exec_driver_sql(f"EXPLAIN {'' if postgresql else 'QUERY PLAN '}{event_sql}", values)  # type: ignore[arg-type]
        return [str(row[-1]) for row in rows.all()]


def test_the_search_reads_an_index_in_its_order(world: Talent) -> None:
    """Neither database sorts, nor looks into the table, for what is on a page."""
    for number in range(3):
        world.learner(f"L{number}", Shown("ml", 2), Shown("clean", 2))
    ml = world.skill("ml").id
    for search, index in (
        (Search(world.organisation.id, [Wanted(ml, 1)]), "ix_learner_skills_best"),
        (Search(world.organisation.id, [Wanted(ml, 1)], country="FR"), "ix_learner_skills_country"),
    ):
        plan = "\n".join(_plan(world.database, search))
        assert index in plan, plan
        assert "Sort" not in plan, plan
        assert "TEMP B-TREE" not in plan, plan
        assert "Index Only Scan" in plan or "COVERING INDEX" in plan, plan


def test_organisation_names_are_unique_whatever_their_case(world: Talent) -> None:
    with world.database.write() as session:
        with pytest.raises(BadInput, match="There is an organisation"):
            organisations.add(session, "example ROBOTS", "", by=world.admin.id)
        assert session.scalar(select(func.count()).select_from(Organisation)) == 2
