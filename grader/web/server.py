"""Serves the website with gunicorn, started from Python so that no command line can get it wrong."""

from __future__ import annotations

from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from grader.config import Settings, check_settings, setup_logging
from grader.mail import parse_smtp
from grader.web import create_app
from grader.web.services import MAX_STREAMS

THREADS = MAX_STREAMS + 16


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, settings: Settings, options: dict[str, Any]) -> None:
        self.settings = settings
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        for key, value in self.options.items():
            if key in self.cfg.settings:  # the control socket came with gunicorn 25
                self.cfg.set(key, value)

    def load(self) -> Flask:
        """Called in each worker process, after the fork: connections are made there."""
        return create_app(self.settings)


def serve(settings: Settings | None = None, *, bind: str = "127.0.0.1:8000", processes: int = 1) -> None:
    """Answer requests until the process is told to stop. Every open progress page holds one of its threads.

    Raises BadInput for settings that contradict each other or would not be safe.
    """
    settings = settings or Settings()
    check_settings(settings)  # here already: a process that fails after the fork only says that it did
    parse_smtp(settings.smtp_url.get_secret_value())
    setup_logging(settings.log_level)
    options = {
        "bind": bind,
        "workers": processes,
        "worker_class": "gthread",
        "threads": THREADS,
        "timeout": 60,
        "graceful_timeout": 5,
        "loglevel": settings.log_level.lower(),
        "control_socket_disable": True,
    }
    _Server(settings, options).run()
