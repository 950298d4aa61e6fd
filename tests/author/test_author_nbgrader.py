"""nbgrader's cells and regions."""

from __future__ import annotations

import json

import pytest
from masters import (
    checked,
    code,
    judged,
    made,
    markdown,
    nbgrader,
    notebook,
    notes,
    reference,
    solution,
    starter,
    written,
)

from grader.author import make_suite, read_assignment
from grader.errors import BadInput

MEAN = """
def mean(values):
    '''The mean of the values.'''
    ### BEGIN SOLUTION
    if not values:
        raise ValueError("no values")
    return sum(values) / len(values)
    ### END SOLUTION
"""
CELLS = [
    markdown("# Averages\n\nWrite them yourself."),
    code("import math"),
    solution("mean", MEAN),
    checked("mean-works", 3, '"""The mean of short lists"""\nassert math.isclose(mean([1, 2]), 1.5)'),
    checked(
        "mean-edges", 2,
        """
        assert mean([5]) == 5
        ### BEGIN HIDDEN TESTS
        try:
            mean([])
        except ValueError:
            pass
        else:
            raise AssertionError("an empty list has no mean")
        ### END HIDDEN TESTS
        """,
    ),
    markdown("Because of the outliers.", **nbgrader("why", grade=True, solution=True, points=4)),
    markdown(
        "Draw both.\n=== BEGIN MARK SCHEME ===\n1 for each axis\n=== END MARK SCHEME ===",
        **nbgrader("draw", task=True, locked=True, points=2),
    ),
]  # fmt: skip


def test_a_notebook_becomes_a_suite_that_loads(tmp_path):
    found = made(CELLS)
    suite = written(tmp_path / "lab", found.files)
    rubric = suite.rubric
    assert (rubric.title, rubric.submission.accepts) == ("Averages", ["notebook"])
    assert [(c.id, c.points, c.kind, c.visibility) for c in rubric.criteria] == [
        ("mean-works", 3, "tests", "visible"),
        ("mean-edges", 1, "tests", "visible"),
        ("mean-edges-hidden", 1, "tests", "hidden"),
        ("why", 4, "review", "visible"),
        ("draw", 2, "review", "visible"),
    ]
    assert rubric.criterion("why").tag == "why"
    assert rubric.criterion("mean-works").title == "The mean of short lists"
    assert found.files["examples/expected.yaml"] == b"reference: {points: 5}\nempty: {points: 0}\n"
    assert suite.brief.startswith("# Averages\n")


def test_solutions_become_stubs_where_they_stood():
    found = starter(made(CELLS))
    assert found[2].endswith("    # YOUR CODE HERE\n    raise NotImplementedError()")
    assert found[5] == "YOUR ANSWER HERE"


def test_the_reference_has_the_solutions_without_marks():
    found = reference(made(CELLS))
    assert found[2].endswith("    return sum(values) / len(values)")
    assert found[5] == "Because of the outliers."
    assert "BEGIN" not in "".join(found)


def test_a_solution_cell_without_regions_is_a_stub_as_a_whole():
    cells = [solution("x", "x = 3"), checked("x-is-3", 1, "assert x == 3")]
    assert starter(made(cells))[0] == "# YOUR CODE HERE\nraise NotImplementedError()"


def test_visible_tests_stay_and_hidden_ones_go():
    found = made(CELLS)
    assert starter(found)[4] == "assert mean([5]) == 5"
    assert "empty list" in judged(found, "mean_edges")


def test_the_hidden_test_runs_the_whole_cell():
    text = judged(made(CELLS), "mean_edges")
    _, hidden = text.split("def test_mean_edges_hidden(submission):")
    assert hidden.index("mean([5]) == 5") < hidden.index("mean([])")


def test_a_cell_that_only_prepares_in_sight_gives_its_points_to_the_hidden_test():
    cells = [
        solution("f", "def f(x):\n    return x"),
        checked("t", 2, "given = [1, 2]\n### BEGIN HIDDEN TESTS\nassert f(given) == given\n### END HIDDEN TESTS"),
    ]
    assert [(row.id, row.points) for row in made(cells).rows] == [("t-hidden", 2)]


def test_the_marking_scheme_is_for_the_reviewer_only():
    found = made(CELLS)
    assert "1 for each axis" not in "".join(starter(found))
    assert "  # the marking scheme: 1 for each axis\n" in found.files["rubric.yaml"].decode()


def test_metadata_and_outputs_go_and_tags_stay():
    found = json.loads(made(CELLS).files["starter/lab.ipynb"])
    assert [cell["metadata"].get("tags") for cell in found["cells"]] == [
        None,
        None,
        ["mean"],
        None,
        None,
        ["why"],
        ["draw"],
    ]
    assert all(cell.get("outputs", []) == [] and "nbgrader" not in cell["metadata"] for cell in found["cells"])


