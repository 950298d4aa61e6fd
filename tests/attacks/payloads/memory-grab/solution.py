"""At most 3 GiB, every page touched."""


def predict(xs):
    blocks = []
    for n in range(96):
        block = bytearray(32 * 1024 * 1024)
        for i in range(0, len(block), 4096):
            block[i] = n
        blocks.append(block)
    return [float(len(blocks))]
