def boxes(board):
    return [[board[r + i][c + j] for i in range(3) for j in range(3)] for r in range(0, 9, 3) for c in range(0, 9, 3)]


def is_valid(board):
    if len(board) != 9 or any(len(row) != 9 for row in board):
        raise ValueError("the board must be 9x9")
    for group in [*board, *zip(*board), *boxes(board)]:
        digits = [d for d in group if d]
        if len(digits) != len(set(digits)):
            return False
    return True


def candidates(board, r, c):
    if board[r][c]:
        return set()
    used = set(board[r]) | {row[c] for row in board} | set(boxes(board)[r // 3 * 3 + c // 3])
    return sorted(set(range(1, 10)) - used)


def solve(board):
    best = None
    for r in range(9):
        for c in range(9):
            if not board[r][c]:
                options = candidates(board, r, c)
                if best is None or len(options) < len(best[2]):
                    best = (r, c, options)
    if best is None:
        return True
    r, c, options = best
    for digit in sorted(options):
        board[r][c] = digit
        if solve(board):
            return True
        board[r][c] = 0
    return False
