"""What an organisation calls a learner. Two organisations have different names for one, and cannot find out.

A name is the learner's id, enciphered with a key of the organisation: nothing is stored, and it can be undone by who
has this site's secret only.
"""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from datetime import date
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from grader.config import Settings, load_secret
from grader.db.talent_search import Place


class Names:
    """The names and the page marks of one organisation."""

    def __init__(self, settings: Settings, organisation_id: str) -> None:
        secret = load_secret(settings)
        # One block for one id, a permutation of all ids: what makes ECB weak for longer texts has no place here.
        self._cipher = Cipher(algorithms.AES(_key(secret, "talent.name", organisation_id)), modes.ECB())  # noqa: S305
        self._fernet = Fernet(urlsafe_b64encode(_key(secret, "talent.page", organisation_id)))

    def of(self, person_id: str) -> str:
        """Of a person's id, 32 hexadecimal digits, as many others."""
        encryptor = self._cipher.encryptor()
        return (encryptor.update(bytes.fromhex(person_id)) + encryptor.finalize()).hex()

    def person(self, name: str) -> str:
        """The id behind a name; of a name that nobody has, an id that nobody has. Raises ValueError for no name."""
        decryptor = self._cipher.decryptor()
        return (decryptor.update(bytes.fromhex(name)) + decryptor.finalize()).hex()

    def mark(self, place: Place) -> str:
        """Where a page begins, as text that tells its reader nothing."""
        text = json.dumps([place.rank, place.achieved_on.toordinal(), place.learner_seq]).encode()
        return self._fernet.encrypt(text).decode().rstrip("=")

    def mark_of(self, learner_seq: int) -> str:
        """The same of a list that goes by learner alone."""
        return self.mark(Place(0, date.min, learner_seq))

    def place(self, mark: str) -> Place | None:
        """Undoes `mark`; None for what is no mark of this organisation's."""
        try:
            rank, day, seq = json.loads(self._fernet.decrypt(mark + "=" * (-len(mark) % 4)))
        except (InvalidToken, ValueError):
            return None
        return Place(rank, date.fromordinal(day), seq)


def _key(secret: bytes, purpose: str, organisation_id: str) -> bytes:
    return hmac.digest(secret, f"{purpose}:{organisation_id}".encode(), sha256)
