"""`grader grade`: one submission against one suite, in Docker on this machine."""

from __future__ import annotations

import json
import sys
import tempfile
import uuid
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grader.cli.places import docker_sandbox, find_settings, find_suite
from grader.cli.view import Watch, err, out, printable, report_view
from grader.config import Settings, load_secret
from grader.errors import BadInput, InfrastructureError, RenderError, SubmissionRejected
from grader.exam.pipeline import Keep, Progress, check_submission, failure, grade, rejection
from grader.intake.receive import receive
from grader.intake.tree import IntakeLimits, Tree
from grader.render import marks_of, render, with_marks
from grader.rubric import Report, Suite, student_view

STATUS = {"graded": 0, "rejected": 2, "failed": 3}


def run(arguments: Namespace) -> int:
    """Grade, show, write; the exit status. Raises BadInput before anything has run."""
    settings = find_settings()
    suite = find_suite(arguments.rubric, settings)
    _prepare(arguments.json, arguments.artifacts)
    kept: dict[str, bytes] = {}
    report, tree = examine(suite, arguments.submission, settings, on_artifact=kept.__setitem__)
    whole = report.model_dump(mode="json")
    student = student_view(report)
    shown = student if arguments.student else whole
    if arguments.artifacts:
        _keep(Path(arguments.artifacts), whole, student, tree)
        _keep_notebook(Path(arguments.artifacts), whole, kept)
    if arguments.json and arguments.json != "-":
        write_json(Path(arguments.json), shown)
    if arguments.json == "-":
        sys.stdout.write(dump(shown))
        if report.outcome != "graded":
            err.print(printable(report.reason or ""))
    else:
        out.print(report_view(Report.model_validate(shown)))
    return STATUS[report.outcome]


def examine(
    suite: Suite, source: str, settings: Settings, *, on_artifact: Keep = lambda name, content: None
) -> tuple[Report, Tree | None]:
    """The report whatever its outcome, and what was graded as far as it could be read. Raises BadInput for a secret.

    `on_artifact` is given what the exam leaves beside the report, by name.
    """
    watch = Watch()
    tree: Tree | None = None
    with watch.running():
        try:
            watch(Progress("intake"))
            tree = receive(source, IntakeLimits(max_bytes=suite.rubric.submission.max_size))
            check_submission(suite.rubric, tree)
            secret = find_secret(settings)
            with docker_sandbox(settings, watch.tell) as sandbox:
                job = f"cli-{uuid.uuid4().hex[:12]}"
                report = grade(suite, tree, sandbox, secret=secret, job=job, on_progress=watch, on_artifact=on_artifact)
                return report, tree
        except SubmissionRejected as error:
            return rejection(suite, error, tree), tree
        except InfrastructureError as error:
            return failure(suite, error, tree), tree


def find_secret(settings: Settings) -> bytes:
    """What keys the seeds. Raises BadInput where it can be neither read nor kept."""
    try:
        return load_secret(settings)
    except OSError as error:
        raise BadInput(
            f"cannot keep the secret that seeds the tests: {error.strerror}",
            where=str(settings.home),
            fix="Set GRADER_HOME to a folder of yours, or GRADER_SECRET.",
        ) from error


def dump(data: Any) -> str:
    """A report as text. Only ASCII, so that it survives every terminal and every locale."""
    return json.dumps(data, indent=2) + "\n"


def write_json(path: Path, data: Any) -> None:
    """Write the whole file or none of it."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        file.write(dump(data))
    Path(file.name).chmod(0o644)
    Path(file.name).replace(path)


def _prepare(json_file: str | None, artifacts: str | None) -> None:
    """Make the folders that results go to, before a minute is spent on them. Raises BadInput."""
    folders = {"--json": Path(json_file).parent} if json_file and json_file != "-" else {}
    folders |= {"--artifacts": Path(artifacts)} if artifacts else {}
    for option, folder in folders.items():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
        except OSError as error:
            raise BadInput(
                f"cannot write there: {error.strerror}", where=f"{option} {folder}", fix="Name a folder that is yours."
            ) from error
    if json_file and Path(json_file).is_dir():
        raise BadInput("is a folder", where=f"--json {json_file}", fix="Name a file in it.")


def _keep(folder: Path, whole: dict[str, Any], student: dict[str, Any], tree: Tree | None) -> None:
    """The report, the student's view of it, and exactly what was graded (its bytes are plain data, never unpacked)."""
    write_json(folder / "report.json", whole)
    write_json(folder / "student.json", student)
    if tree is not None:
        (folder / "submission.tar").write_bytes(tree.tar())


def _keep_notebook(folder: Path, whole: Mapping[str, Any], kept: Mapping[str, bytes]) -> None:
    """The executed notebook, and its page with all marks, those of hidden tests too. A missing page is only told."""
    notebook = kept.get("notebook.ipynb")
    if notebook is None or whole["notebook"] is None:
        return
    (folder / "notebook.ipynb").write_bytes(notebook)
    try:
        page = render(notebook, title=whole["notebook"]["path"])
    except RenderError as error:
        err.print(printable(f"notebook.html was not written: {error}"))
        return
    (folder / "notebook.html").write_bytes(with_marks(page, marks_of(whole)))
