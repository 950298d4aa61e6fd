import copy

import pytest

from students import add_bonus, average_by_subject, drop_lowest, rename, ranking, without

RECORDS = [
    {"name": "Ann", "marks": {"maths": 90, "art": 60}},
    {"name": "Bob", "marks": {"maths": 50, "art": 80}},
    {"name": "Cyd", "marks": {"maths": 70}},
]


@pytest.fixture
def records():
    return copy.deepcopy(RECORDS)


@pytest.fixture(autouse=True)
def unchanged(records):
    yield
    assert records == RECORDS, "the input records were changed"


def test_average(records):
    assert average_by_subject(records) == {"maths": 70.0, "art": 70.0}


def test_add_bonus(records):
    result = add_bonus(records, "maths", 5)
    assert [r["marks"]["maths"] for r in result] == [95, 55, 75]


def test_add_bonus_to_missing_subject(records):
    result = add_bonus(records, "art", 5)
    assert "art" not in result[2]["marks"]


def test_ranking(records):
    assert [r["name"] for r in ranking(records, "maths")] == ["Ann", "Cyd", "Bob"]


def test_ranking_returns_the_same_records(records):
    top = ranking(records, "maths")[0]
    assert top is records[0]


def test_rename(records):
    assert [r["name"] for r in rename(records, str.upper)] == ["ANN", "BOB", "CYD"]


def test_without(records):
    assert len(without(records, "Bob")) == 2
    assert without(records, "Zed") == records


def test_without_is_a_new_list(records):
    assert without(records, "Zed") is not records


def test_drop_lowest():
    marks = [70, 50, 90, 50]
    assert drop_lowest(marks) == [70, 90, 50]
    assert marks == [70, 50, 90, 50]


def test_drop_lowest_of_tuple():
    assert drop_lowest((3, 1)) == [3]
