"""`grader badge verify`: is this credential what its issuer signed, and does it still hold?"""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.text import Text

from grader.cli.view import err, out, printable
from grader.errors import BadInput, Refused
from grader.intake.fetching import fetch
from grader.records import Check, Verification, verify
from grader.records.did import did_web_url
from grader.records.encoding import read_time
from grader.records.jwt import read_token
from grader.records.reading import MAX_FILE, find_credential, parse_json

NOT_VERIFIED = 1
UNREADABLE = 2


def run(arguments: Namespace) -> int:
    """Verify one credential and say why; the exit status. Raises BadInput for arguments that cannot be used."""
    source: str = arguments.credential
    online = source.lower().startswith(("https://", "http://"))
    data = fetch(source) if online else _read(source)
    documents, lists = _documents(arguments.did), _lists(arguments.status)
    found = verify(
        data,
        documents=_resolver(documents, _fetch_document if online else None),
        status_lists=_resolver(lists, _fetch_list if online else None),
        now=_now(arguments.now),
        issuer=arguments.issuer,
        record=_read(arguments.record) if arguments.record else None,
    )
    if arguments.json:
        print(json.dumps(found.as_json(), ensure_ascii=False, indent=2))  # noqa: T201  (a program reads this)
    else:
        _show(found, online)
    return 0 if found.verified else NOT_VERIFIED if found.readable else UNREADABLE


def _read(name: str) -> bytes:
    try:
        with Path(name).open("rb") as file:
            return file.read(MAX_FILE + 1)
    except OSError as error:
        raise BadInput(error.strerror or "it cannot be read", where=name) from None


def _documents(names: list[str]) -> dict[str, Any]:
    read = [(name, parse_json(_read(name))) for name in names]
    for name, document in read:
        if not isinstance(document.get("id"), str):
            raise BadInput("this is not an issuer's document: it has no id", where=name)
    return {document["id"]: document for _, document in read}


def _lists(names: list[str]) -> dict[str, Any]:
    """Status lists by the address that they say they have, or by the one in ADDRESS=FILE."""
    lists: dict[str, Any] = {}
    for name in names:
        address, separator, file = name.partition("=")
        if not (separator and address.startswith("https://")):
            address, file = "", name
        content = _read(file)
        found = find_credential(content)
        stated = read_token(found.text).credential if found.form == "jwt" else parse_json(found.text)
        lists[address or str(stated.get("id"))] = content
    return lists


def _resolver(given: Mapping[str, Any], look: Callable[[str], Any] | None) -> Callable[[str], Any]:
    def find(name: str) -> Any:
        if name in given or look is None:
            return given.get(name)
        try:
            return look(name)
        except BadInput as error:
            err.print(printable(f"warning: {error}"), style="yellow", soft_wrap=True)
            return None

    return find


def _fetch_document(identifier: str) -> dict[str, Any]:
    return parse_json(fetch(did_web_url(identifier) if identifier.startswith("did:") else identifier))


def _fetch_list(address: str) -> bytes:
    return fetch(address)


def _now(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        return read_time(text)
    except Refused as error:
        raise BadInput(str(error), where="--now", fix="Write it as 2026-06-01T12:00:00Z.") from None


def _show(found: Verification, online: bool) -> None:
    _show_checks(found, "")
    for number, member in enumerate(found.members, 1):
        name = (member.credential or {}).get("name") or "not readable"
        out.print(Text(printable(f"{number}. {name}"), style="bold"))
        _show_checks(member, "   ")
    subject = found.credential.get("name") if found.credential else None
    title = f"{subject}: " if isinstance(subject, str) else ""
    text = f"{title}{_VERDICTS[found.verdict]}"
    out.print(Text(printable(text), style="green" if found.verified else "red"))
    if not online and found.verdict == "unknown":
        out.print(printable("Nothing was fetched, since this is a file. " + _HELP), style="dim", soft_wrap=True)


def _show_checks(found: Verification, indent: str) -> None:
    for check in found.checks:
        word, style = _MARKS[check.ok]
        line = Text(indent).append(f"{word:8}", style=style).append(printable(_line(check)))
        out.print(line, soft_wrap=True)


def _line(check: Check) -> str:
    return f"{check.title}. {check.detail}"


_MARKS = {True: ("ok", "green"), False: ("FAILS", "red"), None: ("unknown", "yellow")}
_VERDICTS = {
    "verified": "verified.",
    "revoked": "not verified, its issuer has revoked it.",
    "suspended": "not verified, its issuer has suspended it.",
    "expired": "not verified, it has expired.",
    "not_yet": "not verified, its time has not come.",
    "invalid": "not verified, it must not be believed.",
    "unknown": "not verified, something could not be found out.",
    "unreadable": "there is no credential to verify.",
}
_HELP = "Give the issuer's document with --did FILE and its status list with --status FILE."
