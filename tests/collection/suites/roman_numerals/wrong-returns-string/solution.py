VALUES = [
    (1000, "M"),
    (900, "CM"),
    (500, "D"),
    (400, "CD"),
    (100, "C"),
    (90, "XC"),
    (50, "L"),
    (40, "XL"),
    (10, "X"),
    (9, "IX"),
    (5, "V"),
    (4, "IV"),
    (1, "I"),
]


def to_roman(n):
    if not 1 <= n <= 3999:
        raise ValueError(f"{n} is not between 1 and 3999")
    out = ""
    for value, symbol in VALUES:
        while n >= value:
            out += symbol
            n -= value
    return out


def from_roman(text):
    total, rest = 0, text
    for value, symbol in VALUES:
        while rest.startswith(symbol):
            total += value
            rest = rest[len(symbol) :]
    if rest or not total or to_roman(total) != text:
        raise ValueError(f"not a roman numeral: {text!r}")
    return str(total)
