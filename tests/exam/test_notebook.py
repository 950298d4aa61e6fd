"""Notebooks: executed beside the student's code, judged from the examiner."""

from __future__ import annotations

import json

import pytest
from exams import results, statuses
from notebooks import code, hold_notebook, markdown, notebook_suite

PLAIN = """
def test_data(submission):
    n = submission.notebook
    assert n["numbers"] == [1, 2, 3]
    assert type(n["numbers"]) is list
    assert "numbers" in n and "nothing" not in n

def test_function(submission):
    double = submission.notebook["double"]
    assert double(4) == 8
    assert submission.notebook["double"]([1]) == [1, 1]

def test_object(submission):
    model = submission.notebook["model"]
    assert model.fit([1, 2]) is model
    assert model.seen == [1, 2]
    assert model != [1, 2]

def test_class(submission):
    Model = submission.notebook["Model"]
    assert Model().fit([3]).seen == [3]
    assert isinstance(submission.notebook["model"], Model)
"""
CELLS = [
    markdown("# Title"),
    "numbers = [1, 2]\nnumbers.append(3)",
    "def double(x):\n    return x * 2",
    """
    class Model:
        def fit(self, values):
            self.seen = list(values)
            return self
    model = Model()
    """,
]


def test_variables_functions_objects_and_classes(tmp_path):
    report, kept = hold_notebook(notebook_suite(tmp_path, PLAIN), CELLS)
    assert statuses(report) == dict.fromkeys(["test_data", "test_function", "test_object", "test_class"], "passed")
    assert report.points == 10
    assert report.notebook is not None
    assert (report.notebook.status, report.notebook.failed, report.notebook.cells) == ("done", [], 4)
    executed = json.loads(kept["notebook.ipynb"])
    assert [c.get("execution_count") for c in executed["cells"]] == [None, 1, 2, 3]


def test_frames_and_arrays_come_by_value(tmp_path):
    tests = """
    import numpy as np
    import pandas as pd

    def test_frame(submission):
        df = submission.notebook["df"]
        assert isinstance(df, pd.DataFrame)
        assert df["a"].tolist() == [1, 2]

    def test_array(submission):
        a = submission.notebook["a"]
        assert type(a) is np.ndarray and a.shape == (2, 2)
    """
    cells = ["import numpy as np, pandas as pd", "df = pd.DataFrame({'a': [1, 2]})", "a = np.eye(2)"]
    report, _ = hold_notebook(notebook_suite(tmp_path, tests), cells)
    assert report.points == 10, results(report)


LOOKS = """
def test_text(submission):
    n = submission.notebook
    assert n.cells[1].stdout == "hello\\n"
    assert n.by_tag("answer-1")[0].text == "hello\\n42"
    assert [o.kind for o in n.cells[1].outputs] == ["stream", "execute_result"]
    assert "hello" in n.text

def test_markdown(submission):
    n = submission.notebook
    assert n.markdown == "# Title\\n\\nBecause."
    assert n.by_tag("why")[0].source == "Because."
    assert [c.type for c in n.cells] == ["markdown", "code", "code", "markdown"]

def test_figure(submission):
    (png,) = submission.notebook.figures
    assert png.startswith(b"\\x89PNG")
    assert submission.notebook.by_tag("plot")[0].figures == [png]

"""


def test_outputs_figures_and_markdown(tmp_path):
    cells = [
        markdown("# Title"),
        code("print('hello')\n42", "answer-1"),
        code("import matplotlib.pyplot as plt\nplt.plot([1, 2]);", "plot"),
        markdown("Because.", "why"),
    ]
    report, _ = hold_notebook(notebook_suite(tmp_path, LOOKS), cells)
    assert set(statuses(report).values()) == {"passed"}, results(report)
    assert results(report)["test_figure"].cells == [2]
    assert results(report)["test_text"].cells == [0, 1, 2, 3]


ANY = """
def test_first(submission):
    assert submission.notebook["first"] == 1

def test_last(submission):
    assert submission.notebook["last"] == 3
"""


def test_a_failure_stops_and_says_where(tmp_path):
    report, _ = hold_notebook(notebook_suite(tmp_path, ANY), ["first = 1", "first + missing", "last = 3"])
    assert statuses(report) == {"test_first": "passed", "test_last": "failed"}
    found = report.notebook
    assert found is not None
    assert (found.status, found.failed) == ("failed", [1])
    assert found.message.startswith("cell 2: NameError: name 'missing' is not defined")
    assert "first + missing" in found.message
    assert "cell 2: NameError" in results(report)["test_last"].message


def test_a_failure_is_passed_over_when_the_rubric_says_so(tmp_path):
    suite = notebook_suite(tmp_path, ANY, spec="on_error: continue")
    report, _ = hold_notebook(suite, ["first = 1", "1/0", "last = 3", "int('x')"])
    assert statuses(report) == {"test_first": "passed", "test_last": "passed"}
    assert report.notebook is not None
    assert (report.notebook.status, report.notebook.failed) == ("failed", [1, 3])


