"""Which git addresses may be fetched at all: decided before any process starts and pinned to what was checked."""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from urllib.parse import SplitResult, unquote, urlsplit

from grader.intake.collect import reject

_LOOKUP_SECONDS = 10.0
_MAX_URL = 1000
HOST = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_PATH = re.compile(r"(?:/[A-Za-z0-9._~+-]+)+")
_REF = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/+-]{0,199}")
_BROWSER = re.compile(r"(/[^/]+/.+?)(?:/-)?/(?:tree|blob|commit)/([^/]+)(?:/.*)?(?<!\.git)")
_USE_HTTPS = "Give the address that the clone button shows for HTTPS: https://host/owner/repository.git"
_METADATA = frozenset({ipaddress.ip_address("168.63.129.16")})  # a cloud's metadata service on a public address

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True)
class Remote:
    """A checked source for `git fetch`. `pin` is curl's `host:port:address,…`; `shown` is safe for messages."""

    url: str
    ref: str | None
    shown: str
    protocol: str
    pin: str | None = None


def https_remote(text: str) -> Remote:
    """Check an https address, optionally ending in `#branch`, `#tag` or `#commit`, and resolve its host.

    Raises SubmissionRejected for anything but `https://` on port 443 of a host all of whose addresses are public.
    """
    if not text.isascii() or not text.isprintable() or set(text) & set(' \\"<>^`{|}') or len(text) > _MAX_URL:
        _refuse("The repository's address has characters that do not belong there.")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        _refuse("The repository's address cannot be read.")
    if parts.scheme != "https" or text.startswith("-"):
        _refuse("Only repositories at an https:// address can be fetched.")
    path = parts.path.rstrip("/")
    shown = f"https://{host}{path}"
    _check_parts(parts, host, port, path, shown)
    pin = f"{host}:443:{','.join(public_addresses(host, shown))}"
    return Remote(shown, parts.fragment or None, shown, "https", pin)


def local_remote(text: str) -> Remote:
    """A repository on this machine, given as a path or a file:// address; for the command line only."""
    ref = None
    if text.startswith("file://"):
        parts = urlsplit(text)
        text, ref = unquote(parts.path), parts.fragment or None
        _check_ref(ref, text)
        if parts.netloc not in ("", "localhost"):
            reject("A file:// address can only name a folder of this machine.", where=text)
    path = Path(text)
    if not text or not path.is_dir():
        reject("There is no such folder.", where=text)
    return Remote(path.resolve().as_uri(), ref, text, "file")


def public_addresses(host: str, shown: str = "", *, whose: str = "repository", fix: str = _USE_HTTPS) -> list[str]:
    """The host's addresses, IPv4 first. Raises SubmissionRejected when there is none or any of them is not public."""
    found = _lookup(host)
    if not found:
        reject(f"The {whose}'s host was not found.", where=shown, fix="Check the address, or try again later.")
    if not all(is_public(address) for address in found):
        reject(f"The {whose}'s host is not on the public internet.", where=shown, fix=fix)
    return [str(address) for address in sorted(found, key=lambda address: (address.version, int(address)))]


def is_public(address: Address) -> bool:
    """Whether an address, or the IPv4 address that it stands for, is an ordinary public one."""
    if isinstance(address, ipaddress.IPv6Address):
        stands_for = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else address.ipv4_mapped
        if stands_for:
            return is_public(stands_for)
        carried = [address.sixtofour, *(address.teredo or ())]
        if address.is_site_local or not all(is_public(inner) for inner in carried if inner):
            return False
    odd = address.is_multicast or address.is_reserved or address.is_unspecified or address in _METADATA
    return address.is_global and not odd


def _check_parts(parts: SplitResult, host: str, port: int | None, path: str, shown: str) -> None:
    if "@" in parts.netloc:
        _refuse("The repository's address holds a user name or a password.", shown)
    if port not in (None, 443) or parts.netloc.endswith(":"):
        _refuse("The repository's address names a port.", shown)
    if not HOST.fullmatch(host) or any(label.startswith("xn--") for label in host.split(".")):
        _refuse("The repository's address does not name a public host.", shown)
    if parts.query:
        _refuse("The repository's address ends in a query.", shown)
    if not _PATH.fullmatch(path) or any(part in (".", "..") for part in path.split("/")):
        _refuse("The repository's address has a path that cannot be used.", shown)
    if match := _BROWSER.fullmatch(path):
        repository, ref = match.groups()
        reject(
            "This is the address of a page, not of a repository.",
            where=shown,
            fix=f"Use https://{host}{repository}#{ref}",
        )
    _check_ref(parts.fragment or None, shown)


def _check_ref(ref: str | None, shown: str) -> None:
    if ref is not None and (not _REF.fullmatch(ref) or ".." in ref or "//" in ref or ref.endswith((".lock", "/", "."))):
        reject("What follows # is not a branch, tag or commit.", where=shown, fix="Write …repository.git#branch")


def _refuse(message: str, shown: str = "") -> NoReturn:
    reject(message, where=shown, fix=_USE_HTTPS)


def _lookup(host: str) -> set[Address]:
    """Every address of a host; empty when there is none or the name server does not answer in time."""
    found: set[Address] = set()

    def ask() -> None:
        try:
            answers = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return
        found.update(ipaddress.ip_address(str(answer[4][0]).partition("%")[0]) for answer in answers)

    thread = threading.Thread(target=ask, daemon=True, name="grader-lookup")
    thread.start()
    thread.join(_LOOKUP_SECONDS)
    return set() if thread.is_alive() else found
