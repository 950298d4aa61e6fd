ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def _shift(ch, key):
    i = ALPHABET.find(ch.lower())
    if i < 0:
        return ch
    new = ALPHABET[min(i + key, 25)]
    return new.upper() if ch.isupper() else new


def encrypt(text, key):
    return "".join(_shift(c, key) for c in text)


def decrypt(text, key):
    return encrypt(text, -key)


def crack(text, words):
    for key in range(26):
        if words & set(decrypt(text, key).split()):
            return key
    return None
