"""`grader badge verify`: files without a network, addresses with care."""

from __future__ import annotations

import json
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from grader.errors import BadInput
from grader.intake import fetching

VECTORS = Path(__file__).parents[1] / "records" / "verifier" / "vectors"
SAMPLES = VECTORS / "validator-samples"
NAME = "z6MkjZRZv3aez3r18pB1RBFJR1kwUVJ5jHt92JmQwXbd5hwi"
ISSUER = "https://example.edu/issuers/565049"
Run = Callable[..., Any]


@pytest.fixture
def document(tmp_path: Path) -> Path:
    method = {"id": f"{ISSUER}#{NAME}", "type": "Multikey", "controller": ISSUER, "publicKeyMultibase": NAME}
    path = tmp_path / "did.json"
    path.write_text(json.dumps({"id": ISSUER, "verificationMethod": [method], "assertionMethod": [method["id"]]}))
    return path


def test_a_badge_is_verified_and_every_check_is_told(grader: Run, document: Path) -> None:
    ran = grader("badge", "verify", VECTORS / "1edtech-vector-ob.json", "--did", document, "--issuer", ISSUER)

    assert ran.status == 0
    assert ran.out.splitlines()[-1] == "Teamwork Badge: verified."
    assert "ok      Nothing was changed after it was signed." in ran.out
    assert "FAILS" not in ran.out


def test_a_record_of_skills_tells_its_members(grader: Run, document: Path) -> None:
    ran = grader("badge", "verify", VECTORS / "1edtech-vector-clr.json", "--did", document)

    assert ran.status == 0
    assert "1. Example University Degree" in ran.out


def test_without_the_issuers_document_it_says_what_is_missing(grader: Run) -> None:
    ran = grader("badge", "verify", VECTORS / "1edtech-vector-ob.json")

    assert ran.status == 1
    assert "something could not be found out" in ran.out
    assert "--did FILE" in ran.out


def test_a_changed_badge_is_not_verified(grader: Run, document: Path, tmp_path: Path) -> None:
    forged = tmp_path / "forged.json"
    forged.write_text((VECTORS / "1edtech-vector-ob.json").read_text().replace('"Teamwork"', '"Medicine"'))
    ran = grader("badge", "verify", forged, "--did", document)

    assert ran.status == 1
    assert "FAILS   Nothing was changed after it was signed." in ran.out
    assert "must not be believed" in ran.out


def test_programs_read_json(grader: Run, document: Path) -> None:
    ran = grader("badge", "verify", VECTORS / "1edtech-vector-ob.json", "--did", document, "--json")

    assert ran.json["verdict"] == "verified"
    assert {check["id"] for check in ran.json["checks"]} >= {"schema", "context", "key", "signature", "status"}


def test_the_time_can_be_given(grader: Run, document: Path) -> None:
    early = grader(
        "badge", "verify", VECTORS / "1edtech-vector-ob.json", "--did", document, "--now", "2009-01-01T00:00:00Z"
    )
    wrong = grader("badge", "verify", VECTORS / "1edtech-vector-ob.json", "--now", "yesterday")

    assert (early.status, wrong.status) == (1, 2)
    assert "its time has not come" in early.out
    assert "--now" in wrong.err


@pytest.mark.parametrize("name", ["absent.json", "text", "folder"])
def test_what_cannot_be_read_has_a_status_of_its_own(grader: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / "text").write_text("no credential\x1b[2J")
    (tmp_path / "folder").mkdir()
    ran = grader("badge", "verify", tmp_path / name)

    assert ran.status == 2
    assert "\x1b" not in ran.out + ran.err


def test_what_a_badge_says_cannot_steer_the_terminal(grader: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"type": ["VerifiableCredential", "\u009b2J\u202e"], "name": "[bold]x[/bold]\u202e"}))
    ran = grader("badge", "verify", path)

    assert ran.status == 1
    assert "[bold]x[/bold]\\u202e" in ran.out
    assert "\u009b" not in ran.out


