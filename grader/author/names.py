"""The names that a cell's statements read, bind and delete, in the order in which they do."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

_COMMAND = re.compile(r"^(\s*)([%!?].*|[\w, ]+=\s*[%!].*|.*[^\s#]\?)\s*$")
_HARMLESS = re.compile(r"\s*%(?:matplotlib|config|load_ext|autoreload|precision)\b|%%(?:time|capture)\b")


@dataclass(frozen=True)
class Plain:
    """A cell's source with `pass` for IPython's commands, line by line; `commands` are the lines that matter."""

    text: str
    commands: tuple[int, ...] = ()


def plain_python(source: str) -> Plain:
    """The source as Python without magics. One that is no Python even so stays what it is."""
    if _parses(source):
        return Plain(source)
    lines = source.split("\n")
    if lines[0].startswith("%%") and not _HARMLESS.match(lines[0]):
        return Plain("pass" + "\n" * (len(lines) - 1), (1,))
    commands = [n for n, line in enumerate(lines) if _COMMAND.match(line)]
    told = tuple(n + 1 for n in commands if not _HARMLESS.match(lines[n]))
    for n in commands:
        lines[n] = _COMMAND.sub(r"\1pass", lines[n])
    return Plain("\n".join(lines), told)


def _parses(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    return True


def parsed(source: str) -> ast.Module:
    """The statements of a cell without its magics; none when it is no Python."""
    try:
        return ast.parse(plain_python(source).text)
    except (SyntaxError, ValueError):
        return ast.Module([], [])


@dataclass
class Usage:
    """What statements do with names that are not their functions' own."""

    needed: list[str] = field(default_factory=list)
    """Read before they are bound here, or never bound here; in the order of their first use."""
    bound: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    """Deleted though bound elsewhere."""
    declared: set[str] = field(default_factory=set)
    """Named in `global` statements."""


def usage(statements: Sequence[ast.stmt]) -> Usage:
    """How the statements, run one after the other, use names."""
    walk = _Walk()
    walk.all(statements)
    found = Usage(declared=walk.declared)
    now: set[str] = set()
    for name, what in walk.events:
        if what == "bind":
            now.add(name)
            found.bound.add(name)
        elif what == "delete":
            if name not in now:
                found.deleted.add(name)
            now.discard(name)
        elif name not in now and name not in found.needed:
            found.needed.append(name)
    later = [name for name in walk.later if name not in found.bound]
    found.needed += [name for name in dict.fromkeys(later) if name not in found.needed]
    return found


def bound_by(node: ast.stmt) -> set[str]:
    """The names that one statement binds, in its branches too."""
    return usage([node]).bound


def function_reads(node: ast.stmt) -> dict[str, set[str]]:
    """For each function or class that the statement defines at its own level: the outer names it reads."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {}
    return {node.name: {*usage([node]).needed} - {node.name}}


class _Walk(ast.NodeVisitor):
    """Notes names as they are used; what functions read when they are called goes to `later`."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str]] = []
        self.later: list[str] = []
        self.declared: set[str] = set()

    def all(self, nodes: Iterable[ast.AST | None]) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node)

    def bind(self, name: str) -> None:
        self.events.append((name, "bind"))

    def visit_Name(self, node: ast.Name) -> None:
        what = {ast.Load: "read", ast.Store: "bind", ast.Del: "delete"}[type(node.ctx)]
        self.events.append((node.id, what))

    def visit_Assign(self, node: ast.Assign) -> None:
        self.all([node.value, *node.targets])

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.events.append((node.target.id, "read"))
        self.all([node.value, node.target])

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.all([node.annotation, node.value])
        if node.value is not None or not isinstance(node.target, ast.Name):
            self.visit(node.target)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.all([node.value, node.target])

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.all([node.iter, node.target, *node.body, *node.orelse])

    visit_AsyncFor = visit_For  # noqa: N815 (ast asks for this name)

    def visit_Global(self, node: ast.Global) -> None:
        self.declared.update(node.names)

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name != "*":
                self.bind(alias.asname or alias.name.partition(".")[0])

    visit_ImportFrom = visit_Import  # noqa: N815 (ast asks for this name)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        self.all([node.type])
        if node.name:
            self.bind(node.name)
        self.all(node.body)

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        self.all([node.pattern])
        if node.name:
            self.bind(node.name)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        if node.name:
            self.bind(node.name)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        arguments = node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
        self.all([*node.decorator_list, *arguments.defaults, *arguments.kw_defaults])
        self.all([*(a.annotation for a in every if a), node.returns])
        self.bind(node.name)
        self._function([a.arg for a in every if a], node.body)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815 (ast asks for this name)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        arguments = node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
        self.all([*arguments.defaults, *arguments.kw_defaults])
        self._function([a.arg for a in every if a], [node.body])

    def _function(self, parameters: Sequence[str], body: Iterable[ast.AST]) -> None:
        inner = _Walk()
        inner.all(body)
        self.declared |= inner.declared
        own = {*parameters, *(name for name, what in inner.events if what == "bind")} - inner.declared
        reads = [name for name, what in inner.events if what != "bind"]
        self.later += [name for name in (*reads, *inner.later) if name not in own]

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.all([*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)])
        inner = _Walk()
        inner.all(node.body)
        own: set[str] = set()
        for name, what in inner.events:
            if what == "bind":
                own.add(name)
            elif name not in own:
                self.events.append((name, "read"))
        self.declared |= inner.declared
        self.bind(node.name)
        self.later += inner.later

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        inner, own = _Walk(), _Walk()
        for part in node.generators:
            inner.all([part.iter, *part.ifs])
            own.visit(part.target)
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        inner.all(parts)
        names = {name for name, _ in own.events}
        self.events += [(name, what) for name, what in inner.events if name not in names]
        self.later += [name for name in inner.later if name not in names]

    visit_ListComp = visit_SetComp = visit_GeneratorExp = visit_DictComp = _comprehension  # noqa: N815 (ast asks for this name)
