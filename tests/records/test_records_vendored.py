from __future__ import annotations

import hashlib
import re
from pathlib import Path

import made
import pytest

from grader.errors import RecordsError
from grader.records import vendored

PACKAGE = made.ROOT / "grader" / "records"
ROW = re.compile(r"^\| (\S+) \|.*\| ([0-9a-f]{64}) \|$", re.MULTILINE)


@pytest.mark.parametrize(
    ("page", "folders"),
    [(PACKAGE / "VENDOR.md", ["contexts", "schemas", "font"]), (made.VECTORS.parent / "README.md", ["."])],
    ids=["product", "tests"],
)
def test_every_vendored_file_is_listed_with_its_digest(page: Path, folders: list[str]) -> None:
    listed = dict(ROW.findall(page.read_text("utf-8")))
    files = [file for folder in folders for file in (page.parent / folder).rglob("*") if file.is_file()]
    names = {file.relative_to(page.parent).as_posix() for file in files}
    assert names - {"font/LICENSE", "README.md"} == set(listed)
    for name, digest in listed.items():
        assert hashlib.sha256((page.parent / name).read_bytes()).hexdigest() == digest, name


def test_the_code_pins_the_same_digests() -> None:
    listed = {name.rpartition("/")[2]: digest for name, digest in ROW.findall((PACKAGE / "VENDOR.md").read_text())}
    for name, digest in [*vendored.CONTEXTS.values(), *vendored.SCHEMAS.values()]:
        assert listed[name] == digest


def test_a_context_that_was_changed_is_refused() -> None:
    with pytest.raises(RecordsError, match="not the file that was pinned"):
        vendored._read("contexts", "credentials-v2.json", "0" * 64)


def test_a_missing_file_is_our_failure() -> None:
    with pytest.raises(RecordsError, match="missing from the installation"):
        vendored._read("contexts", "absent.json", "0" * 64)
