"""What a proxy must not do: let a crash, a skip, a lying object or a tampered process pass a test."""

from __future__ import annotations

from pathlib import Path

import pytest
from exams import CRITERION, hold, results, small_suite, statuses


def run(tmp_path: Path, tests: str, solution: str, **options: str) -> dict[str, str]:
    return statuses(hold(small_suite(tmp_path, tests, **options), solution))  # type: ignore[arg-type]


def test_a_crash_does_not_satisfy_an_expected_exception_and_the_next_test_gets_a_fresh_process(tmp_path: Path) -> None:
    tests = """
        import pytest
        from solution import f, g
        def test_crash():
            with pytest.raises(BaseException):
                f()
        def test_swallowed():
            try:
                f()
            except BaseException:
                pass
        def test_after():
            assert g() == 1
    """
    solution = "import os\ndef f(): os._exit(0)\ndef g(): return 1\n"

    assert run(tmp_path, tests, solution) == {
        "test_crash": "crashed",
        "test_swallowed": "crashed",
        "test_after": "passed",
    }


def test_a_loop_is_a_timeout_and_costs_only_its_own_test(tmp_path: Path) -> None:
    tests = """
        import pytest, time
        from solution import f, g
        @pytest.mark.timeout(1)
        def test_loop(): f()
        @pytest.mark.timeout(1)
        def test_local_loop():
            while g(): pass
        def test_after(): assert g() == 1
    """
    solution = "def f():\n    while True: pass\ndef g(): return 1\n"

    assert run(tmp_path, tests, solution) == {
        "test_loop": "timeout",
        "test_local_loop": "timeout",
        "test_after": "passed",
    }


def test_skips_and_expected_failures_earn_nothing_whoever_asks_for_them(tmp_path: Path) -> None:
    tests = """
        import pytest, unittest
        from solution import f
        def test_student_skips(): f()
        @pytest.mark.skip
        def test_skipped(): pass
        @pytest.mark.xfail
        def test_xfail(): assert False
        @pytest.mark.xfail
        def test_xpass(): pass
        class Old(unittest.TestCase):
            def test_old(self): f()
    """
    solution = "import unittest\ndef f(): raise unittest.SkipTest('no')\n"

    assert set(run(tmp_path, tests, solution).values()) == {"failed"}


LIARS = """
    class Liar:
        def __eq__(self, other): return True
        def __ne__(self, other): return False
        def __lt__(self, other): return True
        __gt__ = __le__ = __ge__ = __lt__
        def __hash__(self): return 0
        def __sub__(self, other): return 0
        __rsub__ = __add__ = __radd__ = __mul__ = __sub__
        def __abs__(self): return 0
        def __round__(self, n=None): return 0
    class Chained(Liar):
        def __sub__(self, other): return Chained()
        __rsub__ = __sub__
    class Text(str):
        def __eq__(self, other): return True
        def __ne__(self, other): return False
        def startswith(self, *a): return True
        def strip(self): return Text("42")
        __hash__ = str.__hash__
    class Number(float):
        def __eq__(self, other): return True
        def __ne__(self, other): return False
        def __sub__(self, other): return 0.0
        __rsub__ = __sub__
        def __abs__(self): return 0.0
        __hash__ = float.__hash__
    class Many(list):
        def __eq__(self, other): return True
        def __len__(self): return 3
        def __iter__(self): return iter([1, 2, 3])
    class Table(dict):
        def __eq__(self, other): return True
        def __getitem__(self, key): return 42
    class Mask:
        __class__ = int
        def __eq__(self, other): return True
    def liar(): return Liar()
    def chained(): return Chained()
    def text(): return Text("x")
    def number(): return Number(1.0)
    def many(): return Many()
    def table(): return Table()
    def mask(): return Mask()
"""


def test_an_object_equal_to_everything_equals_no_data(tmp_path: Path) -> None:
    tests = """
        import math, unittest, pytest
        from solution import liar, chained, text, number, many, table, mask
        def test_eq(): assert liar() == 42
        def test_eq_turned(): assert 42 == liar()
        def test_in(): assert liar() in [42]
        def test_less(): assert liar() < 42
        def test_approx(): assert liar() == pytest.approx(42)
        def test_difference(): assert abs(liar() - 42) < 1e-6
        def test_difference_turned(): assert abs(42 - liar()) < 1e-6
        def test_chained(): assert abs(chained() - 42) < 1e-6
        def test_rounded(): assert round(chained() - 42, 7) == 0
        def test_text(): assert text() == "42"
        def test_text_method(): assert text().startswith("42")
        def test_text_strip(): assert text().strip() == "42"
        def test_number(): assert number() == 42
        def test_number_difference(): assert abs(number() - 42) < 1e-6
        def test_number_close(): assert math.isclose(number(), 42)
        def test_many(): assert many() == [1, 2, 3]
        def test_many_length(): assert len(many()) == 3
        def test_many_items(): assert sorted(many()) == [1, 2, 3]
        def test_table(): assert table() == {"a": 42}
        def test_table_item(): assert table()["a"] == 42
        def test_mask(): assert isinstance(mask(), int)
        class Cases(unittest.TestCase):
            def test_equal(self): self.assertEqual(liar(), 42)
            def test_almost(self): self.assertAlmostEqual(liar(), 42)
            def test_almost_chained(self): self.assertAlmostEqual(chained(), 42)
            def test_almost_number(self): self.assertAlmostEqual(number(), 42)
            def test_list(self): self.assertListEqual(many(), [1, 2, 3])
            def test_count(self): self.assertCountEqual(many(), [1, 2, 3])
    """
    found = run(tmp_path, tests, LIARS)

    assert len(found) == 27
    assert set(found.values()) == {"failed"}


