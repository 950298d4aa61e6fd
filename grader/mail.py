"""Mail: through the configured server, or as files in `home`/outbox when there is none."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import smtplib
import ssl
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

from grader.config import Settings
from grader.errors import BadInput

log = logging.getLogger(__name__)

SCHEMES = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
TIMEOUT = 20.0
PAUSES = (2.0, 15.0)
"""Seconds before the second and the third try."""


@dataclass(frozen=True)
class Mail:
    """A plain text to one address."""

    to: str
    subject: str
    text: str


class Mailer:
    """Sends in the background: an answer to a request never waits for a mail server, nor tells by its time who got one.

    What was not sent when the process ends is lost; people ask again, and an invitation can be sent again.
    """

    def __init__(self, settings: Settings) -> None:
        """Raises BadInput when the server's URL is wrong."""
        self._settings = settings
        self._server = parse_smtp(settings.smtp_url.get_secret_value())
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")
        self._open: set[Future[None]] = set()

    def later(self, make: Callable[[], Sequence[Mail]]) -> None:
        """Call `make` and send what it returns, soon and elsewhere. What goes wrong is logged."""
        future = self._pool.submit(self._run, make)
        self._open.add(future)
        future.add_done_callback(self._open.discard)

    def wait(self, seconds: float = 30.0) -> None:
        """Return when everything so far has been sent or given up."""
        wait(list(self._open), seconds)

    def send(self, mails: Sequence[Mail]) -> None:
        """Send now. Raises OSError and smtplib.SMTPException when the server does not take all of them."""
        messages = [_message(mail, self._settings.mail_from) for mail in mails]
        if self._server is None:
            for message in messages:
                self._write(message)
            return
        if messages:
            with self._server.connect() as client:
                for message in messages:
                    client.send_message(message)

    def _run(self, make: Callable[[], Sequence[Mail]]) -> None:
        try:
            mails = make()
        except Exception:
            log.exception("a mail could not be written")
            return
        for mail in mails:  # each by itself: one refused address keeps no other from its mail
            self._deliver(mail)

    def _deliver(self, mail: Mail) -> None:
        for pause in (*PAUSES, None):
            try:
                self.send([mail])
                return
            except (OSError, smtplib.SMTPException) as error:
                if pause is None or isinstance(error, smtplib.SMTPRecipientsRefused):
                    log.error("the mail to %s is given up: %s", mail.to, error)
                    return
                log.warning("the mail to %s is tried again: %s", mail.to, error)
                time.sleep(pause)

    def _write(self, message: EmailMessage) -> None:
        folder = self._settings.home / "outbox"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{secrets.token_hex(4)}.eml"
        draft = path.with_suffix(".part")
        with contextlib.closing(os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")) as file:
            file.write(message.as_bytes())
        draft.rename(path)
        log.info("no mail server is set: the mail to %s is in %s", message["To"], path)


@dataclass(frozen=True)
class Server:
    """An SMTP server and how to reach it."""

    scheme: str
    host: str
    port: int
    user: str
    password: str

    def connect(self) -> smtplib.SMTP:
        """A connection that is encrypted and signed in as far as the URL asks. Raises OSError, SMTPException."""
        context = ssl.create_default_context()
        if self.scheme == "smtps":
            client: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT, context=context)
        else:
            client = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT)
        try:
            if self.scheme == "smtp+starttls":
                client.starttls(context=context)
            if self.user:
                client.login(self.user, self.password)
        except BaseException:
            client.close()
            raise
        return client


def parse_smtp(url: str) -> Server | None:
    """The server of an URL such as `smtp+starttls://user:password@mail.example.org:587`; None for none.

    Raises BadInput when it is not one.
    """
    if not url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port or SCHEMES.get(parts.scheme, 0)
    except ValueError:
        parts, port = urlsplit(""), 0
    if parts.scheme not in SCHEMES or not parts.hostname or not port:
        fix = "Write smtp+starttls://user:password@host:587, smtps://… or smtp://…"
        raise BadInput("This is no address of a mail server.", where="GRADER_SMTP_URL", fix=fix)
    return Server(parts.scheme, parts.hostname, port, unquote(parts.username or ""), unquote(parts.password or ""))


def _message(mail: Mail, sender: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, mail.to, mail.subject
    message["Date"] = formatdate(localtime=False)
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2].strip("> ") or "localhost")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    return message
