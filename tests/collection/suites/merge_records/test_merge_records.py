import copy

import pytest

from solution import add_tag, deep_update, merge, remove_duplicates


@pytest.fixture
def base():
    return {"name": "api", "port": 80, "tags": ["a"], "db": {"host": "localhost", "opts": {"ssl": False}}}


def test_merge_overrides(base):
    assert merge(base, {"port": 8080})["port"] == 8080


def test_merge_leaves_inputs_alone(base):
    before = copy.deepcopy(base)
    other = {"db": {"host": "db1"}}
    merge(base, other)
    assert base == before
    assert other == {"db": {"host": "db1"}}


def test_merge_result_is_independent(base):
    result = merge(base, {})
    result["tags"].append("b")
    result["db"]["opts"]["ssl"] = True
    assert base["tags"] == ["a"]
    assert base["db"]["opts"]["ssl"] is False


def test_deep_update_changes_nested(base):
    db = base["db"]
    deep_update(base, {"db": {"opts": {"ssl": True}}, "new": 1})
    assert base["db"] is db
    assert db == {"host": "localhost", "opts": {"ssl": True}}
    assert base["new"] == 1


def test_deep_update_returns_its_first_argument(base):
    assert deep_update(base, {}) is base


def test_add_tag(base):
    tags = base["tags"]
    add_tag(base, "x")
    add_tag(base, "x")
    assert tags == ["a", "x"]


def test_add_tag_creates_list():
    record = {}
    add_tag(record, "first")
    assert record == {"tags": ["first"]}


def test_remove_duplicates_in_place():
    rows = [[1, 2], [3], [1, 2], [3], []]
    removed = remove_duplicates(rows)
    assert removed == 2
    assert rows == [[1, 2], [3], []]
