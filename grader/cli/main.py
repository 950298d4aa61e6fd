"""Arguments, help and exit statuses of the `grader` command."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence

from grader import __version__
from grader.cli.processes import follow_parent
from grader.errors import BadInput, InfrastructureError

BAD_INPUT = 2
OUR_FAILURE = 3
INTERRUPTED = 130

_ABOUT = (
    "Grades AI projects in Docker against an instructor's pytest suite, with student code kept away from the judge."
)
_STATUSES = """\
exit status:
  0  done (for `grade`: graded, whatever the score)
  1  something is not as it must be (an example of a suite, this machine, a badge)
  2  rejected, or bad arguments: the message says what, where and how to mend it
  3  our failure, such as Docker not answering: nothing is held against the student

Every setting is a GRADER_* variable; `grader COMMAND --help` shows examples of each command.
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and leave with its exit status."""
    options = parser().parse_args(arguments)
    follow_parent()
    with _terminated_as_exit():
        status = _run(options)
    sys.exit(status)


def _run(options: argparse.Namespace) -> int:
    module, _, function = options.command.partition(":")
    try:
        # Loaded here, since the parts of the service take a second to import and `--help` must not.
        return int(getattr(importlib.import_module(module), function)(options) or 0)
    except BadInput as error:
        return _complain(error, BAD_INPUT)
    except InfrastructureError as error:
        return _complain(error, OUR_FAILURE)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader of a pipe, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _complain(error: Exception, status: int) -> int:
    from grader.cli.view import err, printable

    err.print("error: " + printable(str(error)), soft_wrap=True)
    return status


@contextlib.contextmanager
def _terminated_as_exit() -> Iterator[None]:
    """SIGTERM unwinds the stack like Ctrl-C does, so that containers and processes are ended on the way."""

    def leave(*_: object) -> None:
        raise SystemExit(128 + signal.SIGTERM)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def parser() -> argparse.ArgumentParser:
    """The parser of every command."""
    top = _Parser(prog="grader", description=_ABOUT, epilog=_STATUSES, formatter_class=_Format)
    top.add_argument("--version", action="version", version=f"grader {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=_Parser)
    _add_grading(commands)
    _add_service(commands)
    _add_records(commands)
    return top


class _Format(argparse.RawDescriptionHelpFormatter):
    """Keeps the layout of examples, and is as wide as a page."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=28, width=110)


class _Parser(argparse.ArgumentParser):
    """Ends a complaint with where help is."""

    def error(self, message: str) -> None:  # type: ignore[override]
        self.exit(BAD_INPUT, f"error: {message}\n  See `{self.prog} --help`.\n")


_Commands = argparse._SubParsersAction  # argparse has no public name for it


def _command(commands: _Commands[_Parser], name: str, function: str, about: str, examples: str) -> _Parser:
    listed = "\n".join(f"  {line}" for line in examples.strip().splitlines())
    made = commands.add_parser(
        name, help=about, description=f"{about}.", epilog=f"examples:\n{listed}", formatter_class=_Format
    )
    made.set_defaults(command=f"grader.cli.{function}")
    return made


