"""A test cell as a pytest function: the names it uses come from `submission.notebook`, the rest stays as it was."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from grader.author.landscape import Landscape, Needs
from grader.author.names import plain_python, usage
from grader.author.questions import Check, Shown
from grader.author.text import Edit, body_of, edited, indented, segment

_NAME_SPACES = ("globals", "locals", "vars", "dir")
_RUNS_TEXT = ("exec", "eval", "get_ipython")
_LAST_RESULTS = re.compile(r"_+|_\d+|_i+|_oh|_ih|In|Out")
_JUDGED_HERE = ("isinstance", "issubclass", "callable", "all", "any", "bool", "hasattr")


class NotConvertibleError(Exception):
    """Says why a cell cannot be a test of its own."""


@dataclass
class Converted:
    """A test function, and what its module must import."""

    name: str
    text: str
    needs: Needs
    sdk: set[str] = field(default_factory=set)
    doubts: list[str] = field(default_factory=list)


def convert(check: Check, name: str, landscape: Landscape) -> Converted:
    """The check as a test function. Raises NotConvertibleError with the reason."""
    source, parameters = _statements(check)
    tree = ast.parse(source)
    _refuse_what_needs_the_kernel(tree, check)
    own = "submission" in usage(tree.body).needed
    source = edited(source, [*_name_space_edits(tree), *_environment_edits(tree, parameters)])
    tree = ast.parse(source)
    used = usage(tree.body)
    environment = "env" in parameters and "env" in used.needed
    needed = [word for word in used.needed if (own or word != "submission") and not (environment and word == "env")]
    needs = landscape.needs(needed, check.number, hidden=check.hidden)
    _refuse_patches(tree, used.deleted, needs, landscape)
    sdk: set[str] = set()
    source = edited(source, _expectation(tree, source, check, sdk, landscape))
    doubts = [*_later(needs, check.number, landscape), *(f"uses `{n}`, which no cell defines" for n in needs.unknown)]
    if check.shown and check.shown.result == "False":
        doubts.append("showed False when the notebook was saved, so that is what it expects")
    text = _function(name, source, check.shown, needs, environment=environment)
    return Converted(name, text, needs, sdk, doubts)


def _statements(check: Check) -> tuple[str, tuple[str, ...]]:
    """The statements to run, without magics; and the parameters of the function that held them, if one did."""
    plain = plain_python(check.source)
    if plain.commands:
        line = check.first_line + plain.commands[0] - 1
        raise NotConvertibleError(f"line {line} is a command of IPython, which a test cannot run; write it in Python")
    try:
        body = ast.parse(plain.text).body
    except (SyntaxError, ValueError) as error:
        line = check.first_line + (getattr(error, "lineno", None) or 1) - 1
        raise NotConvertibleError(f"line {line} is not Python: {error.args[0]}") from error
    silent = check.shown is not None and check.shown.result is None and not check.shown.stdout
    function = _only_function(body) if silent else None
    if function:
        arguments = function.args
        every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
        return body_of(plain.text, function), tuple(argument.arg for argument in every)
    if all(isinstance(node, ast.Pass) or _is_text(node) for node in body):
        raise NotConvertibleError("holds no statements, so it tests nothing")
    return plain.text, ()


def _only_function(body: list[ast.stmt]) -> ast.FunctionDef | None:
    """The function of a cell that holds nothing else but perhaps a call of it with plain names."""
    if not 1 <= len(body) <= 2 or not isinstance(body[0], ast.FunctionDef):
        return None
    call = body[1].value if len(body) == 2 and isinstance(body[1], ast.Expr) else None
    if len(body) == 1:
        return body[0]
    ours = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == body[0].name
    plain = isinstance(call, ast.Call) and all(isinstance(a, ast.Name) for a in call.args) and not call.keywords
    parameters = [argument.arg for argument in body[0].args.args]
    same = isinstance(call, ast.Call) and [a.id for a in call.args if isinstance(a, ast.Name)] == parameters
    return body[0] if ours and plain and same else None


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _refuse_what_needs_the_kernel(tree: ast.Module, check: Check) -> None:
    spaces = {id(node) for node in _name_spaces(tree)}
    for node in ast.walk(tree):
        line = f"line {check.first_line + getattr(node, 'lineno', 1) - 1}"
        if isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith) and _at_top(tree, node):
            raise NotConvertibleError(f"{line} awaits outside of a function; call it with `asyncio.run`")
        if isinstance(node, ast.Global):
            raise NotConvertibleError(f"{line} declares a global, which would be the test's and not the notebook's")
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            if node.id in _RUNS_TEXT:
                raise NotConvertibleError(f"{line} uses {node.id}, which works only inside the notebook")
            if _LAST_RESULTS.fullmatch(node.id) and node.id not in usage(tree.body).bound:
                raise NotConvertibleError(f"{line} uses {node.id}, the last result of the notebook; give it a name")
        if isinstance(node, ast.Call) and _space(node) and id(node) not in spaces:
            raise NotConvertibleError(f"{line} handles the notebook's names as a dict; use the names themselves")


def _at_top(tree: ast.Module, wanted: ast.AST) -> bool:
    left: list[ast.AST] = [*tree.body]
    while left:
        node = left.pop()
        if node is wanted:
            return True
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            left += ast.iter_child_nodes(node)
    return False


def _space(node: ast.AST) -> bool:
    """Whether this is `globals()` or the like."""
    called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _NAME_SPACES
    return called and isinstance(node, ast.Call) and not node.args


def _name_spaces(tree: ast.Module) -> Iterator[ast.expr]:
    """Uses of `globals()` and the like that `submission.notebook` can stand for: `in` and `[…]`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.In | ast.NotIn):
            if _space(node.comparators[0]):
                yield node.comparators[0]
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and _space(node.value):
            yield node.value


