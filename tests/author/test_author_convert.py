"""Test cells as pytest functions: where their names come from, and what cannot be done."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from masters import checked, code, judged, made, markdown, nbgrader, notes, question, solution, starter, written

from grader.author.names import parsed, usage
from grader.author.text import indented
from grader.author.write import EXAMINER

F = solution("f", "def f(x):\n    return x + 1")


def body(made_suite, id="t"):
    """The lines of a test file's only function, as far to the left as they go."""
    text = judged(made_suite, id)
    return [line.removeprefix("    ") for line in text[text.index("def test_") :].splitlines()[1:]]


def lost(*cells):
    (note,) = notes(made([*cells, checked("other", 1, "assert f(1) == 2")]), "lost")
    return note


@pytest.mark.parametrize(
    ("source", "needed"),
    [
        ("assert f(x) == y", ["f", "x", "y"]),
        ("x = 1\nassert f(x)", ["f"]),
        ("assert f(x)\nx = 1", ["f", "x"]),
        ("x += 1", ["x"]),
        ("y = [f(i) for i in n if i]", ["n", "f"]),
        ("y = {i: j for i, j in n}", ["n"]),
        ("def g(a, *b, c=d, **e):\n    a = f\n    return h(a, b, c, e)", ["d", "f", "h"]),
        ("def g():\n    return later\nlater = 1", []),
        ("class A(B):\n    x = y\n    z = x\n    def m(self):\n        return q", ["B", "y", "q"]),
        ("for i in n:\n    i", ["n"]),
        ("with a as b:\n    b", ["a"]),
        ("try:\n    f()\nexcept E as e:\n    e", ["f", "E"]),
        ("import a.b\nfrom c import d as e\na, e", []),
        ("(y := f(1)) and y", ["f"]),
        ("match a:\n    case [b, *c]:\n        b, c", ["a"]),
        ("g = lambda a, b=c: a + b + d", ["c", "d"]),
        ("x: int = y", ["int", "y"]),
    ],
)
def test_names_that_a_cell_needs(source, needed):
    assert usage(parsed(source).body).needed == needed


def test_long_strings_keep_their_lines():
    assert indented('x = """a\n  b"""\ny = f"""{x}\n\nc"""') == '    x = """a\n  b"""\n    y = f"""{x}\n\nc"""'


def test_names_of_the_student_come_from_the_notebook():
    found = made([solution("a", "a = 1"), F, checked("t", 1, "# both\nassert f(a) == 2")])
    assert body(found) == ['f = submission.notebook["f"]', 'a = submission.notebook["a"]', "# both", "assert f(a) == 2"]


def test_modules_are_imported_wherever_the_notebook_imports_them():
    cells = [
        code("import os, numpy as np\nfrom math import pi as p, e"),
        F,
        checked("t", 1, "assert np.isclose(f(p), p + 1)"),
    ]
    text = judged(made(cells), "t")
    assert "\nimport numpy as np\nfrom math import pi as p\n\n" in text
    assert "import os" not in text


def test_the_instructors_helpers_come_along_and_the_students_do_not():
    cells = [
        code(
            "import math\nTINY = 1e-9\n\ndef near(a, b):\n    return math.fabs(a - b) < TINY",
            **nbgrader("h", locked=True),
        ),
        code("def theirs(a):\n    return a"),
        F,
        checked("t", 1, "assert near(theirs(f(1)), 2)"),
    ]
    found = made(cells)
    assert found.files["tests/notebook_helpers.py"].decode() == (
        '"""What the tests share."""\n\nimport math\n\nTINY = 1e-9\n\n'
        "def near(a, b):\n    return math.fabs(a - b) < TINY\n"
    )
    text = judged(found, "t")
    assert "from notebook_helpers import near\n" in text
    assert 'theirs = submission.notebook["theirs"]' in text


def test_a_helper_that_calls_the_student_comes_into_the_test():
    helper = code("def tried(x):\n    return f(x) - 1", **nbgrader("h", locked=True))
    found = made([helper, F, checked("t", 1, "assert tried(4) == 4")])
    assert body(found) == [
        'f = submission.notebook["f"]', "def tried(x):", "    return f(x) - 1", "assert tried(4) == 4",
    ]  # fmt: skip


def test_what_an_earlier_test_made_is_made_again():
    cells = [
        F,
        checked("first", 1, "got = []\nfor n in (1, 2):\n    got.append(f(n))"),
        checked("t", 1, "assert got == [2, 3]"),
    ]
    assert body(made(cells))[-4:] == ["got = []", "for n in (1, 2):", "    got.append(f(n))", "assert got == [2, 3]"]


