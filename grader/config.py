"""Settings from GRADER_* environment variables or `.env`, and logging."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from grader.errors import BadInput

SECRETS = Path("/run/secrets")
"""Where containers find their secrets: the file `grader_secret` there is GRADER_SECRET, and so on."""
SECRET_LENGTH = 32
"""Characters that a secret needs at least, so that nobody finds it by trying."""


class Settings(BaseSettings):
    """Where things are and how much of them is allowed. Each is an environment variable: `home` is GRADER_HOME."""

    model_config = SettingsConfigDict(
        env_prefix="GRADER_",
        env_file=".env",
        secrets_dir=SECRETS if SECRETS.is_dir() else None,
        extra="ignore",
        frozen=True,
    )

    home: Path = Path("var")
    """Folder of everything the embedded default writes: database, blobs, queue, sockets."""
    rubrics: Path = Path("rubrics")
    """Folder whose subfolders are the rubric suites a web user can pick."""
    sandboxes: Path = Path("sandboxes")
    """Folder whose subfolders are the container images."""
    database_url: str = ""
    """SQLAlchemy URL; empty means SQLite at `home`/grader.db."""
    redis_url: str = ""
    """Redis or Valkey URL; empty means an embedded server on a Unix socket in `home`."""
    blobs_url: str = ""
    """obstore URL (file:///, s3://, gs://, az://); empty means `home`/blobs."""
    launcher: Path | None = None
    """Unix socket of the launcher; empty means `home`/launcher.sock."""
    secret: SecretStr = SecretStr("")
    """Keys the seeds of randomised tests and the session cookie; unset means one made once, kept in `home`/secret."""
    base_url: str = ""
    """Where people reach the website, such as https://grader.example.edu; empty means what each request asked for."""
    proxies: int = Field(default=0, ge=0)
    """How many proxies in front of the website say in X-Forwarded-For and X-Forwarded-Proto who asks and how."""
    smtp_url: SecretStr = SecretStr("")
    """smtp://, smtp+starttls:// or smtps:// with user, password, host, port; empty means files in `home`/outbox."""
    mail_from: str = "Grader <grader@localhost>"
    """Sender of every mail."""
    oidc_issuer: str = ""
    """Issuer URL of an OpenID Connect provider; empty means no sign-in through one."""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_name: str = "your organisation"
    """What the button calls it: Sign in with …"""
    oidc_create: bool = False
    """Whether somebody whom the provider knows and we do not gets a student's account."""
    demo: bool = False
    """Offer sign-in as the seeded demo people to everybody. Never with real work in the database."""
    api_per_minute: int = Field(default=600, gt=0)
    """Requests to the API that one person may make in a minute."""
    issuer_keys: Path | None = None
    """File of the keys that sign badges, which only `grader issuer` reads; empty means `home`/issuer/keys.json."""
    issuer_name: str = Field(default="Grader", min_length=1, max_length=200)
    """The institution that badges name as their issuer."""
    webhooks_to_loopback: bool = False
    """Whether webhooks may also be plain http on this machine: for trying them out, never where others teach."""
    max_upload: int = Field(default=64 * 1024 * 1024, gt=0)
    """Largest request body in bytes."""
    docker_runtime: str = "runc"
    """`runc`, or `runsc` where gVisor is installed."""
    log_level: str = "INFO"

    @property
    def sqlalchemy_url(self) -> str:
        return self.database_url or f"sqlite:///{(self.home / 'grader.db').absolute()}"

    @property
    def launcher_socket(self) -> Path:
        return (self.launcher or self.home / "launcher.sock").absolute()

    @property
    def issuer_keys_file(self) -> Path:
        return self.issuer_keys or self.home / "issuer" / "keys.json"

    @property
    def public_url(self) -> str:
        """The address that badges name: without `base_url` one that only this machine can reach."""
        return self.base_url.rstrip("/") or "http://127.0.0.1:8000"

    @property
    def blob_root(self) -> str:
        return self.blobs_url or (self.home / "blobs").absolute().as_uri()


def check_settings(settings: Settings) -> None:
    """Raises BadInput when the settings contradict each other or would not be safe."""
    _check_secret(settings)
    for name, url in (("base_url", settings.base_url), ("oidc_issuer", settings.oidc_issuer)):
        parts = urlsplit(url)
        if url and (parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment):
            raise BadInput(
                f"{url} is no web address.", where=_variable(name), fix="Write https:// and the host's name."
            )
    if urlsplit(settings.base_url).path.strip("/"):
        raise BadInput("The website has a host of its own.", where="GRADER_BASE_URL", fix="Leave the path out.")
    if settings.smtp_url.get_secret_value() and not settings.base_url:
        raise BadInput(
            "Mails need to know the website's address; a request could name any host.",
            where="GRADER_SMTP_URL",
            fix="Set GRADER_BASE_URL as well.",
        )
    issuer = urlsplit(settings.oidc_issuer)
    if settings.oidc_issuer and issuer.scheme != "https" and issuer.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise BadInput("The provider is not reached over https.", where="GRADER_OIDC_ISSUER", fix="Use https://.")
    if settings.oidc_issuer and not settings.oidc_client_id:
        raise BadInput("The provider needs a client id.", where="GRADER_OIDC_CLIENT_ID", fix="Register the site there.")


def load_secret(settings: Settings) -> bytes:
    """The configured secret, or one made at the first call and kept in `home`/secret, readable by its owner only.

    Raises BadInput when the one that is configured is too short.
    """
    _check_secret(settings)
    if settings.secret.get_secret_value():
        return settings.secret.get_secret_value().encode()
    path = settings.home / "secret"
    settings.home.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"secret.{os.getpid()}.{secrets.token_hex(4)}")
    if not path.exists():
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_hex(32))
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)  # whole or not at all, and the first of several processes wins
        fresh.unlink()
    secret = path.read_bytes().strip()
    if len(secret) < SECRET_LENGTH:
        raise BadInput(f"The file has {len(secret)} characters.", where=str(path), fix="Restore it from a backup.")
    return secret


def _check_secret(settings: Settings) -> None:
    if "secret" in settings.model_fields_set and len(settings.secret.get_secret_value()) < SECRET_LENGTH:
        raise BadInput(
            f"The secret has fewer than {SECRET_LENGTH} characters: sessions could be forged.",
            where="GRADER_SECRET",
            fix="Leave it out, or set what `openssl rand -hex 32` prints.",
        )


def _variable(name: str) -> str:
    return f"GRADER_{name.upper()}"


def setup_logging(level: str = "INFO") -> None:
    """One line a record on stderr: time, level, logger, message."""
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s")
