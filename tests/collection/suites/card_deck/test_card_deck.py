import random
from collections import Counter

import pytest

from cards import RANKS, SUITS, Card, Deck


@pytest.fixture
def deck():
    return Deck(seed=7)


def test_constants():
    assert len(RANKS) == 13
    assert set(SUITS) == {"♠", "♥", "♦", "♣"}


def test_52_cards(deck):
    assert len(deck) == 52
    assert len(set(deck)) == 52


def test_indexing(deck):
    assert deck[0] == Card("2", "♠")
    assert deck[-1].rank == "A"


def test_index_error(deck):
    with pytest.raises(IndexError):
        deck[52]


def test_slicing_gives_a_list(deck):
    hand = deck[:3]
    assert type(hand) is list
    assert [c.rank for c in hand] == ["2", "3", "4"]


def test_iteration(deck):
    assert Counter(card.suit for card in deck) == {s: 13 for s in SUITS}


def test_contains(deck):
    assert Card("Q", "♥") in deck
    assert Card("15", "♥") not in deck


def test_str(deck):
    assert str(deck[0]) == "2♠"
    assert f"{deck[12]}" == "A♠"


def test_shuffle_is_reproducible():
    a, b, c = Deck(seed=1), Deck(seed=1), Deck(seed=2)
    for d in (a, b, c):
        d.shuffle()
    assert list(a) == list(b)
    assert list(a) != list(c)
    assert set(a) == set(c)


def test_shuffle_in_place(deck):
    before = [str(c) for c in deck]
    assert deck.shuffle() is None
    after = [str(c) for c in deck]
    assert before != after
    assert sorted(before) == sorted(after)


def test_deal_removes_cards(deck):
    hand = deck.deal(5)
    assert len(hand) == 5
    assert len(deck) == 47
    assert not set(hand) & set(deck)


def test_deal_too_many(deck):
    deck.deal(50)
    with pytest.raises(ValueError, match="only 2 cards left"):
        deck.deal(3)
    assert len(deck) == 2


def test_random_choice_works_on_a_deck(deck):
    card = random.Random(3).choice(deck)
    assert isinstance(card, Card)
    assert card in deck


def test_set_item(deck):
    joker = Card("J", "♠")
    deck[0] = joker
    assert deck[0] is joker


def test_reversed(deck):
    assert next(reversed(deck)).suit == SUITS[-1]
