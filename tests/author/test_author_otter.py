"""Otter Assign's blocks, marks and points."""

from __future__ import annotations

import json

import pytest
from masters import (
    checked,
    code,
    judged,
    made,
    markdown,
    notebook,
    notes,
    question,
    raw,
    reference,
    solution,
    starter,
    written,
)

from grader.author import read_assignment
from grader.author.otter_cells import resolve_points
from grader.errors import BadInput

CELLS = [
    raw("# ASSIGNMENT CONFIG\nfiles:\n  - rain.csv"),
    markdown("# Rain\nHow much?"),
    code("import numpy as np"),
    *question(
        "q1",
        code("""
        def total(values):
            # BEGIN SOLUTION
            return float(np.sum(values))
            # END SOLUTION
        """),
        tests=[
            code("total([1, 2])", shows="3.0"),
            code("total([]) == 0", shows="True"),
            code("# HIDDEN\nassert total([5] * 10) == 50"),
        ],
        text="**Question 1.** Write `total`.",
    ),
    *question("q2", markdown("It *rained*."), keys="manual: true\npoints: 3"),
]


def test_a_notebook_becomes_a_suite_that_loads(tmp_path):
    found = made(CELLS, {"rain.csv": b"1\n"})
    rubric = written(tmp_path / "lab", found.files).rubric
    assert (rubric.title, rubric.submission.accepts, rubric.submission.requires) == (
        "Rain", ["repository"], ["lab.ipynb", "rain.csv"],
    )  # fmt: skip
    assert [(c.id, c.points, c.kind, c.visibility) for c in rubric.criteria] == [
        ("q1", 0.6667, "tests", "visible"),
        ("q1-hidden", 0.3333, "tests", "hidden"),
        ("q2", 3, "review", "visible"),
    ]
    assert rubric.criterion("q1").title == "Question 1. Write total."
    assert found.files["examples/empty/rain.csv"] == b"1\n"


def test_saved_outputs_are_what_tests_expect():
    text = judged(made(CELLS), "q1")
    assert "    assert_close(total([1, 2]), 3.0)\n" in text
    assert "    assert total([]) == 0\n" in text
    assert "from grader.exam.sdk import assert_close\n" in text


def test_the_student_sees_visible_tests_and_what_they_must_show():
    found = starter(made(CELLS))
    assert found == [
        "# Rain\nHow much?",
        "import numpy as np",
        "**Question 1.** Write `total`.",
        "def total(values):\n    ...",
        "total([1, 2])\n# must show: 3.0",
        "total([]) == 0\n# must show: True",
        "Do it.",
        "*Write your answer here, in place of this text.*",
    ]


def test_the_reference_is_what_a_good_student_hands_in():
    found = reference(made(CELLS))
    assert found[3] == "def total(values):\n    return float(np.sum(values))"
    assert found[-1] == "It *rained*."


def test_answers_have_the_questions_tag():
    found = json.loads(made(CELLS).files["starter/lab.ipynb"])
    assert [cell["metadata"].get("tags") for cell in found["cells"]] == [
        None,
        None,
        None,
        ["q1"],
        None,
        None,
        None,
        ["q2"],
    ]


@pytest.mark.parametrize(
    ("source", "student", "solved"),
    [
        ("y = 3  # SOLUTION", "y = ...", "y = 3"),
        ("a, b = 1, 2 # SOLUTION", "a, b = ...", "a, b = 1, 2"),
        ("t['k'] = 1 # SOLUTION", "t['k'] = ...", "t['k'] = 1"),
        ("t[t > 3] = 1 # SOLUTION", "...", "t[t > 3] = 1"),
        ("x = (1 + 2)  # SOLUTION", "x = ...", "x = (1 + 2)"),
        (
            "if y:\n    z = 1 # SOLUTION\n    return z # SOLUTION",
            "if y:\n    z = ...\n    ...",
            "if y:\n    z = 1\n    return z",
        ),
        ("x += 1 # SOLUTION", "...", "x += 1"),
        ("x = 1 # SOLUTION NO PROMPT\ny = 2", "y = 2", "x = 1\ny = 2"),
        ("x = 'é' # SOLUTION it's me", "x = ...", "x = 'é'"),
        ("np.random.seed(1) # SEED\nx = 1", "np.random.seed(1)\nx = 1", "np.random.seed(1)\nx = 1"),
        ("# BEGIN SOLUTION NO PROMPT\nx = 1\n# END SOLUTION\ny = 2", "y = 2", "x = 1\ny = 2"),
        ('x = 1 # SOLUTION NO PROMPT\n""" # BEGIN PROMPT\nx = ?\n"""; # END PROMPT', "x = ?", "x = 1"),
        ("x = 1\nprint(x) # IGNORE\n# BEGIN IGNORE\nsecret\n# END IGNORE", "x = 1", "x = 1"),
        ("%matplotlib inline\nx = 1 # SOLUTION", "%matplotlib inline\nx = ...", "%matplotlib inline\nx = 1"),
    ],
)
def test_marks_in_solutions(source, student, solved):
    cells = question("q", code(source), tests=[code("assert 1")])
    assert starter(made(cells))[1] == student
    assert reference(made(cells))[1] == solved


