"""What a rubric must hold beyond the shape of its keys: names that exist, points that add up, files that are there."""

from __future__ import annotations

import ast
import itertools
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from pydantic import ValidationError

from grader.rubric import quality
from grader.rubric.model import CELLS_FILE, Criterion, MetricSpec, Model, Skill
from grader.rubric.source import Document, Loc, Problem

M = TypeVar("M", bound=Model)


def check_rubric(document: Document, files: Mapping[str, bytes]) -> None:
    """Adds to the document's problems. Looks at every criterion that is sound in itself, even when another is not."""
    criteria = list(_sound(document, "criteria", Criterion))
    skills = list(_sound(document, "skills", Skill))
    _unique(document, "criteria")
    _unique(document, "skills")
    _check_skills(document)
    _check_cells(document, criteria, files)
    for loc, criterion in criteria:
        _check_points(document, loc, criterion)
        _check_tests(document, loc, criterion, files)
        if criterion.all_or_nothing and criterion.kind != "tests":
            document.add((*loc, "all_or_nothing"), "goes with `tests` only")
        if criterion.fresh and criterion.kind not in ("tests", "metric"):
            document.add((*loc, "fresh"), "goes with `tests` and `metric` only")
        if criterion.quality and (refusal := quality.refusal(tuple(criterion.quality.select))):
            document.add((*loc, "quality", "select"), refusal)
    for loc, skill in skills:
        _check_levels(document, loc, skill)


def _check_cells(document: Document, criteria: Sequence[tuple[Loc, Criterion]], files: Mapping[str, bytes]) -> None:
    """Criteria about cells take a rubric that has a notebook, and their tests' file is made by us."""
    given = document.data.get("submission") if isinstance(document.data, dict) else None
    submission = given if isinstance(given, dict) else {}
    accepts = submission.get("accepts")
    if submission.get("notebook") is None and not (isinstance(accepts, list) and "notebook" in accepts):
        for loc, criterion in criteria:
            if criterion.tag:
                key = ("cells", "tag") if criterion.cells else ("review", "cell")
                document.add((*loc, *key), "the rubric has no notebook; name it with `submission.notebook`")
    if CELLS_FILE in files:
        document.problems.append(Problem(CELLS_FILE, 1, 1, "this name is taken by the tests of `cells` criteria"))


def _items(document: Document, key: str) -> list[object]:
    items = document.data.get(key) if isinstance(document.data, dict) else None
    return items if isinstance(items, list) else []


def _sound(document: Document, key: str, model: type[M]) -> Iterator[tuple[Loc, M]]:
    for index, item in enumerate(_items(document, key)):
        try:
            yield (key, index), model.model_validate(item)
        except ValidationError:
            continue


def _ids(document: Document, key: str) -> Iterator[tuple[int, str]]:
    for index, item in enumerate(_items(document, key)):
        if isinstance(item, dict) and isinstance(item.get("id"), str):
            yield index, item["id"]


def _unique(document: Document, key: str) -> None:
    first: dict[str, int] = {}
    for index, id in _ids(document, key):
        if id in first:
            line = document.places[(key, first[id], "id")][0]
            document.add((key, index, "id"), f"`{id}` is taken by line {line}")
        first.setdefault(id, index)


def _check_skills(document: Document) -> None:
    known = [id for _, id in _ids(document, "skills")]
    names = f"known are {', '.join(known)}" if known else "the rubric has no `skills`"
    for number, item in enumerate(_items(document, "criteria")):
        skills = item.get("skills") if isinstance(item, dict) else None
        for index, id in enumerate(skills if isinstance(skills, list) else ()):
            if isinstance(id, str) and id not in known:
                document.add(("criteria", number, "skills", index), f"unknown skill `{id}`; {names}")
            elif skills and id in skills[:index]:
                document.add(("criteria", number, "skills", index), f"`{id}` is listed twice")


