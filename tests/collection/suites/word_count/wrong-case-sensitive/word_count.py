import re


def count_words(sentence):
    counts = {}
    for word in re.findall(r"[A-Za-z0-9]+(?:'[a-z]+)?", sentence):
        counts[word] = counts.get(word, 0) + 1
    return counts
