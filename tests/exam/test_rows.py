"""Each row of what crosses between test and submission: a right solution passes its test, a wrong one fails it."""

from __future__ import annotations

from pathlib import Path

from exams import hold, results, small_suite, statuses

TESTS = """
    import copy, datetime, decimal, fractions, inspect, io, math, random, sys, unittest.mock, warnings
    from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
    import numpy as np, pandas as pd, pytest
    import solution
    from solution import *

    def test_plain_data():
        data = {"a": [1, 2.5, None, True, (1, "x"), {3, 4}, b"b", frozenset([5])], "deep": {"x": {"y": [[]]}}}
        assert same(data) == data and type(same(data)["a"][4]) is tuple
    def test_big_and_odd_numbers():
        assert same(10 ** 400) == 10 ** 400 and math.isnan(same(math.nan)) and same(-math.inf) == -math.inf
        assert same(1 + 2j) == 1 + 2j and same("\\ud800\\udc00 é") == "\\ud800\\udc00 é"
    def test_cycles_and_sharing():
        inner = [1]
        got = same([inner, inner])
        assert got[0] is got[1]
        loop = []
        loop.append(loop)
        got = same(loop)
        assert got is got[0]
    def test_constant(): assert LIMIT == 10 and solution.LIMIT == 10
    def test_built_in_exception():
        with pytest.raises(ValueError, match="negative: -1"):
            root(-1)
    def test_custom_exception():
        with pytest.raises(TooMuch) as found:
            withdraw(5)
        assert isinstance(found.value, ValueError) and found.value.missing == 5 and str(found.value) == "5 missing"
        assert found.value.args == (5,) and found.value.double() == 10
    def test_exception_cause():
        with pytest.raises(RuntimeError) as found:
            chained()
        assert isinstance(found.value.__cause__, KeyError)
    def test_instance():
        box = Box(3)
        assert isinstance(box, Box) and box.n == 3 and box.twice() == 6 and box.half == 1.5
        assert isinstance(Small(1), Box) and Small.make(4).n == 4 and Box.count(1, 2) == 2
    def test_identity():
        box = Box(1)
        assert keep(box) is box and kept() is box and kept() is not Box(1)
    def test_dates(): assert later(datetime.date(2024, 2, 28), 2) == datetime.date(2024, 3, 1)
    def test_time_zone():
        noon = datetime.datetime(2024, 1, 1, 12, tzinfo=datetime.timezone.utc)
        assert later(noon, 1) == noon + datetime.timedelta(days=1)
    def test_decimal(): assert third(decimal.Decimal(1)) == decimal.Decimal("0.33")
    def test_fraction(): assert third(fractions.Fraction(1)) == fractions.Fraction(1, 3)
    def test_collections():
        assert tally("abca") == Counter(a=2, b=1, c=1) and type(tally("a")) is Counter
        assert ordered() == OrderedDict([("b", 1), ("a", 2)]) and ordered() != OrderedDict([("a", 2), ("b", 1)])
        assert grouped()["missing"] == [] and turned(deque([1, 2, 3])) == deque([3, 1, 2])
    def test_namedtuple():
        assert origin().x == 0 and origin()._replace(x=2) == (2, 0)
        Pair = namedtuple("Pair", "left right")
        assert left(Pair("l", "r")) == "l"
    def test_subclass_of_list(): assert stack() == [1, 2] and stack().top() == 2
    def test_live_subclass():
        assert Vec((1, 2)) + (3, 4) == (4, 6) and Loose("A") == Loose("a")
    def test_equality_of_objects(): assert Box(2) == Box(2) and Box(2) != Box(3) and Box(1) in [Box(1)]
    def test_containers():
        shelf = Shelf(["a", "b"])
        assert len(shelf) == 2 and list(shelf) == ["a", "b"] and "a" in shelf and shelf[1] == "b"
        shelf[1] = "c"
        del shelf[0]
        assert list(shelf) == ["c"] and bool(Shelf([])) is False and shelf("x") == "x?"
        assert len({shelf, Shelf(["c"])}) == 1
    def test_context():
        with Door() as door:
            assert door.open
        assert not door.open
        with Door(), pytest.raises(KeyError):
            raise KeyError("kept")
    def test_arithmetic():
        assert (Box(1) + Box(2)).n == 3 and (Box(2) * 3).n == 6 and (3 * Box(2)).n == 6 and (-Box(1)).n == -1
        box = Box(1)
        box += 4
        assert box.n == 5 and abs(Box(-2)).n == 2
    def test_order(): assert Box(1) < Box(2) and sorted([Box(2), Box(1)])[0].n == 1
    def test_text(): assert str(Box(1)) == "1 thing" and repr(Box(1)) == "Box(1)" and f"{Box(1):>3}" == "  1"
    def test_set_attributes(monkeypatch):
        box = Box(1)
        box.n = 9
        assert box.twice() == 18
        del box.n
        assert not hasattr(box, "n")
        with unittest.mock.patch.object(solution, "LIMIT", 5):
            assert limited(7) == 5
        assert limited(17) == 10
        monkeypatch.setattr(Box, "twice", lambda self: "patched")
        assert Box(1).twice() == "patched"
        monkeypatch.undo()
        assert Box(1).twice() == 2
    def test_generator():
        numbers = naturals()
        assert inspect.isgenerator(numbers) and [next(numbers) for _ in range(3)] == [0, 1, 2]
        numbers.close()
        with pytest.raises(StopIteration):
            next(numbers)
    def test_generator_send():
        echo = echoes()
        next(echo)
        assert echo.send("a") == "a!"
        with pytest.raises(ZeroDivisionError):
            echo.throw(ZeroDivisionError())
    def test_document():
        assert root.__doc__ == "A square root." and root.__name__ == "root" and inspect.isfunction(root)
    def test_signature(): assert list(inspect.signature(limited).parameters) == ["n", "most"] and inspect.isclass(Box)
    def test_mutation_shows():
        data = [3, 1, 2]
        before = copy.deepcopy(data)
        assert ordered_copy(data) == [1, 2, 3] and data == before
        order(data)
        assert data == [1, 2, 3]
    def test_deep_mutation_shows():
        data = {"rows": [[1], [2]]}
        deepen(data)
        assert data == {"rows": [[1, 0], [2, 0]], "new": {"k": 1}}
    def test_result_is_argument():
        data = [1]
        assert order(data) is data and ordered_copy(data) is not data
    def test_aliasing():
        box = Holder()
        box.items.append(1)
        assert box.items == [1] and box.copy() == [1]
        box.copy().append(2)
        assert box.items == [1]
    def test_callback():
        seen = []
        assert each([1, 2], lambda n: seen.append(n) or n * 10) == [10, 20] and seen == [1, 2]
        assert each([1], seen.append) == [None] and seen == [1, 2, 1]
        def bad(n): raise LookupError("mine")
        with pytest.raises(LookupError, match="mine"):
            each([1], bad)
    def test_mock():
        spy = unittest.mock.Mock(return_value=4)
        assert each([1, 2], spy) == [4, 4]
        assert spy.call_args_list == [unittest.mock.call(1), unittest.mock.call(2)]
    def test_markers():
        marker = object()
        assert same(marker) is marker
        with pytest.raises(TypeError, match="a number"):
            limited(object())
    def test_functions_back():
        assert adder(2)(3) == 5 and callable(adder(1)) and adder.__name__ == "adder"
    def test_print(capsys):
        greet("you")
        assert capsys.readouterr().out == "hello you\\n"
    def test_input(monkeypatch):
        answers = iter(["3", "4"])
        monkeypatch.setattr("builtins.input", lambda prompt="": next(answers))
        assert ask() == 7
    def test_stdin(monkeypatch):
        monkeypatch.setattr(sys, "stdin", io.StringIO("a\\nb\\n"))
        assert lines() == ["a", "b"]
    def test_warning():
        with pytest.warns(DeprecationWarning, match="old"):
            old()
    def test_seed():
        random.seed(5)
        first = draw()
        random.seed(5)
        assert draw() == first == random.Random(5).random()
    def test_arrays():
        got = scaled(np.array([[1.0, 2.0]]))
        assert got.shape == (1, 2) and got.dtype == float and np.allclose(got, [[2, 4]])
        place = np.zeros(3)
        fill(place)
        assert place.tolist() == [7, 7, 7]
    def test_frames():
        frame = pd.DataFrame({"k": ["a", "b", "a"], "v": [1, 2, 3]})
        expected = pd.Series([4, 2], index=pd.Index(["a", "b"], name="k"), name="v")
        pd.testing.assert_series_equal(summed(frame), expected)
    def test_own_len(): assert len([1, 2]) == 2 and abs(-3) == 3 and math.isclose(1, 1) and not math.isclose(1, 2)
"""

