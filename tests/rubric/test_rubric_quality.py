from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import ExamError
from grader.rubric import Quality, QualityIssue
from grader.rubric.quality import ALL_POINTS, check, refusal

RULES = Quality(select=["E", "F", "B"])
UNUSED = b"import os\n"


def codes(files: dict[str, bytes], spec: Quality = RULES) -> list[tuple[str, int, str, int]]:
    return [(issue.path, issue.line, issue.code, issue.count) for issue in check(files, spec)]


def test_issues_come_with_file_and_line() -> None:
    issues = check({"b.py": b"\nimport os\n", "a/a.py": b"x = None == 1\nimport re\n"}, RULES)

    assert [(i.path, i.line, i.code) for i in issues] == [
        ("a/a.py", 2, "E402"),
        ("a/a.py", 2, "F401"),
        ("b.py", 2, "F401"),
    ]
    assert issues[-1] == QualityIssue("b.py", 2, "F401", "`os` imported but unused")


def test_clean_code_has_no_issues() -> None:
    assert check({"a.py": b"print(1)\n", "README.md": b"import os", "data.csv": b"\xff"}, RULES) == []


def test_only_the_chosen_rules_count() -> None:
    assert codes({"a.py": b"import os\nx=None\nif x == None: pass\n"}, Quality(select=["E711"])) == [
        ("a.py", 3, "E711", 1)
    ]


@pytest.mark.parametrize(
    "source",
    [
        b"import os  # noqa\n",
        b"import os  # noqa: F401\n",
        b"# ruff: noqa\nimport os\n",
        b"# flake8: noqa\nimport os\n",
        b"# ruff: disable[F401]\nimport os\n",
        b"import os  # type: ignore\n",
    ],
)
def test_a_comment_silences_nothing(source: bytes) -> None:
    assert [code for _, _, code, _ in codes({"a.py": source})] == ["F401"]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("ruff.toml", b"exclude = ['*.py']\n[lint]\nignore = ['ALL']\n"),
        (".ruff.toml", b"[lint]\nignore = ['ALL']\n"),
        ("pyproject.toml", b"[tool.ruff.lint]\nignore = ['ALL']\n"),
        ("sub/ruff.toml", b"[lint]\nignore = ['ALL']\n"),
        (".gitignore", b"*\n"),
        (".ignore", b"*\n"),
        ("ruff.toml", b"not toml ["),
    ],
)
def test_settings_in_the_submission_have_no_effect(path: str, content: bytes) -> None:
    assert codes({path: content, "sub/a.py": UNUSED}) == [("sub/a.py", 1, "F401", 1)]


@pytest.mark.parametrize(
    "folder", ["build", "dist", ".venv", "node_modules", "site-packages", ".hidden", "venv", "__pypackages__"]
)
def test_no_folder_hides_code(folder: str) -> None:
    assert codes({f"{folder}/a.py": UNUSED}) == [(f"{folder}/a.py", 1, "F401", 1)]


@pytest.mark.parametrize(
    "name", ["-h.py", "--config=x.py", "a b.py", "a\nb.py", "$(touch x).py", "é.py", "@args.py", "*.py", "[a].py"]
)
def test_an_odd_name_is_just_a_name(name: str) -> None:
    assert codes({name: UNUSED}) == [(name, 1, "F401", 1)]


@pytest.mark.parametrize(
    "name",
    ["../a.py", "/tmp/grader-evil.py", "a/../../b.py", "./a.py", "a//b.py", "a\\b.py", "a\0.py", "x" * 300 + ".py"],
)
def test_a_path_that_leaves_is_not_written_and_counts(name: str, tmp_path: Path) -> None:
    assert codes({name: UNUSED}) == [(name, 1, "unreadable", 1)]
    assert not Path("/tmp/grader-evil.py").exists()


def test_a_file_in_the_way_of_a_folder_counts() -> None:
    found = codes({"a.py": b"print(1)\n", "a.py/b.py": UNUSED})

    assert found == [("a.py/b.py", 1, "unreadable", 1)]


def test_a_syntax_error_cannot_win() -> None:
    """One broken line stops ruff from seeing the rest, so the lines count instead."""
    bad = b"import os\n" * 30
    honest = sum(count for *_, count in codes({"a.py": bad}))

    assert codes({"a.py": bad + b"def (:\n"}) == [("a.py", 1, "unreadable", 31)]
    assert honest >= 30


def test_a_syntax_error_spares_the_other_files() -> None:
    assert codes({"a.py": b"def (:\n", "b.py": UNUSED, "c.py": b"print(1)\n"}) == [
        ("a.py", 1, "unreadable", 1),
        ("b.py", 1, "F401", 1),
    ]


