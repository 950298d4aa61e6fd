from __future__ import annotations

import ipaddress
import socket
import time
from pathlib import Path

import pytest

from grader.errors import SubmissionRejected
from grader.intake import address, clone
from grader.intake.address import https_remote, is_public, local_remote, public_addresses

PUBLIC, OTHER, SIX = "140.82.121.3", "185.199.108.133", "2606:50c0:8000::153"


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """The answers of the name server; every other host is unknown. No test asks a real one."""
    known = {"github.com": [PUBLIC]}

    def getaddrinfo(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return [(0, 0, 0, "", (answer, port)) for answer in known[host]]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return known


REFUSED = [
    "ext::sh -c touch% /tmp/canary_of_a_test", "--upload-pack=touch /tmp/canary_of_a_test", "--upload-pack=x", "-x",
    "-oProxyCommand=touch /tmp/canary_of_a_test", "ssh://-oProxyCommand=touch%20/tmp/canary_of_a_test/x", "file:///etc",
    "/etc", "../../other-student", "fd::17", "git://127.0.0.1/x", "http://127.0.0.1:6379/", "http://github.com/a/b",
    "https://127.0.0.1/", "https://[::1]/r.git", "https://[::ffff:169.254.169.254]/r.git", "https://[fe80::1%25eth0]/x",
    "https://169.254.169.254/latest/meta-data/", "https://2852039166/r.git", "https://0x7f.1/r.git", "https://127.1/r.git",
    "https://localhost/r.git", "https://localhost./r.git", "https://redis:6379/r.git", "https://redis/r.git",
    "https://user:token@github.com/a/b.git", "https://@github.com/a/b.git", "https://github.com@127.0.0.1/a/b.git",
    "https://github.com:22/a/b.git", "https://github.com:/a/b.git", "https://github.com:99999/a", "https://github.com:x/a",
    "https://github.com/a/b.git#--config=core.sshCommand=x", "https://github.com/a/b#a..b", "https://github.com/a/b#a:b",
    "https://github.com/a/b#+a", "https://github.com/a/b#a@{1}", "https://github.com/a/b#a.lock", "https://github.com/a/b#^a",
    "https://github.com/a/b.git\\nHost: evil", "https://github.com/a/b.git\nHost: evil", "https://github.com/a\tb", "",
    "gopher://127.0.0.1:6379/_FLUSHALL", "redis://127.0.0.1:6379", "https://github.com/a/../../b.git",
    "https://github.com/a/./b",
    "https://github.com/%2e%2e/b.git", "https://github.com//a/b", "https://github.com", "https://github.com/", "https://",
    "https://xn--gthub-n4a.com/a/b.git", "https://g\u0131thub.com/a/b", "https://github.com/a/é", "https://git_hub.com/a/b",
    "https://github.com/a/b?token=x", "https://github.com\\@evil.example/a/b", "https:/github.com/a/b",
    "https:github.com/a/b",
    "HTTPS+ext://github.com/a/b", "git@github.com:a/b.git", "github.com/a/b", "https://-github.com/a/b", "https://a..com/a/b",
    "https://github.com/" + "a" * 2000, "https://" + "a" * 64 + ".com/a/b", "https://github.com/'a'", "https://github.com/$(id)",
]  # fmt: skip


@pytest.mark.parametrize("url", REFUSED)
def test_an_address_that_is_no_plain_https_address_is_refused_before_any_process(
    url: str, names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    clone_ready()
    for host in (
        "xn--gthub-n4a.com",
        "localhost",
        "redis",
        "127.1",
        "0x7f.1",
        "2852039166",
        "git_hub.com",
        "evil.example",
    ):
        names[host] = [PUBLIC]
    monkeypatch.setattr("subprocess.Popen", no_process)
    with pytest.raises(SubmissionRejected) as caught:
        clone(url)
    assert caught.value.fix
    assert caught.value.where.isprintable()
    assert not Path("/tmp/canary_of_a_test").exists()


def clone_ready() -> None:
    """Have the version of git looked up already, so that any process from here on is a mistake."""
    with pytest.raises(SubmissionRejected):
        clone("")


def no_process(*_: object, **__: object) -> None:
    raise AssertionError("a process was started")


@pytest.mark.parametrize(
    "secret",
    [
        "https://me:s3cret@github.com/a/b", "https://s3cret@github.com/a/b", "https://github.com/a?s3cret",
        "https://github.com:s3cret/a", "ssh://s3cret@github.com/x", "https://s3cret@[::1/x", "https://a b:s3cret@h/x",
    ],
)  # fmt: skip
def test_a_refusal_never_repeats_a_token(secret: str) -> None:
    with pytest.raises(SubmissionRejected) as caught:
        clone(secret)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "url", "ref"),
    [
        ("https://github.com/a/b.git", "https://github.com/a/b.git", None),
        ("https://GitHub.com:443/a/b/", "https://github.com/a/b", None),
        ("HTTPS://github.com/~a/b-c_d.e+f", "https://github.com/~a/b-c_d.e+f", None),
        ("https://github.com/a/b#feature/x-1.0", "https://github.com/a/b", "feature/x-1.0"),
        ("https://github.com/a/b#" + "0" * 40, "https://github.com/a/b", "0" * 40),
        ("https://github.com/a/b#", "https://github.com/a/b", None),
    ],
)
def test_an_ordinary_address_is_taken_and_pinned(
    names: dict[str, list[str]], text: str, url: str, ref: str | None
) -> None:
    remote = https_remote(text)
    assert (remote.url, remote.ref, remote.shown, remote.protocol) == (url, ref, url, "https")
    assert remote.pin == f"github.com:443:{PUBLIC}"