def test_a_prompt_stands_in_place_of_the_answer():
    cells = [
        raw("# BEGIN QUESTION\nname: q\nmanual: true"),
        raw("# BEGIN PROMPT"), markdown("Fill $x$"), raw("# END PROMPT"),
        raw("# BEGIN SOLUTION"), markdown("$x=1$"), raw("# END SOLUTION"),
        raw("# END QUESTION"),
    ]  # fmt: skip
    found = made(cells)
    assert (starter(found), reference(found)) == (["Fill $x$"], ["$x=1$"])
    assert notes(found, "doubt") == ["cell 1: q says nothing of points; it has 1 here"]


def test_cells_to_be_ignored_are_nobodys():
    cells = [*CELLS, code("# IGNORE\nprint('secret')"), markdown("# Ignore\nsecret")]
    found = made(cells)
    assert "secret" not in "".join([*starter(found), *reference(found)])


def test_boundaries_in_fenced_markdown_and_in_comments(tmp_path):
    cells = [
        markdown("Text.\n```otter\n# BEGIN QUESTION\nname: q7\npoints: 2\n```\nMore."),
        code("# BEGIN SOLUTION"),
        code("x = 7 # SOLUTION"),
        code("# END SOLUTION"),
        code("# BEGIN TESTS"),
        code('""" # BEGIN TEST CONFIG\nhidden: true\n""" # END TEST CONFIG\nassert x == 7'),
        code("# END TESTS"),
        code("# END QUESTION"),
        code("# BEGIN QUESTION\n# name: q8\n# manual: true\n# points: 1"),
        markdown("Say."),
        code("# END QUESTION"),
    ]
    found = made(cells)
    written(tmp_path / "lab", found.files)
    assert [(row.id, row.points) for row in found.rows] == [("q7-hidden", 2), ("q8", 1)]
    assert starter(found) == ["Text.", "More.", "x = ...", "Say."]


def test_tests_that_are_functions_are_called_with_what_their_parameters_name():
    tests = [
        code("def test_sum(np, total, env):\n    assert np.isclose(total([1]), 1)\n    assert env['total']([2]) == 2"),
        code("# HIDDEN\ndef test_more(env):\n    assert 'total' in env\n\ntest_more(globals()) # IGNORE"),
    ]
    cells = [
        code("import numpy as np"),
        *question("q1", code("def total(v):\n    return sum(v) # SOLUTION"), tests=tests),
    ]
    found = made(cells)
    text = judged(found, "q1")
    assert "import numpy as np\n" in text
    assert (
        '    total = submission.notebook["total"]\n    assert np.isclose(total([1]), 1)\n    assert total([2]) == 2\n'
        in text
    )
    assert "    env = submission.notebook\n    assert 'total' in env\n" in text
    assert starter(found)[3].endswith("\n\ntest_sum(np, total, env)")


@pytest.mark.parametrize(
    ("points", "cases", "worth"),
    [
        (None, [None, None], [0.5, 0.5]),
        (6, [2, 2, None, None], [2, 2, 1, 1]),
        (None, [2, None], [2, 0]),
        (None, [0, None], [0, 1]),
        (3, [None, None, None], [1, 1, 1]),
        ([1, 2], [None, None], [1, 2]),
        ({"each": 2}, [None, None], [2, 2]),
        (0, [None], [0]),
    ],
)
def test_points_are_shared_out_as_otter_does(points, cases, worth):
    assert resolve_points(points, cases, 1) == worth


@pytest.mark.parametrize("wrong", [(1, [2]), ([1], [None, None]), (-1, [None]), ("2", [None]), (True, [None])])
def test_points_that_cannot_be_are_refused(wrong):
    with pytest.raises(BadInput, match="cell 4"):
        resolve_points(*wrong, 4)


