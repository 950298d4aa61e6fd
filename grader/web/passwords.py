"""Passwords, hashed with scrypt as Werkzeug does it by default."""

from __future__ import annotations

import functools
import secrets
import threading

from werkzeug.security import check_password_hash, generate_password_hash

from grader.errors import BadInput

METHOD = "scrypt:32768:8:1"
SHORTEST, LONGEST = 10, 1000

_HASHING = threading.BoundedSemaphore(4)
"""One hash takes 32 MiB and a core: so many at once, however many people sign in."""


def hashed(password: str, again: str | None = None) -> str:
    """What is stored. Raises BadInput for a password that is too short or too long, or was not typed twice alike."""
    if len(password) < SHORTEST:
        raise BadInput(
            f"The password has fewer than {SHORTEST} characters.", where="password", fix="Three or four words are good."
        )
    if len(password) > LONGEST:
        raise BadInput(
            f"The password has more than {LONGEST} characters.", where="password", fix="Choose a shorter one."
        )
    if again is not None and again != password:
        raise BadInput("The two passwords differ.", where="again", fix="Type the same one twice.")
    with _HASHING:
        return generate_password_hash(password, METHOD)


def matches(stored: str | None, password: str) -> bool:
    """Whether it is the password. Takes as long for an account that has none, and for no account at all.

    Raises BadInput for one that is too long to be anybody's, without hashing it.
    """
    if len(password) > LONGEST:
        raise BadInput(f"A password has at most {LONGEST} characters.", where="password", fix="Type it again.")
    with _HASHING:
        right = check_password_hash(stored or _nobodys(), password)
    return right and stored is not None


@functools.cache
def _nobodys() -> str:
    return generate_password_hash(secrets.token_hex(16), METHOD)