def test_a_status_list_may_be_given_under_its_address(grader: Run, tmp_path: Path) -> None:
    badge = json.loads((SAMPLES / "credential-status-revoked.json").read_text())
    address = badge["credentialStatus"]["statusListCredential"]
    issuer = badge["issuer"]["id"]
    method = {"id": f"{issuer}#{NAME}", "type": "Multikey", "controller": issuer, "publicKeyMultibase": NAME}
    did = tmp_path / "did.json"
    did.write_text(json.dumps({"id": issuer, "verificationMethod": [method], "assertionMethod": [method["id"]]}))
    sample = SAMPLES / "credential-status-revoked.json"
    ran = grader("badge", "verify", sample, "--did", did, "--status", f"{address}={SAMPLES / 'testlist'}")

    assert ran.status == 1
    assert "its issuer has revoked it" in ran.out


REFUSED = [
    "http://example.org/b.json", "https://127.0.0.1/b.json", "https://localhost/b.json", "https://[::1]/b.json",
    "https://169.254.169.254/latest", "https://example.org:8443/b.json", "https://u:p@example.org/b.json",
    "https://example.org/b.json?x=1", "https://2130706433/b.json", "https://redis/b.json", "https://example.org/\r\nHost:x",
    "https://example.org@127.0.0.1/", "https://exa mple.org/", "https://" + "a" * 300 + ".org/", "https://example.org:x/",
]  # fmt: skip


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_that_is_no_plain_public_one_is_not_asked(
    grader: Run, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("it was asked"))
    assert grader("badge", "verify", address).status == 2


def test_a_name_that_leads_inside_is_not_asked(grader: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = [(0, 0, 0, "", ("10.0.0.7", 443)), (0, 0, 0, "", ("140.82.121.3", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: inside)
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("it was asked"))
    ran = grader("badge", "verify", "https://grader.example.org/b.json")
    assert ran.status == 2
    assert "not on the public internet" in ran.err


class Website(BaseHTTPRequestHandler):
    """Behaves as the path says."""

    def do_GET(self) -> None:
        if self.path == "/moved.json":
            self.send_response(302)
            self.send_header("Location", "https://127.0.0.1/inside")
            self.end_headers()
            return
        if self.path == "/slow.json":
            self.send_response(200)
            self.end_headers()
            while not self.server.over.wait(0.05):  # type: ignore[attr-defined]
                self.wfile.write(b" ")
            return
        body = (VECTORS / "1edtech-vector-ob.json").read_bytes()
        self.send_response(200 if self.path != "/gone.json" else 404)
        self.end_headers()
        for _ in range(1 if self.path != "/endless.json" else 10_000):
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def website(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A real https server on the loopback, under a public name, with a certificate that this process trusts."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the test's certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "1",
        "-subj",
        "/CN=badges.example.org",
    ]
    command += ["-addext", "subjectAltName=DNS:badges.example.org", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Website)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    server.over = threading.Event()  # type: ignore[attr-defined]
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setattr(fetching, "public_addresses", lambda *_: ["127.0.0.1"])
    monkeypatch.setattr(fetching, "PORT", server.server_port)
    yield "https://badges.example.org"
    server.over.set()  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_address_is_fetched_and_verified(grader: Run, website: str, document: Path) -> None:
    ran = grader("badge", "verify", f"{website}/badge.json", "--did", document)
    assert ran.status == 0


@pytest.mark.parametrize(
    ("path", "why"),
    [("moved.json", "answered 302"), ("gone.json", "answered 404"), ("endless.json", "more than 8 MiB")],
)
def test_what_is_no_plain_answer_is_refused(website: str, path: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        fetching.fetch(f"{website}/{path}")


def test_another_names_certificate_is_refused(website: str) -> None:
    with pytest.raises(BadInput, match="could not be fetched"):
        fetching.fetch("https://other.example.org/badge.json")


def test_what_takes_too_long_is_given_up(website: str) -> None:
    with pytest.raises(BadInput, match="too long"):
        fetching.fetch(f"{website}/slow.json", seconds=0.4)
