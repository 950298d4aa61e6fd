"""What authors of suites import and the fixtures they ask for."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from exams import hold, results, small_suite

from grader.exam.sdk import assert_close, assert_shows, finite, make_rng, seed_bytes

NAN, INF = math.nan, math.inf
FRAME = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]})
SERIES = pd.Series([1.0, 2.0], name="s")

CLOSE = [
    (1, 1.0),
    (1.0 + 1e-12, 1),
    (0.1 + 0.2, 0.3),
    (NAN, NAN),
    (INF, INF),
    (-INF, -INF),
    (1 + 1e-9j, 1 + 0j),
    (np.float64(2), 2),
    (2, np.float32(2)),
    (10**400, 10**400),
    (True, True),
    ("a", "a"),
    (None, None),
    ([1, 2.0], [1.0, 2]),
    ((1, 2), [1, 2]),
    (np.array([1, 2]), [1, 2]),
    ([], []),
    ({"a": [1.0]}, {"a": [1]}),
    ([[1, 2], [3, 4]], np.array([[1, 2], [3, 4]])),
    (np.array([1.0, NAN, INF]), np.array([1.0, NAN, INF])),
    (np.array(["a"]), np.array(["a"])),
    (np.array([True]), np.array([True])),
    (np.zeros((0, 3)), np.zeros((0, 3))),
    (FRAME.copy(), FRAME),
    (SERIES + 1e-12, SERIES),
    (pd.Index([1, 2]), pd.Index([1, 2])),
    (pd.Index(["a"]), pd.Index(["a"])),
    (pd.Timestamp(1), pd.Timestamp(1)),
]
FAR = [
    (1.1, 1),
    (NAN, 1.0),
    (1.0, NAN),
    (5.0, INF),
    (-INF, INF),
    (INF, 1.0),
    (1e308, INF),
    (True, 1),
    (1, True),
    (1.0, False),
    (np.True_, 1),
    ("1", 1),
    (1, "1"),
    (None, 0),
    (0, None),
    (10**400, 1.0),
    ([1], 1),
    (np.array([1]), 1),
    (1j, 0),
    ([1, 2], [1, 2, 3]),
    ([1, 2, 3], [1, 2]),
    ([], [1]),
    ([1], []),
    ("ab", ["a", "b"]),
    ({1, 2}, [1, 2]),
    ({"a": 1}, {"a": 1, "b": 2}),
    ({"a": 1, "b": 2}, {"a": 1}),
    ([("a", 1)], {"a": 1}),
    ({"a": NAN}, {"a": 1.0}),
    ([[1, 2], [3]], np.array([[1, 2], [3, 4]])),
    ([1, 2], np.array([[1, 2]])),
    (np.array([1.0, NAN]), np.array([1.0, 2.0])),
    (np.array([1.0, 5.0]), np.array([1.0, INF])),
    (np.array([True, False]), np.array([1, 0])),
    (np.array([1, 0]), np.array([True, False])),
    (np.array(["1"]), np.array([1])),
    (np.array([1], dtype=object), np.array([1])),
    (np.zeros((0, 2)), np.zeros((0, 3))),
    (np.zeros(0), np.zeros(1)),
    (1.0, np.array([1.0])),
    (FRAME["a"], FRAME),
    (FRAME[["a"]], FRAME),
    (FRAME.rename(columns={"a": "c"}), FRAME),
    (FRAME.assign(a=[1.0, 2.1]), FRAME),
    (FRAME.iloc[:0], FRAME),
    ([1.0, 2.0], SERIES),
    (SERIES.rename("t"), SERIES),
    (SERIES.iloc[::-1], SERIES),
    (pd.Series([1, NAN], name="s"), SERIES),
    (pd.Index([1, 3]), pd.Index([1, 2])),
    ([1, 2], pd.Index([1, 2])),
    (pd.Index(["b"]), pd.Index(["a"])),
]


@pytest.mark.parametrize(("got", "expected"), CLOSE, ids=range(len(CLOSE)))
def test_close_values_are_close(got: Any, expected: Any) -> None:
    assert_close(got, expected)


@pytest.mark.parametrize(("got", "expected"), FAR, ids=range(len(FAR)))
def test_other_values_are_not_close_and_the_message_says_which(got: Any, expected: Any) -> None:
    with pytest.raises(AssertionError, match="result"):
        assert_close(got, expected)


def test_tolerances_are_the_authors() -> None:
    assert_close([1.0, 2.05], [1, 2], atol=0.1)
    assert_close({"a": np.array([105.0])}, {"a": np.array([100.0])}, rtol=0.1)
    with pytest.raises(AssertionError, match=r"result\['a'\]\[1\] is 2\.05, expected 2"):
        assert_close({"a": [1, 2.05]}, {"a": [1, 2]})


def test_a_seed_depends_on_secret_submission_rubric_and_test() -> None:
    seeds = {seed_bytes(b"k", "s", "r", "t"), seed_bytes(b"K", "s", "r", "t"), seed_bytes(b"k", "S", "r", "t")}
    seeds |= {seed_bytes(b"k", "s", "R", "t"), seed_bytes(b"k", "s", "r", "T")}

    assert len(seeds) == 5
    assert {len(s) for s in seeds} == {32}
    assert seed_bytes(b"k", "s", "r", "t") in seeds


def test_a_generator_repeats_for_a_seed_and_is_numpys_where_numpy_is(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, other = (make_rng(s * 32) for s in (b"a", b"a", b"b"))
    assert isinstance(first, np.random.Generator)
    draws = [list(g.integers(0, 1000, 5)) for g in (first, second, other)]
    assert draws[0] == draws[1] != draws[2]

    monkeypatch.setitem(__import__("sys").modules, "numpy", None)
    assert isinstance(make_rng(b"a" * 32), random.Random)


@pytest.mark.parametrize("value", [NAN, INF, -INF])
def test_a_metric_is_a_finite_number(value: float) -> None:
    assert finite("m", 2) == 2.0
    with pytest.raises(AssertionError, match="the metric m is"):
        finite("m", value)


TESTS = """
    import sys, time
    import pytest
    from grader.exam.sdk import assert_close
    from solution import Liar, score, draws_seen
    def test_metric(metric): metric("rmse", score(1))
    def test_metric_nan(metric): metric("rmse", score(float("nan")))
    def test_metric_of_a_failed_test(metric):
        metric("rmse", score(1))
        assert False
    def test_rng(rng, metric): metric("draw", float(rng.random()))
    def test_rng_again(rng, metric): metric("draw", float(rng.random()))
    def test_data(data): assert (data / "x.csv").read_text() == "1,2"
    def test_data_is_not_the_students(submission):
        with pytest.raises(OSError):
            submission.read("data/x.csv")
    def test_stand_in_is_never_close():
        for expected in (1, "x", [1], {"a": 1}, None, True):
            with pytest.raises(AssertionError, match="object of the submission"):
                assert_close(Liar(), expected)
        with pytest.raises(AssertionError, match="object of the submission"):
            assert_close([1, Liar()], [1, 2])
    def test_stdin(submission):
        done = submission.run(["python", "echo.py"], stdin="a\\nb\\n")
        assert (done.returncode, done.stdout, done.stderr) == (3, "A\\nB\\n", "bye\\n")
        assert 0 < done.seconds < 10
    def test_arguments(submission):
        done = submission.run([sys.executable and "python3", "-m", "tool", "x y"], env={"GREETING": "hi"})
        assert (done.returncode, done.stdout) == (0, "['x y'] hi\\n")
    def test_time_out(submission):
        done = submission.run(["python", "-c", "import time; print('started', flush=True); time.sleep(60)"], timeout=1)
        assert done.returncode is None and done.stdout == "started\\n"
    def test_missing_program(submission):
        with pytest.raises(FileNotFoundError):
            submission.run(["./nowhere"])
        assert submission.run(["python", "nowhere.py"]).returncode == 2
    def test_odd_bytes(submission):
        assert submission.run(["python", "-c", "import os; os.write(1, bytes([255, 65]))"]).stdout == "\\\\xffA"
    def test_files(submission):
        assert submission.files == ["echo.py", "solution.py", "tool.py"]
        assert submission.read("tool.py").startswith(b"import")
        with pytest.raises(OSError):
            submission.read("nowhere")
    def test_written_file(submission):
        submission.run(["python", "-c", "open('out.txt', 'w').write('done')"])
        assert submission.read("out.txt") == b"done"
    def test_call(submission):
        assert submission.call("solution:score", 4) == 4 and submission.call("solution:Liar.make", k=2) == 2
    def test_call_async(submission):
        assert submission.call_async("solution:soon", 2) == 4
        with pytest.raises(KeyError):
            submission.call_async("solution:soon", None)
