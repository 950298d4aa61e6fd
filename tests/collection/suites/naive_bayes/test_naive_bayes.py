import pytest

from spam import NaiveBayes, NotFitted

TRAIN = [
    ("win money now", "spam"),
    ("win a prize", "spam"),
    ("lunch at noon", "ham"),
    ("meeting at ten", "ham"),
    ("see you at lunch", "ham"),
]


@pytest.fixture(scope="session")
def clf():
    texts, labels = zip(*TRAIN)
    return NaiveBayes().fit(texts, labels)


@pytest.mark.parametrize("text, label", [("win now", "spam"), ("lunch meeting", "ham"), ("", "ham")])
def test_predict(clf, text, label):
    assert clf.predict([text]) == [label]


def test_predict_many(clf):
    assert clf.predict(["money", "noon"]) == ["spam", "ham"]


def test_priors(clf):
    assert clf.priors == {"spam": 0.4, "ham": 0.6}


def test_probabilities_sum_to_one(clf):
    for p in clf.predict_proba(["win lunch", "unknown words"]):
        assert sum(p.values()) == pytest.approx(1)
        assert set(p) == {"spam", "ham"}


def test_unknown_words_do_not_crash(clf):
    assert clf.predict(["xyzzy"]) == ["ham"]


def test_classes_are_sorted(clf):
    assert clf.classes == ["ham", "spam"]


def test_not_fitted():
    with pytest.raises(NotFitted) as e:
        NaiveBayes().predict(["x"])
    assert isinstance(e.value, RuntimeError)


def test_different_lengths():
    with pytest.raises(ValueError):
        NaiveBayes().fit(["a", "b"], ["x"])


def test_alpha():
    with pytest.raises(ValueError, match="alpha"):
        NaiveBayes(alpha=-1)


def test_refit_forgets(clf):
    nb = NaiveBayes().fit(["a"], ["x"])
    nb.fit(["b", "b"], ["y", "z"])
    assert nb.classes == ["y", "z"]


def test_long_text_does_not_underflow(clf):
    p = clf.predict_proba(["win " * 4000])[0]
    assert p["spam"] == pytest.approx(1.0)
