import pytest

from solution import from_roman, to_roman

PAIRS = [
    (1, "I"),
    (2, "II"),
    (4, "IV"),
    (5, "V"),
    (9, "IX"),
    (14, "XIV"),
    (40, "XL"),
    (48, "XLVIII"),
    (59, "LIX"),
    (90, "XC"),
    (93, "XCIII"),
    (141, "CXLI"),
    (402, "CDII"),
    (575, "DLXXV"),
    (911, "CMXI"),
    (1024, "MXXIV"),
    (3999, "MMMCMXCIX"),
]


@pytest.mark.parametrize(("number", "text"), PAIRS)
def test_to_roman(number, text):
    assert to_roman(number) == text


@pytest.mark.parametrize(("number", "text"), PAIRS)
def test_from_roman(number, text):
    assert from_roman(text) == number


def test_round_trip():
    for n in range(1, 400):
        assert from_roman(to_roman(n)) == n


@pytest.mark.parametrize("n", [0, -1, 4000])
def test_out_of_range(n):
    with pytest.raises(ValueError, match=r"between 1 and 3999"):
        to_roman(n)


@pytest.mark.parametrize("text", ["", "IIII", "ABC", "IC", "iv"])
def test_malformed(text):
    with pytest.raises(ValueError) as excinfo:
        from_roman(text)
    assert repr(text) in str(excinfo.value)