def test_all_or_nothing_and_weights(tmp_path):
    tests = [
        code(
            '""" # BEGIN TEST CONFIG\npoints: 1\nfailure_message: Too small.\n""" # END TEST CONFIG\nx > 1',
            shows="True",
        ),
        code('""" # BEGIN TEST CONFIG\npoints: 3\n""" # END TEST CONFIG\nassert x == 3'),
    ]
    found = made(question("q1", code("x = 3 # SOLUTION"), tests=tests, keys="all_or_nothing: true"))
    assert written(tmp_path / "lab", found.files).rubric.criteria[0].all_or_nothing
    text = judged(found, "q1")
    assert "@pytest.mark.points(1)\ndef test_q1_1" in text
    assert "@pytest.mark.points(3)\ndef test_q1_2" in text
    assert "assert x > 1, 'Too small.'" in text


def test_both_formats_in_one_notebook(tmp_path):
    cells = [*CELLS, solution("dry", "dry = 5"), checked("dry-days", 2, "assert dry == 5")]
    found = made(cells)
    written(tmp_path / "lab", found.files)
    assert found.formats == ("nbgrader", "Otter Assign")
    assert [row.id for row in found.rows] == ["q1", "q1-hidden", "q2", "dry-days"]


Q = "# BEGIN QUESTION\nname: q"
WRONG = {
    "question not closed": ([raw(Q)], "cell 1: the block # BEGIN QUESTION is never closed"),
    "block not closed": ([raw(Q), raw("# BEGIN TESTS")], "cell 2: the block # BEGIN TESTS is never closed"),
    "question in a question": (
        [raw(Q), raw(Q)],
        "cell 2, line 1: # BEGIN QUESTION stands inside the question that cell 1",
    ),
    "block in a block": (
        [raw(Q), raw("# BEGIN SOLUTION"), raw("# BEGIN TESTS")],
        "cell 3, line 1: # BEGIN TESTS stands inside # BEGIN SOLUTION, which cell 2",
    ),
    "end of nothing": ([raw("# END QUESTION")], "cell 1, line 1: # END QUESTION closes nothing"),
    "end of another": ([raw(Q), raw("# END TESTS")], "cell 2, line 1: # END TESTS closes a block that is not open"),
    "block outside": ([raw("# BEGIN TESTS")], "cell 1, line 1: # BEGIN TESTS stands outside of every question"),
    "no name": ([raw("# BEGIN QUESTION\npoints: 1")], "cell 1: the question has no name"),
    "no yaml": ([raw("# BEGIN QUESTION\nname: [")], "cell 1, line "),
    "a name twice": ([raw(Q), raw("# END QUESTION"), raw(Q)], "cell 3: the question 'q' is there already, in cell 1"),
    "no points": ([raw(Q + "\nmanual: true\npoints: many"), raw("# END QUESTION")], "cell 1: 'many' are no points"),
    "solution left open": (
        question("q", code("# BEGIN SOLUTION\nx = 1")),
        "cell 4, line 1: the solution is never closed",
    ),
    "prompt in a solution": (
        question("q", code('# BEGIN SOLUTION\n""" # BEGIN PROMPT\n""" # END PROMPT\n# END SOLUTION')),
        "cell 4, line 2: ",
    ),
    "half a statement": (
        question("q", code("x = max(1, # SOLUTION\n        secret)")),
        "cell 4, line 2: only a part of this statement",
    ),
    "ignore left open": (
        question("q", code("# BEGIN IGNORE\nx = 1")),
        "cell 4, line 1: # BEGIN IGNORE is never closed",
    ),
    "solution outside": ([*CELLS, code("x = 1\ny = 2 # SOLUTION")], "cell 21, line 2: a solution is marked outside"),
    "config left open": (
        question("q", code("x"), tests=[code('""" # BEGIN TEST CONFIG\npoints: 1')]),
        "cell 7, line 1: # BEGIN TEST CONFIG",
    ),
    "the old format": ([markdown("```\nBEGIN QUESTION\nname: q1\n```")], "cell 1: this is the old format"),
}


@pytest.mark.parametrize("case", WRONG)
def test_blocks_that_make_no_sense_are_refused_with_their_cell(case):
    cells, says = WRONG[case]
    with pytest.raises(BadInput) as refused:
        read_assignment(notebook(cells), "lab.ipynb")
    assert str(refused.value).startswith(says)
    assert refused.value.fix


def test_what_the_configuration_asks_and_is_not_done_is_told():
    found = made([raw("# ASSIGNMENT CONFIG\ngenerate:\n  seed: 1\nconfig_file: all.yml"), *CELLS[1:]])
    assert len(notes(found, "doubt")) == 2