def test_a_visible_test_takes_nothing_from_hidden_lines():
    first = "n = 3\n### BEGIN HIDDEN TESTS\nn = 4\nassert f(n) == 5\n### END HIDDEN TESTS\nassert f(n) > 3"
    text = judged(made([F, checked("first", 1, first), checked("t", 1, "assert f(n) == 4")]), "t")
    assert "n = 4" not in text


def test_the_notebooks_names_as_a_dict():
    found = made([F, checked("t", 1, "assert 'f' in globals()\nassert globals()['f'](1) == 2")])
    assert body(found) == ["assert 'f' in submission.notebook", "assert submission.notebook['f'](1) == 2"]


def test_a_variable_called_submission():
    found = made([solution("s", "submission = 3"), checked("t", 1, "assert submission == 3")])
    assert body(found) == ['submission = submission.notebook["submission"]', "assert submission == 3"]


def test_harmless_magics_are_left_out():
    assert "assert f(1) == 2" in body(made([F, checked("t", 1, "%matplotlib inline\nassert f(1) == 2")]))


OUTPUTS = {
    "a comparison": (code("f(1) == 2", shows="True"), "assert f(1) == 2"),
    "a false one": (code("f(1) == 3", shows="False"), "assert not (f(1) == 3)"),
    "what the student says is true": (code("f(1)", shows="True"), "assert_shows(f(1), 'True')"),
    "what numpy says is true": (code("np.isclose(f(1), 2)", shows="True"), "assert np.isclose(f(1), 2)"),
    "a float": (code("f(1.5)", shows="2.5"), "assert_close(f(1.5), 2.5)"),
    "an integer": (code("f(1)", shows="2"), "assert_shows(f(1), '2')"),
    "a table": (code("f(1)", shows="   a\n0  1"), "assert_shows(f(1), '   a\\n0  1')"),
    "two statements": (code("y = f(1); y", shows="2"), "y = f(1); assert_shows(y, '2')"),
    "in brackets": (code("(f(1)\n == 2)", shows="True"), "assert (f(1)\n     == 2)"),
    "nothing": (code("f(1)"), "f(1)"),
}


@pytest.mark.parametrize("case", OUTPUTS)
def test_saved_outputs(case):
    cell, line = OUTPUTS[case]
    cells = [code("import numpy as np"), *question("q", code("def f(x):\n    return x + 1 # SOLUTION"), tests=[cell])]
    assert f"    {line}\n" in judged(made(cells), "q")


def test_printed_lines_are_compared_too():
    cells = question(
        "q", code("def f(x):\n    print(x) # SOLUTION"), tests=[code("for n in (1, 2):\n    f(n)", prints="1\n2\n")]
    )
    text = judged(made(cells), "q")
    assert "def test_q(submission, capsys):" in text
    assert text.endswith("    assert capsys.readouterr().out == '1\\n2\\n'\n")


def test_a_test_without_the_output_it_expects_is_lost():
    tests = [code("f(1) == 2", ran=False), code("assert f(1) == 2", ran=False)]
    found = made(question("q", code("def f(x):\n    return x + 1 # SOLUTION"), tests=tests))
    assert "cell 7: (0.5 points) was saved without its output" in notes(found, "lost")[0]
    assert starter(found)[2] == "f(1) == 2"


LOST = {
    "a deleted name": ("old = f\ndel f\nassert old(1) == 2", "deletes `f`"),
    "a patched name": ("rate = 2\nassert g(1) == 2", "assigns `rate`, which `g` reads"),
    "a shell command": ("files = !ls\nassert f(1)", "line 1 is a command of IPython"),
    "a magic": ("assert f(1)\n%run other.py", "line 2 is a command of IPython"),
    "a cell magic": ("%%bash\nls", "line 1 is a command of IPython"),
    "IPython": ("get_ipython().run_cell('f(1)')", "line 1 uses get_ipython"),
    "text as code": ("assert eval('f(1)') == 2", "line 1 uses eval"),
    "no Python": ("assert f(1", "line 1 is not Python"),
    "the last result": ("assert _ == 2", "line 1 uses _, the last result"),
    "a global": ("def g():\n    global f\n    f = None\ng()", "line 2 declares a global"),
    "names as a dict": ("for n in list(globals()):\n    assert n", "line 1 handles the notebook's names as a dict"),
    "awaiting": ("assert await f(1)", "line 1 awaits outside of a function"),
    "nothing": ('"""Only words"""', "holds no statements"),
}


@pytest.mark.parametrize("case", LOST)
def test_what_a_test_cannot_do_is_lost_with_its_reason(case):
    source, says = LOST[case]
    cells = [F, solution("g", "rate = 1\n\ndef g(x):\n    return x * rate"), checked("t", 2, source)]
    assert lost(*cells).startswith(f"cell 3: (2 points) {says}")


