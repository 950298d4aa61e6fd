"""The issuing process: what it signs, when it revokes, and that nobody else sees the keys."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import awards
import judge
import made
import pytest
from awards import Awards
from sqlalchemy import select, update

from grader import issuing
from grader.db import badges, issuance, queries
from grader.db.credentials import Credential, Publication, Transcript
from grader.db.marking import Audit, Grade
from grader.db.queries import new_id
from grader.db.school import Assignment
from grader.errors import BadInput


def notes(world: Awards, badge_id: str) -> list[tuple[str, str]]:
    with world.database.read() as session:
        rows = session.scalars(select(Audit).where(Audit.about == f"badge:{badge_id}").order_by(Audit.seq))
        return [(row.action, row.why) for row in rows]


def test_a_pass_becomes_a_badge_that_anybody_can_verify(world: Awards) -> None:
    attempt_id = world.graded(0.9)
    assert world.badge().standing() == "coming"

    assert world.issue() == 1

    held = world.badge()
    assert held.standing() == "valid"
    (row,) = world.credentials()
    assert (row.attempt_id, row.rubric, row.issuer) == (attempt_id, awards.RUBRIC, made.DID)
    for form in (row.json, row.jwt):
        found = world.verify(form or "", issuer=made.DID, record=(row.record or "").encode())
        assert found.verified, [check for check in found.checks if not check.ok]
    assert json.loads(row.json or "")["id"] == f"{awards.BASE}/badges/{held.badge.id}"
    assert held.badge.public is None
    assert [action for action, _ in notes(world, held.badge.id)] == ["badge.due", "badge.issued"]


def test_a_failed_project_and_one_that_waits_for_a_person_get_none(world: Awards) -> None:
    world.graded(0.2)
    assert world.issue() == 0
    assert world.badges() == []


def test_the_independent_verifier_accepts_all_forms_and_sees_the_revocation(world: Awards, tmp_path: Path) -> None:
    second = judge.find_judge()
    held = world.awarded(0.9)
    assert held.credential is not None
    (row,) = world.credentials()
    files = {"badge.json": row.json, "badge.jwt": row.jwt}
    for name, text in files.items():
        (tmp_path / name).write_text(text or "")
    for kind, digest in (held.credential.images or {}).items():
        (tmp_path / f"badge.{kind}").write_bytes(world.issuing.blobs.get(digest))

    def judged() -> dict[str, judge.Judgement]:
        for name, published in (("did.json", "did"), ("status.json", "status/1")):
            (tmp_path / name).write_text(world.file(published))
        options = ("--did", tmp_path / "did.json", "--status", tmp_path / "status.json", "--issuer", made.DID)
        return second.all({kind: (tmp_path / f"badge.{kind}", *options) for kind in ("json", "jwt", "png", "svg")})

    assert {kind: (one.status, one.failed) for kind, one in judged().items()} == dict.fromkeys(
        ("json", "jwt", "png", "svg"), (0, "")
    )
    world.graded(0.3)
    world.issue()
    after = judged()
    assert {kind: one.status for kind, one in after.items()} == dict.fromkeys(after, 1)
    assert all("revo" in one.failed or "status" in one.failed for one in after.values()), {
        k: o.failed for k, o in after.items()
    }


def test_a_regrade_below_the_pass_mark_revokes_and_passing_again_issues_anew(world: Awards) -> None:
    first = world.awarded(0.9)
    day = first.badge.awarded_at
    world.graded(0.1)
    assert world.badge().standing() == "revoked", "the website says so at once"
    world.issue()
    (row,) = world.credentials()
    assert row.state == "revoked"
    assert "below the pass mark" in row.why
    assert world.verify(row.json or "").verdict == "revoked"

    again = world.awarded(0.95)

    assert again.badge.id == first.badge.id
    assert again.standing() == "valid"
    assert again.badge.awarded_at == day
    assert [row.state for row in world.credentials()] == ["revoked", "issued"]
    assert world.verify(world.credentials()[1].json or "").verified


def test_a_better_result_takes_the_place_of_the_old_credential(world: Awards) -> None:
    world.awarded(0.9)
    held = world.awarded(1.0)
    old, new = world.credentials()
    assert (old.state, old.why) == ("revoked", badges.REPLACED)
    assert world.verify(old.json or "").verdict == "revoked"
    found = world.verify(new.json or "")
    assert found.verified
    assert held.credential is not None
    assert held.credential.seq == new.seq
    first, second = json.loads(old.json or ""), json.loads(new.json or "")
    assert first["id"] == second["id"]
    assert first["awardedDate"] == second["awardedDate"]
    assert old.status_index != new.status_index


def test_settling_again_with_the_same_result_changes_nothing(world: Awards) -> None:
    held = world.awarded(0.9)
    with world.database.write() as session:
        grade = session.get_one(Grade, (world.assignment.id, world.sam.id))
        assignment = session.get_one(Assignment, world.assignment.id)
        badges.follow(session, assignment, world.sam.id, grade, why="again", by=None)
    assert world.issue() == 0
    assert len(world.credentials()) == 1
    assert world.badge().badge.id == held.badge.id


def test_a_suspension_is_seen_and_lifted_only_with_a_reason(world: Awards) -> None:
    held = world.awarded(0.9)
    with world.database.write() as session, pytest.raises(BadInput, match="no reason"):
        badges.suspend(session, held.badge.id, by=world.tess.id, why=" ")
    with world.database.write() as session:
        badges.suspend(session, held.badge.id, by=world.tess.id, why="Two hand-ins are alike.")
    world.issue()
    text = world.credentials()[0].json or ""
    assert world.verify(text).verdict == "suspended"
    assert world.badge().standing() == "suspended"

    with world.database.write() as session, pytest.raises(BadInput, match="no reason"):
        badges.reinstate(session, held.badge.id, by=world.tess.id, why="")
    with world.database.write() as session:
        badges.reinstate(session, held.badge.id, by=world.tess.id, why="Both have shown their notes.")
    world.issue()
    assert world.verify(text).verified
    assert world.badge().standing() == "valid"
    assert ("badge.reinstated", "Both have shown their notes.") in notes(world, held.badge.id)


def test_what_an_instructor_has_revoked_comes_back_only_by_an_instructor(world: Awards) -> None:
    held = world.awarded(0.9)
    with world.database.write() as session:
        badges.revoke(session, held.badge.id, by=world.tess.id, why="The work is another student's.")
    world.issue()
    world.graded(1.0)
    assert world.issue() == 0
    assert world.badge().standing() == "revoked"

    with world.database.write() as session:
        badges.reinstate(session, held.badge.id, by=world.tess.id, why="We were wrong.")
    world.issue()
    old, new = world.credentials()
    assert (old.state, new.state) == ("revoked", "issued")
    assert world.badge().standing() == "valid"


def test_a_badge_that_its_learner_deletes_is_revoked_and_can_be_had_again(world: Awards) -> None:
    held = world.awarded(0.9)
    with world.database.write() as session:
        badges.delete(session, held.badge.id, by=world.sam.id)
    world.graded(0.95)
    world.issue()
    assert [row.state for row in world.credentials()] == ["revoked"]
    with world.database.write() as session:
        badges.restore(session, held.badge.id, by=world.sam.id)
    world.issue()
    assert world.badge().standing() == "valid"


def test_a_badge_names_its_holder_only_when_they_want_it(world: Awards) -> None:
    world.awarded(0.9)
    assert "Sam Student" not in (world.credentials()[0].json or "")
    assert world.sam.email not in (world.credentials()[0].json or "")
    with world.database.write() as session:
        assert badges.show_name(session, world.sam.id, show=True) == 1
    world.issue()
    old, new = world.credentials()
    assert "Sam Student" in (new.json or "")
    assert old.state == "revoked"


def test_status_lists_are_signed_anew_before_they_are_old(world: Awards) -> None:
    world.awarded(0.9)
    days = datetime.now(UTC) - timedelta(days=2)
    with world.database.write() as session:
        session.execute(update(Publication).values(published_at=days))
    before = world.file("status/1")
    world.issuing._looked = None
    world.issuing.turn()
    after = world.file("status/1")
    assert json.loads(before)["credentialSubject"] == json.loads(after)["credentialSubject"]
    with world.database.read() as session:
        assert all(
            row.published_at > days + timedelta(days=1)
            for row in session.scalars(select(Publication))
            if row.valid_until
        )
    assert timedelta(days=6) < made_until(after) - datetime.now(UTC) <= timedelta(days=7)


def made_until(text: str) -> datetime:
    return datetime.fromisoformat(json.loads(text)["validUntil"])


def test_a_forged_badge_is_not_verified(world: Awards) -> None:
    world.awarded(0.9)
    text = world.credentials()[0].json or ""
    forged = text.replace(json.loads(text)["credentialSubject"]["result"][0]["value"], "99", 1)
    assert forged != text
    assert world.verify(forged).verdict == "invalid"


def test_the_transcript_holds_every_valid_badge_and_is_accepted_by_the_independent_verifier(
    world: Awards, tmp_path: Path
) -> None:
    world.awarded(0.9)
    transcript = Transcript(id=new_id(), person_id=world.sam.id, state="due", asked_at=datetime.now(UTC))
    with world.database.write() as session:
        session.add(transcript)
    world.issue()
    with world.database.read() as session:
        row = session.get_one(Transcript, transcript.id)
        assert (row.state, row.badges) == ("issued", 1)
        text = session.scalar(select(Transcript.json).where(Transcript.id == row.id)) or ""
    assert world.verify(text).verified
    for name, content in (("clr.json", text), ("did.json", world.file("did")), ("s.json", world.file("status/1"))):
        (tmp_path / name).write_text(content)
    second = judge.find_judge()
    found = second(tmp_path / "clr.json", "--did", tmp_path / "did.json", "--status", tmp_path / "s.json")
    assert (found.status, found.failed) == (0, "")


def test_without_a_badge_there_is_no_transcript_and_it_says_why(world: Awards) -> None:
    with world.database.write() as session:
        session.add(Transcript(id=new_id(), person_id=world.sam.id, state="due", asked_at=datetime.now(UTC)))
    world.issue()
    with world.database.read() as session:
        row = session.scalars(select(Transcript)).one()
    assert (row.state, row.problem) == ("failed", "a record of skills needs at least one badge")


def test_two_issuing_processes_sign_each_badge_once(world: Awards) -> None:
    for who in (world.sam, world.olga):
        world.graded(0.9, who)
    other = issuing.Issuing(world.settings)
    world.issuing.publish()
    start = threading.Barrier(2)
    failures: list[Exception] = []

    def work(one: issuing.Issuing) -> None:
        start.wait()
        try:
            while one.turn():
                pass
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(one,)) for one in (world.issuing, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert not failures
    rows = world.credentials()
    assert [row.state for row in rows] == ["issued", "issued"]
    assert len({row.status_index for row in rows}) == 2
    assert all(world.verify(row.json or "").verified for row in rows)
    with world.database.read() as session:
        issued = session.scalars(select(Audit).where(Audit.action == "badge.issued")).all()
    assert len(issued) == 2


def test_a_grade_that_falls_while_its_badge_is_signed_leaves_nothing_valid(world: Awards) -> None:
    world.graded(0.9)
    with world.database.read() as session:
        seq = issuance.due(session)[0].seq
    with world.database.write() as session:
        made_of = issuance.material(session, seq)
    assert made_of is not None
    signed = world.issuing._sign(made_of)
    world.graded(0.1)
    with world.database.write() as session:
        assert not issuance.store(session, made_of, signed)
    world.issue()
    assert [row.state for row in world.credentials()] == ["dropped"]


def test_passes_from_before_there_were_badges_get_theirs(world: Awards) -> None:
    world.graded(0.9)
    with world.database.write() as session:
        for row in session.scalars(select(Credential)).all():
            session.delete(row)
        session.flush()
        for held in badges.of_person(session, world.sam.id):
            session.delete(held.badge)
    world.issue()
    assert world.badge().standing() == "valid"


def test_a_badge_that_cannot_be_made_says_why_and_is_tried_again_only_when_it_may_succeed(world: Awards) -> None:
    attempt_id = world.graded(0.9)
    with world.database.write() as session:
        attempt = session.get_one(queries.Attempt, attempt_id)
        attempt.report = {**world.report(0.9), "rubric": {"id": "another", "version": 1, "digest": "sha256:0"}}
    assert world.issue() == 0
    (row,) = world.credentials()
    assert row.state == "dropped"
    assert "another rubric" in (row.problem or "")
