from __future__ import annotations

import hashlib
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.errors import RubricError
from grader.rubric import load_suite

MakeSuite = Callable[..., Path]
Problems = Callable[..., list[str]]


def test_a_suite_loads_with_the_files_of_the_examiner(make_suite: MakeSuite) -> None:
    suite = load_suite(make_suite())

    assert suite.rubric.id == "linear-model"
    assert suite.rubric.limits.memory == 2**30
    assert set(suite.test_files) == {"tests/test_predict.py", "tests/test_accuracy.py", "data/points.csv"}
    assert suite.test_files["data/points.csv"] == b"x,y\n1,2\n"
    assert suite.brief == "# Fit a line\n"


def test_a_brief_is_optional(make_suite: MakeSuite) -> None:
    assert load_suite(make_suite(files={"brief.md": None})).brief == ""


# The digest


def test_the_digest_does_not_depend_on_place_order_or_mode(make_suite: MakeSuite) -> None:
    first, second = make_suite(name="one"), make_suite(name="two")
    paths = sorted(p for p in second.rglob("*") if p.is_file())
    content = {path: path.read_bytes() for path in paths}
    random.Random(1).shuffle(paths)
    for path in paths:
        path.unlink()
    for path in paths:
        path.write_bytes(content[path])
        path.chmod(0o700)

    assert load_suite(first).digest == load_suite(second).digest
    assert list(load_suite(first).test_files) == list(load_suite(second).test_files)


@pytest.mark.parametrize(
    "path", ["rubric.yaml", "brief.md", "tests/test_predict.py", "data/points.csv", "tests/new.py"]
)
def test_the_digest_changes_with_every_file(make_suite: MakeSuite, path: str) -> None:
    folder = make_suite()
    before = load_suite(folder).digest
    with (folder / path).open("ab") as file:
        file.write(b"\n# changed\n")

    assert load_suite(folder).digest != before


def test_the_digest_changes_with_a_name(make_suite: MakeSuite) -> None:
    folder = make_suite()
    before = load_suite(folder).digest
    (folder / "data/points.csv").rename(folder / "data/other.csv")

    assert load_suite(folder).digest != before


def test_the_digest_tells_content_from_a_name(make_suite: MakeSuite) -> None:
    one = make_suite(files={"data/a": "b", "data/c": ""}, name="one")
    other = make_suite(files={"data/a": "", "data/c": "b"}, name="other")

    assert load_suite(one).digest != load_suite(other).digest


@pytest.mark.parametrize(
    "path", ["examples/reference/more.py", "starter/more.py", "tests/__pycache__/a.txt", "tests/a.pyc", ".git/HEAD"]
)
def test_what_does_not_judge_is_not_in_the_digest(make_suite: MakeSuite, path: str) -> None:
    folder = make_suite()
    before = load_suite(folder)
    (folder / path).parent.mkdir(exist_ok=True, parents=True)
    (folder / path).write_text("x")
    after = load_suite(folder)

    assert (after.digest, after.test_files) == (before.digest, before.test_files)


def test_the_recipe_of_the_digest_is_fixed(make_suite: MakeSuite) -> None:
    """Stored reports name digests: a new recipe would make every one of them a riddle."""
    folder = make_suite()
    recipe = b""
    for path in ["brief.md", "data/points.csv", "rubric.yaml", "tests/test_accuracy.py", "tests/test_predict.py"]:
        recipe += path.encode() + b"\0" + hashlib.sha256((folder / path).read_bytes()).digest()

    assert load_suite(folder).digest == f"sha256:{hashlib.sha256(recipe).hexdigest()}"


# What is in the folder


@pytest.mark.parametrize("path", ["tests/link.py", "data/link", "examples/reference/link", "starter/link", "link"])
def test_a_symlink_is_refused(make_suite: MakeSuite, path: str) -> None:
    folder = make_suite()
    (folder / path).symlink_to("/etc/passwd")

    with pytest.raises(RubricError) as caught:
        load_suite(folder)

    assert caught.value.problems == [f"{path}: is a symlink; put a plain file there"]


def test_a_linked_folder_is_refused_not_followed(make_suite: MakeSuite) -> None:
    folder = make_suite()
    (folder / "data/up").symlink_to(folder, target_is_directory=True)

    with pytest.raises(RubricError, match="data/up: is a symlink"):
        load_suite(folder)


def test_a_linked_rubric_is_refused(make_suite: MakeSuite, tmp_path: Path) -> None:
    folder = make_suite()
    (folder / "rubric.yaml").rename(tmp_path / "elsewhere.yaml")
    (folder / "rubric.yaml").symlink_to(tmp_path / "elsewhere.yaml")

    with pytest.raises(RubricError, match=r"rubric\.yaml: is a symlink"):
        load_suite(folder)


def test_a_pipe_is_refused_without_waiting_for_it(make_suite: MakeSuite) -> None:
    folder = make_suite()
    os.mkfifo(folder / "data/pipe")

    with pytest.raises(RubricError, match="data/pipe: is neither a file nor a folder"):
        load_suite(folder)


def test_a_name_that_is_not_text_is_refused(make_suite: MakeSuite) -> None:
    folder = make_suite()
    Path(os.fsdecode(os.fsencode(folder / "data") + b"/\xff")).write_text("")

    with pytest.raises(RubricError, match="not UTF-8"):
        load_suite(folder)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(RubricError) as caught:
        load_suite(tmp_path / "nothing")

    assert caught.value.where == str(tmp_path / "nothing")
    assert caught.value.fix


def test_a_missing_rubric_is_named(problems: Problems) -> None:
    assert problems(files={"rubric.yaml": None})[0].startswith("rubric.yaml: is missing")


def test_a_brief_that_is_not_text_is_refused_with_its_line(problems: Problems) -> None:
    assert problems(files={"brief.md": b"one\n\xff"}) == ["brief.md:2:1: is not UTF-8 text"]
