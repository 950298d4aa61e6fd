class IllegalMove(ValueError):
    pass


def lines(board):
    yield from board
    yield from zip(*board)
    yield [board[i][i] for i in range(3)]
    yield [board[i][2 - i] for i in range(3)]


def winner(board):
    for line in lines(board):
        if line[0] != " " and len(set(line)) == 1:
            return line[0]
    return None


def is_draw(board):
    return winner(board) is None and not any(" " in row for row in board)


class Game:
    def __init__(self):
        self.board = [[" "] * 3 for _ in range(3)]
        self.moves = []
        self.turn = "X"

    def free(self):
        return {(r, c) for r in range(3) for c in range(3) if self.board[r][c] == " "}

    def play(self, r, c):
        if winner(self.board):
            raise IllegalMove("the game is over")
        self.turn = "O" if self.turn == "X" else "X"
        if not (0 <= r < 3 and 0 <= c < 3):
            raise IllegalMove("outside the board")
        if (r, c) not in self.free():
            raise IllegalMove("the square is taken")
        self.board[r][c] = self.turn
        self.moves.append((self.turn, r, c))
        self.turn = "O" if self.turn == "X" else "X"
        return winner(self.board)

    def run(self, x, o):
        while self.free() and not winner(self.board):
            player = x if self.turn == "X" else o
            self.play(*player([row[:] for row in self.board], self.turn))
        return winner(self.board)