def test_lost_tests_head_the_rubric():
    found = made([F, checked("t", 2, "del f"), checked("other", 1, "assert f(1) == 2")])
    head = found.files["rubric.yaml"].decode().partition("rubric: 1")[0]
    assert "# Not in this suite:\n#   cell 2: (2 points) deletes `f`" in head


def test_an_own_name_that_nobody_reads_is_no_patch():
    cells = [solution("x", "x = 1"), F, checked("t", 1, "x = 5\nassert f(x) == 6")]
    assert notes(made(cells), "lost") == []


def test_doubts():
    cells = [
        solution("x", "x = 1"), F,
        checked("t", 1, "import seaborn\nassert f(x) == nowhere"),
        code("x = 2"),
    ]  # fmt: skip
    assert notes(made(cells), "doubt") == [
        "cell 3: uses `x`, which cell 4 binds again: tests see what it is after the last cell",
        "cell 3: uses `nowhere`, which no cell defines",
        "cell 3: imports seaborn, which the examiner does not have: test without it",
    ]


def test_a_test_of_what_is_given_passes_for_nothing():
    cells = [
        F,
        code("n = int('3')", **nbgrader("n", locked=True)),
        checked("t", 2, "assert n == 3"),
        checked("u", 1, "assert f(1) == 2"),
    ]
    assert b"empty: {at_most: 2}" in made(cells).files["examples/expected.yaml"]


def test_a_module_beside_the_notebook_is_no_doubt():
    cells = [code("import tools"), F, checked("t", 1, "assert tools.one() == f(0)")]
    assert notes(made(cells, {"tools.py": b""}), "doubt") == []


def test_what_the_examiner_is_said_to_have_is_in_its_image():
    text = (Path(__file__).parents[2] / "sandboxes/examiner/requirements.txt").read_text()
    names = {name.replace("scikit-learn", "sklearn") for name in re.findall(r"^([\w-]+)==", text, re.MULTILINE)}
    assert set(EXAMINER) - {"grader"} <= names


def test_text_in_a_question_is_its_title_and_no_test():
    cells = question(
        "q", code("x = 1 # SOLUTION"), tests=[markdown("Try these:"), code("assert x == 1")], text="**1.** One!"
    )
    assert made(cells).rows[0].id == "q"


def test_visible_tests_that_change_the_notebook_are_a_doubt():
    cells = [F, checked("t", 1, "assert f(1) == 2"), checked("u", 1, "f, old = None, f\nassert old(1) == 2\nf = old")]
    assert notes(made(cells), "doubt") == [
        "cell 3: binds or deletes `f` in the student's notebook, where other tests find what it leaves"
    ]


def test_the_instructors_classes_stay_in_the_notebook():
    given = code("class Point:\n    pass\n\ndef origin():\n    return Point()", **nbgrader("p", locked=True))
    found = made([given, F, checked("t", 1, "assert isinstance(origin(), Point)")])
    fetched, *helper, test = body(found)
    assert (fetched, test) == ('Point = submission.notebook["Point"]', "assert isinstance(origin(), Point)")
    assert helper == ["def origin():", "    return Point()"]


def test_helpers_that_read_files_stay_in_the_notebook():
    given = code("def words():\n    return open('words.txt').read().split()", **nbgrader("w", locked=True))
    found = made([given, F, checked("t", 1, "assert f(len(words())) == 3")], {"words.txt": b"a b"})
    assert 'words = submission.notebook["words"]' in body(found)


def test_files_that_a_test_names_are_a_doubt():
    found = made([F, checked("t", 1, "assert f(len(open('words.txt').read())) == 4")], {"words.txt": b"a b"})
    assert notes(found, "doubt") == [
        "cell 2: names words.txt, which tests do not have beside them: use `submission.read`"
    ]


def test_thirds_add_up(tmp_path):
    tests = [code("x == 1", shows="True"), code("x", ran=False), code("# HIDDEN\nx", ran=False)]
    cells = [cell for n in range(3) for cell in question(f"q{n}", code("x = 1 # SOLUTION"), tests=tests)]
    found = made([*cells, *question("q9", markdown("a"), keys="manual: true\npoints: 0.001")])
    assert found.files["examples/expected.yaml"].startswith(b"reference: {points: 0.9999}")
    written(tmp_path / "lab", found.files)


@pytest.mark.parametrize("title", ["# 👩‍🔬 at work", '# "Quoted": yes', "# a # b", "# - [x]", "# \u202e\x07x", "# no"])
def test_any_title_is_one(tmp_path, title):
    found = made([markdown(title), F, checked("t", 1, "assert f(1) == 2")])
    assert written(tmp_path / "lab", found.files).rubric.title
