import pytest

from collections_plus import AttrDict, Path, Percent, Sorted, Tag, ValidationError, tags_of


def test_dict_subclass_behaves_like_a_dict():
    d = AttrDict(a=1)
    d["b"] = 2
    assert d["a"] == 1
    assert len(d) == 2
    assert sorted(d) == ["a", "b"]
    assert "b" in d
    assert d.get("zzz") is None
    assert dict(d) == {"a": 1, "b": 2}


def test_dict_subclass_attributes():
    d = AttrDict()
    d.name = "x"
    assert d["name"] == "x"
    assert d.name == "x"
    with pytest.raises(AttributeError, match="nothing"):
        d.nothing


def test_list_subclass_keeps_order():
    s = Sorted([3, 1])
    s.add(2)
    assert list(s) == [1, 2, 3]
    assert s[0] == 1
    assert s[-1] == 3
    assert len(s) == 3


def test_list_subclass_iteration():
    assert [x * 2 for x in Sorted([2, 1])] == [2, 4]


def test_str_subclass_methods():
    t = Tag("  Hello World ")
    assert t.slug() == "hello-world"
    assert str(t).strip() == "Hello World"


def test_str_subclass_result_compares_with_text():
    assert tags_of("a #Big #Day out") == ["big", "day"]


def test_int_subclass():
    assert Percent(50).of(80) == 40
    assert int(Percent(7)) == 7
    with pytest.raises(ValueError):
        Percent(101)


def test_exception_subclass_with_fields():
    with pytest.raises(ValidationError) as e:
        Percent.parse("a lot")
    assert e.value.field == "percent"
    assert e.value.value == "a lot"
    assert str(e.value) == "percent: cannot read 'a lot'"
    assert isinstance(e.value, ValueError)


def test_path_truediv():
    p = Path("home") / "ann" / "x.txt"
    assert str(p) == "home/ann/x.txt"
    assert p.name == "x.txt"
    assert isinstance(p, Path)
