"""Versions of rubric suites in a course: published from an archive, a git address or the installation."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePosixPath
from typing import BinaryIO, cast

from flask import abort, request
from pydantic import model_validator

from grader.db import assignments, suites
from grader.db.school import Period, PublishedSuite
from grader.errors import BadInput
from grader.intake.address import https_remote
from grader.intake.archive import read_archive
from grader.intake.clone import fetch
from grader.intake.collect import show
from grader.intake.tree import Tree
from grader.web import identity
from grader.web.accept import FORMS
from grader.web.api.document import address
from grader.web.api.operation import Fields, header, operation
from grader.web.api.reach import or_nothing
from grader.web.api.values import Address, Line, Model
from grader.web.services import services

CLONE_SECONDS = 40.0
FORM = Fields().file("A .zip or .tar.gz of the suite's folder").schema


class Suite(Model):
    """One version of a suite, by content; it never changes."""

    id: str
    course_id: str
    rubric: str
    """The rubric's id: versions of one suite share it."""
    version: int
    title: str
    max_points: float
    pass_mark: float
    """Percent."""
    attempts: int
    attempts_per: Period
    digest: str
    source: str | None
    """Where it came from: the git address and commit, the upload's name, the installation's folder."""
    published_by: str | None
    published_at: datetime


class Suites(Model):
    """The newest hundred of a course, newest first."""

    items: list[Suite]


class NewSuite(Model):
    """Where the suite is; an archive is sent as a form instead."""

    git_url: Address | None = None
    """https:// address, with #branch, #tag or #commit if you like."""
    folder: Line | None = None
    """Name of a suite that comes with the installation."""

    @model_validator(mode="after")
    def _one(self) -> NewSuite:
        if (self.git_url is None) == (self.folder is None):
            raise ValueError("either git_url or folder")
        return self


@operation("GET", "/courses/<course_id>/suites", tag="Suites", scope="teach", answer=Suites)
def list_suites(course_id: str) -> Suites:
    """Suites that are published in a course"""
    access = identity.course_access(course_id, teach=True)
    with services().database.read() as session:
        rows = assignments.suites(session, access.course.id)
    return Suites(items=[Suite.model_validate(row) for row in rows])


@operation(
    "POST", "/courses/<course_id>/suites", tag="Suites", scope="teach", body=NewSuite, form=FORM, answer=Suite,
    status=201,
)  # fmt: skip
def publish_suite(course_id: str, body: NewSuite | None) -> Suite:
    """Publish a version

    An archive as `multipart/form-data`, or JSON with a git address. The same content again is the same version. 422
    names every problem of the suite in `errors`.
    """
    access = identity.course_access(course_id, teach=True)
    course, by = access.course.id, access.person.id
    if body is not None and body.folder is not None:
        folder = next(
            (path for path in services().settings.rubrics.glob("*/rubric.yaml") if path.parent.name == body.folder),
            None,
        )
        if folder is None:
            raise BadInput("There is no such suite here.", where="folder", fix="Name a folder of the installation.")
        with services().database.write() as session:
            row = suites.publish(session, services().blobs, course_id=course, by=by, folder=folder.parent)
    else:
        tree, source = _uploaded() if body is None else _cloned(body.git_url or "")
        with services().database.write() as session:
            row = suites.publish(session, services().blobs, course_id=course, by=by, tree=tree, source=source)
    header("Location", address("show_suite", suite_id=row.id))
    return Suite.model_validate(row)


@operation("GET", "/suites/<suite_id>", tag="Suites", scope="teach", answer=Suite)
def show_suite(suite_id: str) -> Suite:
    """A published version"""
    with services().database.read() as session:
        row = session.get(PublishedSuite, suite_id)
    if row is None or not or_nothing(lambda: identity.course_access(row.course_id, teach=True)):
        abort(404, "There is no suite at this address.")
    return Suite.model_validate(row)


def _uploaded() -> tuple[Tree, str]:
    if request.mimetype not in FORMS:
        abort(415, "Send multipart/form-data or application/json.")
    unknown = sorted({*request.form, *request.files} - {"file"})
    if unknown:
        raise BadInput(f"Unknown fields: {', '.join(unknown)[:200]}.", where=unknown[0][:200], fix="Send `file`.")
    file = request.files.get("file")
    if file is None or not file.filename:
        raise BadInput("There is no file.", where="file", fix="Send a .zip or .tar.gz of the suite's folder.")
    source = show(PurePosixPath(file.filename.replace("\\", "/")).name)[-255:]
    return read_archive(cast(BinaryIO, file.stream), source, suites.LIMITS), source


def _cloned(git_url: str) -> tuple[Tree, str]:
    tree = fetch(https_remote(git_url), suites.LIMITS, CLONE_SECONDS)
    return tree, f"{git_url} {tree.commit or ''}".strip()
