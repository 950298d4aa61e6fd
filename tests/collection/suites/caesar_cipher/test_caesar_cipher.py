import string

import pytest

from solution import ALPHABET, crack, decrypt, encrypt


def test_alphabet():
    assert ALPHABET == string.ascii_lowercase


@pytest.mark.parametrize(
    "plain, key, cipher",
    [
        ("abc", 1, "bcd"),
        ("xyz", 3, "abc"),
        ("Hello, World!", 5, "Mjqqt, Btwqi!"),
        ("", 7, ""),
        ("unchanged", 26, "unchanged"),
        ("minus", -1, "lhmtr"),
        ("çé→ stays", 2, "çé→ uvcau"),
    ],
)
def test_encrypt(plain, key, cipher):
    assert encrypt(plain, key) == cipher
    assert decrypt(cipher, key) == plain


def test_rot13_is_its_own_inverse():
    text = "The Quick Brown Fox"
    assert encrypt(encrypt(text, 13), 13) == text


def test_huge_key():
    assert encrypt("a", 26 * 10**30 + 2) == "c"


def test_crack_finds_the_key():
    secret = encrypt("the weather in the mountains was better than expected", 11)
    assert crack(secret, words={"the", "in", "was"}) == 11


def test_crack_gives_none_when_nothing_fits():
    assert crack("qqqq", words={"the"}) is None
