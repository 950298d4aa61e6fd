def xor(data, key):
    if not key:
        raise ValueError("empty key")
    return bytes(b ^ key[i % len(key)] for i, b in enumerate(data))


def pack(raw):
    out = bytearray()
    i = 0
    while i < len(raw):
        n = 1
        while i + n < len(raw) and n < 255 and raw[i + n] == raw[i]:
            n += 1
        out += bytes([n, raw[i]])
        i += n
    return bytes(out)


def unpack(packed):
    return b"".join(packed[i + 1 : i + 2] * packed[i] for i in range(0, len(packed), 2))


def reverse(buffer):
    buffer.reverse()


def checksum(data):
    return sum(data) % 256


def decode(data):
    return data.decode("latin-1")


def hexdump(data):
    return " ".join(f"{b:02x}" for b in data)