"""
FILES = {
    "solution.py": """
        import asyncio
        class Liar:
            def __eq__(self, other): return True
            def __sub__(self, other): return self
            __rsub__ = __sub__
            def __abs__(self): return 0
            def __len__(self): return 1
            dtype = type("D", (), {"kind": "f"})
            ndim = 0
            @staticmethod
            def make(k): return k
        def score(x): return x
        draws_seen = []
        async def soon(n):
            await asyncio.sleep(0)
            if n is None: raise KeyError("n")
            return 2 * n
    """,
    "echo.py": "import sys\nsys.stdout.write(sys.stdin.read().upper())\nprint('bye', file=sys.stderr)\nsys.exit(3)\n",
    "tool.py": "import os, sys\nprint(sys.argv[1:], os.environ['GREETING'])\n",
}
CRITERIA = """\
  - {id: all, title: All, points: 1, tests: tests/test_small.py}
"""
for _id, _test in (("good", "test_metric"), ("nan", "test_metric_nan"), ("lost", "test_metric_of_a_failed_test")):
    _bands = "[{at: 2, points: 3}, {at: 1, points: 5}]"
    _metric = f"{{test: 'tests/test_small.py::{_test}', name: rmse, goal: lower, bands: {_bands}}}"
    CRITERIA += f"  - {{id: {_id}, title: T, points: 5, metric: {_metric}}}\n"


def test_the_fixtures_work_in_an_exam(tmp_path: Path) -> None:
    suite = small_suite(tmp_path, TESTS, criteria=CRITERIA, files={"data/x.csv": "1,2"})
    report = hold(suite, FILES)
    found = results(report)

    wrong = {n: t.message for n, t in found.items() if t.status != "passed"}
    assert set(wrong) == {"test_metric_nan", "test_metric_of_a_failed_test"}
    assert "not a finite number" in wrong["test_metric_nan"]
    assert {c.id: c.points for c in report.criteria if c.id != "all"} == {"good": 5, "nan": 0, "lost": 0}


RANDOM = """
    from solution import note
    def test_rng(rng): note(rng.random())
    def test_more(rng): note(rng.random())
