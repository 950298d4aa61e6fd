from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from masters import checked, code, markdown, nbgrader, notebook, question, raw, solution

from grader.rubric import load_examples, load_suite

Run = Callable[..., Any]
COUNT = """
def count(words):
    '''How often each word occurs.'''
    ### BEGIN SOLUTION
    found = {}
    for word in words:
        found[word] = found.get(word, 0) + 1
    return found
    ### END SOLUTION
"""
NBGRADER = [
    markdown("# Words"),
    code("import pandas as pd\ntext = open('words.txt').read().split()"),
    solution("count", COUNT),
    code("def same(a, b):\n    return sorted(a.items()) == sorted(b.items())", **nbgrader("same", locked=True)),
    checked(
        "count-works", 3,
        """
        before = ["a", "b", "a"]
        given = list(before)
        assert same(count(given), {"a": 2, "b": 1})
        assert given == before, "the list was changed"
        ### BEGIN HIDDEN TESTS
        assert count([]) == {}
        assert count(text)["the"] == 2
        ### END HIDDEN TESTS
        """,
    ),
    solution("table", "table = pd.Series(count(text)).sort_index()"),
    checked("table-sorted", 2, "assert list(table.index) == sorted(set(text))\nassert table.sum() == len(text)"),
    checked("patched", 1, "kept = count\ndel count\ntry:\n    table.sum()\nfinally:\n    count = kept"),
    markdown("The word *the*.", **nbgrader("why", grade=True, solution=True, points=2)),
]  # fmt: skip
ALL = """
\"\"\" # BEGIN TEST CONFIG
hidden: true
points: 2
\"\"\" # END TEST CONFIG
def test_all(mean, env):
    assert mean([5]) == 5
    assert env["most"] == 6

test_all(mean, globals()) # IGNORE
"""
OTTER = [
    raw("# ASSIGNMENT CONFIG\nexport_cell: false"),
    markdown("# Dice"),
    code("import numpy as np\nrolls = [1, 6, 3, 6]"),
    *question(
        "q1",
        code("def mean(values):\n    return sum(values) / len(values) # SOLUTION\n\nmost = max(rolls) # SOLUTION"),
        tests=[
            code("mean([1, 2])", shows="1.5"),
            code("most", shows="6"),
            code("for n in (1, 2):\n    print(mean([n, n]))", prints="1.0\n2.0\n"),
            code("# HIDDEN\nnp.isclose(mean(rolls), 4)", shows="True"),
            code(ALL),
        ],
        keys="points: 6",
    ),
    *question(
        "q2",
        code("table = np.array([[1, 2], [3, 4]]) # SOLUTION"),
        tests=[code("table * 2", shows="array([[2, 4],\n       [6, 8]])")],
    ),
    *question("q3", markdown("Fair."), keys="manual: true\npoints: 1"),
]  # fmt: skip


@pytest.fixture
def master(tmp_path: Path) -> Callable[..., Path]:
    """A function that writes a notebook of these cells."""

    def write(cells: list[dict[str, Any]], name: str = "lab.ipynb") -> Path:
        (tmp_path / "course").mkdir(exist_ok=True)
        (tmp_path / "course" / name).write_bytes(notebook(cells))
        return tmp_path / "course" / name

    return write


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_skeleton_is_a_suite(grader: Run, tmp_path: Path) -> None:
    ran = grader("rubric", "new", tmp_path / "rubrics" / "First Steps", "--sandbox", "python")

    suite = load_suite(tmp_path / "rubrics" / "First Steps")
    assert ran.status == 0, ran.err
    assert (suite.rubric.id, suite.rubric.title, suite.rubric.sandbox) == ("first-steps", "First steps", "python")
    assert {example.name for example in load_examples(suite)} == {"empty", "forgets-negatives", "reference"}
    assert f"Next: grader rubric check {tmp_path}/rubrics/First Steps" in ran.out
    assert len((suite.folder / "rubric.yaml").read_text().splitlines()) <= 21


def test_the_skeletons_examples_get_what_they_must(graded: Run, tmp_path: Path) -> None:
    assert graded("rubric", "new", tmp_path / "steps", "--sandbox", "python", "--title", "Größe: eins").status == 0

    ran = graded("rubric", "check", tmp_path / "steps")

    assert ran.status == 0, ran.out
    assert "warning" not in ran.out
    assert "3 examples as expected" in ran.out


