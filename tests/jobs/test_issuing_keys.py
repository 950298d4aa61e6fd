"""The signing keys: whose they are, what a rotation does, and that nobody but the issuing process opens them."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import tempfile
import threading
from datetime import UTC, datetime
from pathlib import Path

import made
import pytest
from awards import Awards

from grader import issuing
from grader.config import Settings
from grader.errors import RecordsError
from grader.records import KeyRing


def test_after_a_rotation_old_badges_verify_with_their_old_key(world: Awards) -> None:
    world.awarded(0.9)
    path = world.settings.issuer_keys_file
    KeyRing.load(path).rotate(datetime.now(UTC)).save(path)
    world.issuing.close()
    world.issuing = issuing.Issuing(world.settings)
    world.awarded(0.9, world.olga)
    world.issuing._looked = None
    world.issue()
    old, new = world.credentials()
    assert (
        json.loads(old.json or "")["proof"]["verificationMethod"]
        != json.loads(new.json or "")["proof"]["verificationMethod"]
    )
    assert world.verify(old.json or "").verified
    assert world.verify(new.json or "").verified


def test_the_keys_are_the_owners_alone_and_belong_to_one_address(world: Awards) -> None:
    path = world.settings.issuer_keys_file
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path == world.settings.home / "issuer" / "keys.json"
    with pytest.raises(RecordsError, match=r"did:web:grader\.example\.org.*GRADER_BASE_URL"):
        issuing.Issuing(world.settings.model_copy(update={"base_url": "https://other.example.org"}))
    path.chmod(0o640)
    with pytest.raises(RecordsError, match="others may read it"):
        issuing.Issuing(world.settings)


def test_trial_keys_of_this_machine_give_way_to_a_real_address(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, _env_file=None)  # type: ignore[call-arg]
    assert issuing.load_keys(settings).issuer == "did:web:127.0.0.1%3A8000"
    real = settings.model_copy(update={"base_url": "https://grader.example.org"})
    assert issuing.load_keys(real).issuer == made.DID
    assert len(list((tmp_path / "issuer").iterdir())) == 2


OPENED = """
import os, sys
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
from grader.config import Settings
from grader.db import Database, migrate
settings = Settings()
{work}
open(os.devnull).close()
assert os.devnull in opened, "the hook sees what is opened"
print([name for name in opened if "issuer" in name and "/site-packages/" not in name and name.endswith(".json")])
"""
WEB = """
from grader.web import create_app
client = create_app(settings).test_client()
for path in ("/", "/healthz", "/.well-known/did.json", "/status/1", "/verify", "/record", "/achievements/x/v1"):
    client.get(path)
"""
WORK = """
import grader.jobs
grader.jobs.reconcile(settings)
"""


@pytest.mark.parametrize("work", [WEB, WORK], ids=["web", "worker"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_neither_website_nor_worker_opens_the_keys(world: Awards, redis_url: str, work: str) -> None:
    world.awarded(0.9)
    world.issuing.close()
    environment = {
        "GRADER_HOME": str(world.settings.home),
        "GRADER_RUBRICS": str(world.settings.rubrics),
        "GRADER_REDIS_URL": redis_url,
        "PATH": "/usr/bin:/bin",
    }
    code = OPENED.format(work=work)
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip().splitlines()[-1] == "[]"
    world.settings.issuer_keys_file.unlink()  # and they need none
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert not world.settings.issuer_keys_file.exists()


def test_the_process_runs_until_it_is_told_to_stop(world: Awards) -> None:
    world.graded(0.9)
    stop = threading.Event()
    thread = threading.Thread(target=issuing.run, args=(world.settings,), kwargs={"stop": stop})
    thread.start()
    try:
        for _ in range(200):
            if world.badge().standing() == "valid":
                break
            stop.wait(0.05)
    finally:
        stop.set()
        thread.join(20)
    assert world.badge().standing() == "valid"
    assert tempfile.gettempdir() not in world.file("did")