def _add_grading(commands: _Commands[_Parser]) -> None:
    grade = _command(commands, "grade", "grade:run", "Grade one submission in Docker on this machine", _GRADE)
    grade.add_argument("rubric", metavar="RUBRIC", help="the suite's folder, or its name in the rubrics folder")
    grade.add_argument("submission", metavar="SUBMISSION", help="a folder, archive, .py file, notebook or git URL")
    grade.add_argument("--json", metavar="FILE", help="write the report there; - prints nothing else on stdout")
    grade.add_argument(
        "--artifacts", metavar="DIR", help="keep the reports, the executed notebook and exactly what was graded there"
    )
    grade.add_argument("--student", action="store_true", help="show what the student may see: hidden tests stay hidden")

    _add_submit(commands)
    rubric = commands.add_parser("rubric", help="Look after rubric suites", description="Look after rubric suites.")
    ways = rubric.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=_Parser)
    about = "Grade every example of a suite and compare with examples/expected.yaml"
    check = _command(ways, "check", "check:run", about, _CHECK)
    check.add_argument("rubric", metavar="RUBRIC", help="the suite's folder, or its name in the rubrics folder")
    check.add_argument("--example", metavar="NAME", action="append", default=[], help="only this one; may be repeated")
    check.add_argument(
        "-j", "--jobs", metavar="N", type=_count, default=_cores(), help="exams at once (default: cores)"
    )
    _add_new(ways)

    about = "Check this machine: Docker and its walls, images, queue, database, disk, rubrics"
    _command(commands, "doctor", "doctor:run", about, "grader doctor")
    about = "Build the container images that are out of date"
    images = _command(commands, "images", "service:images", about, _IMAGES)
    images.add_argument("--service", action="store_true", help="also those that docker-compose.yml runs")


def _add_submit(commands: _Commands[_Parser]) -> None:
    submit = _command(commands, "submit", "submit:run", "Hand in to a Grader server", _SUBMIT)
    submit.add_argument("assignment", metavar="ASSIGNMENT", help="the assignment's id, as its page shows it")
    submit.add_argument(
        "submission", metavar="SUBMISSION", help="a folder, archive, .py file, notebook or https git URL"
    )
    server = os.environ.get("GRADER_SERVER", "http://127.0.0.1:8000")
    submit.add_argument("--server", metavar="URL", default=server, help="default: GRADER_SERVER, or %(default)s")
    submit.add_argument("--wait", action="store_true", help="follow the grading and show its result")
    submit.add_argument("--json", action="store_true", help="print the submission as the API has it, and nothing else")


def _add_new(ways: _Commands[_Parser]) -> None:
    about = "Make a suite: a small one to start from, or one made from a notebook with solutions and tests"
    new = _command(ways, "new", "new:run", about, _NEW)
    new.add_argument("folder", metavar="DIR", help="where to write the suite: a new or an empty folder")
    new.add_argument(
        "--from", dest="notebook", metavar="FILE", help="a notebook in the format of nbgrader or Otter Assign"
    )
    new.add_argument(
        "--with", dest="beside", metavar="FILE", nargs="+", default=[], help="files that the notebook reads"
    )
    new.add_argument("--id", metavar="ID", help="the suite's id (default: made from the folder's name)")
    new.add_argument("--title", metavar="TEXT", help="what students see (default: the notebook's first heading)")
    new.add_argument("--sandbox", metavar="NAME", default="python-ml", help="default: %(default)s")


def _add_service(commands: _Commands[_Parser]) -> None:
    serve = _command(commands, "serve", "service:serve", "Run the whole service on this machine", _SERVE)
    serve.add_argument("--bind", metavar="HOST:PORT", default="127.0.0.1:8000", help="default: %(default)s")
    serve.add_argument("--workers", metavar="N", type=_count, default=1, help="exams at once (default: 1)")
    demo = _command(commands, "demo", "demo:run", "Grade every shipped example through the whole service", _DEMO)
    demo.add_argument("--rubric", metavar="NAME", action="append", default=[], help="only this suite; may be repeated")
    demo.add_argument("--home", metavar="DIR", help="where to leave everything (default: var/demo)")
    web = _command(commands, "web", "service:web", "Run only the website", "grader web --bind 127.0.0.1:8000")
    web.add_argument("--bind", metavar="HOST:PORT", default="127.0.0.1:8000", help="default: %(default)s")
    web.add_argument("--processes", metavar="N", type=_count, default=1, help="default: 1")
    work = _command(commands, "work", "service:work", "Run a worker on the queue until it is stopped", _WORK)
    work.add_argument("--burst", action="store_true", help="end when the queue is empty")
    about = "Run the launcher: the one process that holds the Docker socket"
    _command(commands, "launcher", "service:launcher", about, "grader launcher")
    about = "Copy the database, the blobs and the secrets into one archive, also while the service runs"
    saved = _command(commands, "backup", "backup:backup", about, _BACKUP)
    saved.add_argument("file", metavar="FILE", help="a new file, or - for standard output")
    about = "Make an empty home, and an empty database, from an archive of `grader backup`"
    _command(commands, "restore", "backup:restore", about, _RESTORE).add_argument(
        "file", metavar="FILE", help="the archive, or - for standard input"
    )
    about = "Make somebody an admin, such as the first one: prints the address where they begin"
    admin = _command(commands, "admin", "seeding:admin", about, "grader admin ada@example.org --name 'Ada Example'")
    admin.add_argument("email", metavar="EMAIL", help="their address")
    admin.add_argument("--name", metavar="NAME", help="what others see, for a new account")
    about = "Sign badges and publish their status: the one process that reads the signing keys"
    _command(commands, "issuer", "service:issuer", about, "GRADER_BASE_URL=https://grader.example.edu grader issuer")
    about = "Bring the database to the newest schema"
    _command(
        commands, "migrate", "service:migrate", about, "GRADER_DATABASE_URL=postgresql+psycopg:///grader grader migrate"
    )


