def count_neighbours(board, r, c):
    total = 0
    for i in range(max(r - 1, 0), min(r + 2, len(board))):
        for j in range(max(c - 1, 0), min(c + 2, len(board[0]))):
            if (i, j) != (r, c):
                total += board[i][j]
    return total


def step(board):
    return [[count_neighbours(board, r, c) == 3 or None for c, cell in enumerate(row)] for r, row in enumerate(board)]


class Life:
    def __init__(self, board):
        self.board = board
        self.generation = 0

    def advance(self):
        for row, new in zip(self.board, step(self.board)):
            row[:] = new
        self.generation += 1

    def run(self, n):
        for _ in range(n):
            self.advance()
        return self

    def toggle(self, r, c):
        self.board[r][c] ^= 1

    @property
    def alive(self):
        return sum(map(sum, self.board))

    def generations(self):
        while True:
            yield [row[:] for row in self.board]
            self.advance()

    def __str__(self):
        return "\n".join("".join(".#"[c] for c in row) for row in self.board)
