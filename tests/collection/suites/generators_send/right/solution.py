def averager():
    total, n, value = 0, 0, None
    while True:
        x = yield value
        total += x
        n += 1
        value = total / n


def echo():
    count = 0
    received = yield
    while received is not None:
        count += 1
        received = yield received
    return count


def managed(log):
    log.append("opened")
    try:
        try:
            yield "ready"
        except ValueError:
            yield "recovered"
    finally:
        log.append("closed")


def numbers():
    n = 0
    while True:
        yield n
        n += 1


def grep(word, hits):
    while True:
        line = yield
        if word in line:
            hits.append(line)


def tree_walk(tree):
    if tree:
        left, value, right = tree
        yield from tree_walk(left)
        yield value
        yield from tree_walk(right)


def countdown(n):
    while n:
        yield n
        n -= 1
    yield "liftoff"


numbers_list = list(countdown(2))
