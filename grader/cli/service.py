"""`grader serve` and the parts it is made of: `web`, `work`, `launcher`, `issuer`, `migrate`, `images`."""

from __future__ import annotations

import contextlib
import socket
import time
from argparse import Namespace
from collections.abc import Iterator

from grader.cli.places import PROJECT, find_settings
from grader.cli.processes import service, split_address
from grader.cli.view import err, say
from grader.config import Settings, check_settings, setup_logging
from grader.errors import BadInput
from grader.queue import serving
from grader.sandbox.images import build_all


def serve(arguments: Namespace) -> int:
    """Run queue, launcher, workers, issuer and web until Ctrl-C or SIGTERM."""
    from grader.cli.seeding import begin_here

    settings = find_settings()
    check_settings(settings)
    check_address(arguments.bind)
    build_all(settings.sandboxes, say)
    _prepare(settings)
    with told_to_stop(), serving(settings) as url, service(settings, url, arguments.bind, arguments.workers) as parts:
        err.print(f"Grader is on http://{arguments.bind} and keeps its data in {settings.home}. Ctrl-C stops it.")
        for line in begin_here(settings, f"http://{arguments.bind}"):
            err.print(line, soft_wrap=True)
        while True:
            parts.check()
            time.sleep(0.5)
    err.print("Stopped.")
    return 0


@contextlib.contextmanager
def told_to_stop() -> Iterator[None]:
    """Ctrl-C and SIGTERM end the block, and that is no failure."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        return


def check_address(bind: str) -> None:
    """Raises BadInput for an address that nothing can be served on."""
    try:
        host, port = split_address(bind)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except (OSError, ValueError) as error:
        text = getattr(error, "strerror", None) or str(error)
        raise BadInput(text, where=f"--bind {bind}", fix="Choose another, such as --bind 127.0.0.1:8001.") from error


def web(arguments: Namespace) -> int:
    """Serve the website until SIGTERM."""
    from grader.web.server import serve as serve_web

    settings = find_settings()
    check_settings(settings)
    check_address(arguments.bind)
    serve_web(settings, bind=arguments.bind, processes=arguments.processes)
    return 0


def work(arguments: Namespace) -> int:
    """Take jobs until SIGTERM."""
    from grader.jobs import work as take_jobs

    take_jobs(find_settings(), burst=arguments.burst)
    return 0


def launcher(_: Namespace) -> int:
    """Build what is missing, then hand out containers until SIGTERM."""
    from grader.sandbox.launcher import main as launch

    settings = find_settings()
    setup_logging(settings.log_level)
    launch(settings, images=build_all(settings.sandboxes, say))
    return 0


def issuer(_: Namespace) -> int:
    """Sign what is due and publish what is to be read, until SIGTERM."""
    from grader.issuing import run

    run(find_settings())
    return 0


def migrate(_: Namespace) -> int:
    """Make or update the tables, and with GRADER_DEMO what the demo begins with."""
    settings: Settings = find_settings()
    _prepare(settings)
    say(f"the database is up to date: {settings.sqlalchemy_url.partition('@')[2] or settings.sqlalchemy_url}")
    return 0


def _prepare(settings: Settings) -> None:
    from grader.cli.seeding import seed_demo
    from grader.db import migrate as update

    update(settings)
    if settings.demo and seed_demo(settings):
        say("made the demo's course and people")


def images(arguments: Namespace) -> int:
    """Build what is missing."""
    build_all(find_settings().sandboxes, say)
    if arguments.service:
        from grader.sandbox.deployment import build_service

        build_service(PROJECT, say)
    return 0