RIGHT = """
    import collections, datetime, decimal, random, sys, warnings
    LIMIT = 10
    def same(x): return x
    def root(n):
        "A square root."
        if n < 0: raise ValueError(f"negative: {n}")
        return n ** 0.5
    class TooMuch(ValueError):
        def __init__(self, missing):
            super().__init__(missing)
            self.missing = missing
        def __str__(self): return f"{self.missing} missing"
        def double(self): return 2 * self.missing
    def withdraw(n): raise TooMuch(n)
    def chained():
        try: {}["x"]
        except KeyError as error: raise RuntimeError("no") from error
    class Box:
        def __init__(self, n): self.n = n
        def twice(self): return 2 * self.n
        @property
        def half(self): return self.n / 2
        @classmethod
        def make(cls, n): return cls(n)
        @staticmethod
        def count(*a): return len(a)
        def __eq__(self, other): return isinstance(other, Box) and self.n == other.n
        def __hash__(self): return hash(self.n)
        def __lt__(self, other): return self.n < other.n
        def __add__(self, other): return Box(self.n + getattr(other, "n", other))
        def __mul__(self, k): return Box(self.n * k)
        __rmul__ = __mul__
        def __neg__(self): return Box(-self.n)
        def __abs__(self): return Box(abs(self.n))
        def __str__(self): return f"{self.n} thing"
        def __repr__(self): return f"Box({self.n})"
        def __format__(self, spec): return format(self.n, spec)
    class Small(Box): pass
    _kept = None
    def keep(x):
        global _kept
        _kept = x
        return x
    def kept(): return _kept
    def later(day, n): return day + datetime.timedelta(days=n)
    def third(n): return round(n / 3, 2) if isinstance(n, decimal.Decimal) else n / 3
    tally = lambda text: collections.Counter(text)
    def ordered(): return collections.OrderedDict([("b", 1), ("a", 2)])
    def grouped(): return collections.defaultdict(list)
    def turned(d):
        d.rotate(1)
        return d
    Point = collections.namedtuple("Point", "x y")
    def origin(): return Point(0, 0)
    def left(p): return p.left
    class Stack(list):
        def top(self): return self[-1]
    def stack(): return Stack([1, 2])
    class Vec(tuple):
        def __add__(self, other): return Vec(a + b for a, b in zip(self, other))
    class Loose(str):
        def __eq__(self, other): return self.lower() == other.lower()
        __hash__ = str.__hash__
    class Shelf:
        def __init__(self, items): self._items = list(items)
        def __len__(self): return len(self._items)
        def __iter__(self): return iter(self._items)
        def __contains__(self, x): return x in self._items
        def __getitem__(self, i): return self._items[i]
        def __setitem__(self, i, x): self._items[i] = x
        def __delitem__(self, i): del self._items[i]
        def __call__(self, x): return x + "?"
        def __eq__(self, other): return self._items == other._items
        def __hash__(self): return 7
    class Door:
        open = False
        def __enter__(self):
            self.open = True
            return self
        def __exit__(self, *a): self.open = False
    def limited(n, most=None):
        if not isinstance(n, int): raise TypeError("not a number")
        return min(n, LIMIT)
    def naturals():
        n = 0
        while True:
            yield n
            n += 1
    def echoes():
        got = yield
        while True: got = yield got + "!"
    def ordered_copy(x): return sorted(x)
    def order(x):
        x.sort()
        return x
    def deepen(x):
        for row in x["rows"]: row.append(0)
        x["new"] = {"k": 1}
    class Holder:
        def __init__(self): self.items = []
        def copy(self): return list(self.items)
    def each(items, f): return [f(x) for x in items]
    def adder(n): return lambda m: n + m
    def greet(who): print("hello", who)
    def ask(): return int(input("a ")) + int(input("b "))
    def lines(): return [line.strip() for line in sys.stdin]
    def old(): warnings.warn("old", DeprecationWarning)
    def draw(): return random.random()
    def scaled(a): return a * 2
    def fill(a): a[:] = 7
    def summed(frame): return frame.groupby("k")["v"].sum()
"""

