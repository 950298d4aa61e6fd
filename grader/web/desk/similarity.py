"""How alike submissions' code is: a comparison that somebody asks for, kept as a blob and never part of a score.

Web processes hold what is compared and judge nothing by it. The comparing is done by `likeness.py`, a program of its
own with limits on time and memory: it reads code that students wrote.
"""

from __future__ import annotations

import importlib.util
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, flash, redirect, url_for
from redis.exceptions import RedisError
from werkzeug.wrappers import Response as BaseResponse

from grader.db import audit, similar, suites
from grader.db.school import Assignment
from grader.db.similar import Candidate
from grader.errors import BadInput, GraderError
from grader.intake.tree import Tree
from grader.rubric import cells
from grader.web import identity
from grader.web.desk import forms
from grader.web.desk.blueprint import desk, page
from grader.web.services import Services, services

log = logging.getLogger(__name__)

PROGRAM = Path(__file__).with_name("likeness.py")
MOST = 500
"""Submissions of one comparison, the newest: every pair of them is looked at."""
CODE_LENGTH = 100_000
"""Characters of one submission."""
SECONDS = 300
"""What the program may take, of a processor and by the clock."""
SHOWN = 100
"""Pairs on the page."""
LOCK = "similarity"
"""One comparison at a time on the whole site; the key holds whose it is."""


@desk.get("/assignments/<assignment_id>/similarity")
def show_similarity(assignment_id: str) -> Response:
    """The newest comparison, what it means and what it does not."""
    access = identity.assignment_access(assignment_id, teach=True)
    with services().database.read() as session:
        told = similar.newest(session, access.assignment.id)
        counting = similar.count(session, access.assignment.id)
        result = _result(told.after if told is not None else None)
        pairs = result.get("pairs", [])[:SHOWN]
        known = similar.candidates_by_id(session, {one for pair in pairs for one in (pair["left"], pair["right"])})
    return page(
        "desk/similarity.html",
        access=access,
        told=told,
        result=result,
        pairs=[pair for pair in pairs if pair["left"] in known and pair["right"] in known],
        known=known,
        counting=counting,
        running=_running() == access.assignment.id,
        installed=_installed(),
        most=MOST,
    )


@desk.post("/assignments/<assignment_id>/similarity")
def compare(assignment_id: str) -> BaseResponse:
    """Begin a comparison; the page shows it when it is done."""
    access = identity.assignment_access(assignment_id, teach=True)
    forms.fields()
    if not _installed():
        raise BadInput(
            "The comparing library is not installed here.",
            where="copydetect",
            fix="Ask whoever runs this site to install Grader with its extra: pip install 'grader[similarity]'.",
        )
    if _take(access.assignment.id):
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        arguments = (services(app), access.assignment, access.person.id)
        threading.Thread(target=_run, args=arguments, name="similarity", daemon=True).start()
    elif _running() != access.assignment.id:
        raise BadInput(
            "Another assignment's submissions are being compared.", where="similarity", fix="Try again in some minutes."
        )
    flash("The comparison has begun. This page shows it when it is done.")
    return redirect(url_for("desk.show_similarity", assignment_id=assignment_id), 303)


def _run(services: Services, assignment: Assignment, by: str) -> None:
    """Compare and note the result, or why there is none: whoever asked must learn of either."""
    try:
        told = _compare(services, assignment)
    except (GraderError, OSError, ValueError, subprocess.SubprocessError) as error:
        log.error("submissions of %s were not compared: %s", assignment.id, error)
        told = {"failed": f"{type(error).__name__}: {error}"[:500]}
    finally:
        _release(services)
    with services.database.write() as session:
        about = f"similarity:{assignment.id}"
        audit.note(session, "similarity.compared", about, by=by, course_id=assignment.course_id, after=told)


def _compare(services: Services, assignment: Assignment) -> dict[str, Any]:
    with services.database.read() as session:
        chosen = similar.candidates(session, assignment.id, MOST)
        suite = similar.suite(session, assignment)
    documents = [
        {"id": candidate.submission.id, "parts": parts}
        for candidate in chosen
        if (parts := _code(_tree(services, candidate)))
    ]
    given = suites.starter(services.settings, services.blobs, suite)
    task = {"documents": documents, "boilerplate": _code(given)}
    result = run_program(task)
    digest = services.blobs.put(json.dumps(result).encode())
    return {"blob": digest, "submissions": len(documents), "pairs": len(result["pairs"])}


def run_program(task: Mapping[str, Any]) -> dict[str, Any]:
    """The program's answer to a task, in JSON both ways.

    Raises:
        subprocess.SubprocessError: it took too long, or ended without an answer.
    """
    with tempfile.TemporaryDirectory(prefix="likeness") as home:
        environment = {
            "PATH": os.defpath, "HOME": home, "MPLCONFIGDIR": home, "MPLBACKEND": "Agg", "LANG": "C.UTF-8",
            "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1",
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-I", str(PROGRAM)],
            input=json.dumps({**task, "seconds": SECONDS}).encode(),
            capture_output=True,
            timeout=SECONDS + 30,
            check=True,
            cwd=home,
            env=environment,
        )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _tree(services: Services, candidate: Candidate) -> Mapping[str, bytes]:
    row = candidate.submission
    if row.blob is None:
        return {}
    return Tree.from_tar(services.blobs.get(row.blob), "repository").files


def _code(files: Mapping[str, bytes]) -> Sequence[dict[str, str]]:
    """Python files and the code cells of notebooks, as parts with names; at most `CODE_LENGTH` characters of all."""
    parts, room = [], CODE_LENGTH
    for name, content in files.items():
        text = _text(name, content)[:room]
        if text.strip():
            parts.append({"name": name, "text": text})
            room -= len(text)
    return parts


def _text(name: str, content: bytes) -> str:
    if name.endswith(".py"):
        return content.decode("utf-8", "replace")
    if cells.is_notebook(name) and (sources := cells.read(content)):
        return "\n".join(sources.values())
    return ""


def _result(told: Mapping[str, Any] | None) -> dict[str, Any]:
    if told is None or "blob" not in told:
        return {}
    result: dict[str, Any] = json.loads(services().blobs.get(told["blob"]))
    return result


def _installed() -> bool:
    return importlib.util.find_spec("copydetect") is not None


def _take(assignment_id: str) -> bool:
    """Whether this comparison may begin. Raises BadInput while nobody can tell, as the queue does not answer."""
    try:
        return bool(services().redis.set(LOCK, assignment_id, nx=True, ex=SECONDS + 120))
    except RedisError as error:
        raise BadInput("The queue does not answer.", where="queue", fix="Try again in some minutes.") from error


def _running() -> str | None:
    try:
        held: Any = services().redis.get(LOCK)
    except RedisError:
        return None
    return held.decode() if isinstance(held, bytes) else None


def _release(services: Services) -> None:
    try:
        services.redis.delete(LOCK)
    except RedisError as error:
        log.warning("the lock of comparisons stays until it is too old: %s", error)
