"""Attacks found by reading the code that judges: each test names what a student's module tried."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

from exams import hold, results, small_suite, statuses

TRICKS = """
    class Same:
        "Arithmetic gives the object itself, so that nothing looks like a mixture with data."
        def __sub__(self, other): return self
        __rsub__ = __add__ = __radd__ = __isub__ = __sub__
        def __abs__(self): return 0
        def __round__(self, n=None): return 0
        def __float__(self): return 0.0
    class Steps:
        "Gives data only at the second step."
        def __sub__(self, other): return Steps()
        __rsub__ = __mul__ = __sub__
        def __abs__(self): return Steps()
        def __neg__(self): return Steps()
        def __round__(self, n=None): return 0
        def __float__(self): return 0.0
        def __pow__(self, n): return 0
    class Short:
        "Says it has three elements and gives none."
        def __len__(self): return 3
        def __iter__(self): return iter(())
        def __getitem__(self, i): raise IndexError
    class ShortList(list):
        def __len__(self): return 3
        def __iter__(self): return iter(())
    class Protocol:
        def __array_function__(self, func, types, args, kwargs): return True
        def __array_ufunc__(self, ufunc, method, *args, **kwargs): return True
        __array_priority__ = 1e9
    def same(): return Same()
    def steps(): return Steps()
    def short(): return Short()
    def protocol(): return Protocol()
    class answer(ShortList): pass
    class number(float):
        def __eq__(self, other): return True
        def __sub__(self, other): return self
        __rsub__ = __sub__
        def __abs__(self): return 0.0
        def __round__(self, n=None): return 0
    def plain(x):
        for _ in range(3): pass
        return x
    def takes_anything(x): return 1
    def swallow(f):
        try: f()
        except BaseException: pass
        return 1
"""


def test_no_object_wins_a_comparison_with_data(tmp_path: Path) -> None:
    tests = """
        import inspect, math, unittest, numpy as np, pytest
        from solution import same, steps, short, protocol, answer, number, plain, takes_anything, swallow
        @pytest.mark.parametrize("make", [same, steps, number])
        class TestNumbers:
            def test_difference(self, make): assert abs(make() - 42) < 1e-6
            def test_turned(self, make): assert abs(42 - make()) < 1e-6
            def test_rounded(self, make): assert round(abs(make() - 42), 7) == 0
            def test_negated(self, make): assert round(-(make() - 42)) == 0
            def test_two_steps(self, make): assert round((make() - 42) * make()) == 0
            def test_float(self, make): assert float(make() - 42) == 0
            def test_relative(self, make): assert (make() - 42) ** 2 < 1
            def test_almost(self, make): unittest.TestCase().assertAlmostEqual(make(), 42)
            def test_almost_turned(self, make): unittest.TestCase().assertAlmostEqual(42, make())
            def test_delta(self, make): unittest.TestCase().assertAlmostEqual(make(), 42, delta=0.1)
            def test_approx(self, make): assert make() == pytest.approx(42)
            def test_close(self, make): assert np.isclose(make(), 42)
        @pytest.mark.parametrize("make", [short, answer])
        class TestSequences:
            def test_approx(self, make): assert make() == pytest.approx([1, 2, 3])
            def test_approx_turned(self, make): assert [1, 2, 3] == pytest.approx(make())
            def test_equal(self, make): assert make() == [1, 2, 3]
            def test_same(self, make): unittest.TestCase().assertSequenceEqual(make(), [1, 2, 3])
            def test_count(self, make): unittest.TestCase().assertCountEqual(make(), [1, 2, 3])
            def test_numpy(self, make): np.testing.assert_allclose(make(), [1, 2, 3])
        def test_allclose(): assert np.allclose(protocol(), [1, 2, 3])
        def test_array_equal(): assert np.array_equal(protocol(), [1, 2, 3])
        def test_testing(): np.testing.assert_array_equal(protocol(), [1, 2, 3])
        def test_ufunc(): assert np.equal(protocol(), 42)
        def test_source(): assert "for" not in inspect.getsource(plain)
        def test_source_lines(): assert len(inspect.getsourcelines(plain)[0]) < 4
        def test_object():
            with pytest.raises(TypeError):
                takes_anything(object())
        def test_fail_in_a_callback(): assert swallow(lambda: pytest.fail("called")) == 1
        def test_skip_in_a_callback(): assert swallow(lambda: pytest.skip("called")) == 1
    """
    found = results(hold(small_suite(tmp_path, tests), TRICKS))

    assert len(found) == 3 * 12 + 2 * 6 + 9
    assert {n: t.status for n, t in found.items() if t.status != "failed"} == {}
    assert "called" in found["test_fail_in_a_callback"].message


def test_honest_arithmetic_and_comparison_still_work(tmp_path: Path) -> None:
    tests = """
        import pytest
        from solution import Vec, Word, total, points
        def test_sum(): assert Vec((1, 2)) + (3, 4) == (4, 6)
        def test_in_place():
            box = total()
            box += 5
            assert int(box) == 5
        def test_word(): assert Word("A") == Word("a") and Word("A") != Word("b")
        def test_approx(): assert points() == pytest.approx([1, 2, 3]) and list(points()) == [1, 2, 3]
        def test_approx_nested(): assert {"a": points()[0]} == pytest.approx({"a": 1})
    """
    solution = """
        class Vec(tuple):
            def __add__(self, other): return Vec(a + b for a, b in zip(self, other))
        class Word(str):
            def __eq__(self, other): return self.lower() == other.lower()
            __hash__ = str.__hash__
        class Total:
            n = 0
            def __iadd__(self, k):
                self.n += k
                return self
            def __int__(self): return self.n
        def total(): return Total()
        class Points:
            def __len__(self): return 3
            def __getitem__(self, i): return [1, 2, 3][i]
            def __iter__(self): return iter([1, 2, 3])
        def points(): return Points()
    """
    assert set(statuses(hold(small_suite(tmp_path, tests), solution)).values()) == {"passed"}


def test_a_star_import_replaces_nothing_the_test_judges_with(tmp_path: Path) -> None:
    tests = """
        import math, unittest
        import numpy as np
        from pytest import approx
        from solution import *
        def test_math(): assert math.isclose(f(), 42)
        def test_numpy(): assert np.allclose(f(), 42)
        def test_approx(): assert f() == approx(42)
        def test_built_in(): assert abs(f() - 42) < 1
        def test_all(): assert all(x == 42 for x in [f()])
        class Case(unittest.TestCase):
            def test_case(self): self.assertEqual(f(), 42)
    """
    solution = """
        class math: isclose = staticmethod(lambda *a: True)
        class np: allclose = staticmethod(lambda *a: True)
        class unittest:
            class TestCase:
                def assertEqual(self, *a): pass
        def approx(x): return 1
        def abs(x): return 0
        def all(x): return True
        def f(): return 1
    """
    assert set(statuses(hold(small_suite(tmp_path, tests), solution)).values()) == {"failed"}


HIDDEN = """\
  - {id: a, title: A, points: 1, visibility: hidden, tests: 'tests/test_small.py::test_secret'}
  - {id: b, title: B, points: 1, tests: 'tests/test_small.py::test_open'}