WRONG = {
    "test_plain_data": "def same(x): return [1]",
    "test_big_and_odd_numbers": "",
    "test_cycles_and_sharing": "",
    "test_markers": "",
    "test_constant": "LIMIT = 11",
    "test_built_in_exception": "def root(n): return 0",
    "test_document": "",
    "test_custom_exception": "class TooMuch(Exception): pass",
    "test_exception_cause": "def chained(): raise RuntimeError('no')",
    "test_instance": "Box.twice = lambda self: self.n",
    "test_identity": "def kept(): return Box(1)",
    "test_dates": "def later(day, n): return str(day)",
    "test_time_zone": "",
    "test_decimal": "def third(n): return 0.33",
    "test_fraction": "",
    "test_collections": "def tally(text): return {'a': 2}",
    "test_namedtuple": "def origin(): return (0, 0)",
    "test_subclass_of_list": "def stack(): return Stack([2, 1])",
    "test_live_subclass": "Vec.__add__ = lambda self, other: Vec((0, 0))",
    "test_equality_of_objects": "Box.__eq__ = lambda self, other: True",
    "test_containers": "Shelf.__len__ = lambda self: 9",
    "test_context": "Door.__exit__ = lambda self, *a: True",
    "test_arithmetic": "Box.__add__ = lambda self, other: Box(0)",
    "test_order": "Box.__lt__ = lambda self, other: False",
    "test_text": "Box.__str__ = lambda self: 'thing'",
    "test_set_attributes": "",
    "test_generator": "def naturals(): return [0, 1, 2]",
    "test_generator_send": "def echoes():\n    while True: yield 'b!'",
    "test_signature": "def limited(m): return m",
    "test_mutation_shows": "def ordered_copy(x):\n    x.sort()\n    return list(x)",
    "test_deep_mutation_shows": "def deepen(x): x['rows'][0].append(0)",
    "test_result_is_argument": "def order(x): return sorted(x)",
    "test_aliasing": "Holder.copy = lambda self: self.items",
    "test_callback": "def each(items, f): return [f(items[0])] * len(items)",
    "test_mock": "",
    "test_functions_back": "def adder(n): return lambda m: m",
    "test_print": "def greet(who): print('hello', who, end='')",
    "test_input": "def ask(): return input() + input()",
    "test_stdin": "def lines(): return list(sys.stdin)",
    "test_warning": "def old(): pass",
    "test_seed": "def draw(): return 0.5",
    "test_arrays": "def scaled(a): return a[0] * 2",
    "test_frames": "def summed(frame): return frame.groupby('k')['v'].mean()",
    "test_own_len": "def math(): pass\ndef abs(x): return 3\ndef len(x): return 2\nmath.isclose = lambda a, b: True",
}


