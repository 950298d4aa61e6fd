"""From a grade to what employers find: skills are computed by the issuing process, from real reports and suites."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import awards
import made
import pytest
from awards import Awards
from sqlalchemy import select

from grader.config import Settings
from grader.db import Database, badges, migrate, organisations, suites, talent_profile, talent_search
from grader.db.talent import LearnerSkill, Organisation
from grader.db.talent_search import Finder, Found, Search, Wanted
from grader.intake import BlobStore


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[Awards]:
    settings = Settings(
        home=tmp_path / "home",
        rubrics=made.ROOT / "rubrics",
        database_url=database_url,
        base_url=awards.BASE,
        _env_file=None,  # type: ignore[call-arg]
    )
    migrate(settings)
    database = Database(settings.sqlalchemy_url)
    world = awards.make_awards(settings, database)
    with database.write() as session:
        organisations.add(session, "Example Robots", "", by=world.tess.id)
        talent_profile.set_found(session, world.sam, found=True)
    yield world
    world.issuing.close()
    database.dispose()


def found(world: Awards, **filters: bool) -> list[Found]:
    """Who is found by any of the skills that can be found."""
    with world.database.read() as session:
        organisation = session.scalars(select(Organisation)).one()
        skills = talent_search.catalogue(session)
        if not skills:
            return []
        search = Search(organisation.id, [Wanted(skills[0].id)], **filters)
        return list(Finder(session, search).page(9).found)


def test_a_badge_makes_its_learner_found_by_its_skills(world: Awards) -> None:
    world.graded(0.95)
    assert found(world) == []
    world.issue()
    (one,) = found(world)
    assert one.learner.person_id == world.sam.id
    names = {skill.skill.name for skill in one.skills}
    assert names == {skill.name for skill in world.rubric.skills}
    best = one.skills[0]
    assert best.level == "advanced"
    assert best.evidence is not None
    assert (best.evidence.rubric, best.evidence.version) == (awards.RUBRIC, world.rubric.version)
    assert best.evidence.badge_id == world.badge().badge.id
    assert best.current


def test_a_suspended_badge_proves_nothing_until_it_is_given_back(world: Awards) -> None:
    badge_id = world.awarded(0.95).badge.id
    assert len(found(world)) == 1
    for change, there in ((badges.suspend, 0), (badges.reinstate, 1), (badges.revoke, 0)):
        with world.database.write() as session:
            change(session, badge_id, by=world.tess.id, why="looked into")
        world.issue()
        assert len(found(world)) == there, change.__name__


def test_a_worse_counting_attempt_takes_the_badge_and_the_skill(world: Awards) -> None:
    world.awarded(0.95)
    world.graded(0.2)
    world.issue()
    assert found(world) == []


def test_a_new_version_of_the_rubric_makes_skills_outdated(world: Awards, tmp_path: Path) -> None:
    world.awarded(0.95)
    assert len(found(world, current=True)) == 1
    folder = shutil.copytree(world.settings.rubrics / awards.RUBRIC, tmp_path / "newer")
    written = folder / "rubric.yaml"
    version = world.rubric.version
    written.write_text(written.read_text().replace(f"version: {version}\n", f"version: {version + 1}\n"))
    with world.database.write() as session:
        blobs = BlobStore(world.settings.blob_root)
        newer = suites.publish(session, blobs, course_id=world.course.id, by=world.tess.id, folder=folder)
        assert newer.version == version + 1
    world.issue()
    assert len(found(world)) == 1
    assert found(world, current=True) == []
    with world.database.read() as session:
        assert not any(session.scalars(select(LearnerSkill.current)))
