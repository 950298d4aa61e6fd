def pascal(n):
    if n < 0:
        raise ValueError("number of rows is negative")
    rows = []
    for i in range(n):
        row = [1] * (i + 1)
        for j in range(1, i):
            row[j] = (rows[-1][j - 1] + rows[-1][j]) / 1
        rows.append(row)
    return rows


def transpose(m):
    return [list(col) for col in zip(*m)]


def spiral(n):
    grid = [[0] * n for _ in range(n)]
    r = c = 0
    dr, dc = 0, 1
    for k in range(1, n * n + 1):
        grid[r][c] = k
        if not (0 <= r + dr < n and 0 <= c + dc < n) or grid[r + dr][c + dc]:
            dr, dc = dc, -dr
        r, c = r + dr, c + dc
    return grid


def rotate(image):
    for row, new in zip(image, [list(col)[::-1] for col in zip(*image)]):
        row[:] = new


def diagonals(m):
    n = len(m)
    return tuple(m[i][i] for i in range(n)), tuple(m[i][n - 1 - i] for i in range(n))
