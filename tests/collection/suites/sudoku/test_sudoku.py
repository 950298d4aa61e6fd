import copy

import pytest

import sudoku

PUZZLE = [
    [5, 3, 0, 0, 7, 0, 0, 0, 0],
    [6, 0, 0, 1, 9, 5, 0, 0, 0],
    [0, 9, 8, 0, 0, 0, 0, 6, 0],
    [8, 0, 0, 0, 6, 0, 0, 0, 3],
    [4, 0, 0, 8, 0, 3, 0, 0, 1],
    [7, 0, 0, 0, 2, 0, 0, 0, 6],
    [0, 6, 0, 0, 0, 0, 2, 8, 0],
    [0, 0, 0, 4, 1, 9, 0, 0, 5],
    [0, 0, 0, 0, 8, 0, 0, 7, 9],
]
FIRST_ROW = [5, 3, 4, 6, 7, 8, 9, 1, 2]


@pytest.fixture
def puzzle():
    return copy.deepcopy(PUZZLE)


def test_valid_puzzle(puzzle):
    assert sudoku.is_valid(puzzle) is True


@pytest.mark.parametrize("r, c, digit", [(0, 2, 5), (4, 1, 6), (1, 1, 8)], ids=["row", "column", "box"])
def test_invalid(puzzle, r, c, digit):
    puzzle[r][c] = digit
    assert sudoku.is_valid(puzzle) is False


def test_candidates(puzzle):
    assert sudoku.candidates(puzzle, 0, 2) == {1, 2, 4}
    assert sudoku.candidates(puzzle, 0, 0) == set()


def test_solve_in_place(puzzle):
    assert sudoku.solve(puzzle) is True
    assert puzzle[0] == FIRST_ROW
    assert all(sorted(row) == list(range(1, 10)) for row in puzzle)


def test_solution_keeps_the_clues(puzzle):
    sudoku.solve(puzzle)
    for row, clues in zip(puzzle, PUZZLE):
        assert all(c in (0, x) for x, c in zip(row, clues))


def test_unsolvable_is_left_as_it_was():
    board = [[0] * 9 for _ in range(9)]
    board[0] = [1, 2, 3, 4, 5, 6, 7, 8, 0]
    board[1][8] = 9
    before = copy.deepcopy(board)
    assert sudoku.solve(board) is False
    assert board == before


def test_checking_does_not_change(puzzle):
    sudoku.is_valid(puzzle)
    sudoku.candidates(puzzle, 0, 2)
    assert puzzle == PUZZLE


def test_wrong_size():
    with pytest.raises(ValueError, match="9x9"):
        sudoku.is_valid([[1, 2], [3, 4]])


def test_boxes():
    boxes = sudoku.boxes(PUZZLE)
    assert len(boxes) == 9
    assert boxes[0] == [5, 3, 0, 6, 0, 0, 0, 9, 8]
    assert boxes[8] == [2, 8, 0, 0, 0, 5, 0, 7, 9]