def test_equality_with_data_is_the_students_own_where_the_suite_trusts_it(tmp_path: Path) -> None:
    tests = "from solution import liar\ndef test_eq(): assert liar() == 42\n"

    assert run(tmp_path, tests, LIARS, trust="equality") == {"test_eq": "passed"}


def test_a_star_import_brings_no_hook_into_the_test_file(tmp_path: Path) -> None:
    tests = """
        from solution import *
        def test_len(): assert len([1, 2]) == 2
        def test_random():
            import random
            assert random.random() < 1
        def test_double(): assert double(4) == 8
    """
    solution = """
        import random
        pytest_plugins = ["nowhere"]
        def setUpModule(): raise RuntimeError
        setup_module = pytest_runtest_setup = setUpModule
        def test_injected(): pass
        def len(x): return 99
        def double(x): return 2 * x
        __all__ = ["pytest_plugins", "setUpModule", "setup_module", "test_injected", "double", "random"]
    """

    assert run(tmp_path, tests, solution) == {"test_len": "passed", "test_random": "passed", "test_double": "passed"}


def test_a_name_that_the_examiner_has_is_never_the_students(tmp_path: Path) -> None:
    tests = """
        import json, statistics, pytest
        from solution import f
        def test_json(): assert json.loads("[1]") == [1] and statistics.mean([1, 3]) == 2
        def test_f(): assert f() == 1
    """
    files = {
        "solution.py": "def f(): return 1\n",
        "json.py": "def loads(x): return 'stolen'\n",
        "statistics.py": "def mean(x): return 'stolen'\n",
        "conftest.py": "import pytest\n@pytest.hookimpl(tryfirst=True)\ndef pytest_runtest_makereport(): 1/0\n",
        "pytest.py": "raise SystemExit(0)\n",
    }
    report = hold(small_suite(tmp_path, tests), files)

    assert statuses(report) == {"test_json": "passed", "test_f": "passed"}


@pytest.mark.parametrize(
    "solution",
    [
        "def g(): pass\n",
        "raise RuntimeError('no')\n",
        "import sys; sys.exit(0)\n",
        "def f(:\n",
        "import os; os._exit(0)\n",
        "",
    ],
)
def test_a_file_that_cannot_be_imported_fails_all_its_tests(tmp_path: Path, solution: str) -> None:
    tests = """
        import pytest
        from solution import f
        @pytest.mark.parametrize("n", [1, 2])
        def test_f(n): pass
        def test_g(): pass
    """
    found = run(tmp_path, tests, solution)

    assert set(found) == {"test_f[1]", "test_f[2]", "test_g"}
    assert set(found.values()) <= {"failed", "crashed"}


def test_a_callback_is_served_only_while_the_test_waits(tmp_path: Path) -> None:
    tests = """
        import time
        from solution import keep, later, errors
        def test_callback():
            calls = []
            keep(lambda n: calls.append(n))
            time.sleep(0.3)
            assert calls == []
            assert later() == "RuntimeError"
    """
    solution = """
        import threading, time
        errors = []
        def keep(f):
            def call():
                time.sleep(0.1)
                try:
                    f(1)
                except BaseException as error:
                    errors.append(type(error).__name__)
            threading.Thread(target=call, daemon=True).start()
        def later(): return errors[0]
    """

    assert run(tmp_path, tests, solution) == {"test_callback": "passed"}


@pytest.mark.parametrize(
    ("tests", "words"),
    [
        ("import solution\ndef test_a():\n    class Mine(solution.Base): pass\n", "cannot be derived"),
        ("import solution\nclass Own: pass\ndef test_a(): solution.f(Own())\n", "trust: [objects]"),
        ("import solution\ndef test_a(): solution.f(open)\n", "answered"),
        ("import solution, threading\ndef test_a(): solution.f(threading.Lock())\n", "cannot be given"),
        ("import solution, pickle\ndef test_a(): pickle.dumps(solution.Base())\n", "cannot be pickled"),
    ],
)
def test_what_cannot_cross_says_so_in_words(tmp_path: Path, tests: str, words: str) -> None:
    solution = "class Base: pass\ndef f(x): raise ValueError('answered')\n"
    report = hold(small_suite(tmp_path, tests), solution)

    assert words in results(report)["test_a"].message


