"""A course with an issuing process and the website beside it, for tests of badges' pages."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import awards
import flask
import made
import pytest
from awards import Awards
from flask import Flask
from flask.testing import FlaskClient

from grader.config import Settings
from grader.db.badges import Held
from grader.db.school import Person
from grader.web import create_app, sessions
from grader.web.services import services


class Site:
    """The website as different people see it."""

    def __init__(self, app: Flask, world: Awards) -> None:
        self.app = app
        self.world = world

    def as_person(self, person: Person | None = None) -> FlaskClient:
        """A browser in which this person is signed in; nobody without one."""
        client = self.app.test_client()
        if person is None:
            return client
        with self.app.test_request_context():
            sessions.begin(person)
            values = dict(flask.session)
        with client.session_transaction() as session:
            session.update(values)
            session.permanent = True
        return client

    @property
    def sam(self) -> FlaskClient:
        return self.as_person(self.world.sam)

    @property
    def tess(self) -> FlaskClient:
        return self.as_person(self.world.tess)

    @property
    def nobody(self) -> FlaskClient:
        return self.as_person()

    def show(self, held: Held, public: str = "evidence", **more: str) -> None:
        """Make a badge public."""
        answer = self.sam.post(f"/record/badges/{held.badge.id}/public", data={"public": public, **more})
        assert answer.status_code == 303

    def share(self, held: Held | None = None, detail: str = "criteria", **more: str) -> str:
        """The path of a new link."""
        data = {"badge": held.badge.id if held else "", "detail": detail, "days": "7", **more}
        answer = self.sam.post("/record/shares", data=data)
        assert answer.status_code == 303
        page = self.sam.get(answer.location.partition("#")[0]).text
        links = re.findall(r'value="https://grader\.example\.org(/s/[\w-]+)"', page)
        assert links, page
        return links[0]


def posted(site: Site, given: str = "", file: bytes | None = None, **fields: str) -> Any:
    """What the verification page answers."""
    data: dict[str, Any] = {"given": given, **fields}
    if file is not None:
        data["file"] = (io.BytesIO(file), "badge")
    return site.nobody.post("/verify", data=data, content_type="multipart/form-data")


def text_of(site: Site, form: str = "json") -> str:
    """The badge of Sam in one of its forms."""
    held = site.world.badge()
    return site.sam.get(f"/badges/{held.badge.id}.{form}").text


@pytest.fixture
def badge_settings(tmp_path: Path, redis: object, redis_url: str, database_url: str) -> Settings:
    return Settings(
        home=tmp_path / "home",
        rubrics=made.ROOT / "rubrics",
        redis_url=redis_url,
        database_url=database_url,
        base_url=awards.BASE,
        issuer_name="Example School",
        _env_file=None,  # type: ignore[call-arg]
    )


@pytest.fixture
def site(badge_settings: Settings) -> Iterator[Site]:
    app = create_app(badge_settings)
    world = awards.make_awards(badge_settings, services(app).database)
    yield Site(app, world)
    world.issuing.close()
    services(app).database.dispose()
    services(app).redis.close()
