import math

import pytest

from tfidf import TfidfVectorizer, bag_of_words, cosine, tokenize

DOCS = ["the cat sat", "the dog sat on the mat", "cats and dogs"]


def test_tokenize():
    assert tokenize("The Cat, sat!") == ["the", "cat", "sat"]
    assert tokenize("") == []


def test_stop_words():
    assert tokenize("the cat on a mat", stop_words={"the", "on", "a"}) == ["cat", "mat"]


def test_bag_of_words():
    vocabulary, matrix = bag_of_words(DOCS)
    assert vocabulary == ["and", "cat", "cats", "dog", "dogs", "mat", "on", "sat", "the"]
    assert matrix[1] == [0, 0, 0, 1, 0, 1, 1, 1, 2]
    assert len(matrix) == 3


class TestVectorizer:
    @pytest.fixture(scope="class")
    def vec(self):
        return TfidfVectorizer().fit(DOCS)

    def test_vocabulary(self, vec):
        assert vec.vocabulary_["and"] == 0
        assert len(vec.vocabulary_) == 9

    def test_idf(self, vec):
        assert vec.idf_["the"] == pytest.approx(math.log(3 / 2))
        assert vec.idf_["cat"] == pytest.approx(math.log(3))

    def test_transform(self, vec):
        (row,) = vec.transform(["the cat"])
        assert row[vec.vocabulary_["cat"]] == pytest.approx(0.5 * math.log(3))
        assert row[vec.vocabulary_["dog"]] == 0

    def test_unknown_words_are_ignored(self, vec):
        assert vec.transform(["zebra"]) == [[0.0] * 9]

    def test_empty_document(self, vec):
        assert vec.transform([""]) == [[0.0] * 9]

    def test_fit_transform(self, vec):
        assert TfidfVectorizer().fit_transform(DOCS) == vec.transform(DOCS)

    def test_not_fitted(self):
        with pytest.raises(AttributeError):
            TfidfVectorizer().transform(["x"])

    def test_custom_tokenizer(self):
        vec = TfidfVectorizer(tokenizer=lambda text: list(text)).fit(["ab", "bc"])
        assert sorted(vec.vocabulary_) == ["a", "b", "c"]


def test_cosine():
    assert cosine([1, 0], [0, 1]) == 0
    assert cosine([1, 2], [2, 4]) == pytest.approx(1)
    assert cosine([0, 0], [1, 1]) == 0.0


def test_most_similar():
    vec = TfidfVectorizer().fit(DOCS)
    rows = vec.transform(DOCS)
    query = vec.transform(["a dog on a mat"])[0]
    assert max(range(3), key=lambda i: cosine(rows[i], query)) == 1