@pytest.mark.parametrize("name", ["nbgrader", "otter"])
def test_a_notebook_becomes_a_suite_whose_reference_gets_all(
    graded: Run, tmp_path: Path, master: Callable[..., Path], name: str
) -> None:
    given = master({"nbgrader": NBGRADER, "otter": OTTER}[name])
    (given.parent / "words.txt").write_text("the cat and the dog")
    options = ["--with", given.parent / "words.txt"] if name == "nbgrader" else []

    made = graded("rubric", "new", tmp_path / name, "--from", given, *options)
    ran = graded("rubric", "check", tmp_path / name)

    assert made.status == 0, made.err
    assert ran.status == 0, ran.out
    assert "2 examples as expected" in ran.out
    full = {"nbgrader": 5, "otter": 7}[name]
    assert re.search(rf"^reference +{full} +{full} +ok", ran.out, re.MULTILINE)
    assert re.search(r"^empty +0 +0 +ok", ran.out, re.MULTILINE)


def test_the_summary_and_the_warnings(grader: Run, tmp_path: Path, master: Callable[..., Path]) -> None:
    given = master(NBGRADER)
    (given.parent / "words.txt").write_text("the")

    ran = grader(
        "rubric", "new", tmp_path / "new" / "words", "--from", given, "--id", "w1", "--title", "Counting words"
    )

    assert ran.status == 0
    assert re.search(r"^count-works-hidden +1.5 +tests +hidden +5", ran.out, re.MULTILINE)
    assert "4 criteria, 7 points, read as nbgrader" in ran.out
    assert "not converted: cell 8: (1 points) deletes `count`" in ran.err
    assert "words.txt lies beside the notebook, which names it: give it with --with words.txt" in ran.err
    assert "warning: 1 of the notebook's tests are not in the suite" in ran.err
    rubric = load_suite(tmp_path / "new" / "words").rubric
    assert (rubric.id, rubric.title, rubric.version) == ("w1", "Counting words", 1)


def test_files_beside_the_notebook_go_where_it_goes(grader: Run, tmp_path: Path, master: Callable[..., Path]) -> None:
    given = master(NBGRADER)
    (given.parent / "words.txt").write_text("the")
    (given.parent / "data").mkdir()
    (given.parent / "data" / "more.csv").write_text("1")

    assert grader("rubric", "new", tmp_path / "s", "--from", given, "--with", "words.txt", "data/more.csv").status == 0

    here = [
        f"{folder}/{name}"
        for folder in ("examples/empty", "examples/reference", "starter")
        for name in ("data/more.csv", "lab.ipynb", "words.txt")
    ]
    assert [
        path for path in files(tmp_path / "s") if path.startswith(("examples/empty", "examples/ref", "starter"))
    ] == sorted(here)
    assert json.loads((tmp_path / "s/starter/lab.ipynb").read_text())["nbformat"] == 4


def test_nothing_is_written_over(grader: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep")

    ran = grader("rubric", "new", tmp_path / "mine")

    assert ran.status == 2
    assert "the folder is not empty, and nothing is written over" in ran.err
    assert files(tmp_path / "mine") == ["notes.txt"]


def test_an_empty_folder_will_do(grader: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    assert grader("rubric", "new", tmp_path / "mine").status == 0
    assert "rubric.yaml" in files(tmp_path / "mine")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--from", "gone.ipynb"], "gone.ipynb cannot be read: No such file or directory"),
        (["--from", "."], "cannot be read"),
        (["--with", "x.csv"], "there is no notebook for these files"),
        (["--sandbox", "fortran"], "there is no sandbox 'fortran'"),
        (["--id", "Not An Id"], "id"),
        (["--from", "course/lab.ipynb", "--with", "gone.csv"], "gone.csv cannot be read"),
        (["--from", "course/broken.ipynb"], "cell 2, line 1: the SOLUTION region is never closed"),
    ],
)
def test_what_cannot_be_made_is_refused_and_leaves_nothing(
    grader: Run, tmp_path: Path, master: Callable[..., Path], arguments: list[str], says: str
) -> None:
    master(NBGRADER)
    master([code("x = 1"), code("### BEGIN SOLUTION\nx = 2")], "broken.ipynb")

    ran = grader("rubric", "new", "made", *arguments)

    assert ran.status == 2
    assert says in ran.err
    assert not (tmp_path / "made").exists()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