def test_regions_without_metadata_are_read_too(tmp_path):
    cells = [
        code("### BEGIN SOLUTION\nx = 3\n### END SOLUTION"),
        code("assert x > 0\n### BEGIN HIDDEN TESTS\nassert x == 3\n### END HIDDEN TESTS"),
    ]
    found = made(cells)
    written(tmp_path / "lab", found.files)
    assert [(row.id, row.points) for row in found.rows] == [("cell-2", 0.5), ("cell-2-hidden", 0.5)]
    assert notes(found, "doubt") == ["cell 2: says nothing of points; it has 1 here"]


def test_tests_worth_nothing_are_told():
    found = made([*CELLS, checked("free", 0, "assert mean([1]) == 1")])
    assert notes(found, "told") == ["cell 8: free is worth 0 points, so it is no criterion"]


def test_a_number_as_result_is_a_doubt():
    found = made([*CELLS, checked("part", 2, "mean([1, 3]) / 2", shows="1.0")])
    assert any("a part of the points" in note for note in notes(found, "doubt"))


def test_tests_made_by_running_are_lost_and_told():
    found = made([*CELLS, checked("auto", 2, "### AUTOTEST mean([1])")])
    assert notes(found, "lost") == [
        "cell 8: has AUTOTEST lines, which are turned into tests by running them; write them as assertions"
    ]


WRONG = {
    "not closed": (["x = 1", "### BEGIN SOLUTION\nx = 2"], "cell 2, line 1: the SOLUTION region is never closed"),
    "not opened": (
        ["x = 1\n### END SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION"],
        "cell 1, line 2: END SOLUTION stands in no region",
    ),
    "in itself": (
        ["### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION"],
        "cell 1, line 2: BEGIN SOLUTION stands inside the SOLUTION region that line 1",
    ),
    "crossing": (
        ["### BEGIN SOLUTION\n### BEGIN HIDDEN TESTS\n### END SOLUTION\n### END HIDDEN TESTS"],
        "cell 1, line 2: BEGIN HIDDEN TESTS stands inside",
    ),
    "closed by another": (
        ["### BEGIN HIDDEN TESTS\nassert x\n### END SOLUTION"],
        "cell 1, line 3: END SOLUTION stands in the HIDDEN TESTS region",
    ),
    "both in one": (
        ["### BEGIN SOLUTION\nx = 1\n### END SOLUTION\n### BEGIN HIDDEN TESTS\nassert x\n### END HIDDEN TESTS"],
        "cell 1: one cell holds a solution and hidden tests",
    ),
    "nearly a mark": (
        ["### BEGIN SOLUTION\nx = 1\n### END SOLUTION", "# begin solution\ny = 3"],
        "cell 2, line 1: '# begin solution' looks like the mark",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_marks_that_make_no_sense_are_refused_with_cell_and_line(case):
    cells, says = WRONG[case]
    with pytest.raises(BadInput) as refused:
        read_assignment(notebook([code(source) for source in cells]), "lab.ipynb")
    assert str(refused.value).startswith(says)
    assert refused.value.fix


def test_two_cells_of_one_id_are_refused():
    with pytest.raises(BadInput, match="cell 8: the id 'why' is that of cell 6 too"):
        made([*CELLS, checked("why", 1, "assert 1")])


def test_points_on_text_that_is_no_answer_are_refused():
    with pytest.raises(BadInput, match="cell 8: a Markdown cell with points is no answer"):
        made([*CELLS, markdown("Read this.", **nbgrader("read", grade=True, points=1))])


def test_a_picture_in_a_marking_scheme_is_refused():
    text = "Draw.\n=== BEGIN MARK SCHEME ===\n![so](attachment:so.png)\n=== END MARK SCHEME ==="
    with pytest.raises(BadInput, match="a picture attached to the marking scheme"):
        made([*CELLS, markdown(text, **nbgrader("d", task=True, locked=True, points=1))])


def test_pictures_of_an_answer_do_not_reach_the_student():
    png = "iVBORw0KGgo="
    cell = markdown("![so](attachment:so.png)", **nbgrader("fig", grade=True, solution=True, points=1))
    found = made([*CELLS, {**cell, "attachments": {"so.png": {"image/png": png}}}])
    assert png.encode() in found.files["examples/reference/lab.ipynb"]
    assert png.encode() not in found.files["starter/lab.ipynb"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"no json", "not a valid notebook"),
        (notebook([code("x = 1")]), "no marks of nbgrader or of Otter Assign"),
        (notebook(CELLS, kernelspec={"name": "ir", "language": "R", "display_name": "R"}), "its language is r"),
        (notebook([solution("x", "x = 1")]), None),
    ],
)
def test_what_cannot_be_a_suite_is_refused(content, says):
    def convert():
        return make_suite(read_assignment(content, "lab.ipynb"), "lab", "", "python-ml", {})

    with pytest.raises(BadInput, match=says or "nothing in the notebook can be judged"):
        convert()
