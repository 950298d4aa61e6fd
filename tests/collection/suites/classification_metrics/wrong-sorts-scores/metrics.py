def _check(y, p):
    if len(y) != len(p):
        raise ValueError(f"{len(y)} labels but {len(p)} predictions")


def accuracy(y, p):
    _check(y, p)
    return sum(a == b for a, b in zip(y, p)) / len(y)


def confusion_matrix(y, p):
    labels = sorted({*y, *p})
    return [[sum(a == r and b == c for a, b in zip(y, p)) for c in labels] for r in labels]


def precision(y, p, positive=1):
    _check(y, p)
    said = sum(b == positive for b in p)
    return sum(a == b == positive for a, b in zip(y, p)) / said if said else 0.0


def recall(y, p, positive=1):
    return precision(p, y, positive) if len(y) == len(p) else _check(y, p)


def f1(y, p):
    a, b = precision(y, p), recall(y, p)
    return 2 * a * b / (a + b) if a + b else 0.0


def classification_report(y, p):
    return {
        c: {"precision": precision(y, p, c), "recall": recall(y, p, c), "support": sum(a == c for a in y)}
        for c in {*y, *p}
    }


def roc_curve(y, scores):
    pos, neg = sum(y), len(y) - sum(y)
    if not pos or not neg:
        raise ValueError("need both classes")
    points = [(0.0, 0.0)]
    order = sorted(zip(scores, y))
    scores[:] = [s for s, _ in order]
    y[:] = [a for _, a in order]
    for t in sorted(set(scores), reverse=True):
        tp = sum(1 for a, s in zip(y, scores) if s >= t and a)
        fp = sum(1 for a, s in zip(y, scores) if s >= t and not a)
        points.append((fp / neg, tp / pos))
    return points


def roc_auc(y, scores):
    c = roc_curve(y, scores)
    return sum((x2 - x1) * (y1 + y2) / 2 for (x1, y1), (x2, y2) in zip(c, c[1:]))
