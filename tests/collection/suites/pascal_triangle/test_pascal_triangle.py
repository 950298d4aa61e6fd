import pytest

from solution import diagonals, pascal, rotate, spiral, transpose


@pytest.mark.parametrize(
    "n, rows",
    [(0, []), (1, [[1]]), (2, [[1], [1, 1]]), (4, [[1], [1, 1], [1, 2, 1], [1, 3, 3, 1]])],
    ids=["none", "one", "two", "four"],
)
def test_pascal(n, rows):
    assert pascal(n) == rows


def test_pascal_row_sums():
    assert [sum(row) for row in pascal(12)] == [2**i for i in range(12)]


def test_pascal_negative():
    with pytest.raises(ValueError) as e:
        pascal(-1)
    assert e.value.args == ("number of rows is negative",)


def test_rows_are_lists_of_int():
    for row in pascal(5):
        assert type(row) is list
        assert all(type(x) is int for x in row)


def test_transpose():
    assert transpose([[1, 2, 3], [4, 5, 6]]) == [[1, 4], [2, 5], [3, 6]]
    assert transpose([]) == []


def test_spiral():
    assert spiral(3) == [[1, 2, 3], [8, 9, 4], [7, 6, 5]]
    assert spiral(1) == [[1]]


def test_rotate_in_place():
    image = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    rows = list(image)
    rotate(image)
    assert image == [[7, 4, 1], [8, 5, 2], [9, 6, 3]]
    assert rows[0] is image[0], "rows themselves are changed, not replaced"


def test_diagonals():
    assert diagonals([[1, 2], [3, 4]]) == ((1, 4), (2, 3))