def _add_records(commands: _Commands[_Parser]) -> None:
    badge = commands.add_parser("badge", help="Look into badges", description="Look into badges.")
    ways = badge.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=_Parser)
    about = "Verify a badge or record of skills, whoever issued it; a file is verified without any network"
    check = _command(ways, "verify", "badge:run", about, _VERIFY)
    check.add_argument("credential", metavar="FILE|URL", help="JSON, JWT, PNG or SVG; an https address is fetched")
    check.add_argument("--did", metavar="FILE", action="append", default=[], help="an issuer's document, did.json")
    check.add_argument(
        "--status", metavar="FILE", action="append", default=[], help="a status list of the issuer's, or ADDRESS=FILE"
    )
    check.add_argument("--issuer", metavar="DID", help="accept only this issuer")
    check.add_argument("--record", metavar="FILE", help="the grading record, to be compared with the badge's digest")
    check.add_argument("--now", metavar="TIME", help="judge as of then, such as 2026-06-01T12:00:00Z")
    check.add_argument("--json", action="store_true", help="print every check for a program")


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 64")
    return int(text)


def _cores() -> int:
    return max(1, min(8, os.cpu_count() or 1))


_GRADE = """
grader grade rubrics/linear-model rubrics/linear-model/examples/reference
grader grade linear-model homework.zip --json report.json
grader grade linear-model https://git.example.org/ada/homework.git --json - --student
"""
_SUBMIT = """
GRADER_TOKEN=grd_... grader submit 0123456789abcdef0123456789abcdef homework --server https://grader.example.edu --wait
grader submit 0123456789abcdef0123456789abcdef https://git.example.org/ada/homework.git --json
"""
_CHECK = """
grader rubric check rubrics/linear-model
grader rubric check rubrics/linear-model --example reference --example empty
"""
_NEW = """
grader rubric new rubrics/first-steps --title "First steps"
grader rubric new rubrics/lab-3 --from lab3.ipynb --with rainfall.csv
"""
_BACKUP = """
grader backup grader.tar.gz
scripts/compose.sh exec -T web python3 -m grader.cli backup - > grader.tar.gz
"""
_RESTORE = """
GRADER_HOME=/srv/grader grader restore grader.tar.gz
"""
_IMAGES = """
grader images
grader images --service && docker-compose up -d
"""
_SERVE = """
grader serve
GRADER_HOME=/srv/grader grader serve --bind 0.0.0.0:8000 --workers 4
"""
_DEMO = """
grader demo
grader demo --rubric linear-model
"""
_WORK = """
grader work
GRADER_REDIS_URL=redis://queue:6379 grader work
"""
_VERIFY = """
grader badge verify badge.png --did did.json --status status.json --issuer did:web:grader.example.org
grader badge verify https://grader.example.org/badges/AbCdEfGhIjKlMnOpQrStUv.json
"""
