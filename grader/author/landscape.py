"""Where the names of a notebook come from: what a test, which never runs in the notebook, can do to have them."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from grader.author.names import bound_by, function_reads, parsed, plain_python, usage
from grader.author.questions import Assignment, Origin
from grader.author.text import segment

Import = ast.Import | ast.ImportFrom


@dataclass(frozen=True)
class Binding:
    """A statement at the top of a cell that binds a name. `source` is the whole cell's."""

    number: int
    place: int
    origin: Origin
    node: ast.stmt
    source: str

    @property
    def text(self) -> str:
        return segment(self.source, self.node)


@dataclass
class Needs:
    """What a test must have around it. `fetched` are names of the notebook, in order."""

    imports: set[str] = field(default_factory=set)
    helpers: dict[str, Binding] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    before: dict[tuple[int, int], str] = field(default_factory=dict)
    """Statements that go before the test's own, by cell and place in it."""
    bound: set[str] = field(default_factory=set)
    """What these statements bind."""


class Landscape:
    """Every binding of the notebook, with its solutions in place."""

    def __init__(self, assignment: Assignment) -> None:
        self._bindings: dict[str, list[Binding]] = {}
        self._tests: dict[bool, dict[str, list[Binding]]] = {False: {}, True: {}}
        self._reads: dict[str, set[str]] = {}
        self._stars: list[str] = []
        for cell in assignment.cells:
            if cell.kind == "code" and cell.origin != "test" and cell.reference is not None:
                self._add(self._bindings, cell.number, cell.reference, cell.origin)
        for check in (check for question in assignment.questions for check in question.checks):
            for hidden in (True,) if check.hidden else (False, True):
                self._add(self._tests[hidden], check.number, check.source, "test")

    def _add(self, to: dict[str, list[Binding]], number: int, source: str, origin: Origin) -> None:
        module, plain = parsed(source), plain_python(source).text
        if origin == "test" and usage(module.body).deleted:
            return
        for place, node in enumerate(module.body):
            for name in bound_by(node):
                to.setdefault(name, []).append(Binding(number, place, origin, node, plain))
            if origin != "test":
                for function, reads in function_reads(node).items():
                    self._reads.setdefault(function, set()).update(reads)
            if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
                self._stars.append(segment(plain, node))

    def lookup(self, name: str, number: int, *, hidden: bool) -> Binding | None:
        """What the name is in this cell: the last binding before it, else the first after it in the notebook."""
        own = self._bindings.get(name, [])
        tests = self._tests[hidden].get(name, [])
        before = [binding for binding in (*own, *tests) if binding.number < number]
        if before:
            return max(before, key=lambda binding: (binding.number, binding.place))
        return own[0] if own else None

    def later_bindings(self, name: str, number: int) -> list[int]:
        """The cells after this one that bind the name again, tests left out."""
        return [binding.number for binding in self._bindings.get(name, ()) if binding.number > number]

    def is_solution(self, name: str) -> bool:
        """Whether a cell that the student fills in has to do with the name's value."""
        found = self._bindings.get(name, [])
        return not found or any(binding.origin != "given" for binding in found)

    def reader_of(self, names: Iterable[str], called: Iterable[str]) -> tuple[str, str] | None:
        """A name of these and a function of the notebook that reads it when one of `called` is called."""
        wanted = {name for name in names if name in self._bindings}
        seen: set[str] = set()
        left = [name for name in called if name in self._reads]
        while left:
            function = left.pop()
            seen.add(function)
            for read in self._reads[function]:
                if read in wanted:
                    return read, function
                if read in self._reads and read not in seen:
                    left.append(read)
        return None

    def needs(self, names: Iterable[str], number: int, *, hidden: bool) -> Needs:
        """What it takes for these names to mean in a test what they mean in the cell."""
        found = Needs()
        for name in names:
            self._need(found, name, number, hidden=hidden)
        found.fetched = [name for name in found.fetched if name not in found.bound or name in names]
        return found

    def _need(self, found: Needs, name: str, number: int, *, hidden: bool) -> None:
        if name in found.fetched or name in found.helpers or name in found.bound:
            return
        binding = self.lookup(name, number, hidden=hidden)
        if binding is None:
            self._need_unbound(found, name)
        elif isinstance(binding.node, Import):
            found.imports.add(import_of(binding.node, name))
        elif pure := self._pure(name, binding, hidden=hidden, above=frozenset()):
            found.helpers |= pure
        elif binding.origin == "test":
            self._need_statements(found, binding, _statements(binding.source), hidden=hidden)
        elif binding.origin == "given" and isinstance(binding.node, ast.FunctionDef) and not _reads_files(binding.node):
            self._need_statements(found, binding, [(binding.place, binding.node)], hidden=hidden)
        else:
            found.fetched.append(name)

    def _need_unbound(self, found: Needs, name: str) -> None:
        if hasattr(builtins, name):
            return
        if self._stars:
            found.imports.update(self._stars)
        else:
            found.fetched.append(name)
            found.unknown.append(name)

    def _need_statements(
        self, found: Needs, binding: Binding, statements: list[tuple[int, ast.stmt]], *, hidden: bool
    ) -> None:
        """Statements of another cell that must run before the test."""
        used = usage([node for _, node in statements])
        found.bound |= used.bound
        for place, node in statements:
            found.before[binding.number, place] = segment(binding.source, node)
        for name in used.needed:
            self._need(found, name, binding.number, hidden=hidden)

    def _pure(self, name: str, binding: Binding, *, hidden: bool, above: frozenset[str]) -> dict[str, Binding]:
        """The name and all that it needs when these are the instructor's definitions and nothing of the student's."""
        if binding.origin not in ("given", "test") or not _is_definition(binding):
            return {}
        found = {name: binding}
        for needed in usage([binding.node]).needed:
            if needed in found or needed in above:
                continue
            other = self.lookup(needed, binding.number + 1, hidden=hidden)
            if isinstance(other.node, Import) if other else hasattr(builtins, needed):
                continue
            pure = self._pure(needed, other, hidden=hidden, above=above | {*found}) if other else {}
            if not pure:
                return {}
            found |= pure
        return found

    def imports_of(self, binding: Binding) -> set[str]:
        """The imports that a helper needs."""
        needed = usage([binding.node]).needed
        others = [(name, self.lookup(name, binding.number + 1, hidden=True)) for name in needed]
        return {import_of(b.node, name) for name, b in others if b and isinstance(b.node, Import)}


