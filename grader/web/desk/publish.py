"""Publishing a rubric suite in a course, and what a published one will ask of students."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import BinaryIO, cast

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from grader.db import assignments, suites
from grader.db.school import PublishedSuite
from grader.errors import BadInput, RubricError
from grader.intake.address import https_remote
from grader.intake.archive import read_archive
from grader.intake.clone import fetch
from grader.intake.collect import show
from grader.rubric.model import Rubric
from grader.web import identity
from grader.web.desk import forms
from grader.web.desk.blueprint import desk, files_of, page, suite_access
from grader.web.identity import CourseAccess
from grader.web.services import services

CLONE_SECONDS = 40.0
"""How long a teacher's browser waits for a git host."""


@desk.get("/courses/<course_id>/publish")
def publish(course_id: str) -> Response:
    """Choose a suite of the installation, an archive or a git address."""
    return _form(identity.course_access(course_id, teach=True))


@desk.post("/courses/<course_id>/publish")
def publish_suite(course_id: str) -> BaseResponse:
    """Publish, and show what was published; or the form again with every problem of the suite."""
    access = identity.course_access(course_id, teach=True)
    try:
        row = _publish(access)
    except RubricError as problem:
        return _form(access, problem, problem.problems)
    except BadInput as problem:
        return _form(access, problem)
    flash(f"Published: {row.title}, version {row.version}.", "good")
    return redirect(url_for("desk.suite", suite_id=row.id), 303)


@desk.get("/suites/<suite_id>")
def suite(suite_id: str) -> Response:
    """What a published suite asks, what of it is hidden, and which assignments could use it."""
    row, access = suite_access(suite_id)
    rubric = files_of(row).rubric
    with services().database.read() as session:
        using = assignments.using(session, row)
    return page(
        "desk/suite.html",
        access=access,
        suite=row,
        rubric=rubric,
        brief=files_of(row).brief,
        shares=_shares(rubric),
        using=using,
    )


@desk.post("/assignments/<assignment_id>/suite")
def use_suite(assignment_id: str) -> BaseResponse:
    """Let another version judge an assignment that has no grades yet."""
    access = identity.assignment_access(assignment_id, teach=True)
    sent = forms.fields("suite")
    with services().database.write() as session:
        row = session.get(PublishedSuite, sent["suite"])
        if row is None or row.course_id != access.course.id:
            raise BadInput("This suite is not of this course.", where="suite", fix="Publish it here first.")
        assignments.use_suite(session, access.assignment.id, row, by=access.person.id)
    flash(f"{access.assignment.title} is now judged by version {row.version}.", "good")
    return redirect(url_for("desk.suite", suite_id=row.id), 303)


def _publish(access: CourseAccess) -> PublishedSuite:
    sent = forms.fields("source", "folder", "git_url")
    blobs, course, by = services().blobs, access.course.id, access.person.id
    if sent["source"] == "folder":
        folder = {name: services().settings.rubrics / name for name in _folders()}.get(sent["folder"])
        if folder is None:
            raise BadInput("There is no such suite here.", where="folder", fix="Choose one from the list.")
        with services().database.write() as session:
            return suites.publish(session, blobs, course_id=course, by=by, folder=folder)
    if sent["source"] == "upload":
        file = request.files.get("file")
        if file is None or not file.filename:
            raise BadInput("No file was chosen.", where="file", fix="Choose a .zip or .tar.gz of the suite's folder.")
        source = show(PurePosixPath(file.filename.replace("\\", "/")).name)[-255:]
        tree = read_archive(cast(BinaryIO, file.stream), source, suites.LIMITS)
    elif sent["source"] == "git":
        tree = fetch(https_remote(sent["git_url"]), suites.LIMITS, CLONE_SECONDS)
        source = f"{sent['git_url']} {tree.commit or ''}".strip()
    else:
        raise BadInput("Nothing was chosen.", where="source", fix="Choose where the suite is.")
    with services().database.write() as session:
        return suites.publish(session, blobs, course_id=course, by=by, tree=tree, source=source)


def _form(access: CourseAccess, problem: BadInput | None = None, problems: list[str] | None = None) -> Response:
    titles = {suite.folder.name: suite.rubric for suite in services().catalog.all()}
    return page(
        "desk/publish.html",
        status=422 if problem else 200,
        access=access,
        folders=[(name, titles.get(name)) for name in _folders()],
        problem=problem,
        problems=problems or [],
        sent=request.form,
        max_upload=services().settings.max_upload,
    )


def _folders() -> list[str]:
    """Names of the installation's suites, those with problems among them: their author learns of them here."""
    return sorted(path.parent.name for path in services().settings.rubrics.glob("*/rubric.yaml"))


def _shares(rubric: Rubric) -> dict[str, float]:
    """Percent of the points by what a student sees of them, and how many a person marks."""
    by_visibility = dict.fromkeys(("visible", "after_due", "hidden"), 0.0)
    for criterion in rubric.criteria:
        by_visibility[criterion.visibility] += criterion.points
    person = sum(criterion.points for criterion in rubric.criteria if criterion.review)
    shares = {name: 100 * points / rubric.max_points for name, points in by_visibility.items()}
    return shares | {"person": 100 * person / rubric.max_points}
