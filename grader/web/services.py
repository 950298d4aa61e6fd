"""What the views work with, made once for each application."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import cast

from flask import Flask, current_app
from redis import Redis

from grader import queue
from grader.config import Settings
from grader.db import Database
from grader.db.forecast import Forecasts
from grader.intake.store import BlobStore
from grader.mail import Mailer
from grader.web.catalog import Catalog

MAX_STREAMS = 48
"""Progress pages open at once in one process: each holds a thread of the server, and some must stay free."""


@dataclass(frozen=True)
class Services:
    """One per process; every part is safe to use from many threads."""

    settings: Settings
    database: Database
    redis: Redis
    blobs: BlobStore
    catalog: Catalog
    mailer: Mailer
    forecasts: Forecasts = field(default_factory=Forecasts)
    streams: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(MAX_STREAMS))


def make_services(settings: Settings) -> Services:
    return Services(
        settings=settings,
        database=Database(settings.sqlalchemy_url),
        redis=queue.connect(settings),
        blobs=BlobStore(settings.blob_root),
        catalog=Catalog(settings.rubrics),
        mailer=Mailer(settings),
    )


def services(app: Flask | None = None) -> Services:
    """Those of the application that answers the current request."""
    return cast(Services, (app or current_app).extensions["grader"])