@pytest.mark.parametrize(
    ("data", "count"),
    [
        (b"x = '\xff'\n\n\ny = 1\n", 2),
        (b"import os\0\n", 1),
        (b"import os;" * 100 + b"(", 13),
        (b"import os\n" * 60_000, 60_000),
    ],
    ids=["not UTF-8", "NUL", "one long line", "too large"],
)
def test_what_cannot_be_read_counts_by_its_size(data: bytes, count: int) -> None:
    assert codes({"a.py": data, "b.py": UNUSED}) == [("a.py", 1, "unreadable", count), ("b.py", 1, "F401", 1)]


def test_bytes_that_are_not_text_count_whatever_the_rules() -> None:
    assert codes({"a.py": b"x = '\xff'\n"}, Quality(select=["F"])) == [("a.py", 1, "unreadable", 1)]


def test_a_file_that_kills_ruff_counts_and_spares_the_others() -> None:
    bomb = b"x = " + b"a+" * 60_000 + b"1\n"
    files = {f"f{number}.py": UNUSED for number in range(20)} | {"f7.py": bomb, "f8.py": b"x = " + b"[" * 90_000}

    found = dict(zip(sorted(files), codes(files), strict=True))

    assert found["f7.py"] == ("f7.py", 1, "unreadable", -(-len(bomb) // 80))
    assert found["f8.py"][2] == "unreadable"
    assert [item[2] for path, item in found.items() if path not in ("f7.py", "f8.py")] == ["F401"] * 18


def test_very_many_issues_are_counted_not_listed() -> None:
    issues = check({"a.py": b"import os\n" * 5000}, Quality(select=["F811", "F401"]))

    assert len(issues) == 201
    assert issues[-1].code == "more"
    assert sum(issue.count for issue in issues) == 5000


def test_a_flood_of_issues_ends_in_time_and_costs_dearly() -> None:
    started = time.monotonic()
    issues = check({"a.py": b"a;" * 200_000 + b"\n", "b.py": UNUSED}, Quality(select=["E", "F"]))

    assert [(issue.path, issue.code, issue.count) for issue in issues] == [
        ("a.py", "unreadable", 5001),
        ("b.py", "F401", 1),
    ]
    assert time.monotonic() - started < 30


@pytest.mark.parametrize("files", [{}, {"a.txt": b"x"}, {"a.ipynb": b"{}"}, {"__init__.py": b""}, {"a.py": b"\n \n"}])
def test_no_python_at_all_costs_everything(files: dict[str, bytes]) -> None:
    assert [(i.code, i.count) for i in check(files, RULES)] == [("no-python", ALL_POINTS)]


def test_nothing_of_the_submission_runs(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    evil = f"open({str(mark)!r}, 'w')\n".encode()

    assert check({"a.py": evil, "conftest.py": evil, "sitecustomize.py": evil, "ruff.py": evil}, RULES) == []
    assert not mark.exists()


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    check({"a.py": UNUSED, "b/c.py": b"def (:"}, RULES)

    assert list(tmp_path.iterdir()) == []


def test_settings_around_the_temporary_folder_have_no_effect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "ruff.toml").write_text("[lint]\nignore = ['ALL']\nper-file-ignores = {'*' = ['F401']}\n")

    assert codes({"a.py": UNUSED}) == [("a.py", 1, "F401", 1)]


def test_no_time_left_is_our_failure() -> None:
    with pytest.raises(ExamError, match="too long"):
        check({"a.py": UNUSED}, RULES, seconds=0)


def test_a_missing_ruff_is_our_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ruff.find_ruff_bin", lambda: str(tmp_path / "gone"))
    with pytest.raises(ExamError, match="does not run"):
        check({"a.py": UNUSED}, RULES)


def test_rules_that_ruff_refuses_are_our_failure() -> None:
    with pytest.raises(ExamError, match="QQ"):
        check({"a.py": UNUSED}, Quality(select=["QQ"]))


def test_refusal_names_the_rule() -> None:
    assert refusal(("E", "F401")) is None
    assert refusal(("E", "QQ")) == "Unknown rule selector `QQ`"


def test_it_works_from_any_folder_and_environment(tmp_path: Path) -> None:
    """A worker's PATH need not hold the environment's scripts."""
    code = (
        "from grader.rubric.quality import check; from grader.rubric import Quality; "
        "print(len(check({'a.py': b'import os'}, Quality())))"
    )
    env = {"PATH": "/nowhere", "RUFF_NO_CACHE": "0"} | {k: v for k, v in os.environ.items() if k == "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
    )

    assert done.stdout == "1\n"


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.text(max_size=12).map(lambda name: name + ".py"), st.binary(max_size=60), max_size=4))
def test_any_files_give_issues_of_those_files(files: dict[str, bytes]) -> None:
    issues = check(files, RULES)

    assert {issue.path for issue in issues} <= {*files, ""}
    assert all(issue.count >= 1 and issue.line >= 0 for issue in issues)


