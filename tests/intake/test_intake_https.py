"""Fetching over TLS from a real `git http-backend` on the loopback, under a host name that no name server knows."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from grader.errors import SubmissionRejected
from grader.intake import IntakeLimits, Tree
from grader.intake.address import Remote
from grader.intake.clone import fetch

HOST = "git.example.org"
SOLUTION = b"def predict(xs):\n    return []\n"
pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the test's certificate")


class Handler(BaseHTTPRequestHandler):
    """`/NAME/...` behaves as NAME says; all but the last branch are servers that a student could set up."""

    server: Server

    def do_GET(self) -> None:
        self.server.seen.append(f"{self.command} {self.path} {dict(self.headers)}")
        behaviour, _, rest = self.path[1:].partition("/")
        if behaviour == "redirect":
            self.answer(302, {"Location": f"https://{HOST}:{self.server.server_port}/plain/{rest}"})
        elif behaviour == "private":
            self.answer(401, {"WWW-Authenticate": 'Basic realm="x"'})
        elif behaviour == "absent":
            self.answer(404, {})
        elif behaviour == "slow":
            self.drip()
        elif behaviour == "endless":
            self.flood()
        else:
            self.backend(rest)

    do_POST = do_GET

    def answer(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/x-git-upload-pack-advertisement")
        self.end_headers()
        while not self.server.over.wait(0.05):
            self.wfile.write(b"0")

    def flood(self) -> None:
        if self.command == "GET":
            self.backend(self.path.partition("/endless/")[2])
            return
        request = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if b"command=ls-refs" in request:
            self.backend(self.path.partition("/endless/")[2], request)
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/x-git-upload-pack-result")
        self.end_headers()
        self.wfile.write(b"000dpackfile\n")
        pack = b"PACK\0\0\0\2\0\0\x0f\xff"
        while not self.server.over.is_set():
            self.wfile.write(b"%04x\x01" % (len(pack) + 5) + pack)
            # stored deflate blocks: one blob that never ends, each byte on the wire a byte on disk
            pack = (
                b"\xbf\xff\xff\xff\x7f\x78\x01"
                if pack.startswith(b"PACK")
                else b"\0\0\x80\xff\x7f" + os.urandom(0x8000)
            )

    def backend(self, rest: str, body: bytes | None = None) -> None:
        path, _, query = rest.partition("?")
        if body is None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        environment = {
            "PATH": os.environ["PATH"], "GIT_PROJECT_ROOT": str(self.server.root), "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": f"/{path}",
            "QUERY_STRING": query, "REQUEST_METHOD": self.command, "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)), "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""), "GIT_CONFIG_GLOBAL": "/dev/null",
        }  # fmt: skip
        done = subprocess.run(
            ["git", "http-backend"], env=environment, input=body, capture_output=True, check=True
        ).stdout
        head, _, content = done.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self.answer(int(headers.pop("Status", "200").split()[0]), headers, content)

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    def __init__(self, root: Path, certificate: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.root, self.seen, self.over = root, list[str](), threading.Event()

    def handle_error(self, *_: object) -> None:
        pass  # a client that hangs up is what several tests are about


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificate")
    both = folder / "both.pem"
    options = [
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
        "-subj",
        f"/CN={HOST}",
    ]
    files = [
        "-keyout",
        str(folder / "key.pem"),
        "-out",
        str(folder / "cert.pem"),
        "-addext",
        f"subjectAltName=DNS:{HOST}",
    ]
    subprocess.run(["openssl", "req", *options, *files], check=True, capture_output=True)
    both.write_bytes((folder / "key.pem").read_bytes() + (folder / "cert.pem").read_bytes())
    return both


@pytest.fixture
def server(tmp_path: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    source = tmp_path / "r.git"
    source.mkdir()
    (source / "solution.py").write_bytes(SOLUTION)
    git = ["git", "-C", str(source), "-c", "user.name=a", "-c", "user.email=a@b"]
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "x"]):
        subprocess.run([*git, *arguments], check=True)
    monkeypatch.setenv("GIT_SSL_CAINFO", str(certificate))
    with Server(tmp_path, certificate) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield running
        finally:
            running.over.set()
            running.shutdown()
            thread.join()


def remote(server: Server, behaviour: str, pinned: str = "127.0.0.1") -> Remote:
    """As `https_remote` makes it, but for a port that a test may use."""
    url = f"https://{HOST}:{server.server_port}/{behaviour}/r.git"
    return Remote(url, None, f"https://{HOST}/{behaviour}/r.git", "https", f"{HOST}:{server.server_port}:{pinned}")


def refused(server: Server, behaviour: str, *, seconds: float = 20, limits: IntakeLimits | None = None) -> str:
    with pytest.raises(SubmissionRejected) as caught:
        fetch(remote(server, behaviour), limits or IntakeLimits(), seconds)
    assert caught.value.where == f"https://{HOST}/{behaviour}/r.git"
    return str(caught.value)


def test_a_repository_is_fetched_over_tls_from_the_pinned_address(server: Server) -> None:
    tree = fetch(remote(server, "plain"), IntakeLimits())
    assert tree == Tree("repository", {"solution.py": SOLUTION}, tree.commit)
    assert tree.commit is not None


def test_the_connection_goes_to_the_pinned_addresses_and_nowhere_else(server: Server) -> None:
    with pytest.raises(SubmissionRejected):
        fetch(remote(server, "plain", pinned="127.255.255.254"), IntakeLimits(), 5)
    assert server.seen == []
    assert fetch(remote(server, "plain", pinned="127.0.0.1,2001:db8::1"), IntakeLimits()).files


def test_a_redirect_is_not_followed(server: Server) -> None:
    assert "leads to another one" in refused(server, "redirect")
    assert all("/plain/" not in line.split(" {")[0] for line in server.seen)


def test_a_repository_that_asks_for_a_password_is_refused_at_once(server: Server) -> None:
    begin = time.monotonic()
    assert "private" in refused(server, "private")
    assert time.monotonic() - begin < 15
    assert all("Authorization" not in line for line in server.seen)


def test_a_repository_that_does_not_exist_is_refused(server: Server) -> None:
    assert "does not exist" in refused(server, "absent")


def test_a_server_that_sends_a_byte_now_and_then_meets_the_wall_clock_limit(server: Server) -> None:
    begin = time.monotonic()
    assert "takes too long" in refused(server, "slow", seconds=1)
    assert time.monotonic() - begin < 15


def test_a_server_that_never_stops_sending_meets_the_ceiling_on_disk(server: Server) -> None:
    assert "too large" in refused(server, "endless", limits=IntakeLimits(max_bytes=2 << 20))


def test_a_certificate_that_nobody_vouches_for_is_refused(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_SSL_CAINFO", "SSL_CERT_FILE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_SSL_NO_VERIFY", "1")
    assert "certificate" in refused(server, "plain")


def test_a_proxy_of_our_environment_is_not_used(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert fetch(remote(server, "plain"), IntakeLimits()).files
