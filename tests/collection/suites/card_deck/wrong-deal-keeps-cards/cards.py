import random

RANKS = [str(n) for n in range(2, 11)] + list("JQKA")
SUITS = "♠♥♦♣"


class Card:
    def __init__(self, rank, suit):
        self.rank = rank
        self.suit = suit

    def __eq__(self, other):
        return isinstance(other, Card) and (self.rank, self.suit) == (other.rank, other.suit)

    def __hash__(self):
        return hash((self.rank, self.suit))

    def __str__(self):
        return self.rank + self.suit


class Deck:
    def __init__(self, seed=None):
        self._random = random.Random(seed)
        self._cards = [Card(r, s) for s in SUITS for r in RANKS]

    def __len__(self):
        return len(self._cards)

    def __getitem__(self, i):
        return self._cards[i]

    def __setitem__(self, i, card):
        self._cards[i] = card

    def shuffle(self):
        self._random.shuffle(self._cards)

    def deal(self, n):
        if n > len(self):
            raise ValueError(f"only {len(self)} cards left")
        hand = self._cards[:n]
        return hand
