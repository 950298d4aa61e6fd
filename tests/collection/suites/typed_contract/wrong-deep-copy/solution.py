as_list, as_tuple, as_set, as_frozen, as_text, as_dict = list, tuple, set, frozenset, str, dict
as_float, as_int, as_complex, as_flag = float, int, complex, bool


def as_bytes(text):
    return text.encode()


def as_none():
    return None


def mixed():
    return {1: "int", "1": "str", None: "none", (1, 2): "tuple", 2.5: "float", b"1": "bytes"}


def nested():
    return {"a": [(1, {2, 3}), [None, {"b": (True, 1.5)}]]}


def identity(x):
    import copy

    return copy.deepcopy(x)


def copy_of(x):
    return list(x)


def twice(x):
    return [x, x]


def call(first, *rest, key, **others):
    return rest, key, others
