"""`grader doctor`: what on this machine makes results unsafe or grading impossible, and how to mend it."""

from __future__ import annotations

import shutil
import sys
import tempfile
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path

from redis.exceptions import RedisError
from rich.table import Table
from rich.text import Text
from sqlalchemy import make_url, text
from sqlalchemy.exc import SQLAlchemyError

from grader.cli.places import find_settings, find_suite
from grader.cli.view import out, printable
from grader.config import Settings
from grader.db import Database
from grader.errors import GraderError, RubricError
from grader.queue import EmbeddedServer, connect, socket_path
from grader.rubric import Quality, load_examples, quality
from grader.sandbox.doctor import Check, facts

_NEEDED = 1024**3


def run(_: Namespace) -> int:
    """Print every check; 0 when all are good, else 1."""
    settings = find_settings()
    checks = [*_programs(), *facts(settings.sandboxes), *_state(settings), *_rubrics(settings)]
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    for check in checks:
        word = Text("ok", style="green") if check.ok else Text("BAD", style="bold red")
        detail = Text(printable(check.detail))
        if check.fix and check.fix not in check.detail:
            detail.append(f"\n{printable(check.fix)}", style="yellow")
        table.add_row(word, check.name, detail)
    out.print(table)
    bad = [check.name for check in checks if not check.ok]
    out.print(f"{len(bad)} of {len(checks)} checks failed: {', '.join(bad)}" if bad else "This machine can grade.")
    return 1 if bad else 0


def _check(name: str, detail: str, probe: Callable[[], object], fix: str) -> Check:
    try:
        probe()
    except (GraderError, OSError, RedisError, SQLAlchemyError) as error:
        return Check(name, ok=False, detail=f"{detail}: {str(error).splitlines()[0]}", fix=fix)
    return Check(name, ok=True, detail=detail)


def _programs() -> Iterator[Check]:
    yield Check("python", ok=True, detail=f"{sys.version.split()[0]} at {sys.prefix}")
    git = shutil.which("git")
    yield Check(
        "git", git is not None, git or "missing", "" if git else "Install git: submissions may be git addresses."
    )
    spec = Quality(select=["F"])
    yield _check("ruff", "lints submissions", lambda: quality.check({"a.py": b""}, spec), "Run `make setup`.")


def _state(settings: Settings) -> Iterator[Check]:
    yield _disk(settings)
    if settings.redis_url:
        fix = "Start that server, or unset GRADER_REDIS_URL to use the embedded one."
        yield _check("queue", "GRADER_REDIS_URL", lambda: _ping(settings), fix)
    else:
        fix = "Run `make setup`; GRADER_REDIS_URL names a server of your own instead."
        yield _check("queue", "embedded Valkey", lambda: _try_embedded(settings), fix)
    url = make_url(settings.sqlalchemy_url)
    fix = "Start the server, or mend GRADER_DATABASE_URL; unset means SQLite in GRADER_HOME."
    yield _check("database", url.render_as_string(hide_password=True), lambda: _query(settings), fix)


def _disk(settings: Settings) -> Check:
    home = settings.home.absolute()
    there = next(folder for folder in (home, *home.parents) if folder.is_dir())
    try:
        tempfile.TemporaryFile(dir=there).close()
    except OSError as error:
        return Check("home", ok=False, detail=f"{home}: {error.strerror}", fix="Set GRADER_HOME to a folder of yours.")
    free = shutil.disk_usage(there).free
    fix = "" if free >= _NEEDED else "Grader keeps submissions and reports there: make 1 GiB free."
    return Check("home", not fix, f"{home}, {free // 1024**3} GiB free", fix)


def _ping(settings: Settings) -> None:
    redis = connect(settings)
    try:
        redis.ping()
    finally:
        redis.close()


def _try_embedded(settings: Settings) -> None:
    """Start a server of our own in a folder of its own: the service's may be running."""
    socket_path(settings)
    with tempfile.TemporaryDirectory(prefix="gd") as folder:
        trial = settings.model_copy(update={"home": Path(folder)})
        with EmbeddedServer(trial):
            _ping(trial)


def _query(settings: Settings) -> None:
    """Ask the database, or see that SQLite could make its file; nothing is made."""
    url = make_url(settings.sqlalchemy_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return
    database = Database(settings.sqlalchemy_url)
    try:
        with database.read() as session:
            session.execute(text("SELECT 1"))
    finally:
        database.dispose()


def _rubrics(settings: Settings) -> Iterator[Check]:
    folders = sorted(path.parent for path in settings.rubrics.glob("*/rubric.yaml"))
    if not folders:
        yield Check(
            "rubrics", ok=False, detail=f"none in {settings.rubrics}", fix="Set GRADER_RUBRICS to their folder."
        )
    for folder in folders:
        try:
            suite = find_suite(str(folder), settings)
            examples = load_examples(suite)
        except RubricError as error:
            yield Check(f"rubric {folder.name}", ok=False, detail=str(error), fix="Mend what is listed.")
        else:
            detail = f"{suite.rubric.id} v{suite.rubric.version}, {len(examples)} examples"
            yield Check(f"rubric {folder.name}", ok=True, detail=detail)
