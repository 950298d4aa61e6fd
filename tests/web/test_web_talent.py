"""Pages of employers: anonymity, access, search, requests, shortlists, export, limits."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from mails import outbox, path_in
from sqlalchemy import event, func, select
from talent_world import Shown, Talent, make_talent

from grader.config import Settings
from grader.db import Database, shortlists, talent_contacts, talent_skills, tokens
from grader.db.queries import new_id
from grader.db.school import Person
from grader.db.talent import ContactRequest, TalentView
from grader.web.talent import blueprint
from grader.web.talent.names import Names

AsPerson = Callable[[Person], FlaskClient]
MESSAGE = "We look for somebody who cleans data. Shall we talk?"
UNKNOWN = "f" * 32


@pytest.fixture
def world(database: Database) -> Talent:
    return make_talent(database)


@pytest.fixture
def employer(world: Talent, as_person: AsPerson) -> FlaskClient:
    return as_person(world.member)


@pytest.fixture
def named(settings: Settings, world: Talent) -> Names:
    return Names(settings, world.organisation.id)


def address(world: Talent, *skills: str, **more: str) -> str:
    pairs = "&".join(f"skill={world.skill(key).id}&level=" for key in skills)
    return "/talent?" + "&".join([pairs, *(f"{key}={value}" for key, value in more.items())])


def request_to(world: Talent, who: Person, *, accept: bool | None = None, badges: bool = True) -> str:
    with world.database.write() as session:
        row = talent_contacts.ask(
            session, world.organisation, world.member, talent_skills.learner_of(session, who.id), MESSAGE
        )
        if accept is not None:
            ids = [one.badge.id for one in talent_contacts.shareable(session, who.id)] if badges and accept else []
            talent_contacts.answer(session, who, row.id, accept=accept, text="My answer", badge_ids=ids)
        return row.id


def list_of(world: Talent, *people: Person, note: str = "a note") -> str:
    with world.database.write() as session:
        row = shortlists.add(session, world.organisation.id, "Analysts", by=world.member.id)
        for one in people:
            shortlists.put(session, row, talent_skills.learner_of(session, one.id), note, by=world.member.id)
        return row.id


def token(world: Talent, who: Person, *scopes: str) -> dict[str, str]:
    with world.database.write() as session:
        return {"Authorization": f"Bearer {tokens.add(session, who, name='t', scopes=scopes, days=30)[1]}"}


def telling(world: Talent, who: Person) -> list[str]:
    """What must be in no answer before the learner has accepted."""
    badges = [badge.id for badge in world.badges(who)]
    return [who.id, who.email, who.name, *who.name.split(), *badges, "secret course"]


def test_nothing_names_a_learner_before_they_accept(
    world: Talent, employer: FlaskClient, named: Names, app: Flask
) -> None:
    who = world.learner("Zelda Zimmermann", Shown("ml", 3), Shown("clean", 2), headline="Likes clean tables")
    waiting, kept = request_to(world, who), list_of(world, who)
    name = named.of(who.id)
    bearer = token(world, world.member, "talent")
    paths = [
        address(world, "ml"), address(world, "ml", "clean"), f"/talent/{name}", "/talent/requests",
        f"/talent/requests/{waiting}", "/talent/shortlists", f"/talent/shortlists/{kept}",
        f"/talent/shortlists/{kept}/export.csv",
    ]  # fmt: skip
    ml = world.skill("ml").id
    api = [
        "/skills", f"/learners?skill={ml}", f"/learners/{name}", "/requests", f"/requests/{waiting}", "/shortlists",
        f"/shortlists/{kept}",
    ]  # fmt: skip
    answers = [employer.get(path) for path in paths]
    answers += [app.test_client().get(f"/api/v1/talent{path}", headers=bearer) for path in api]
    for answer in answers:
        assert answer.status_code == 200, (answer.request.path, answer.text)
        for word in telling(world, who):
            assert word.casefold() not in answer.text.casefold(), (answer.request.path, word)
    assert sum("Likes clean tables" in answer.text for answer in answers) >= 5
    assert sum(name in answer.text for answer in answers) >= 8


def test_after_accepting_they_are_named_with_the_badges_they_chose(
    world: Talent, employer: FlaskClient, named: Names
) -> None:
    who = world.learner("Zelda Zimmermann", Shown("ml", 3), Shown("clean", 2))
    shown, hidden = world.badges(who)
    with world.database.write() as session:
        row = talent_contacts.ask(
            session, world.organisation, world.member, talent_skills.learner_of(session, who.id), MESSAGE
        )
        talent_contacts.answer(session, who, row.id, accept=True, text="With pleasure", badge_ids=[shown.id])
    page = employer.get(f"/talent/requests/{row.id}").text
    for word in (who.name, who.email, "With pleasure", "Recognise digits", "80"):
        assert word in page
    signed = employer.get(f"/talent/requests/{row.id}/badges/{shown.id}.json")
    assert signed.get_json(force=True) == {"id": "a signed badge"}
    assert employer.get(f"/talent/requests/{row.id}/badges/{hidden.id}.json").status_code == 404
    assert who.name in employer.get(f"/talent/{named.of(who.id)}").text
    assert who.name in employer.get("/talent/requests").text


def test_what_was_shown_ends_with_the_consent(
    world: Talent, employer: FlaskClient, named: Names, as_person: AsPerson
) -> None:
    who = world.learner("Zelda Zimmermann", Shown("ml", 3))
    request_id, kept = request_to(world, who, accept=True), list_of(world, who)
    badge = world.badges(who)[0].id
    assert who.email in employer.get(f"/talent/requests/{request_id}").text

    assert as_person(who).post("/record/profile/consent", data={"found": "0"}).status_code == 303

    pages = [f"/talent/requests/{request_id}", "/talent/requests", f"/talent/shortlists/{kept}", "/talent/shortlists"]
    for path in [*pages, f"/talent/shortlists/{kept}/export.csv"]:
        answer = employer.get(path)
        assert answer.status_code == 200
        assert who.email not in answer.text
        assert who.name not in answer.text
    assert employer.get(f"/talent/{named.of(who.id)}").status_code == 404
    assert employer.get(f"/talent/requests/{request_id}/badges/{badge}.json").status_code == 404
    assert "Nobody can be found yet" in employer.get("/talent").text


def test_two_organisations_cannot_join_their_lists(
    world: Talent, settings: Settings, employer: FlaskClient, as_person: AsPerson
) -> None:
    people = [world.learner(f"L{number}", Shown("ml", 3)) for number in range(25)]
    theirs = as_person(world.rival_member)
    pattern, mark = re.compile(r"/talent/([0-9a-f]{32})"), re.compile(r"after=([\w-]+)")
    one, other = (client.get(address(world, "ml")).text for client in (employer, theirs))
    ours, others = set(pattern.findall(one)), set(pattern.findall(other))
    assert len(ours) == len(others) == 20
    assert not ours & others
    first, second = (Names(settings, row.id) for row in (world.organisation, world.rival))
    assert {first.person(name) for name in ours} <= {who.id for who in people}
    assert theirs.get(f"/talent/{next(iter(ours))}").status_code == 404
    # Nor does the mark of the next page say the same to both, or work for the other.
    marks = [mark.findall(page)[0] for page in (one, other)]
    assert first.place(marks[0]) is not None
    assert second.place(marks[0]) is None
    assert theirs.get(f"{address(world, 'ml')}&after={marks[0]}").status_code == 422


def test_names_can_be_undone_only_by_who_knows_the_secret(settings: Settings) -> None:
    names, person = Names(settings, "a" * 32), new_id()
    assert names.person(names.of(person)) == person
    assert names.of(person) != person
    assert Names(settings, "b" * 32).person(names.of(person)) != person
    assert len({names.of(new_id())[:6] for _ in range(50)}) > 45


@pytest.mark.parametrize("path", ["", "/join", "/requests", "/shortlists", f"/{UNKNOWN}", f"/requests/{UNKNOWN}"])
def test_the_pages_are_for_employers(world: Talent, as_person: AsPerson, client: FlaskClient, path: str) -> None:
    student = world.learner("Stu", Shown("ml", 1))
    for who in (student, world.teacher):
        assert as_person(who).get(f"/talent{path}").status_code == 403
        for method in ("post",):
            assert getattr(as_person(who), method)(f"/talent{path}/request").status_code in (403, 404, 405)
    assert client.get(f"/talent{path}").status_code == 303


def test_an_employer_without_an_organisation_finds_nobody(world: Talent, as_person: AsPerson, named: Names) -> None:
    from talent_world import person

    who, lone = world.learner("Zelda", Shown("ml", 1)), person("Lone Wolf", "employer")
    with world.database.write() as session:
        session.add(lone)
    client = as_person(lone)
    for path in ("", f"/{named.of(who.id)}", "/requests", "/shortlists"):
        answer = client.get(f"/talent{path}")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/talent/join")
    assert "You are in no organisation" in client.get("/talent/join").text
    bearer = token(world, lone, "talent")
    assert client.get("/api/v1/talent/skills", headers=bearer).status_code == 403


def test_what_belongs_to_another_organisation_is_not_there(
    world: Talent, as_person: AsPerson, employer: FlaskClient, settings: Settings
) -> None:
    """IDOR: the ids of one organisation are unknown ids to another."""
    who = world.learner("Zelda", Shown("ml", 3))
    request_id, kept = request_to(world, who, accept=True), list_of(world, who)
    badge = world.badges(who)[0].id
    theirs, name = as_person(world.rival_member), Names(settings, world.rival.id).of(who.id)
    bearer = token(world, world.rival_member, "talent")
    for method, path, data in (
        ("get", "/talent/requests/{}", {}), ("post", "/talent/requests/{}/withdraw", {}),
        ("get", f"/talent/requests/{{}}/badges/{badge}.json", {}), ("get", "/api/v1/talent/requests/{}", {}),
        ("delete", "/api/v1/talent/requests/{}", {}),
    ):  # fmt: skip
        there, unknown = (
            getattr(theirs, method)(path.format(one), data=data, headers=bearer if "api" in path else {})
            for one in (request_id, UNKNOWN)
        )
        assert (there.status_code, there.text) == (unknown.status_code, unknown.text) == (404, there.text), path
    for method, path, data in (
        ("get", "/talent/shortlists/{}", {}), ("post", "/talent/shortlists/{}/delete", {}),
        ("get", "/talent/shortlists/{}/export.csv", {}), ("post", f"/talent/shortlists/{{}}/{name}", {"note": "x"}),
        ("post", f"/talent/{name}/shortlist", {"shortlist": "{}"}), ("get", "/api/v1/talent/shortlists/{}", {}),
        ("delete", "/api/v1/talent/shortlists/{}", {}),
    ):  # fmt: skip
        there, unknown = (
            getattr(theirs, method)(
                path.format(one), data={key: value.format(one) for key, value in data.items()},
                headers=bearer if "api" in path else {},
            )
            for one in (kept, UNKNOWN)
        )  # fmt: skip
        assert (there.status_code, there.text) == (unknown.status_code, unknown.text) == (404, there.text), path
    assert "Analysts" in employer.get("/talent/shortlists").text


@pytest.mark.parametrize("name", [UNKNOWN, "x", "g" * 32, "0" * 31, "0" * 64, "%00" * 8])
def test_unknown_learners_are_404_in_the_same_words(world: Talent, employer: FlaskClient, name: str) -> None:
    world.learner("Zelda", Shown("ml", 3))
    answer = employer.get(f"/talent/{name}")
    assert answer.status_code == 404
    assert blueprint.NOBODY in answer.text


def test_a_blocked_organisation_gets_the_answer_of_an_unknown_id(
    world: Talent, employer: FlaskClient, named: Names, as_person: AsPerson
) -> None:
    who = world.learner("Zelda", Shown("ml", 3))
    name = named.of(who.id)
    assert employer.get(f"/talent/{name}").status_code == 200
    assert as_person(who).post("/record/profile/hide", data={"organisation": world.organisation.id}).status_code == 303
    there, unknown = employer.get(f"/talent/{name}"), employer.get(f"/talent/{UNKNOWN}")
    assert (there.status_code, there.text) == (404, unknown.text)
    assert employer.post(f"/talent/{name}/request", data={"message": MESSAGE}).status_code == 404
    assert name not in employer.get(address(world, "ml")).text


def test_the_form_keeps_what_was_asked_and_pages_go_on(world: Talent, employer: FlaskClient) -> None:
    for number in range(45):
        world.learner(f"L{number}", Shown("ml", number % 3 + 1, days=number), country="FR")
    url, seen = address(world, "ml", country="FR", available="now", months="12"), []
    pages = 0
    while url:
        page = employer.get(url).text
        seen += re.findall(r"<h3><a href=\"/talent/([0-9a-f]{32})", page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        url = following[1].replace("&amp;", "&") if following else ""
        pages += 1
        assert '<option value="FR" selected>' in page
        assert '<option value="12" selected>' in page
    assert (pages, len(seen), len(set(seen))) == (3, 45, 45)


def test_small_counts_are_not_told(world: Talent, employer: FlaskClient) -> None:
    for number, country in enumerate(["FR"] * 6 + ["GB"] * 2):
        world.learner(f"L{number}", Shown("ml", 2), country=country)
    page = employer.get(address(world, "ml")).text
    assert re.search(r"France\s*<span class=\"soft\">6</span>", page)
    assert re.search(r"United Kingdom\s*<span class=\"soft\">fewer than 5</span>", page)
    assert "8 learners" in page
    assert "Fewer than 5 learners" in employer.get(address(world, "ml", country="GB")).text


@pytest.mark.parametrize(
    "query", ["skill=999999", "skill=x", "skill=1&level=99", "skill=1&level=-1", "country=XX", "available=soonish",
              "months=5", "after=AAAA", "after=" + "A" * 600, "skill=1&level=%EF%BC%91"],
)  # fmt: skip
def test_what_the_form_cannot_send_is_refused(world: Talent, employer: FlaskClient, query: str) -> None:
    world.learner("Zelda", Shown("ml", 3))
    answer = employer.get("/talent?" + query.replace("skill=1", f"skill={world.skill('ml').id}"))
    assert answer.status_code == 422
    assert "Nothing was searched" in answer.text


def test_what_people_wrote_is_escaped(world: Talent, employer: FlaskClient, named: Names) -> None:
    who = world.learner("Zelda", Shown("report", 3), headline="<script>alert(1)</script>")
    for path in (address(world, "report"), f"/talent/{named.of(who.id)}"):
        page = employer.get(path).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page
        assert "report &lt;results&gt;" in page
    request_id = request_to(world, who)
    assert "<mail>" not in employer.get(f"/talent/requests/{request_id}").text


def test_the_export_is_safe_for_spreadsheets_and_names_only_who_accepted(
    world: Talent, employer: FlaskClient, named: Names
) -> None:
    shy = world.learner("Shy Sheila", Shown("ml", 3), headline="=HYPERLINK(1)")
    open_one = world.learner("Open Olga", Shown("ml", 2), headline="+cmd")
    request_to(world, open_one, accept=True)
    kept = list_of(world, shy, open_one, note="@SUM(A1)")
    answer = employer.get(f"/talent/shortlists/{kept}/export.csv")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert re.search(r'filename="shortlist-analysts-\d{4}-\d\d-\d\d\.csv"', answer.headers["Content-Disposition"])
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [(row["learner"], row["name"], row["email"]) for row in rows] == [
        (named.of(shy.id), "", ""), (named.of(open_one.id), "Open Olga", open_one.email),
    ]  # fmt: skip
    assert [row["headline"] for row in rows] == ["'=HYPERLINK(1)", "'+cmd"]
    assert {row["note"] for row in rows} == {"'@SUM(A1)"}
    assert "use machine learning: advanced" in rows[0]["skills"]


def test_members_share_shortlists_and_requests(world: Talent, as_person: AsPerson, named: Names) -> None:
    from talent_world import NOW, person

    from grader.db.talent import OrganisationMember

    colleague, who = person("Carl Colleague", "employer"), world.learner("Zelda", Shown("ml", 3))
    with world.database.write() as session:
        session.add(colleague)
        session.flush()
        row = OrganisationMember(person_id=colleague.id, organisation_id=world.organisation.id, joined_at=NOW)
        session.add(row)
    name = named.of(who.id)
    assert (
        as_person(world.member).post(f"/talent/{name}/shortlist", data={"new": "Jobs", "note": "x"}).status_code == 303
    )
    theirs = as_person(colleague)
    kept = re.search(r"/talent/shortlists/([0-9a-f]{32})", theirs.get("/talent/shortlists").text)
    assert kept is not None
    assert name in theirs.get(f"/talent/shortlists/{kept[1]}").text
    assert theirs.post(f"/talent/shortlists/{kept[1]}/{name}", data={"note": "seen"}).status_code == 303
    assert "seen" in as_person(world.member).get(f"/talent/shortlists/{kept[1]}").text
    assert theirs.post(f"/talent/shortlists/{kept[1]}/{name}", data={"remove": "1"}).status_code == 303
    assert name not in theirs.get(f"/talent/shortlists/{kept[1]}").text


def test_who_copies_everything_is_stopped(
    world: Talent, employer: FlaskClient, named: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = world.learner("Zelda", Shown("ml", 3))
    monkeypatch.setattr(blueprint, "LIMITS", {"search": 3, "learner": 2, "request": 0, "export": 1})
    url, name, kept = address(world, "ml"), named.of(who.id), list_of(world, who)
    assert [employer.get(url).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert [employer.get(f"/talent/{name}").status_code for _ in range(3)] == [200, 200, 429]
    assert [employer.get(f"/talent/shortlists/{kept}/export.csv").status_code for _ in range(2)] == [200, 429]
    refused = employer.post(f"/talent/{name}/request", data={"message": MESSAGE})
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    bearer = token(world, world.member, "talent")  # pages and API count together
    ml = world.skill("ml").id
    assert employer.get(f"/api/v1/talent/learners?skill={ml}", headers=bearer).status_code == 429
    monkeypatch.setattr(blueprint, "LIMITS", {"search": 1000, "learner": 1000, "request": 30, "export": 1})
    monkeypatch.setattr(blueprint, "A_MINUTE", 1)
    assert employer.get(url).status_code == 429


def test_every_look_is_noted(world: Talent, employer: FlaskClient, named: Names) -> None:
    who = world.learner("Zelda", Shown("ml", 3))
    employer.get(f"/talent/{named.of(who.id)}")
    bearer = token(world, world.member, "talent")
    employer.get(f"/api/v1/talent/learners/{named.of(who.id)}", headers=bearer)
    employer.get(f"/talent/{UNKNOWN}")
    with world.database.read() as session:
        views = session.scalars(select(TalentView)).all()
    assert [(row.organisation_id, row.viewer_id) for row in views] == [(world.organisation.id, world.member.id)] * 2


def test_asking_tells_the_learner_by_mail_and_nobody_else(
    world: Talent, employer: FlaskClient, named: Names, app: Flask, as_person: AsPerson
) -> None:
    who = world.learner("Zelda Zimmermann", Shown("ml", 3))
    answer = employer.post(f"/talent/{named.of(who.id)}/request", data={"message": MESSAGE})
    assert answer.status_code == 303
    with world.database.read() as session:
        row = session.scalars(select(ContactRequest)).one()
        assert session.scalar(select(func.count()).select_from(ContactRequest)) == 1
    assert (row.state, row.message) == ("waiting", MESSAGE)
    (mail,) = outbox(app)
    assert (mail["To"], path_in(mail)) == (who.email, "/record/requests")
    assert "Example Robots" in mail.get_content()
    as_person(who).post(f"/record/requests/{row.id}/answer", data={"accept": "1"})
    _, mail = outbox(app)
    assert (mail["To"], path_in(mail)) == (world.member.email, f"/talent/requests/{row.id}")
    assert not [word for word in telling(world, who) if word.casefold() in mail.as_string().casefold()]
    again = employer.post(f"/talent/{named.of(who.id)}/request", data={"message": MESSAGE})
    assert again.status_code == 422
    assert "has accepted" in again.text


@pytest.mark.parametrize("page", ["search", "shortlist", "requests"])
def test_queries_of_a_page_do_not_grow(world: Talent, employer: FlaskClient, page: str) -> None:
    seen: list[str] = []
    event.listen(world.database.engine, "before_cursor_execute", lambda _c, _k, sql, *_: seen.append(sql))
    first, numbers = world.learner("First", Shown("ml", 2), Shown("clean", 1)), []
    request_to(world, first, accept=True)
    kept = list_of(world, first)
    for _ in range(2):
        url = {"search": address(world, "ml", "clean"), "shortlist": f"/talent/shortlists/{kept}"}.get(page)
        seen.clear()
        assert employer.get(url or "/talent/requests").status_code == 200
        numbers.append(len(seen))
        if len(numbers) == 1:
            more = [world.learner(f"L{n}", Shown("ml", 2), Shown("clean", 2), Shown("python", 1)) for n in range(8)]
            for one in more:
                request_to(world, one, accept=True)
            with world.database.write() as session:
                row = shortlists.find(session, world.organisation.id, kept)
                assert row is not None
                for one in more:
                    shortlists.put(session, row, talent_skills.learner_of(session, one.id), "", by=world.member.id)
    assert numbers[0] == numbers[1] <= 18, numbers


def test_the_api_pages_and_refuses(world: Talent, app: Flask) -> None:
    for number in range(5):
        world.learner(f"L{number}", Shown("ml", number % 3 + 1, days=number))
    bearer, client, ml = token(world, world.member, "talent"), app.test_client(), world.skill("ml").id
    url, seen = f"/api/v1/talent/learners?skill={ml}:1&limit=2", []
    while url:
        answer = client.get(url, headers=bearer)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.get_json()
        seen += [(one["skills"][0]["rank"], one["id"]) for one in body["items"]]
        url = body["next"]
        assert ("Link" in answer.headers) == (url is not None)
    assert len({name for _, name in seen}) == 5
    assert [rank for rank, _ in seen] == sorted((rank for rank, _ in seen), reverse=True)
    for query in ("", f"skill={ml}&country=XX", f"skill={ml}&after=AAAA", "skill=ml", f"skill={ml}&since=yesterday"):
        assert client.get(f"/api/v1/talent/learners?{query}", headers=bearer).status_code == 422, query
    name = seen[0][1]
    sent = client.post(f"/api/v1/talent/learners/{name}/requests", json={"message": MESSAGE}, headers=bearer)
    assert (sent.status_code, sent.get_json()["contact"]) == (201, None)
    made = client.post("/api/v1/talent/shortlists", json={"name": "Jobs"}, headers=bearer).get_json()
    path = f"/api/v1/talent/shortlists/{made['id']}"
    assert client.put(f"{path}/learners/{name}", json={"note": "x"}, headers=bearer).status_code == 204
    (line,) = client.get(path, headers=bearer).get_json()["items"]
    assert (line["learner"]["id"], line["note"], line["contact"]) == (name, "x", None)
    assert client.delete(f"{path}/learners/{name}", headers=bearer).status_code == 204
    assert client.delete(path, headers=bearer).status_code == 204
    assert client.get("/api/v1/talent/skills", headers=token(world, world.member, "read")).status_code == 403
