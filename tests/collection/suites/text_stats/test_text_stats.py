from collections import Counter

import pytest

import solution


TEXT = """It was the best of times, it was the worst of times,
it was the age of wisdom... it was the age of foolishness!"""


@pytest.fixture(scope="module")
def stats():
    return solution.analyse(TEXT)


def test_result_is_a_dict(stats):
    assert isinstance(stats, dict)
    assert sorted(stats) == ["average", "characters", "lines", "longest", "unique", "words"]


def test_counts(stats):
    assert stats["words"] == 24
    assert stats["lines"] == 2
    assert stats["characters"] == len(TEXT)


def test_unique_is_a_set_of_lowercase_words(stats):
    assert stats["unique"] == {"it", "was", "the", "best", "of", "times", "worst", "age", "wisdom", "foolishness"}
    assert type(stats["unique"]) is set


def test_average_length(stats):
    assert stats["average"] == pytest.approx(3.4167, abs=1e-3)


def test_longest(stats):
    assert stats["longest"] == "foolishness"


def test_word_counts_is_a_counter():
    counts = solution.word_counts(TEXT)
    assert isinstance(counts, Counter)
    assert counts["was"] == 4
    assert counts["nothing"] == 0
    assert counts.most_common(1) == [("it", 4)]


def test_accents_and_apostrophes():
    assert solution.word_counts("L'été, l'été!") == Counter({"l'été": 2})


def test_empty_text():
    empty = solution.analyse("")
    assert empty["words"] == 0
    assert empty["average"] == 0.0
    assert empty["longest"] is None
