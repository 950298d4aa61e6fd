from itertools import combinations


def common(friends, a, b):
    return friends.get(a, set()) & friends.get(b, set())


def mutual_pairs(friends):
    return {(a, b) for a in friends for b in friends[a] if a < b and a in friends[b]}


def suggest(friends, name):
    found = set()
    for friend in friends[name]:
        found |= friends[friend]
    return found - friends[name] - {name}


def power_set(items):
    items = list(items)
    return {frozenset(c) for n in range(len(items) + 1) for c in combinations(items, n)}


def freeze_groups(groups):
    counts = {}
    for group in groups:
        key = tuple(sorted(map(str, group)))
        counts[key] = counts.get(key, 0) + 1
    return counts