def _name_space_edits(tree: ast.Module) -> list[Edit]:
    return [Edit(node, "submission.notebook") for node in _name_spaces(tree)]


def _environment_edits(tree: ast.Module, parameters: tuple[str, ...]) -> list[Edit]:
    """`env["x"]` of an exception-style test as `x`."""
    found: list[Edit] = []
    for node in ast.walk(tree) if "env" in parameters else ():
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == "env":
            key = node.slice.value if isinstance(node.slice, ast.Constant) else None
            if isinstance(key, str) and key.isidentifier():
                found.append(Edit(node, key))
    return found


# what the cell showed


def _expectation(tree: ast.Module, source: str, check: Check, sdk: set[str], landscape: Landscape) -> list[Edit]:
    """The last line compared with what it showed when the notebook was saved."""
    last, shown = tree.body[-1], check.shown
    if shown is None or not isinstance(last, ast.Expr) or _is_text(last):
        return []
    if shown.result is None:
        if (not shown.executed and not isinstance(last.value, ast.Call)) or _only_call(tree, shown):
            text = "was saved without its output, which is what it expects; run all cells, save, and convert again"
            raise NotConvertibleError(text)
        return []
    return [Edit(last, _comparison(segment(source, last), last.value, check, sdk, landscape))]


def _only_call(tree: ast.Module, shown: Shown) -> bool:
    """Whether the cell would test nothing if the last line's value were not compared."""
    checks = any(isinstance(node, ast.Assert | ast.Raise | ast.With) for node in ast.walk(tree))
    return not shown.executed and not checks and len(tree.body) == 1


def _comparison(value: str, node: ast.expr, check: Check, sdk: set[str], landscape: Landscape) -> str:
    result = (check.shown and check.shown.result) or ""
    message = f", {check.message!r}" if check.message else ""
    if result in ("True", "False") and _is_judged_here(node, check, landscape):
        return f"assert {value}{message}" if result == "True" else f"assert not ({value}){message}"
    if _holds_float(result):
        sdk.add("assert_close")
        return f"assert_close({value}, {result})"
    sdk.add("assert_shows")
    return f"assert_shows({value}, {result!r})"


def _is_judged_here(node: ast.expr, check: Check, landscape: Landscape) -> bool:
    """Whether the truth of the expression is found by the test, not told by student code."""
    if isinstance(node, ast.BoolOp):
        return all(_is_judged_here(part, check, landscape) for part in node.values)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return True
    if isinstance(node, ast.Call):
        root: ast.expr = node.func
        if isinstance(root, ast.Name):
            return root.id in _JUDGED_HERE
        while isinstance(root, ast.Attribute):
            root = root.value
        found = landscape.lookup(root.id, check.number, hidden=check.hidden) if isinstance(root, ast.Name) else None
        return found is not None and isinstance(found.node, ast.Import | ast.ImportFrom)
    return isinstance(node, ast.Compare)


def _holds_float(text: str) -> bool:
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return False
    return any(isinstance(n, ast.Constant) and isinstance(n.value, float) for n in ast.walk(ast.parse(text))) and bool(
        isinstance(value, float | list | tuple | dict)
    )


# what cannot be done from outside


def _refuse_patches(tree: ast.Module, deleted: set[str], needs: Needs, landscape: Landscape) -> None:
    if deleted:
        name = min(deleted)
        raise NotConvertibleError(f"deletes `{name}`, which a test cannot do in the notebook's own name space")
    bound: set[str] = set()
    for node in tree.body:
        imports = isinstance(node, ast.Import | ast.ImportFrom)
        bound |= set() if imports else usage([node]).bound
    found = landscape.reader_of(bound, needs.fetched)
    if found:
        name, function = found
        text = f"assigns `{name}`, which `{function}` reads; a test's own `{name}` is not the notebook's"
        raise NotConvertibleError(text)


def _later(needs: Needs, number: int, landscape: Landscape) -> list[str]:
    found = []
    for name in needs.fetched:
        if cells := landscape.later_bindings(name, number):
            text = f"uses `{name}`, which cell {cells[-1]} binds again: tests see what it is after the last cell"
            found.append(text)
    return found


# the function's text


def _function(name: str, source: str, shown: Shown | None, needs: Needs, *, environment: bool) -> str:
    first = ast.parse(source).body[0]
    docstring = segment(source, first) if _is_text(first) else ""
    if docstring:
        source = edited(source, [Edit(first, "pass" if len(ast.parse(source).body) == 1 else "")])
    body = [f'{name} = submission.notebook["{name}"]' for name in sorted(needs.fetched, key="submission".__eq__)]
    body += ["env = submission.notebook"] if environment else []
    body += [text for _, text in sorted(needs.before.items())]
    body.append(source.strip("\n").rstrip().removesuffix(";"))
    printed = shown is not None and shown.stdout
    if printed and shown is not None:
        body.append(f"assert capsys.readouterr().out == {shown.stdout!r}")
    head = f"def {name}(submission{', capsys' if printed else ''}):"
    parts = [head, *([indented(docstring)] if docstring else []), *map(indented, body)]
    return "\n".join(parts) + "\n"
