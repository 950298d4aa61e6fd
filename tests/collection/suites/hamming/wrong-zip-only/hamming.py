def distance(a, b):
    return sum(x != y for x, y in zip(a, b))


def nearest(word, words):
    return min(((w, distance(word, w)) for w in words), key=lambda p: p[1], default=(None, None))