SILENT = ["", "\n\n", "# nothing yet\n", '"""Only a document."""\n', "pass\n", "...\n'x'\n"]


@pytest.mark.parametrize("text", SILENT)
def test_a_file_that_says_nothing_earns_nothing(text: str) -> None:
    assert [i.code for i in check({"solution.py": text.encode()}, RULES)] == ["no-python"]


@pytest.mark.parametrize("text", ["x = 1\n", "import os\n", "def f():\n    pass\n", "print(", "'x'.y\n"])
def test_a_file_that_says_something_is_checked(text: str) -> None:
    assert "no-python" not in {i.code for i in check({"solution.py": text.encode()}, RULES)}


def test_an_encoding_that_is_none_of_text_is_only_unusual() -> None:
    assert check({"a.py": b"# coding: rot13\nx = 1\n"}, RULES) == []


def notebook(*sources: object, kind: str = "code", **metadata: object) -> bytes:
    base = {"cell_type": kind, "metadata": metadata, "execution_count": None, "outputs": []}
    cells = [base | {"source": source} for source in sources]
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}).encode()


def in_cells(*sources: object, **metadata: object) -> list[tuple[int, str, str, int]]:
    """Line, code, cell and count of the issues in a notebook of these code cells."""
    issues = check({"work/a.ipynb": notebook(*sources, **metadata)}, RULES)
    assert {issue.path for issue in issues} <= {"work/a.ipynb", ""}
    return [(i.line, i.code, i.message.partition(":")[0] if i.path else "", i.count) for i in issues]


def test_issues_in_a_notebook_name_the_cell() -> None:
    cells = (
        json.loads(notebook("# A text\nimport re", kind="markdown"))["cells"]
        + json.loads(notebook(["x = 1\n", "import os\n"], "print(x)"))["cells"]
    )
    content = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}).encode()

    assert check({"a.ipynb": content}, Quality(select=["F"])) == [
        QualityIssue("a.ipynb", 2, "F401", "cell 2: `os` imported but unused")
    ]


def test_notebooks_and_files_are_checked_together() -> None:
    files = {"b.py": UNUSED, "a.ipynb": notebook("import os"), "c/B.IPYNB": notebook("import re", "%%bash\nls")}

    assert codes(files) == [
        ("a.ipynb", 1, "F401", 1),
        ("b.py", 1, "F401", 1),
        ("c/B.IPYNB", 1, "unreadable", 2),
        ("c/B.IPYNB", 1, "F401", 1),
    ]


@pytest.mark.parametrize(
    "line",
    ["%matplotlib inline", "!ls -l", "files = !ls\nprint(files)", "print?", "%time print(1)", "await print(1)",
     "pip install 'a[b]'", "%%time\nprint(1)", "%%capture out\nprint(1)", "for x in [1]:\n    !echo {x}\n    print(x)"],
)  # fmt: skip
def test_what_notebooks_are_used_to_is_no_issue(line: str) -> None:
    assert in_cells("x = 1", line, "x") == []


@pytest.mark.parametrize(
    "source",
    ["import os  # noqa", "# ruff: noqa\nimport os", "# flake8: noqa\nimport os", "# ruff: disable[F401]\nimport os",
     "%%time\nimport os", "%%capture\nimport os", "%%python\nimport os", "%matplotlib inline\nimport os"],
)  # fmt: skip
def test_nothing_in_a_cell_silences_ruff(source: str) -> None:
    found = in_cells("x = 1", source, "import re")
    assert [(code, cell) for _, code, cell, _ in found if code == "F401"] == [("F401", "cell 2"), ("F401", "cell 3")]


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("%%bash\nls\n\npwd", 3),
        ("%%script python\nimport os", 2),
        ("%%html\n<b>", 2),
        ("%%writefile a.py\nimport os", 2),
        ("\n\n  %%bash\nls", 2),
        ("%%time\n%%bash\nls", 3),
        ("%%bash " + "x" * 200, 3),
        ('"""\n%%bash\n"""\nimport os', 4),
        ("pip install a\nimport os\nimport re", 3),
        ("def f(:\n    pass", 2),
        ("x = (", 1),
        ("\x1c%%bash\nls", 2),
        ("\ufeffimport os", 1),
    ],
)
def test_a_cell_that_ruff_does_not_read_counts_by_its_lines(source: str, count: int) -> None:
    assert in_cells("x = 1", source, "import os") == [
        (1, "unreadable", "cell 2", count),
        (1, "F401", "cell 3", 1),
    ]