"""


def test_random_inputs_repeat_for_one_submission_and_differ_for_another(tmp_path: Path) -> None:
    suite = small_suite(tmp_path, RANDOM)
    solution = "def note(x): print(x)\n"
    draws = [{n: t.output for n, t in results(hold(suite, s)).items()} for s in (solution, solution, solution + "#\n")]

    assert draws[0] == draws[1]
    assert draws[0]["test_rng"] != draws[0]["test_more"]
    assert draws[0]["test_rng"] != draws[2]["test_rng"]
    assert all(float(text) < 1 for text in draws[0].values())


@pytest.mark.parametrize(
    ("got", "text"),
    [
        (6, "6"),
        (True, "True"),
        (np.bool_(True), "True"),
        (np.float64(2.5), "2.5"),
        (np.float64(2.5), "np.float64(2.5)"),
        (np.array([1, 2]), "array([1, 2])"),
        ("a", "'a'"),
        (pd.DataFrame({"a": [1]}), "   a\n0  1"),
        (None, "None"),
    ],
)
def test_what_is_shown_as_the_text(got: Any, text: str) -> None:
    assert_shows(got, text)


@pytest.mark.parametrize(
    ("got", "text"), [(1, "True"), (6.0, "6"), ("6", "6"), (np.array(["True"]), "True"), ([], "()")]
)
def test_what_is_shown_otherwise(got: Any, text: str) -> None:
    with pytest.raises(AssertionError, match="shows as"):
        assert_shows(got, text)


def test_an_object_of_the_submission_cannot_show_what_it_likes(tmp_path: Path) -> None:
    tests = """
    from grader.exam.sdk import assert_shows
    from solution import Liar, Text

    def test_an_object():
        assert_shows(Liar(), "True")

    def test_a_subclass_of_data():
        assert_shows(Text("no"), "True")
    """
    solution = """
    class Liar:
        def __repr__(self):
            return "True"

    class Text(str):
        def __repr__(self):
            return "True"
    """
    report = hold(small_suite(tmp_path, tests), solution)
    found = results(report)
    assert {test.status for test in found.values()} == {"failed"}
    assert "expected data" in found["test_an_object"].message
