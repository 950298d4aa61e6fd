"""The JSON-LD contexts and JSON schemas of the standards, from this package's own folder and never from elsewhere.

Each file is pinned by its SHA-256: 1EdTech has changed a context in place before, and a changed context changes what a
signature covers. `VENDOR.md` beside the files says where they are from.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.resources import files
from typing import Any

from grader.errors import RecordsError

VC2 = "https://www.w3.org/ns/credentials/v2"
OB3 = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
CLR2 = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"

CONTEXTS = {
    VC2: ("credentials-v2.json", "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734"),
    OB3: ("ob-context-3.0.3.json", "3d34f4d4ef1bce691106e63798beb5e7b862ba841423f5ee1e53ab7ddf3bca84"),
    OB3.replace("3.0.3", "3.0.2"): (
        "ob-context-3.0.2.json",
        "00666ad080ba407687ed1846b7f5e7495f5019042b202a727de47c48a1755c53",
    ),
    OB3.replace("3.0.3", "3.0.1"): (
        "ob-context-3.0.1.json",
        "5f3d9dd6288ef437ff8286cf95ffbff609c748a66f24a1e9450c45ca64be1571",
    ),
    OB3.replace("context-3.0.3", "extensions"): (
        "ob-extensions.json",
        "87c06c81bc2317663bf288d740d94fddd2818c4342b186270ff6371dfaa63f93",
    ),
    CLR2: ("clr-context-2.0.1.json", "880f1902d4158f2f33ce06af41b90719977cd1ea337a9de2e41edb3ff5e543d6"),
}
"""Address of a context: file name and SHA-256 in hex."""

SCHEMAS = {
    "badge": (
        "ob_v3p0_achievementcredential_schema.json",
        "b7358e895f492e74055dc6bfc7ffc420d0e497f90c4579fb83d9519b86d393ea",
    ),
    "transcript": (
        "clr_v2p0_clrcredential_schema_draft4.json",
        "18b5439b3a2664a99ce275f889f2e53416c4892890ee9a2f2da496bb88dbb1de",
    ),
}
"""What a schema is for: file name and SHA-256 in hex."""


@cache
def context(url: str) -> dict[str, Any]:
    """The context document of that address; callers must not change it.

    Raises:
        KeyError: it is none of `CONTEXTS`.
        RecordsError: the file is missing or not the one that was pinned.
    """
    return _read("contexts", *CONTEXTS[url])


@cache
def schema(name: str) -> dict[str, Any]:
    """The JSON schema for a `badge` (OB 3.0) or a `transcript` (CLR 2.0, in its VC 1.1 form).

    Raises:
        RecordsError: the file is missing or not the one that was pinned.
    """
    return _read("schemas", *SCHEMAS[name])


def _read(folder: str, name: str, digest: str) -> dict[str, Any]:
    try:
        content = (files("grader.records") / folder / name).read_bytes()
    except OSError as error:
        raise RecordsError(f"{name} is missing from the installation: {error}") from error
    if hashlib.sha256(content).hexdigest() != digest:
        raise RecordsError(f"{name} is not the file that was pinned; reinstall Grader")
    found = json.loads(content)
    assert isinstance(found, dict)
    return found
