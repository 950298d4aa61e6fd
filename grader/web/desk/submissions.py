"""The table of an assignment's submissions, and one submission with everything that is known of it."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from flask import Response, abort, request, send_file, url_for

from grader.db import badges, dossier, groups, listing
from grader.db.school import Group
from grader.db.tables import STATES, Attempt
from grader.intake.tree import Tree
from grader.web import identity
from grader.web.desk.blueprint import desk, page
from grader.web.identity import SubmissionAccess
from grader.web.services import services

PAGE = 50
LOGS = ("candidate.log", "examiner.log")
SHOWN_BYTES = 256 * 1024
"""Of a log or file; the whole of it can be downloaded."""
TEXTS = 12
TEXT_BYTES = 64 * 1024
_FILTERS = ("q", "state", "late", "passed", "waiting", "counting", "group")


@desk.get("/assignments/<assignment_id>/submissions")
def submissions(assignment_id: str) -> Response:
    """The table. Which rows, and in which order, is in the address."""
    access = identity.assignment_access(assignment_id, teach=True)
    asked = listing.wanted(request.args)
    with services().database.read() as session:
        rows = listing.page(session, access.assignment, asked, PAGE + 1)
        count = listing.count(session, access.assignment, asked)
        group = session.get(Group, asked.group) if asked.group else None
    filters = {name: value for name in _FILTERS if (value := request.args.get(name, ""))}
    return page(
        "desk/submissions.html",
        access=access,
        rows=rows[:PAGE],
        count=count,
        asked=asked,
        filters=filters,
        states=STATES,
        group=group,
        sorts=_sorts(assignment_id, asked, filters),
        older=_address(assignment_id, asked, filters, after=rows[PAGE - 1].submission.id) if len(rows) > PAGE else None,
        newest=_address(assignment_id, asked, filters) if asked.after else None,
    )


@desk.get("/submissions/<public_id>")
def submission(public_id: str) -> Response:
    """Everything of one; `?attempt=` shows the report of another attempt than the newest that counts."""
    access = identity.submission_access(public_id, teach=True)
    attempt_id = request.args.get("attempt", "")[:40] or None
    with services().database.read() as session:
        found = dossier.of(session, access.submission, attempt_id)
        events = dossier.events(session, access.submission)
        awarded = badges.of_submission(session, access.submission.id)
    if attempt_id is not None and found.shown is None:
        abort(404, "There is no attempt at this address.")
    return page(
        "desk/submission.html",
        access=access,
        d=found,
        events=events,
        files=names_of(access),
        logs=LOGS,
        awarded=awarded,
    )


@desk.get("/submissions/<public_id>/attempts/<attempt_id>/<name>")
def artifact(public_id: str, attempt_id: str, name: str) -> Response:
    """A log of an attempt with its unseen characters made visible; with `?download=1` any artefact as it is."""
    access = identity.submission_access(public_id, teach=True)
    with services().database.read() as session:
        attempt = session.get(Attempt, attempt_id)
    kept = (attempt.artifacts or {}) if attempt is not None and attempt.submission_id == access.submission.id else {}
    if name not in kept:
        abort(404, "There is no such file at this address.")
    content = services().blobs.get(kept[name])
    if request.args.get("download") == "1":
        return _download(content, name)
    if name not in LOGS:
        abort(404, "This file is not shown as text.")
    back = url_for("desk.submission", public_id=public_id, attempt=attempt_id)
    return _text(access, content, title=name, back=back)


@desk.get("/submissions/<public_id>/files/<path:name>")
def handed_in(public_id: str, name: str) -> Response:
    """A file of what was handed in, as text with its unseen characters made visible, or as it is."""
    access = identity.submission_access(public_id, teach=True)
    content = _files(access).get(name)
    if content is None:
        abort(404, "There is no such file at this address.")
    if request.args.get("download") == "1":
        return _download(content, PurePosixPath(name).name)
    return _text(access, content, title=name, back=url_for("desk.submission", public_id=public_id))


def _files(access: SubmissionAccess) -> Mapping[str, bytes]:
    """What was handed in by path; nothing while a repository has not been cloned."""
    row = access.submission
    if row.blob is None:
        return {}
    kind = "notebook" if row.kind == "notebook" else "repository"
    return Tree.from_tar(services().blobs.get(row.blob), kind).files  # type: ignore[arg-type]


def names_of(access: SubmissionAccess) -> Mapping[str, int]:
    """Sizes by path."""
    return {name: len(content) for name, content in _files(access).items()}


@dataclass(frozen=True)
class TextFile:
    """The beginning of a file that can be read as text."""

    name: str
    content: str
    size: int
    cut: bool


def texts_of(access: SubmissionAccess) -> list[TextFile]:
    """Text files of what was handed in, for reading while marking: the first `TEXTS`, each up to `TEXT_BYTES`.

    Prose comes first, then code, then the rest; notebooks have a page of their own.
    """
    found: list[TextFile] = []
    order = sorted(_files(access).items(), key=lambda item: (_reading_order(item[0]), item[0]))
    for name, content in order:
        if len(found) == TEXTS:
            break
        if content and b"\0" not in content[:8000] and not name.endswith((".ipynb", ".csv", ".json")):
            text = content[:TEXT_BYTES].decode("utf-8", "replace")
            found.append(TextFile(name, text, len(content), len(content) > TEXT_BYTES))
    return found


def _reading_order(name: str) -> int:
    return 0 if name.lower().endswith((".md", ".txt", ".rst")) else 1 if name.endswith(".py") else 2


def _text(access: SubmissionAccess, content: bytes, *, title: str, back: str) -> Response:
    binary = b"\0" in content[:8000]
    text = "" if binary else content[:SHOWN_BYTES].decode("utf-8", "replace")
    return page(
        "desk/text.html",
        access=access,
        title=title,
        back=back,
        text=text,
        binary=binary,
        size=len(content),
        cut=len(content) > SHOWN_BYTES,
        shown=SHOWN_BYTES,
        people=_people(access),
    )


def _people(access: SubmissionAccess) -> str:
    with services().database.read() as session:
        found = dossier.people(session, groups.owners(session, access.submission))
    return ", ".join(person.name for person in found)


def _download(content: bytes, name: str) -> Response:
    """A student's bytes, never as a page of this site."""
    response = send_file(io.BytesIO(content), "application/octet-stream", as_attachment=True, download_name=name)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _address(assignment_id: str, asked: listing.Wanted, filters: Mapping[str, str], **more: Any) -> str:
    order = {"sort": asked.sort, "order": "up" if asked.ascending else "down"}
    return url_for("desk.submissions", assignment_id=assignment_id, **{**filters, **order, **more})


def _sorts(assignment_id: str, asked: listing.Wanted, filters: Mapping[str, str]) -> Mapping[str, tuple[str, str]]:
    """By column: where its heading leads, and how it is sorted now (`ascending`, `descending` or `none`)."""
    found: dict[str, tuple[str, str]] = {}
    for sort in listing.SORTS:
        now = ("ascending" if asked.ascending else "descending") if sort == asked.sort else "none"
        order = "down" if now == "ascending" or (now == "none" and sort in ("received", "points")) else "up"
        found[sort] = (_address(assignment_id, asked, filters, sort=sort, order=order), now)
    return found
