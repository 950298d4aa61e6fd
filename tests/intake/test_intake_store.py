from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from grader.errors import StoreError
from grader.intake import BlobStore


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "var" / "blobs"


@pytest.fixture
def store(folder: Path) -> BlobStore:
    return BlobStore(folder.as_uri())


def blobs(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_blob_comes_back_by_its_sha256(store: BlobStore) -> None:
    digest = store.put(b"hello")
    assert digest == f"sha256:{hashlib.sha256(b'hello').hexdigest()}"
    assert store.get(digest) == b"hello"
    assert store.exists(digest)


def test_the_folder_is_made_when_it_is_missing(store: BlobStore, folder: Path) -> None:
    assert folder.is_dir()


def test_an_empty_and_a_large_blob_come_back(store: BlobStore) -> None:
    for data in (b"", bytes(12_000_000)):
        assert store.get(store.put(data)) == data


def test_the_same_bytes_are_written_once(store: BlobStore, folder: Path) -> None:
    first = store.put(b"hello")
    (written,) = blobs(folder)
    before = written.stat()
    assert store.put(b"hello") == first
    after = written.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert blobs(folder) == [written]


def test_many_writers_of_the_same_bytes_all_succeed(store: BlobStore, folder: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        digests = set(pool.map(lambda _: store.put(b"x" * 100_000), range(32)))
    assert len(digests) == 1
    assert len(blobs(folder)) == 1


def test_a_missing_blob_is_our_failure(store: BlobStore) -> None:
    digest = f"sha256:{'0' * 64}"
    assert not store.exists(digest)
    with pytest.raises(StoreError, match="missing"):
        store.get(digest)


def test_a_changed_blob_is_never_handed_out(store: BlobStore, folder: Path) -> None:
    digest = store.put(b"hello")
    (written,) = blobs(folder)
    written.write_bytes(b"hellO")
    with pytest.raises(StoreError, match="not what its digest says"):
        store.get(digest)


def test_a_cut_blob_is_noticed_when_the_same_bytes_come_again(store: BlobStore, folder: Path) -> None:
    store.put(b"hello")
    (written,) = blobs(folder)
    written.write_bytes(b"hel")
    with pytest.raises(StoreError, match="3 bytes instead of 5"):
        store.put(b"hello")


@pytest.mark.parametrize("digest", ["", "sha256:", "sha256:../../etc/passwd", f"md5:{'0' * 64}", f"sha256:{'A' * 64}"])
def test_what_is_not_a_digest_never_becomes_a_path(store: BlobStore, digest: str) -> None:
    for use in (store.get, store.exists):
        with pytest.raises(StoreError, match="is not a digest"):
            use(digest)


def test_a_store_in_memory_works_the_same() -> None:
    store = BlobStore("memory:///")
    assert store.get(store.put(b"hello")) == b"hello"


@pytest.mark.parametrize("url", ["nonsense", "zzz://user:s3cret@host/x", "file:///proc/blobs"])
def test_a_store_that_cannot_be_opened_is_our_failure_and_tells_no_secret(url: str) -> None:
    with pytest.raises(StoreError) as caught:
        BlobStore(url)
    assert "s3cret" not in str(caught.value)


def test_a_full_or_broken_store_is_our_failure(store: BlobStore, folder: Path) -> None:
    digest = f"sha256:{hashlib.sha256(b'hello').hexdigest()}"
    (folder / "sha256").write_bytes(b"a file where a folder should be")
    for use in (lambda: store.put(b"hello"), lambda: store.get(digest)):
        with pytest.raises(StoreError):
            use()
