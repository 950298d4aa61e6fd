"""What stands in single cells of Otter Assign's format: solutions to be taken out, tests with their configuration."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grader.author.names import plain_python
from grader.author.questions import Shown, SourceCell, refuse
from grader.rubric.source import parse

_IGNORED = re.compile(r"\s*(?:##\s*ignore\s*##|#\s*ignore\b)", re.IGNORECASE)
_BEGIN = re.compile(r"(\s*)#+\s*BEGIN\s+SOLUTION\b(\s+NO\s+PROMPT\b)?")
_MARKED = re.compile(r"\s*#+\s?SOLUTION\b.*$")
_DROPPED = re.compile(r"\s*#+\s?SOLUTION\s+NO\s+PROMPT\b.*$")
_SEED = re.compile(r"\s*#\s*SEED\s*$")
_PROMPT = re.compile(r"""\s*(?:"{3}|'{3})\s*;?\s*#\s*(BEGIN|END)\s+PROMPT\s*$""")
_CONFIG = re.compile(r"""(?:.\s*=\s*)?["']{2,3}\s*#\s*(BEGIN|END)\s+TEST\s+CONFIG\s*$""", re.IGNORECASE)
_PLUGIN = re.compile(r"""\s*["']{2,3}\s*#\s*BEGIN\s+PLUGIN""")
_IGNORE_LINE = re.compile(r"#\s*IGNORE\s*$")
_IGNORE_BLOCK = re.compile(r"\s*#\s*(BEGIN|END)\s+IGNORE\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class TestCell:
    """A test cell, its configuration read. `points` is None where it says nothing of them."""

    source: str
    hidden: bool
    first_line: int
    points: float | None
    shown: Shown
    message: str = ""


def is_ignored(source: str) -> bool:
    """Whether the cell is for nobody but its author."""
    return bool(_IGNORED.match(source.partition("\n")[0])) or bool(_PLUGIN.match(source))


def given(cell: SourceCell) -> str:
    """A cell outside solutions and tests. Raises BadInput when a line of it is marked as a solution."""
    lines = _kept(cell)
    if cell.kind == "code":
        for number, line in lines:
            if _MARKED.search(line) or _BEGIN.match(line) or line.rstrip().endswith("# END SOLUTION"):
                fix = "Put the cell between raw cells `# BEGIN SOLUTION` and `# END SOLUTION`."
                refuse(
                    "a solution is marked outside of a solution block, where it would stay", fix, cell.number, number
                )
    return "\n".join(_SEED.sub("", line) for _, line in lines)


def without_solution(cell: SourceCell) -> str:
    """What the student gets of a solution cell. Raises BadInput for marks that do not pair."""
    _check_whole_statements(cell)
    made: list[str] = []
    for _, line, place in _places(cell):
        if place == "prompt":
            made.append(line)
        elif place == "begin" and (opened := _BEGIN.match(line)) and not opened[2]:
            made.append(opened[1] + "...")
        elif place == "plain" and not _DROPPED.search(line):
            made.append(_SEED.sub("", _prompted(line) if _MARKED.search(line) else line))
    return "\n".join(made)


def with_solution(cell: SourceCell) -> str:
    """The cell as a good student would have written it, without any mark."""
    kept = (line for _, line, place in _places(cell) if place in ("plain", "solution"))
    return "\n".join(_SEED.sub("", _MARKED.sub("", line)) for line in kept)


def _kept(cell: SourceCell) -> list[tuple[int, str]]:
    """The lines and their numbers, without those to be ignored."""
    kept: list[tuple[int, str]] = []
    since = 0
    for number, line in enumerate(cell.lines, 1):
        block = _IGNORE_BLOCK.match(line)
        if block:
            opens = block[1].upper() == "BEGIN"
            if opens == bool(since):
                refuse(
                    f"{line.strip()} does not pair", "Write BEGIN IGNORE and END IGNORE in turn.", cell.number, number
                )
            since = number if opens else 0
        elif not since and not _IGNORE_LINE.search(line):
            kept.append((number, line))
    if since:
        refuse("# BEGIN IGNORE is never closed", "Add a line `# END IGNORE`.", cell.number, since)
    return kept


def _places(cell: SourceCell) -> list[tuple[int, str, str]]:
    """Number, text and place of each line: plain, solution, prompt, or begin and end of such a region."""
    found: list[tuple[int, str, str]] = []
    inside, since = "", 0
    for number, line in _kept(cell):
        prompt = _PROMPT.match(line)
        begins = "prompt" if prompt and prompt[1] == "BEGIN" else "solution" if _BEGIN.match(line) else ""
        ended = line.rstrip().endswith("# END SOLUTION")
        ends = "prompt" if prompt and prompt[1] == "END" else "solution" if ended else ""
        if (begins and inside) or (ends and ends != inside):
            state = f"the {inside} that line {since} begins is open" if inside else "nothing is open"
            fix = "Each BEGIN needs its END, and none may lie in another."
            refuse(f"{line.strip()!r} stands where {state}", fix, cell.number, number)
        if begins:
            inside, since = begins, number
        found.append((number, line, "begin" if begins else "end" if ends else inside or "plain"))
        inside = "" if ends else inside
    if inside:
        refuse(f"the {inside} is never closed", f"Add a line `# END {inside.upper()}`.", cell.number, since)
    return found


def _prompted(line: str) -> str:
    """A marked line as the student gets it: the value of an assignment is left out, or the whole line."""
    indent, text = line[: len(line) - len(line.lstrip())], line.strip()
    try:
        body = ast.parse(text).body
    except SyntaxError:
        return indent + "..."
    node = body[0] if len(body) == 1 else None
    if isinstance(node, ast.Assign) and all(map(_plain_target, node.targets)):
        before = text.encode()[: node.value.col_offset].decode()
        return indent + before.rstrip("( ") + " ..."
    return indent + "..."


def _plain_target(node: ast.expr) -> bool:
    """Whether the target of an assignment gives nothing of the solution away."""
    if isinstance(node, ast.Tuple | ast.List):
        return all(map(_plain_target, node.elts))
    if isinstance(node, ast.Subscript):
        return _plain_target(node.value) and isinstance(node.slice, ast.Constant)
    return isinstance(node, ast.Name) or (isinstance(node, ast.Attribute) and _plain_target(node.value))


def _check_whole_statements(cell: SourceCell) -> None:
    """Raises BadInput when only some lines of one statement are marked: the others would reach the student."""
    marked = {number for number, line, place in _places(cell) if place == "plain" and _MARKED.search(line)}
    try:
        tree = ast.parse(plain_python(cell.source).text)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and not hasattr(node, "body") and node.end_lineno is not None:
            lines = set(range(node.lineno, node.end_lineno + 1))
            if lines & marked and not lines <= marked:
                fix = "Put the statement between lines `# BEGIN SOLUTION` and `# END SOLUTION`."
                message = "only a part of this statement is marked as the solution"
                refuse(message, fix, cell.number, min(lines - marked))


def read_test(cell: SourceCell) -> TestCell:
    """A test cell, with what it showed. Raises BadInput for a configuration that cannot be read."""
    lines = cell.lines
    first = lines[0].strip()
    hidden = first.startswith("#") and bool(re.search(r"\bhidden\b", first, re.IGNORECASE))
    start, config = (1 if hidden else 0), {}
    opened = _CONFIG.match(first)
    if opened and opened[1].upper() == "BEGIN":
        end = next((n for n, line in enumerate(lines) if n and _CONFIG.match(line.strip())), None)
        if end is None:
            refuse("# BEGIN TEST CONFIG is never closed", 'Add a line `""" # END TEST CONFIG`.', cell.number, 1)
        config, start = _read_config("\n".join(lines[1:end]), cell.number), end + 1
    points = config.get("points")
    if points is not None and (isinstance(points, bool) or not isinstance(points, int | float) or points < 0):
        refuse(f"{points!r} are no points", "Write a number from 0 up.", cell.number)
    message = config.get("failure_message")
    return TestCell(
        source="\n".join(line for line in lines[start:] if not _IGNORE_LINE.search(line)),
        hidden=config["hidden"] is True if "hidden" in config else hidden,
        first_line=start + 1,
        points=points,
        shown=_shown(cell),
        message=message if isinstance(message, str) else "",
    )


def _read_config(text: str, number: int) -> dict[str, Any]:
    if not text.strip():
        return {}
    document = parse(text.encode(errors="replace"), "")
    if document.problems or not isinstance(document.data, dict):
        problem = min(document.problems, default=None)
        what = problem.text if problem else "it holds no keys"
        refuse(what, "Write YAML, such as `points: 2`.", number, problem.line + 1 if problem else 1)
    return document.data


def _shown(cell: SourceCell) -> Shown:
    stdout, result = "", None
    for output in cell.outputs:
        if output.get("output_type") == "stream" and output.get("name") != "stderr":
            stdout += _text(output.get("text"))
        elif output.get("output_type") == "execute_result" and isinstance(output.get("data"), dict):
            result = _text(output["data"].get("text/plain"))
    return Shown(stdout, result, cell.executed or bool(cell.outputs))


def _text(value: Any) -> str:
    return "".join(value) if isinstance(value, list) else value if isinstance(value, str) else ""


def for_student(case: TestCell) -> str:
    """A visible test as it stands in the student's notebook, with what it must show where a line says it all."""
    text = case.source.strip("\n")
    name = only_function(text)
    if name:
        return f"{text.rstrip()}\n\n{name[0]}({', '.join(name[1])})"
    result = case.shown.result
    if result is None or result == "" or "\n" in result or len(result) > 80:
        return text
    return f"{text}\n# must show: {result}"


def only_function(source: str) -> tuple[str, list[str]] | None:
    """Name and parameters of the one function that a test cell of the exception style defines, and does not call."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return None
    node = body[0] if len(body) == 1 else None
    if not isinstance(node, ast.FunctionDef):
        return None
    return node.name, [argument.arg for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]


def resolve_points(points: Any, cases: Sequence[float | None], number: int) -> list[float]:
    """The points of each test of a question, by Otter's rules. Raises BadInput where they cannot be.

    `points` is a number for all, a list of one for each, `{each: n}`, or None; a case may say its own.
    """
    if isinstance(points, dict):
        points = points.get("each", 1) * len(cases)
    if isinstance(points, list):
        if len(points) != len(cases):
            fix = "Write one number for each test cell."
            refuse(f"there are {len(points)} points for {len(cases)} tests", fix, number)
        cases, points = points, None
    for value in (points, *cases):
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or value < 0):
            refuse(f"{value!r} are no points", "Write a number from 0 up.", number)
    told = sum(value for value in cases if value is not None)
    untold = sum(value is None for value in cases)
    if points is not None and told > points:
        fix = "Raise the points of the question, or lower those of the tests."
        refuse(f"its tests have {told:g} points, the question only {points:g}", fix, number)
    whole = points if points is not None else 0.0 if told else 1.0
    share = (whole - told) / untold if untold and whole > told else 0.0
    return [float(share if value is None else value) for value in cases]
