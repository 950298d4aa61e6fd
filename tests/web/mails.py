"""Reads what the site has mailed."""

from __future__ import annotations

import email.policy
import re
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from flask import Flask

from grader.web.services import services


def outbox(app: Flask) -> list[EmailMessage]:
    """Every mail in `home`/outbox, oldest first, once all that were asked for have been written."""
    services(app).mailer.wait()
    folder: Path = services(app).settings.home / "outbox"
    parser = BytesParser(EmailMessage, policy=email.policy.default)
    return [parser.parsebytes(path.read_bytes()) for path in sorted(folder.glob("*.eml"))]


def link_in(mail: EmailMessage) -> str:
    """The one address in a mail."""
    (url,) = re.findall(r"https?://\S+", mail.get_content())
    return str(url)


def path_in(mail: EmailMessage) -> str:
    """The same without its host."""
    return re.sub(r"^https?://[^/]+", "", link_in(mail))
