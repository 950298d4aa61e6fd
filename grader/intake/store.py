"""Where submissions are kept: blobs under their SHA-256, written once, never changed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import from_url

from grader.errors import StoreError

_DIGEST = re.compile(r"sha256:([0-9a-f]{2})([0-9a-f]{62})")
_FAILURES = (BaseError, OSError, ValueError)


def digest_of(data: bytes) -> str:
    """`sha256:…`, under which these bytes are or would be stored."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


class BlobStore:
    """Blobs at an obstore URL (`file:///…`, `s3://…`, `gs://…`, `az://…`, `memory:///`).

    A local folder is made when it is missing. Every method raises StoreError when the store does not answer.
    """

    def __init__(self, url: str) -> None:
        try:
            self._store = from_url(url, mkdir=True) if url.startswith("file:") else from_url(url)
        except _FAILURES as error:
            place = url if url.startswith("file:") else url.partition("://")[0]  # other URLs may hold a key
            raise StoreError(f"the blob store at {place} cannot be opened: {type(error).__name__}") from error

    def put(self, data: bytes) -> str:
        """Store `data` and return its `sha256:…` digest; storing the same bytes again changes nothing.

        Raises StoreError also when the blob is there already but has another size: it was damaged since.
        """
        digest = digest_of(data)
        try:
            obstore.put(self._store, _key(digest), data, mode="create", use_multipart=False)
        except AlreadyExistsError:
            self._check_size(digest, len(data))
        except _FAILURES as error:
            raise StoreError(f"the blob {digest} cannot be stored: {type(error).__name__}") from error
        return digest

    def get(self, digest: str) -> bytes:
        """The bytes of a digest; StoreError when they are missing or are not what the digest says."""
        try:
            data = bytes(obstore.get(self._store, _key(digest)).bytes())
        except FileNotFoundError as error:
            raise StoreError(f"the blob {digest} is missing") from error
        except _FAILURES as error:
            raise StoreError(f"the blob {digest} cannot be read: {type(error).__name__}") from error
        if digest_of(data) != digest:
            raise StoreError(f"the blob {digest} is not what its digest says")
        return data

    def digests(self) -> Iterator[str]:
        """Every digest that is stored, in no order."""
        try:
            for found in obstore.list(self._store, "sha256"):
                for one in found:
                    _, first, rest = one["path"].split("/")
                    yield f"sha256:{first}{rest}"
        except _FAILURES as error:
            raise StoreError(f"the blobs cannot be listed: {type(error).__name__}") from error

    def exists(self, digest: str) -> bool:
        """Whether a blob of this digest is stored; its content is not verified."""
        try:
            obstore.head(self._store, _key(digest))
        except FileNotFoundError:
            return False
        except _FAILURES as error:
            raise StoreError(f"the blob {digest} cannot be looked up: {type(error).__name__}") from error
        return True

    def _check_size(self, digest: str, size: int) -> None:
        try:
            stored = obstore.head(self._store, _key(digest))["size"]
        except _FAILURES as error:
            raise StoreError(f"the blob {digest} cannot be looked up: {type(error).__name__}") from error
        if stored != size:
            raise StoreError(f"the blob {digest} is damaged: {stored} bytes instead of {size}")


def _key(digest: str) -> str:
    match = _DIGEST.fullmatch(digest)
    if match is None:
        raise StoreError(f"{digest[:80]!r} is not a digest")
    return f"sha256/{match[1]}/{match[2]}"