def test_a_string_left_open_hides_no_other_cell() -> None:
    found = in_cells('x = """', "import os", '"""')

    assert found == [(1, "unreadable", "cell 1", 1), (1, "unreadable", "cell 3", 1), (1, "F401", "cell 2", 1)]


def test_a_magic_that_seems_to_close_a_string_hides_nothing() -> None:
    found = in_cells('!x """\n"""', "import os", '"""')

    assert (1, "F401", "cell 2", 1) in found


def test_another_language_in_the_metadata_hides_nothing() -> None:
    for metadata in ({"vscode": {"languageId": "markdown"}}, {"language_info": {"name": "R"}}, {"kernelspec": 5}):
        assert in_cells("import os", **metadata) == [(1, "F401", "cell 1", 1)]


@pytest.mark.parametrize(
    "content",
    [
        b"{}", b"[]", b"", b"\xff", b"null", b"{", b"[" * 5000,
        notebook("import os", kind="Code"), notebook("import os", kind=["code"]),  # type: ignore[arg-type]
        notebook(5), notebook([5]), notebook({"a": "b"}),
        notebook("import os").replace(b'"nbformat": 4', b'"nbformat": 3'),
        notebook("import os").replace(b'"cell_type"', b'"cell_type": "markdown", "cell_type"'),
    ],
)  # fmt: skip
def test_a_notebook_that_cannot_be_read_counts_by_its_size_and_is_no_work(content: bytes) -> None:
    size = max(1, -(-len(content) // 80))
    assert codes({"a.ipynb": content, "b.py": b"x = 1\n"}) == [("a.ipynb", 1, "unreadable", size)]
    assert codes({"a.ipynb": content}) == [("", 0, "no-python", ALL_POINTS)]


@pytest.mark.parametrize(
    "sources",
    [(), ("",), ("# x", "'text'", "pass", "..."), ("%matplotlib inline", "!ls"), ("%%bash\nls",), ("%%time\npass",)],
)
def test_a_notebook_that_says_nothing_earns_nothing(sources: tuple[str, ...]) -> None:
    assert codes({"a.ipynb": notebook(*sources)}) == [("", 0, "no-python", ALL_POINTS)]


def test_a_notebook_beside_code_may_say_nothing() -> None:
    assert check({"a.ipynb": notebook("import os", kind="markdown"), "b.py": b"print(1)\n"}, RULES) == []


def test_a_notebook_that_is_too_large_counts_by_its_lines() -> None:
    assert codes({"a.ipynb": notebook(*["import os"] * 2001)}) == [("a.ipynb", 1, "unreadable", 2001)]
    assert codes({"a.ipynb": notebook("import os\n" * 120_000)}) == [("a.ipynb", 1, "unreadable", 120_000)]


def test_very_many_bad_cells_are_counted_not_listed() -> None:
    assert [(i.code, i.count) for i in check({"a.ipynb": notebook("x = 1", *["x = ("] * 300)}, RULES)] == [
        ("unreadable", 300)
    ]


def test_a_cell_that_kills_ruff_counts_and_spares_the_others() -> None:
    bomb = "x = " + "a+" * 60_000 + "1"

    assert in_cells("import os", bomb) == [(1, "unreadable", "cell 2", -(-len(bomb) // 80)), (1, "F401", "cell 1", 1)]


FIRST = [
    "ls",
    "time",
    "cd x",
    "%%bash",
    "%%time",
    "%x",
    "!y \\",
    "#",
    "",
    "?",
    "\f",
    "'''",
    '"""',
    "x = (",
    "\\",
    "%%",
    "@f",
]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.sampled_from(FIRST), max_size=3), min_size=1, max_size=3), st.integers(0, 2))
def test_whatever_stands_around_it_bad_code_is_found(lines: list[list[str]], place: int) -> None:
    """The line is reported, or the cell that holds it counts as unreadable."""
    sources = ["\n".join(before) for before in lines]
    place %= len(sources)
    sources[place] += "\n\nimport os\nimport re"
    found = in_cells("x = 1", *sources)

    assert sum(count for _, _, cell, count in found if cell in (f"cell {place + 2}", "")) >= 2
