"""Badges from elsewhere: their issuers' sites are asked, with care, and nothing inside this network ever is."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import made
import pytest
from badge_pages import Site, posted, text_of

from grader.intake import fetching
from grader.records import Issuer, KeyRing, StatusList, suspension_url
from grader.web import lookups


class Elsewhere:
    """Another school, with a website of its own."""

    HOST = "badges.example.org"

    def __init__(self) -> None:
        self.asked: list[str] = []
        base = f"https://{self.HOST}"
        self.issuer = Issuer(KeyRing.create(f"did:web:{self.HOST}", made.NOW), base, "Another School")
        self.revoked: tuple[int, ...] = ()
        self.badge = self.issuer.issue(made.given())
        self.gone: set[str] = set()

    def file(self, path: str) -> bytes | None:
        self.asked.append(path)
        places, until = self.issuer.places, made.NOW + timedelta(days=1)
        lists = {"/status/1": ("revocation", self.revoked), "/status/1/suspension": ("suspension", ())}
        if path in self.gone:
            return None
        if path == "/.well-known/did.json":
            return json.dumps(self.issuer.did_document).encode()
        if path in lists:
            purpose, indexes = lists[path]
            url = places.status(1) if purpose == "revocation" else suspension_url(places.status(1))
            return self.issuer.publish(StatusList.of(url, purpose, indexes), made.NOW, until).encode()  # type: ignore[arg-type]
        if path == "/badge.json":
            return self.badge.json.encode()
        return b"<html>a page</html>" if path == "/page" else None


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Elsewhere]:
    """It is served over https on the loopback under its public name, with a certificate that this process trusts."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the test's certificate")
    school = Elsewhere()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = school.file(self.path)
            self.send_response(200 if content is not None else 404)
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *_: object) -> None:
            pass

    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", f"/CN={school.HOST}"]
    command += ["-addext", f"subjectAltName=DNS:{school.HOST}", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setattr(fetching, "public_addresses", lambda *_: ["127.0.0.1"])
    monkeypatch.setattr(fetching, "PORT", server.server_port)
    yield school
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_badge_from_elsewhere_is_verified_with_its_issuers_own_files(site: Site, elsewhere: Elsewhere) -> None:
    for given in (elsewhere.badge.json, elsewhere.badge.jwt, f"https://{elsewhere.HOST}/badge.json"):
        answer = posted(site, given)
        assert "This badge holds" in answer.text
        assert "not this school, and we do not know it" in answer.text
        assert "which calls itself “Another School”" in answer.text
    assert set(elsewhere.asked) == {"/.well-known/did.json", "/status/1", "/status/1/suspension", "/badge.json"}
    elsewhere.revoked = (made.INDEX,)
    assert "This badge was revoked" in posted(site, elsewhere.badge.json).text


def test_what_its_issuer_does_not_tell_is_not_taken_for_good(site: Site, elsewhere: Elsewhere) -> None:
    elsewhere.gone = {"/status/1"}
    answer = posted(site, elsewhere.badge.json).text
    assert "This badge could not be verified" in answer
    assert "the host answered 404" in answer
    elsewhere.gone = {"/.well-known/did.json"}
    assert "This badge could not be verified" in posted(site, elsewhere.badge.json).text
    page = posted(site, f"https://{elsewhere.HOST}/page")
    assert "There is no badge in this" in page.text


def test_a_credential_cannot_lead_into_this_network(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its status list and its issuer are addresses that a stranger wrote."""
    made_calls: list[str] = []
    monkeypatch.setattr(fetching.socket, "create_connection", lambda address, *_: made_calls.append(str(address)))
    site.world.awarded(0.9)
    for host in ("127.0.0.1", "localhost", "169.254.169.254", "10.0.0.1", "[::1]", "metadata.google.internal"):
        credential = json.loads(text_of(site))
        credential["issuer"]["id"] = f"did:web:{host}".replace("[::1]", "%5B%3A%3A1%5D")
        credential["credentialStatus"]["statusListCredential"] = f"https://{host}/status/1"
        assert "This badge holds" not in posted(site, json.dumps(credential)).text
    assert made_calls == []


def test_one_verification_asks_other_sites_a_few_times_only(
    site: Site, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookups, "MOST_FETCHES", 1)
    answer = posted(site, elsewhere.badge.json).text
    assert "This badge could not be verified" in answer
    assert "long enough" in answer
    assert len(elsewhere.asked) == 1
