import pytest

from life import Life, count_neighbours, step

BLOCK = [[0, 0, 0, 0], [0, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 0]]
BLINKER = [[0, 0, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 1, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, 0]]


def turned(board):
    return [list(row) for row in zip(*board)]


def test_still_life():
    assert step(BLOCK) == BLOCK


def test_blinker():
    assert step(BLINKER) == turned(BLINKER)
    assert step(step(BLINKER)) == BLINKER


def test_board_is_not_changed():
    board = [row[:] for row in BLINKER]
    step(board)
    assert board == BLINKER


def test_result_is_a_new_board():
    board = [row[:] for row in BLOCK]
    new = step(board)
    assert new is not board
    assert new[0] is not board[0]
    new[0][0] = 1
    assert board[0][0] == 0


def test_edges_do_not_wrap():
    assert count_neighbours([[1, 0, 1], [0, 0, 0], [1, 0, 1]], 0, 0) == 0


@pytest.mark.parametrize("r, c, n", [(0, 0, 1), (1, 1, 3), (2, 0, 1), (1, 2, 2)])
def test_neighbours(r, c, n):
    board = [[1, 0, 0], [0, 1, 1], [0, 0, 1]]
    assert count_neighbours(board, r, c) == n


def test_empty_board():
    assert step([]) == []


class TestLife:
    def test_advances_in_place(self):
        board = [row[:] for row in BLINKER]
        game = Life(board)
        game.advance()
        assert board == turned(BLINKER), "the game plays on the board it was given"
        assert game.generation == 1

    def test_run(self):
        game = Life([row[:] for row in BLINKER])
        assert game.run(4) is game
        assert game.board == BLINKER
        assert game.generation == 4

    def test_toggle(self):
        game = Life([[0, 0]])
        game.toggle(0, 1)
        assert game.board == [[0, 1]]
        assert game.alive == 1

    def test_str(self):
        assert str(Life([[0, 1], [1, 0]])) == ".#\n#."

    def test_generations_are_lazy(self):
        game = Life([row[:] for row in BLINKER])
        states = game.generations()
        assert next(states) == BLINKER
        assert next(states) == turned(BLINKER)
        assert next(states) == BLINKER
