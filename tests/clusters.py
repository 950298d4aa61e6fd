"""PostgreSQL for tests: a cluster of their own that ends with them, and a migrated database for each test at once."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

from grader.config import Settings
from grader.db import migrate

USER = "grader"
TEMPLATE = "migrated"
_FAST = {
    "listen_addresses": "", "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
    "autovacuum": "off", "max_connections": "100", "shared_buffers": "64MB", "timezone": "Asia/Kathmandu",
}  # fmt: skip
"""Nothing of it is kept. The time zone is odd, so that no test passes because the server happens to be in UTC."""


def binaries() -> Path | None:
    """The folder of the newest PostgreSQL server on this machine."""
    packaged = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    found = max(packaged, key=lambda path: float(path.parts[-3]), default=None)
    on_path = shutil.which("postgres")
    return found.parent if found else Path(on_path).resolve().parent if on_path else None


class Cluster:
    """Listens on a socket in its own folder only. PostgreSQL refuses to run as root: then it runs as somebody else."""

    def __init__(self, folder: Path) -> None:
        self._numbers = itertools.count()
        self._bin = folder
        self._home = Path(tempfile.mkdtemp(prefix="gp"))
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            owner = _unprivileged()
            os.chown(self._home, owner.pw_uid, owner.pw_gid)
            self._as = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self._home, ignore_errors=True)

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://{USER}@/{name}?host={self._home}"

    def empty(self) -> str:
        """The URL of a new database without tables."""
        return self._create("template0")

    def migrated(self) -> str:
        """The URL of a new database at the newest schema."""
        return self._create(TEMPLATE)

    def drop(self, url: str) -> None:
        name = url.split("@/")[1].split("?")[0]
        self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _create(self, template: str) -> str:
        name = f"test_{next(self._numbers)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def _start(self) -> None:
        data = self._home / "data"
        log = self._home / "log"
        command = [self._bin / "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        subprocess.run(command, check=True, capture_output=True, cwd="/", **self._as)
        settings = [f"--{name}={value}" for name, value in _FAST.items()]
        server = [self._bin / "postgres", "-D", data, "-k", self._home, *settings]
        if setpriv := shutil.which("setpriv"):
            server = [setpriv, "--pdeathsig", "QUIT", *server]  # also when the tests are killed
        with log.open("wb") as output:
            self._process = subprocess.Popen(server, stdout=output, stderr=output, cwd="/", **self._as)
        deadline = time.monotonic() + 20
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL does not start: {log.read_text('utf-8', 'replace')}")
            time.sleep(0.05)
        self._execute(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0")
        migrate(Settings(database_url=self.url(TEMPLATE), _env_file=None))  # type: ignore[call-arg]

    def _answers(self) -> bool:
        try:
            self._execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _execute(self, statement: str) -> None:
        with psycopg.connect(host=str(self._home), user=USER, dbname="postgres", autocommit=True) as connection:
            connection.execute(statement.encode())


def _unprivileged() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")
