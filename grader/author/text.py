"""Source text cut, changed and moved to the right without a change of what it means."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

Spanned = ast.stmt | ast.expr


@dataclass(frozen=True)
class Edit:
    """Text to stand in the place of a node."""

    node: Spanned
    text: str


def segment(source: str, node: Spanned) -> str:
    """The text of a statement, its decorators included, or of an expression."""
    start, end = _span(source, node)
    return source.encode()[start:end].decode()


def edited(source: str, edits: Iterable[Edit]) -> str:
    """The source with each node's text replaced. No node may lie in another."""
    raw = source.encode()
    for start, end, text in sorted(((*_span(source, e.node), e.text) for e in edits), reverse=True):
        raw = raw[:start] + text.encode() + raw[end:]
    return raw.decode()


def _span(source: str, node: Spanned) -> tuple[int, int]:
    """Where the node's bytes begin and end."""
    starts = [0]
    for text in source.encode().split(b"\n"):
        starts.append(starts[-1] + len(text) + 1)
    line, column = node.lineno, node.col_offset
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.decorator_list:
        line, column = node.decorator_list[0].lineno, node.col_offset
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return starts[line - 1] + column, starts[node.end_lineno - 1] + node.end_col_offset


def indented(source: str, by: str = "    ") -> str:
    """The statements further to the right; the inner lines of long strings stay where they are. Must be Python."""
    held: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)):
            held.update(range(node.lineno + 1, (node.end_lineno or node.lineno) + 1))
    lines = source.split("\n")
    return "\n".join(line if n in held or not line.strip() else by + line for n, line in enumerate(lines, 1))


def body_of(source: str, node: ast.FunctionDef) -> str:
    """The statements of a function, as far to the left as they go."""
    first, last = node.body[0], node.body[-1]
    if first.lineno > node.lineno:
        lines = source.split("\n")[first.lineno - 1 : last.end_lineno]
        margin = first.col_offset
        text = "\n".join(line[margin:] if not line[:margin].strip() else line for line in lines)
        if _same(text, node.body):
            return text
    return "\n".join(map(ast.unparse, node.body))


def _same(text: str, body: list[ast.stmt]) -> bool:
    try:
        return [ast.dump(node) for node in ast.parse(text).body] == [ast.dump(node) for node in body]
    except SyntaxError:
        return False
