import unittest

from tictactoe import Game, IllegalMove, is_draw, winner


class WinnerTest(unittest.TestCase):
    def test_rows_columns_diagonals(self):
        boards = {
            "row": ["XXX", "OO ", "   "],
            "column": ["XO ", "XO ", "X  "],
            "diagonal": ["X O", "OX ", "  X"],
            "other diagonal": ["O X", "OX ", "X  "],
        }
        for name, board in boards.items():
            with self.subTest(name):
                self.assertEqual(winner([list(row) for row in board]), "X")

    def test_no_winner(self):
        self.assertIsNone(winner([[" "] * 3 for _ in range(3)]))

    def test_draw(self):
        self.assertTrue(is_draw([list("XOX"), list("XOO"), list("OXX")]))
        self.assertFalse(is_draw([list("XOX"), list("XOO"), list("OX ")]))


class GameTest(unittest.TestCase):
    def setUp(self):
        self.game = Game()

    def test_x_begins(self):
        self.assertEqual(self.game.turn, "X")
        self.game.play(0, 0)
        self.assertEqual(self.game.turn, "O")

    def test_board_shows_moves(self):
        self.game.play(1, 2)
        self.assertEqual(self.game.board, [[" ", " ", " "], [" ", " ", "X"], [" ", " ", " "]])

    def test_taken_square(self):
        self.game.play(0, 0)
        with self.assertRaisesRegex(IllegalMove, "taken"):
            self.game.play(0, 0)
        self.assertEqual(self.game.turn, "O")

    def test_outside(self):
        for r, c in [(3, 0), (0, -1)]:
            with self.subTest(r=r, c=c), self.assertRaises(IllegalMove):
                self.game.play(r, c)

    def test_win_ends_the_game(self):
        for move in [(0, 0), (1, 0), (0, 1), (1, 1)]:
            self.assertIsNone(self.game.play(*move))
        self.assertEqual(self.game.play(0, 2), "X")
        with self.assertRaises(IllegalMove) as e:
            self.game.play(2, 2)
        self.assertEqual(str(e.exception), "the game is over")

    def test_moves_are_recorded(self):
        self.game.play(0, 0)
        self.game.play(1, 1)
        self.assertEqual(self.game.moves, [("X", 0, 0), ("O", 1, 1)])

    def test_free_squares(self):
        self.game.play(0, 0)
        self.assertEqual(len(self.game.free()), 8)
        self.assertNotIn((0, 0), self.game.free())
        self.assertIsInstance(self.game.free(), set)

    def test_players_given_as_functions(self):
        def first_free(board, mark):
            return next((r, c) for r in range(3) for c in range(3) if board[r][c] == " ")

        self.assertEqual(self.game.run(first_free, first_free), "X")
        self.assertEqual(len(self.game.moves), 7)

    def test_player_cannot_cheat_by_changing_the_board(self):
        def cheat(board, mark):
            board[0] = [mark] * 3
            return next((r, c) for r in range(3) for c in range(3) if self.game.board[r][c] == " ")

        self.game.run(cheat, cheat)
        self.assertEqual(len(self.game.moves), 7)

    def test_illegal_class(self):
        self.assertTrue(issubclass(IllegalMove, ValueError))
