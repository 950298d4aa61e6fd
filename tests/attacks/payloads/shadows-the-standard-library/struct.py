def pack(*a):
    return b""


def unpack(*a):
    return (0,)


calcsize = lambda f: 0
error = ValueError