def test_every_row_works_for_a_right_solution(tmp_path: Path) -> None:
    report = hold(small_suite(tmp_path, TESTS), RIGHT)
    found = results(report)

    assert {n: t.message for n, t in found.items() if t.status != "passed"} == {}
    assert set(found) == set(WRONG)


def test_every_row_fails_a_wrong_solution(tmp_path: Path) -> None:
    import textwrap

    wrong = textwrap.dedent(RIGHT) + "\n" + "\n".join(WRONG.values())
    found = statuses(hold(small_suite(tmp_path, TESTS), wrong))

    assert {name for name, status in found.items() if status != "failed"} == {"test_own_len"}


TRUSTED = """
    import pytest
    from solution import Money, Amount, amount, use, call
    class Mine:
        size = 3
        _secret = "s"
        def grow(self, n): return self.size + n
        def __len__(self): return 5
    def test_equality(): assert amount(5) == 5 and 5 == amount(5) and amount(5) != 6
    def test_order(): assert amount(5) < 6 and amount(5) >= 5
    def test_membership(): assert amount(5) in [4, 5]
    def test_arithmetic(): assert amount(5) - 2 == 3 and 7 - amount(5) == 2
    def test_live_number(): assert Amount(5) + 2 == 7
    def test_bound_method(): assert call(Mine().grow, 4) == 7
    def test_object(): assert use(Mine()) == (3, 7, 5)
    def test_object_is_read_only():
        mine = Mine()
        assert use(mine, "set") == "AttributeError" and mine.size == 3
    def test_private_names_stay():
        assert use(Mine(), "secret") == "AttributeError"
    def test_class(): assert len(call(Mine)) == 5
"""
TRUSTING = """
    class Money:
        def __init__(self, n): self.n = n
        def __eq__(self, other): return self.n == getattr(other, "n", other)
        def __lt__(self, other): return self.n < getattr(other, "n", other)
        def __ge__(self, other): return not self < other
        def __sub__(self, other): return self.n - other
        def __rsub__(self, other): return other - self.n
        __hash__ = None
    class Amount(float):
        def __add__(self, other): return Amount(float(self) + other)
    def amount(n): return Money(n)
    def call(f, *a): return f(*a)
    def use(obj, how=""):
        try:
            if how == "set": obj.size = 4
            if how == "secret": return obj._secret
        except Exception as error:
            return type(error).__name__
        return obj.size, obj.grow(4), len(obj)
"""


def test_what_a_suite_trusts_works_and_without_trust_it_fails(tmp_path: Path) -> None:
    trust = "equality, arithmetic, bound_methods, objects"
    trusted = results(hold(small_suite(tmp_path / "a", TRUSTED, trust=trust), TRUSTING))
    strict = statuses(hold(small_suite(tmp_path / "b", TRUSTED), TRUSTING))
    wrong = TRUSTING.replace("self.n = n", "self.n = n + 2").replace("float(self)", "1").replace("f(*a)", "[]")
    wrong = wrong.replace("return type(error).__name__", "pass").replace("len(obj)", "0")
    failing = statuses(hold(small_suite(tmp_path / "c", TRUSTED, trust=trust), wrong))

    assert {n: t.message for n, t in trusted.items() if t.status != "passed"} == {}
    assert len(trusted) == 10
    assert set(strict.values()) == {"failed"}
    assert set(failing.values()) == {"failed"}
