def find_anagrams(word, candidates):
    low = word.lower()
    return [c for c in candidates if c.lower() != low and set(c.lower()) == set(low)]


def anagram_groups(words):
    groups = {}
    for word in words:
        groups.setdefault("".join(sorted(word)), []).append(word)
    return list(groups.values())