def test_a_cell_that_may_fail(tmp_path):
    report, _ = hold_notebook(notebook_suite(tmp_path, ANY), ["first = 1", code("1/0", "raises-exception"), "last = 3"])
    assert report.points == 10
    assert report.notebook is not None
    assert report.notebook.status == "done"


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("input('name?')", "a notebook has no keyboard"),
        ("%pip install nosuchpackage", "packages cannot be installed"),
        ("!pip install nosuchpackage==1.0", "packages cannot be installed"),
        ("import nosuchmodule", "ModuleNotFoundError"),
        ("import sys; sys.exit(0)", "SystemExit"),
        ("x = = 1", "SyntaxError"),
        ("while True: pass", "the time is used up: the cell has 2 seconds"),
        ("import time; time.sleep(60)", "the time is used up: the cell has 2 seconds"),
    ],
)
def test_cells_that_cannot_work_fail_at_once_and_clearly(tmp_path, cell, says):
    report, _ = hold_notebook(notebook_suite(tmp_path, ANY, spec="timeout: 2"), ["first = 1", cell, "last = 3"])
    assert statuses(report) == {"test_first": "passed", "test_last": "failed"}
    assert report.notebook is not None
    assert report.notebook.failed == [1]
    assert says in report.notebook.message


def test_the_whole_notebook_has_a_time_too(tmp_path):
    suite = notebook_suite(tmp_path, ANY, spec="timeout: 30, on_error: continue", time=12)
    report, _ = hold_notebook(suite, ["first = 1", "while True: pass", "last = 3"])
    assert report.notebook is not None
    assert report.notebook.status == "timeout"
    assert "the notebook as a whole has 9 seconds" in report.notebook.message
    assert statuses(report)["test_first"] == "passed"


@pytest.mark.parametrize("cell", ["import os; os._exit(0)", "import os, signal; os.kill(os.getpid(), 9)"])
def test_a_notebook_that_ends_its_process(tmp_path, cell):
    tests = ANY + "\ndef test_other(submission):\n    assert submission.read('data.txt') == b'1'\n"
    suite = notebook_suite(tmp_path, tests)
    report, _ = hold_notebook(suite, ["first = 1", cell], files={"data.txt": b"1"})
    assert statuses(report) == {"test_first": "failed", "test_last": "failed", "test_other": "passed"}
    assert report.notebook is not None
    assert "could not be executed to its end" in report.notebook.message


def test_helpers_and_data_beside_the_notebook(tmp_path):
    cells = ["import helper\nfirst = helper.one()", "last = int(open('data.txt').read())"]
    files = {"work/helper.py": b"def one():\n    return 1\n", "work/data.txt": b"3"}
    suite = notebook_suite(tmp_path, ANY, spec="path: work/a.ipynb")
    report, _ = hold_notebook(suite, cells, files=files, path="work/a.ipynb")
    assert report.points == 10, results(report)


def test_stored_outputs_count_for_nothing(tmp_path):
    tests = "def test_it(submission):\n    assert submission.notebook.cells[0].text == '42'\n"
    cell = code("pass")
    cell["execution_count"] = 1
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "42"}]
    report, kept = hold_notebook(notebook_suite(tmp_path, tests), [cell])
    assert report.points == 0
    assert json.loads(kept["notebook.ipynb"])["cells"][0]["outputs"] == []


CELL_CRITERIA = """\
  - {id: shows, title: Shows it, points: 4, cells: {tag: plot, figure: true}}
  - {id: says-42, title: Says 42, points: 3, cells: {tag: answer, type: code, output: "4[0-9]"}}
  - {id: explains, title: Explains it, points: 2, cells: {tag: why, type: markdown, min_words: 3}}
  - id: review
    title: Read by a person
    points: 1
    review: {cell: why, levels: [{name: bad, points: 0}, {name: good, points: 1}]}
"""


def cell_points(tmp_path, cells, **options):
    suite = notebook_suite(tmp_path, "", criteria=CELL_CRITERIA, **options)
    report, _ = hold_notebook(suite, cells)
    return [c.points for c in report.criteria], report


def test_criteria_on_cells(tmp_path):
    plot = code("import matplotlib.pyplot as plt\nplt.plot([1]);", "plot")
    cells = [plot, code("40 + 2", "answer"), markdown("Because it is.", "why")]
    points, report = cell_points(tmp_path, cells)
    assert points == [4, 3, 2, 0], report
    assert [c.cells for c in report.criteria] == [[0], [1], [2], [2]]
    assert report.criteria[3].status == "pending"


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ([], ["no cell tagged 'plot'", "no cell tagged 'answer'", "no cell tagged 'why'"]),
        (
            [code("", "plot"), markdown("42 words", "answer"), markdown("Because.", "why")],
            ["is empty", "is a markdown cell", "hold 1 words"],
        ),
        (
            [code("1", "plot"), code("1/0", "answer"), code("# because it is so", "why")],
            ["no figure", "cell 2 failed: ZeroDivisionError", "is a code cell"],
        ),
        (
            [code("1/0"), code("1", "plot"), code("42", "answer")],
            ["cell 2 was not executed", "cell 3 was not executed", "no cell tagged 'why'"],
        ),
    ],
)
def test_criteria_on_cells_that_are_not_so(tmp_path, cells, says):
    points, report = cell_points(tmp_path, cells)
    assert points == [0, 0, 0, 0]
    for criterion, text in zip(report.criteria, says, strict=False):
        assert text in criterion.tests[0].message


def test_the_tests_are_never_in_the_kernel(tmp_path):
    cells = [
        """
        import gc, sys
        first = int(not any("pytest" in name or name.startswith("test_") for name in sys.modules))
        found = [o for o in gc.get_objects() if isinstance(o, str) and "s3cret_expectation" in o]
        last = 3 if len(found) == 0 else 0
        """
    ]
    report, _ = hold_notebook(notebook_suite(tmp_path, ANY + "\n# s3cret_expectation\n"), cells)
    assert report.points == 10