@pytest.mark.parametrize(
    ("page", "fix"),
    [
        ("https://github.com/a/b/tree/main", "https://github.com/a/b#main"),
        ("https://github.com/a/b/tree/main/src/deep", "https://github.com/a/b#main"),
        ("https://gitlab.com/g/a/b/-/tree/dev", "https://gitlab.com/g/a/b#dev"),
        ("https://github.com/a/b/commit/abc123", "https://github.com/a/b#abc123"),
    ],
)
def test_the_address_of_a_page_is_refused_with_the_right_one(names: dict[str, list[str]], page: str, fix: str) -> None:
    names["gitlab.com"] = [PUBLIC]
    with pytest.raises(SubmissionRejected, match="a page") as caught:
        https_remote(page)
    assert fix in caught.value.fix


def test_all_addresses_of_a_host_are_pinned_so_that_a_second_answer_changes_nothing(
    names: dict[str, list[str]],
) -> None:
    names["github.com"] = [SIX, OTHER, PUBLIC, PUBLIC]
    assert https_remote("https://github.com/a/b").pin == f"github.com:443:{PUBLIC},{OTHER},{SIX}"


@pytest.mark.parametrize(
    "inside", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1", "fe80::1%eth0", "fd00:ec2::254"]
)
def test_one_private_address_among_public_ones_is_enough_to_refuse(names: dict[str, list[str]], inside: str) -> None:
    names["github.com"] = [PUBLIC, inside]
    with pytest.raises(SubmissionRejected, match="not on the public internet"):
        clone("https://github.com/a/b")


def test_an_unknown_host_is_refused(names: dict[str, list[str]]) -> None:
    with pytest.raises(SubmissionRejected, match="not found"):
        public_addresses("metadata.google.internal")


def test_a_name_server_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_: object, **__: object) -> list[object]:
        time.sleep(2)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    monkeypatch.setattr(address, "_LOOKUP_SECONDS", 0.05)
    begin = time.monotonic()
    with pytest.raises(SubmissionRejected, match="not found"):
        public_addresses("slow.example.org")
    assert time.monotonic() - begin < 1.5


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0.0", "0.1.2.3", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.255", "169.254.169.254", "172.16.0.1",
        "192.0.0.1", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1",
        "255.255.255.255", "168.63.129.16", "::", "::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "ff02::1",
        "64:ff9b::7f00:1", "64:ff9b::a00:1", "100::1", "2001:db8::1", "2002:7f00:1::", "2002:a00:1::1", "fec0::1",
        "2001:0:7f00:1::1", "fc00::1", "fd00:ec2::254", "fe80::1", "ff0e::1",
    ],
)  # fmt: skip
def test_an_address_that_is_not_public_is_recognised(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", [PUBLIC, OTHER, SIX, "8.8.8.8", f"::ffff:{PUBLIC}", "64:ff9b::808:808"])
def test_a_public_address_is_recognised(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


def test_a_local_repository_is_a_path_or_a_file_address(tmp_path: Path) -> None:
    folder = tmp_path / "a b#c"
    folder.mkdir()
    assert local_remote(str(folder)).url == local_remote(folder.as_uri()).url == folder.as_uri()
    assert local_remote(f"{folder.as_uri()}#main").ref == "main"
    for wrong in (f"{folder.as_uri()}#--x", str(tmp_path / "nowhere"), "file:///nowhere", "file://", "file://host/etc"):
        with pytest.raises(SubmissionRejected):
            local_remote(wrong)
