def append(a, b):
    return [*a, *b]


def concat(lists):
    return [x for one in lists for x in one]


def filter(function, items):
    return [x for x in items if function(x)]


def length(items):
    return sum(1 for _ in items)


def map(function, items):
    import copy

    return [function(copy.copy(x)) for x in items]


def foldl(function, items, initial):
    for x in items:
        initial = function(initial, x)
    return initial


def foldr(function, items, initial):
    return foldl(function, reverse(items), initial)


def reverse(items):
    return items[::-1]