def import_of(node: Import, name: str) -> str:
    """The import of this one name."""
    for alias in node.names:
        if name == (alias.asname or alias.name.partition(".")[0]):
            given = f"{alias.name} as {alias.asname}" if alias.asname else alias.name
            return f"from {node.module} import {given}" if isinstance(node, ast.ImportFrom) else f"import {given}"
    raise KeyError(name)


def _is_definition(binding: Binding) -> bool:
    """Whether the statement says what the name is once and for all: a function, a class, a constant."""
    node = binding.node
    if isinstance(node, ast.FunctionDef):
        return not _reads_files(node)
    if isinstance(node, ast.ClassDef):  # the student's code has the notebook's class, and another is not the same
        return binding.origin == "test"
    if not isinstance(node, ast.Assign) or not all(isinstance(target, ast.Name) for target in node.targets):
        return False
    try:
        value = ast.literal_eval(node.value)
    except ValueError:
        return False
    others = usage([other for n, other in enumerate(parsed(binding.source).body) if n != binding.place])
    filled = isinstance(value, list | dict | set) and any(name in others.needed for name in bound_by(node))
    return not filled


def _reads_files(function: ast.FunctionDef) -> bool:
    """Whether the function looks as if it read files, which lie beside the notebook and not beside the tests."""
    names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    attributes = [node.attr for node in ast.walk(function) if isinstance(node, ast.Attribute)]
    return "open" in names or any(name.startswith(("read", "load", "open", "genfromtxt")) for name in attributes)


def _statements(source: str) -> list[tuple[int, ast.stmt]]:
    """The statements of a test cell that a later one builds upon: all but what only shows a value."""
    found: Iterator[tuple[int, ast.stmt]] = enumerate(parsed(source).body)
    shows = (ast.Compare, ast.Constant, ast.Name)
    return [(n, node) for n, node in found if not (isinstance(node, ast.Expr) and isinstance(node.value, shows))]