def _check_levels(document: Document, loc: Loc, skill: Skill) -> None:
    marks = sorted(skill.levels.items(), key=lambda item: item[1])
    for (lower, mark), (name, other) in itertools.pairwise(marks):
        if mark == other:
            document.add((*loc, "levels", name), f"needs as many percent as `{lower}`")


def _check_points(document: Document, loc: Loc, criterion: Criterion) -> None:
    if criterion.metric:
        _check_bands(document, (*loc, "metric", "bands"), criterion.metric)
        best = max(range(len(criterion.metric.bands)), key=[b.points for b in criterion.metric.bands].__getitem__)
        _check_best(document, (*loc, "metric", "bands", best), criterion.metric.bands[best].points, criterion.points)
    if criterion.review:
        levels = criterion.review.levels
        best = max(range(len(levels)), key=[level.points for level in levels].__getitem__)
        _check_best(document, (*loc, "review", "levels", best), levels[best].points, criterion.points)
        names = [level.name for level in levels]
        for index, name in enumerate(names):
            if name in names[:index]:
                document.add((*loc, "review", "levels", index, "name"), f"`{name}` is listed twice")


def _check_best(document: Document, loc: Loc, best: float, points: float) -> None:
    if best != points:
        what = "band" if "bands" in loc else "level"
        document.add((*loc, "points"), f"the best {what} gives {best:g} points, the criterion has {points:g}")


def _check_bands(document: Document, loc: Loc, metric: MetricSpec) -> None:
    """From the easiest band to the hardest the points must rise, in whatever order they are written."""
    order = sorted(range(len(metric.bands)), key=lambda i: metric.bands[i].at, reverse=metric.goal == "lower")
    for easier, harder in itertools.pairwise(order):
        a, b = metric.bands[easier], metric.bands[harder]
        later = max(easier, harder)
        if a.at == b.at:
            document.add((*loc, later, "at"), f"two bands are at {a.at:g}")
        elif a.points >= b.points:
            text = f"with `goal: {metric.goal}` the band at {b.at:g} must give more points than the one at {a.at:g}"
            document.add((*loc, later, "points"), text)


def _check_tests(document: Document, loc: Loc, criterion: Criterion, files: Mapping[str, bytes]) -> None:
    if criterion.metric:
        _check_test(document, (*loc, "metric", "test"), criterion.metric.test, files)
    for index, test in enumerate(criterion.tests or ()):
        _check_test(document, (*loc, "tests", index), test, files)


def _check_test(document: Document, loc: Loc, test: str, files: Mapping[str, bytes]) -> None:
    path, _, names = test.partition("::")
    if path not in files:
        document.add(loc, f"there is no file {path}")
        return
    try:
        with warnings.catch_warnings(action="ignore"):  # an odd escape in a test is the author's affair
            body = ast.parse(files[path], filename=path).body
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        document.problems.append(
            Problem(path, line, getattr(error, "offset", None) or 1, f"not Python: {error.args[0]}")
        )
        return
    missing = _missing_name(body, names.split("[", 1)[0].split("::") if names else [])
    if missing:
        document.add(loc, f"there is no `{missing}` in {path}")


def _missing_name(body: list[ast.stmt], names: list[str]) -> str | None:
    """The first name that the statements cannot define. What is not a plain definition has the benefit of doubt."""
    if not names:
        return None
    plain = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    for node in body:
        if isinstance(node, plain) and node.name == names[0]:
            inside = isinstance(node, ast.ClassDef) and not node.bases
            return _missing_name(node.body, names[1:]) if inside else None
    if all(isinstance(node, (*plain, ast.Expr, ast.Pass)) or _plain_import(node, names[0]) for node in body):
        return names[0]
    return None


def _plain_import(node: ast.stmt, name: str) -> bool:
    """An import or assignment that does not define `name`."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return all(alias.name != "*" and (alias.asname or alias.name) != name for alias in node.names)
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return all(isinstance(target, ast.Name) and target.id != name for target in targets)
    return False
