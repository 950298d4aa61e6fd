"""Settings from GRADER_* environment variables or `.env`, and logging."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Where things are and how much of them is allowed. Each is an environment variable: `home` is GRADER_HOME."""

    model_config = SettingsConfigDict(env_prefix="GRADER_", env_file=".env", extra="ignore", frozen=True)

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
    """Keys the seeds of randomised tests and the session cookie; empty means one made once, kept in `home`/secret."""
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
    def blob_root(self) -> str:
        return self.blobs_url or (self.home / "blobs").absolute().as_uri()


def load_secret(settings: Settings) -> bytes:
    """The configured secret, or one made at the first call and kept in `home`/secret, readable by its owner only."""
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
    return path.read_bytes().strip()


def setup_logging(level: str = "INFO") -> None:
    """One line a record on stderr: time, level, logger, message."""
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s")