"""


def test_inputs_of_a_hidden_test_are_not_there_to_be_printed_in_a_visible_one(tmp_path: Path) -> None:
    tests = """
        from solution import f
        def test_secret(): assert f("the hidden input") == 1
        def test_open(): assert f("the open input") == 1
    """
    solution = "seen = []\ndef f(x):\n    seen.append(x)\n    print(seen)\n    return 1\n"
    found = results(hold(small_suite(tmp_path, tests, criteria=HIDDEN), solution))

    assert found["test_open"].output == "['the open input']\n"


LIMITED = """
import pathlib, sys
from grader.exam.examiner import limit_memory
limit_memory([pathlib.Path(sys.argv[1])])
try:
    sorted(range(10**9))
except MemoryError:
    print("refused")
"""


def test_a_test_that_takes_all_the_memory_fails_and_the_examiner_lives(tmp_path: Path) -> None:
    file = tmp_path / "memory.max"
    file.write_text(str(300 * 1024 * 1024))
    done = subprocess.run([sys.executable, "-c", LIMITED, str(file)], capture_output=True, text=True, timeout=60)

    assert done.stdout == "refused\n"


def test_no_limit_is_set_where_the_container_has_none(tmp_path: Path) -> None:
    from grader.exam.examiner import limit_memory

    before = resource.getrlimit(resource.RLIMIT_DATA)
    (tmp_path / "memory.max").write_text("max\n")
    limit_memory([tmp_path / "memory.max"])
    limit_memory([tmp_path / "nowhere"])

    assert resource.getrlimit(resource.RLIMIT_DATA) == before


def test_generators_that_are_collected_start_no_conversation(tmp_path: Path) -> None:
    tests = """
        import gc
        from itertools import islice
        from solution import count
        def test_left_behind():
            loop = [count() for _ in range(50)]
            for g in loop: next(g)
            loop.append(loop)
            del loop, g
            assert gc.collect() >= 0
        def test_closed():
            g = count()
            next(g)
            g.close()
            assert count.closed == 1
        def test_after(): assert list(islice(count(), 3)) == [0, 1, 2]
    """
    solution = """
        def count():
            n = 0
            try:
                while True:
                    yield n
                    n += 1
            except GeneratorExit:
                count.closed += 1
        count.closed = -50
    """

    assert set(statuses(hold(small_suite(tmp_path, tests), solution)).values()) == {"passed"}