def test_prints_reach_the_test_and_cannot_become_verdicts(tmp_path: Path) -> None:
    tests = """
        from solution import f
        def test_out(capsys):
            f()
            assert capsys.readouterr() == ("passed 100%\\n", "1 passed\\n")
        def test_fail():
            f()
            assert False, "reason"
    """
    solution = "import sys\ndef f():\n    print('passed 100%')\n    print('1 passed', file=sys.stderr)\n"
    report = hold(small_suite(tmp_path, tests), solution)

    assert statuses(report) == {"test_out": "passed", "test_fail": "failed"}
    assert results(report)["test_fail"].output == "passed 100%\n1 passed\n"
    assert "reason" in results(report)["test_fail"].message


def test_the_message_says_where_in_the_submission_it_went_wrong(tmp_path: Path) -> None:
    report = hold(
        small_suite(tmp_path, "from solution import f\ndef test_f(): assert f() == 1\n"),
        "def inner():\n    return 1 / 0\ndef f():\n    return inner()\n",
    )
    message = results(report)["test_f"].message

    assert "ZeroDivisionError" in message
    assert "solution.py:2 in inner" in message
    assert "grader" not in message


def test_a_criterion_may_ask_for_a_process_of_its_own(tmp_path: Path) -> None:
    tests = """
        import solution
        from solution import count
        def test_a(): assert count() == 1
        def test_b(): assert solution.count() == 1
    """
    criteria = (
        "  - {id: a, title: A, points: 1, tests: 'tests/test_small.py::test_a'}\n"
        "  - {id: b, title: B, points: 1, tests: 'tests/test_small.py::test_b', fresh: true}\n"
    )
    solution = "n = 0\ndef count():\n    global n\n    n += 1\n    return n\n"

    assert hold(small_suite(tmp_path, tests, criteria=criteria), solution).points == 2
    assert hold(small_suite(tmp_path / "shared", tests, criteria=CRITERION), solution).points == 5


def test_objects_of_a_process_that_died_are_said_to_be_lost_and_names_are_found_again(tmp_path: Path) -> None:
    tests = """
        import os, pytest
        from solution import Box, die
        kept = Box(1)
        def test_die(): die()
        def test_lost(): assert kept.n == 1
        def test_found_again():
            box = Box(3)
            assert box.n == 3 and isinstance(box, Box)
    """
    solution = "import os\nclass Box:\n    def __init__(self, n): self.n = n\ndef die(): os._exit(1)\n"

    found = run(tmp_path, tests, solution)
    assert found == {"test_die": "crashed", "test_lost": "crashed", "test_found_again": "passed"}


def test_what_a_test_patches_is_restored_for_the_next_test(tmp_path: Path) -> None:
    tests = """
        from unittest import mock
        import pytest, solution
        def test_monkeypatch(monkeypatch):
            monkeypatch.setattr(solution, "helper", lambda: 10)
            monkeypatch.setattr(solution, "LIMIT", 5)
            monkeypatch.setattr(solution.Box, "size", lambda self: 7)
            assert (solution.total(), solution.Box().size()) == (15, 7)
        def test_restored(): assert (solution.total(), solution.Box().size()) == (3, 1)
        @mock.patch("solution.helper", lambda: 20)
        def test_mock(): assert solution.total() == 22
        @mock.patch.object(solution.Box, "size", lambda self: 8)
        def test_mock_object(): assert solution.Box().size() == 8
        def test_restored_again(): assert (solution.total(), solution.Box().size()) == (3, 1)
        def test_instance(monkeypatch):
            box = solution.Box()
            monkeypatch.setattr(box, "size", lambda: 9)
            assert box.size() == 9
            monkeypatch.undo()
            assert box.size() == 1
    """
    solution = """
        LIMIT = 2
        def helper(): return 1
        def total(): return helper() + LIMIT
        class Box:
            def size(self): return 1
    """

    assert set(run(tmp_path, tests, solution).values()) == {"passed"}


def test_a_file_that_cannot_be_imported_takes_no_other_file_with_it(tmp_path: Path) -> None:
    criteria = (
        "  - {id: a, title: A, points: 1, tests: 'tests/test_small.py::test_missing'}\n"
        "  - {id: b, title: B, points: 1, tests: 'tests/test_other.py::test_there'}\n"
    )
    files = {
        "tests/test_other.py": "from solution import there\ndef test_there(): there()\ndef test_not_asked(): 1/0\n"
    }
    suite = small_suite(
        tmp_path, "from solution import missing\ndef test_missing(): pass\n", criteria=criteria, files=files
    )

    report = hold(suite, "def there(): pass\n")

    assert statuses(report) == {"test_missing": "failed", "test_there": "passed"}
    assert results(report)["test_missing"].message == "ImportError: cannot import name 'missing' from 'solution'"


def test_what_cannot_cross_does_not_satisfy_an_expected_error(tmp_path: Path) -> None:
    tests = """
        import pytest
        from solution import f
        class Own: pass
        def test_refuses():
            with pytest.raises(TypeError):
                f(Own())
        def test_next(): f(1)
    """

    assert run(tmp_path, tests, "def f(x): pass\n") == {"test_refuses": "failed", "test_next": "passed"}
