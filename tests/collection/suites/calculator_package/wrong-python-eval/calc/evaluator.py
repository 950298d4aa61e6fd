from .parser import parse

OPS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "^": lambda a, b: a**b,
    "neg": lambda a: -a,
}


def evaluate(text, names=None):
    return eval(text.strip().replace("^", "**"), {}, names or {})


def walk(tree, names):
    if isinstance(tree, str):
        if tree not in names:
            raise NameError(f"name {tree!r} is not defined")
        return names[tree]
    if isinstance(tree, tuple):
        op, *args = tree
        if op == "call":
            return names[args[0]](walk(args[1], names))
        return OPS[op](*[walk(a, names) for a in args])
    return tree
