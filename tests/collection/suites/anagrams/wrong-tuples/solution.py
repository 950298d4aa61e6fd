def find_anagrams(word, candidates):
    low = word.lower()
    return [c for c in candidates if c.lower() != low and sorted(c.lower()) == sorted(low)]


def anagram_groups(words):
    groups = {}
    for word in words:
        groups.setdefault("".join(sorted(word)), []).append(word)
    return [tuple(g) for g in groups.values()]
