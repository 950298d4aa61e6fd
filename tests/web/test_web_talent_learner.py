"""The learner's side: consent, preview, profile, hiding, requests; and admins who let organisations in."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from talent_world import Shown, Talent, make_talent, person

from grader.config import Settings
from grader.db import Database, organisations, talent_contacts, talent_profile, talent_skills
from grader.db.school import Person
from grader.web.talent.names import Names

AsPerson = Callable[[Person], FlaskClient]
MESSAGE = "We look for somebody who cleans data. Shall we talk?"


@pytest.fixture
def world(database: Database) -> Talent:
    return make_talent(database)


@pytest.fixture
def who(world: Talent) -> Person:
    return world.learner("Lena Learner", Shown("ml", 3), Shown("clean", 1), found=False)


@pytest.fixture
def learner(who: Person, as_person: AsPerson) -> FlaskClient:
    return as_person(who)


def ask(world: Talent, who: Person) -> str:
    with world.database.write() as session:
        row = talent_skills.learner_of(session, who.id)
        return talent_contacts.ask(session, world.organisation, world.member, row, MESSAGE).id


def test_consent_is_off_until_it_is_given_and_the_preview_is_what_they_see(
    world: Talent, who: Person, learner: FlaskClient, as_person: AsPerson, settings: Settings
) -> None:
    page = learner.get("/record/profile").text
    assert "Nobody can find you" in page
    assert "What they would see" in page
    employer = as_person(world.member)
    url = f"/talent?skill={world.skill('ml').id}"
    assert "Nobody can be found yet" in employer.get("/talent").text

    assert learner.post("/record/profile/consent", data={"found": "1"}).status_code == 303

    name = Names(settings, world.organisation.id).of(who.id)
    assert name in employer.get(url).text
    ours, theirs = learner.get("/record/profile").text, employer.get(f"/talent/{name}").text
    cards = re.compile(r'<ul class="evidence">.*?</ul>\s*</section>|<ul class="evidence">.*?\n</ul>', re.DOTALL)
    preview, shown = (cards.search(text) for text in (ours, theirs))
    assert preview is not None
    assert shown is not None
    assert "advanced" in preview[0]
    assert preview[0].split("</section>")[0].strip() == shown[0].split("</section>")[0].strip()


def test_a_profile_is_saved_and_a_bad_one_is_shown_again(world: Talent, who: Person, learner: FlaskClient) -> None:
    good = {"country": "GB", "availability": "from", "available_from": "2027-03-01", "headline": "Likes tables"}
    assert learner.post("/record/profile", data=good).status_code == 303
    row = world.row(who)
    assert (row.country, row.availability, str(row.available_from), row.headline) == (
        "GB", "from", "2027-03-01", "Likes tables",
    )  # fmt: skip
    for change in (
        {"headline": "mail me: a@b.org"}, {"headline": "I am Lena"}, {"country": "ZZ"}, {"availability": "often"},
        {"available_from": "soon"}, {"available_from": ""}, {"headline": "x" * 121},
    ):  # fmt: skip
        answer = learner.post("/record/profile", data=good | change)
        assert answer.status_code == 422, change
        assert "Nothing was changed" in answer.text
    assert "a@b.org" in learner.post("/record/profile", data=good | {"headline": "a@b.org"}).text
    assert world.row(who).headline == "Likes tables"


def test_united_states_france_and_united_kingdom_come_first(learner: FlaskClient) -> None:
    codes = re.findall(r'<option value="([A-Z]{2})"', learner.get("/record/profile").text)
    assert codes[:3] == ["US", "FR", "GB"]
    assert len(codes) == len(set(codes)) >= 249


def test_hiding_and_showing_again(world: Talent, who: Person, learner: FlaskClient, as_person: AsPerson) -> None:
    learner.post("/record/profile/consent", data={"found": "1"})
    url, employer = f"/talent?skill={world.skill('ml').id}", as_person(world.member)
    assert "advanced" in employer.get(url).text
    page = learner.get("/record/profile").text
    assert f'<option value="{world.organisation.id}">' in page
    learner.post("/record/profile/hide", data={"organisation": world.organisation.id})
    assert "Nobody has all of this" in employer.get(url).text
    learner.post("/record/profile/unhide", data={"organisation": world.organisation.id})
    assert "Nobody has all of this" not in employer.get(url).text
    assert learner.post("/record/profile/hide", data={"organisation": "nope"}).status_code == 422


def test_a_request_is_read_and_accepted_with_chosen_badges(
    world: Talent, who: Person, learner: FlaskClient, as_person: AsPerson
) -> None:
    learner.post("/record/profile/consent", data={"found": "1"})
    request_id = ask(world, who)
    page = learner.get("/record/requests").text
    for words in ("Example Robots", "We build robots that sort &lt;mail&gt;.", "Emma Employer", MESSAGE, who.email):
        assert words in page
    assert "1 waiting" in learner.get("/record/profile").text
    shown = world.badges(who)[0]
    data = {"accept": "1", "answer": "Gladly", "badges": shown.id}
    assert learner.post(f"/record/requests/{request_id}/answer", data=data).status_code == 303
    employer = as_person(world.member)
    assert who.email in employer.get(f"/talent/requests/{request_id}").text
    assert learner.post(f"/record/requests/{request_id}/answer", data={"accept": "0"}).status_code == 422

    assert learner.post(f"/record/requests/{request_id}/end").status_code == 303
    page = employer.get(f"/talent/requests/{request_id}").text
    assert who.email not in page
    assert "Gladly" not in page


def test_a_decline_tells_nothing(world: Talent, who: Person, learner: FlaskClient, as_person: AsPerson) -> None:
    learner.post("/record/profile/consent", data={"found": "1"})
    request_id = ask(world, who)
    badge = world.badges(who)[0].id
    data = {"accept": "0", "answer": "Not now", "badges": badge}
    assert learner.post(f"/record/requests/{request_id}/answer", data=data).status_code == 303
    page = as_person(world.member).get(f"/talent/requests/{request_id}").text
    assert "Not now" in page
    for word in (who.email, who.name, badge):
        assert word not in page


def test_nobody_answers_or_ends_anothers_request(world: Talent, who: Person, as_person: AsPerson) -> None:
    with world.database.write() as session:
        talent_profile.set_found(session, who, found=True)
    request_id = ask(world, who)
    other = as_person(world.learner("Otto Other", Shown("ml", 1)))
    for path, data in ((f"{request_id}/answer", {"accept": "1"}), (f"{request_id}/end", {}), ("f" * 32 + "/end", {})):
        answer = other.post(f"/record/requests/{path}", data=data)
        assert answer.status_code == 422
        assert "no such request" in answer.text
        assert MESSAGE not in answer.text
    assert MESSAGE not in other.get("/record/requests").text


def test_who_looked_is_shown_by_organisation_and_number(world: Talent, who: Person, learner: FlaskClient) -> None:
    row = world.row(who)
    with world.database.write() as session:
        for _ in range(2):
            talent_profile.note_view(session, row.seq, world.organisation.id, world.member.id)
    page = learner.get("/record/profile").text
    assert "2 times" in page
    assert "Emma" not in page


def test_pages_of_learners_ask_to_sign_in(client: FlaskClient, world: Talent) -> None:
    for path in ("/record/profile", "/record/requests"):
        assert client.get(path).headers["Location"].startswith("/sign-in")
    assert client.post("/record/profile/consent", data={"found": "1"}).status_code == 303


def test_an_admin_makes_an_organisation_and_lets_people_in(
    world: Talent, as_person: AsPerson, settings: Settings
) -> None:
    admin, new = as_person(world.admin), person("Nils New", "employer")
    with world.database.write() as session:
        session.add(new)
    made = admin.post("/admin/organisations", data={"name": "Third <b>", "about": "We do things."})
    assert made.status_code == 303
    url = made.headers["Location"]
    assert admin.post("/admin/organisations", data={"name": "third <B>"}).status_code == 422
    assert "Third &lt;b&gt;" in admin.get("/admin/organisations").text
    assert admin.post(f"{url}/invite", data={"email": "nobody@example.org"}).status_code == 303
    assert admin.post(f"{url}/invite", data={"email": world.teacher.email}).status_code == 422
    assert admin.post(f"{url}/invite", data={"email": new.email}).status_code == 303
    client = as_person(new)
    assert "Join Third &lt;b&gt;" in client.get("/talent/join").text
    assert client.post("/talent/join").status_code == 303
    assert client.get("/talent").status_code == 200
    assert new.email in admin.get(url).text
    assert admin.post(f"{url}/withdraw", data={"email": "nobody@example.org"}).status_code == 303
    assert admin.post(f"{url}/closed", data={"closed": "1"}).status_code == 303
    assert client.get("/talent").headers["Location"] == "/talent/join"
    admin.post(f"{url}/closed", data={"closed": ""})
    assert admin.post(f"{url}/members/{new.id}/remove").status_code == 303
    assert client.get("/talent").headers["Location"] == "/talent/join"


def test_only_admins_let_organisations_in(world: Talent, as_person: AsPerson) -> None:
    url = f"/admin/organisations/{world.organisation.id}"
    for who in (world.member, world.teacher):
        client = as_person(who)
        assert client.get("/admin/organisations").status_code == 403
        assert client.post("/admin/organisations", data={"name": "Mine"}).status_code == 403
        for path in ("", "/invite", "/withdraw", "/about", "/closed", f"/members/{who.id}/remove"):
            method = client.post if path else client.get
            assert method(f"{url}{path}", data={"email": "x@example.org"}).status_code == 403, path
    assert as_person(world.admin).get(f"/admin/organisations/{'f' * 32}").status_code == 404
    with world.database.read() as session:
        assert len(organisations.members(session, world.organisation.id)) == 1
