def factorial(n):
    if n < 0:
        raise ValueError("negative")
    return 1 if n < 2 else n * factorial(n - 1)


def fibonacci(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return int(((1 + 5**0.5) / 2) ** n / 5**0.5 + 0.5)


def digit_sum(n):
    return n if n < 10 else n % 10 + digit_sum(n // 10)


def egcd(a, b):
    if b == 0:
        return a, 1, 0
    g, x, y = egcd(b, a % b)
    return g, y, x - a // b * y


def mod_pow(base, exponent, modulus):
    result = 1
    base %= modulus
    while exponent:
        if exponent & 1:
            result = result * base % modulus
        base = base * base % modulus
        exponent >>= 1
    return result


def to_base(n, base):
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    if n < 0:
        return "-" + to_base(-n, base)
    return digits[n] if n < base else to_base(n // base, base) + digits[n % base]
