import pytest

from matrix import Matrix, identity, zeros


A = [[1, 2], [3, 4]]


def test_shape():
    assert Matrix([[1, 2, 3], [4, 5, 6]]).shape == (2, 3)


def test_indexing():
    m = Matrix(A)
    assert m[0, 1] == 2
    assert m[1, 0] == 3
    with pytest.raises(IndexError):
        m[2, 0]


def test_assignment():
    m = Matrix(A)
    m[0, 0] = 9
    assert m[0, 0] == 9
    assert A == [[1, 2], [3, 4]], "the matrix must copy its rows"


def test_later_changes_of_the_argument_do_not_matter():
    rows = [[1, 2], [3, 4]]
    m = Matrix(rows)
    rows[0][0] = 100
    rows.append([5, 6])
    assert m.tolist() == [[1, 2], [3, 4]]


def test_tolist_is_a_copy():
    m = Matrix(A)
    m.tolist()[0][0] = 50
    assert m[0, 0] == 1


def test_zero_rows_are_not_shared():
    z = zeros(2, 3)
    z[0, 0] = 1
    assert z.tolist() == [[1, 0, 0], [0, 0, 0]]


def test_equality():
    assert Matrix(A) == Matrix([[1, 2], [3, 4]])
    assert Matrix(A) != Matrix([[1, 2], [3, 5]])


def test_addition():
    assert Matrix(A) + Matrix(A) == Matrix([[2, 4], [6, 8]])


def test_product():
    assert (Matrix(A) @ Matrix([[0, 1], [1, 0]])).tolist() == [[2, 1], [4, 3]]


def test_product_with_identity():
    m = Matrix([[1, 2], [3, 4], [5, 6]])
    assert m @ identity(2) == m
    assert identity(3) @ m == m


def test_bad_shapes():
    with pytest.raises(ValueError, match=r"\(2, 2\).*\(1, 2\)"):
        Matrix(A) @ Matrix([[1, 2]])
    with pytest.raises(ValueError):
        Matrix([[1, 2], [3]])


def test_power():
    fib = Matrix([[1, 1], [1, 0]])
    assert fib.power(10)[0, 1] == 55
    assert fib.power(0) == identity(2)


def test_transpose():
    assert Matrix([[1, 2, 3]]).T.tolist() == [[1], [2], [3]]


def test_str():
    assert str(Matrix([[1, 20], [300, 4]])) == "  1  20\n300   4"
