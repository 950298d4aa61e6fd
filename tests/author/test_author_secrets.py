"""Whatever the layout: no line of a solution, of a hidden test or of a marking scheme reaches the student."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st
from masters import checked, code, made, markdown, nbgrader, question, raw, solution

from grader.errors import BadInput

INDENT = st.sampled_from(["", "    ", "\t"])
MARK = st.sampled_from(["### ", "###", "# ", "## ", "  ### "])
secrets = itertools.count()


def secret():
    """A line that occurs once only."""
    return f"secret_{next(secrets)} = 1"


def region(word, indent, mark, lines):
    return [f"{indent}{mark}BEGIN {word}", *(indent + line for line in lines), f"{indent}{mark}END {word}"]


@st.composite
def nbgrader_cells(draw):
    """Solutions, tests, answers and tasks in any order, with any number of regions."""
    cells = [checked("last", 1, "assert 1")]
    for n in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(["solution", "whole", "test", "answer", "task", "bare", "text"]))
        word = {"test": "HIDDEN TESTS", "task": "MARK SCHEME", "text": "HIDDEN TESTS"}.get(kind, "SOLUTION")
        lines = ["open = 1"]
        for _ in range(draw(st.integers(1, 3))):
            inner = [secret() for _ in range(draw(st.integers(1, 3)))]
            lines += [*region(word, draw(INDENT), draw(MARK), inner), draw(st.sampled_from(["", "open = 2", "# open"]))]
        source = "\n".join(lines)
        cells.append({
            "solution": solution(f"s{n}", source),
            "whole": solution(f"s{n}", f"{secret()}\n\n{secret()}"),
            "test": checked(f"t{n}", 2, source),
            "answer": markdown(secret(), **nbgrader(f"a{n}", grade=True, solution=True, points=1)),
            "task": markdown(source, **nbgrader(f"k{n}", task=True, points=1)),
            "bare": code("### BEGIN SOLUTION\nx = 1\n### END SOLUTION\n" + source),
            "text": markdown(source, **nbgrader(f"m{n}", locked=True)),
        }[kind])  # fmt: skip
    return draw(st.permutations(cells))


@st.composite
def otter_questions(draw):
    """Questions whose solutions and tests carry any of the marks."""
    cells = [raw("# ASSIGNMENT CONFIG\nfiles: []")]
    for n in range(draw(st.integers(1, 4))):
        solved = []
        for _ in range(draw(st.integers(1, 4))):
            indent, inner = draw(INDENT), [secret() for _ in range(draw(st.integers(1, 3)))]
            solved += draw(st.sampled_from([
                [f"{indent}x = {secret()!r} # SOLUTION"],
                [f"{indent}{secret()}  # SOLUTION NO PROMPT"],
                [f"{indent}call({secret()!r}) # SOLUTION: it's so"],
                [f"{indent}{secret()}  # IGNORE"],
                region("SOLUTION", indent, "# ", inner),
                [f"{indent}# BEGIN SOLUTION NO PROMPT", *inner, f"{indent}# END SOLUTION"],
                region("IGNORE", indent, "# ", inner),
                [f'{indent}""" # BEGIN PROMPT', "open", f'{indent}"""; # END PROMPT'],
            ]))  # fmt: skip
        hidden = [
            code(f"# HIDDEN\n{secret()}"),
            code(f'""" # BEGIN TEST CONFIG\nhidden: true\n""" # END TEST CONFIG\n{secret()}'),
        ]
        answers = [code("\n".join(solved)), *([markdown(secret())] if draw(st.booleans()) else [])]
        if draw(st.booleans()):
            cells += question(f"q{n}", *answers, keys="manual: true\npoints: 1")
        else:
            cells += question(f"q{n}", *answers, tests=[*hidden, code("assert 1")])
        cells += [code(f"# IGNORE\n{secret()}")] if draw(st.booleans()) else []
    return [*cells, *question("last", code("x"), keys="manual: true\npoints: 1")]


def assert_the_student_sees_no_secret(cells):
    found = made(cells)
    shown = {
        path: text for path, text in found.files.items() if path.startswith(("starter/", "examples/empty/", "brief"))
    }
    assert len(shown) == 3
    for path, text in shown.items():
        assert b"secret_" not in text, path
        assert b"BEGIN" not in text
        assert b"END" not in text.replace(b"append", b"")
    rubric = found.files["rubric.yaml"].decode()
    assert "secret_" not in "".join(line for line in rubric.splitlines() if not line.lstrip().startswith("#"))


@given(nbgrader_cells())
def test_nothing_hidden_in_nbgraders_regions_reaches_the_student(cells):
    assert_the_student_sees_no_secret(cells)


@given(otter_questions())
def test_nothing_hidden_by_otters_marks_reaches_the_student(cells):
    assert_the_student_sees_no_secret(cells)


@given(
    st.lists(
        st.tuples(st.sampled_from(["BEGIN", "END"]), st.sampled_from(["SOLUTION", "HIDDEN TESTS", "MARK SCHEME"])),
        max_size=5,
    )
)
def test_marks_in_any_order_are_read_or_refused(marks):
    lines = []
    inside = ""
    for word, name in marks:
        lines.append(f"### {word} {name}")
        inside = name if word == "BEGIN" else ""
        lines.append(secret() if inside else "open = 1")
    cells = [checked("t", 1, "assert 1"), code("\n".join(lines))]
    try:
        found = made(cells)
    except BadInput as error:
        refused = str(error)
    else:
        refused = "cell 2"
        assert b"secret_" not in found.files["starter/lab.ipynb"]
    assert refused.startswith("cell 2")
