import math
import re


def tokenize(text, stop_words=()):
    return [w for w in re.findall(r"\w+", text.lower()) if w not in stop_words]


def bag_of_words(docs):
    vocabulary = sorted({w for d in docs for w in tokenize(d)})
    return vocabulary, [[tokenize(d).count(w) for w in vocabulary] for d in docs]


class TfidfVectorizer:
    def __init__(self, tokenizer=tokenize):
        self.tokenizer = tokenizer

    def fit(self, docs):
        sets = [set(self.tokenizer(d)) for d in docs]
        self.vocabulary_ = {w: i for i, w in enumerate(sorted(set().union(*sets)))}
        self.idf_ = {w: math.log(len(docs) / sum(w in s for s in sets)) for w in self.vocabulary_}
        return self

    def transform(self, docs):
        rows = []
        for d in docs:
            words = self.tokenizer(d)
            rows.append([words.count(w) / len(words) if words else 0.0 for w in self.vocabulary_])
        return rows

    def fit_transform(self, docs):
        return self.fit(docs).transform(docs)


def cosine(a, b):
    norm = math.hypot(*a) * math.hypot(*b)
    return sum(x * y for x, y in zip(a, b)) / norm if norm else 0.0
