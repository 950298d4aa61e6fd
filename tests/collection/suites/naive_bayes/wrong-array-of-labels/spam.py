import math
from collections import Counter, defaultdict


class NotFitted(RuntimeError):
    pass


class NaiveBayes:
    def __init__(self, alpha=1.0):
        if alpha < 0:
            raise ValueError("alpha must not be negative")
        self.alpha = alpha

    def fit(self, texts, labels):
        if len(texts) != len(labels):
            raise ValueError("as many labels as texts")
        counts = Counter(labels)
        self.classes = sorted(counts)
        self.priors = {c: counts[c] / len(labels) for c in self.classes}
        self.words = defaultdict(Counter)
        for text, label in zip(texts, labels):
            self.words[label].update(text.split())
        self.vocabulary = set().union(*self.words.values())
        return self

    def predict_proba(self, texts):
        if not hasattr(self, "classes"):
            raise NotFitted("fit first")
        out = []
        for text in texts:
            logs = {c: math.log(self.priors[c]) + self._log_likelihood(text, c) for c in self.classes}
            top = max(logs.values())
            weights = {c: math.exp(v - top) for c, v in logs.items()}
            total = sum(weights.values())
            out.append({c: w / total for c, w in weights.items()})
        return out

    def _log_likelihood(self, text, c):
        size = sum(self.words[c].values()) + self.alpha * len(self.vocabulary)
        return sum(math.log((self.words[c][w] + self.alpha) / size) for w in text.split() if w in self.vocabulary)

    def predict(self, texts):
        return tuple(max(p, key=p.get) for p in self.predict_proba(texts))
