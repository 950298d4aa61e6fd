"""The website: hand in a project, watch it being graded, read the result; and the same over a JSON API.

It knows neither Docker nor how grading works: it writes a row, tells the queue and shows what the row says.
"""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from grader.config import Settings, check_settings
from grader.db import migrate
from grader.web import (
    accept,
    account,
    admin,
    api,
    assignment,
    badge,
    course,
    desk,
    enrol,
    events,
    guard,
    identity,
    leaderboard,
    notebook,
    oidc,
    problems,
    published,
    record,
    rerun,
    sessions,
    sharing,
    sign_in,
    standing,
    student,
    talent,
    verify,
    words,
)
from grader.web.services import make_services

FORM_MEMORY = 256 * 1024
FORM_PARTS = 20


def create_app(settings: Settings | None = None) -> Flask:
    """The application, with its database brought up to date. Needs no queue: without one, submissions wait for it."""
    settings = settings or Settings()
    check_settings(settings)
    migrate(settings)
    app = Flask(__name__)
    app.config.update(
        MAX_CONTENT_LENGTH=settings.max_upload,
        MAX_FORM_PARTS=FORM_PARTS,
        MAX_FORM_MEMORY_SIZE=FORM_MEMORY,
        SEND_FILE_MAX_AGE_DEFAULT=3600,
        SUBMISSIONS_PER_MINUTE=30,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]  # a report keeps the order of its design
    app.extensions["grader"] = make_services(settings)
    if settings.proxies:  # never the host: what a request says of it reaches us through most proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=0)  # type: ignore[method-assign]
    accept.init_app(app)
    sessions.init_app(app)
    identity.init_app(app)
    guard.init_app(app)
    problems.init_app(app)
    words.init_app(app)
    app.register_blueprint(sign_in.pages)
    app.register_blueprint(account.account)
    oidc.init_app(app)
    app.register_blueprint(admin.admin)
    app.register_blueprint(enrol.enrol)
    app.register_blueprint(student.pages)
    app.register_blueprint(course.pages)
    app.register_blueprint(assignment.pages)
    app.register_blueprint(leaderboard.pages)
    app.register_blueprint(notebook.notebook)
    app.register_blueprint(events.stream)
    app.register_blueprint(desk.desk)
    app.register_blueprint(published.published)
    app.register_blueprint(badge.badge)
    app.register_blueprint(rerun.rerun)
    app.register_blueprint(verify.verifying)
    app.register_blueprint(record.mine)
    app.register_blueprint(sharing.sharing)
    app.register_blueprint(standing.standing)
    talent.init_app(app)
    app.register_blueprint(api.api)
    return app
