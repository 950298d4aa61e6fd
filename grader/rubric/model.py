"""What a rubric.yaml may say: frozen pydantic models that know nothing of files or line numbers.

Sizes are bytes, times are seconds, marks are percent. `load.load_suite` reads a folder into these models and adds the
checks that need the folder or more than one criterion.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

Kind = Literal["tests", "metric", "quality", "review", "cells"]
Visibility = Literal["visible", "after_due", "hidden"]
KINDS: tuple[Kind, ...] = ("tests", "metric", "quality", "review", "cells")
CELLS_FILE = "tests/rubric_cells.py"
"""Where the examiner finds the tests that are made from `cells` criteria."""

_SIZE = re.compile(r"(\d{1,12}(?:\.\d{1,6})?) ?([kmg]?)(?:i?b)?", re.IGNORECASE | re.ASCII)
_UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
_TEST_FILE = re.compile(r"tests/(?:[\w.-]+/)*[\w.-]+\.py")


def parse_size(value: object) -> object:
    """Bytes from `256k`, `50m`, `1g` or a whole number of bytes.

    Raises:
        PydanticCustomError: it is none of these.
    """
    if isinstance(value, int):
        return value
    match = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise PydanticCustomError("size", "write a size such as 256k, 50m or 1g")
    return int(float(match[1]) * _UNITS[match[2].lower()])


def safe_path(value: str) -> str:
    """The same path when it is relative, posix and stays in its folder.

    Raises:
        PydanticCustomError: the path is absolute, climbs out, or is not written in its shortest form.
    """
    parts = value.split("/")
    if not value or "\\" in value or ":" in value or any(part in ("", ".", "..") for part in parts):
        raise PydanticCustomError("path", "write a path that stays in its folder, such as src/model.py")
    return value


def test_id(value: str) -> str:
    """The same test id: `tests/test_x.py`, optionally followed by `::Class`, `::test`, `::test[parameters]`."""
    safe_path(value.split("::", 1)[0])
    file, separator, names = value.partition("::")
    if _TEST_FILE.fullmatch(file) is None:
        raise PydanticCustomError(
            "test_id", "name a .py file in tests/, such as tests/test_x.py or tests/test_x.py::test_a"
        )
    plain = names.split("[", 1)[0]
    if separator and not all(part.isidentifier() for part in plain.split("::")):
        raise PydanticCustomError("test_id", "after the file write names, such as ::test_a or ::TestGroup::test_a")
    return value


def _node_id(value: str) -> str:
    if "::" not in value:
        raise PydanticCustomError("test_id", "name one test, such as tests/test_x.py::test_a")
    return value


def _notebook(value: str) -> str:
    if PurePosixPath(value).suffix != ".ipynb":
        raise PydanticCustomError("path", "name a file that ends in .ipynb")
    return value


def _as_notebook(value: object) -> object:
    return {"path": value} if isinstance(value, str) else value


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise PydanticCustomError("regex", "is not a regular expression: {why}", {"why": str(error)}) from None
    return value


def _no_gpu(value: int) -> int:
    if value:
        raise PydanticCustomError("gpus", "must be 0: no sandbox has a GPU yet")
    return value


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Size = Annotated[int, BeforeValidator(parse_size), Field(gt=0, le=1024**4)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([-_][a-z0-9]+)*$", max_length=64)]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([._-][a-z0-9]+)*$", max_length=64)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
SafePath = Annotated[str, AfterValidator(safe_path), StringConstraints(max_length=200)]
TestId = Annotated[str, AfterValidator(test_id), StringConstraints(max_length=500)]
NodeId = Annotated[TestId, AfterValidator(_node_id)]
Tag = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.:-]*$", max_length=100)]
Percent = Annotated[float, Field(ge=0, le=100)]
Points = Annotated[float, Field(ge=0, le=1_000_000)]
Selector = Annotated[str, StringConstraints(pattern=r"^[A-Z]+[0-9]*$", max_length=16)]


class Model(BaseModel):
    """Base of all: unknown keys are errors, types are not guessed, numbers are finite, nothing changes afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Limits(Model):
    """What the exam of one submission may use."""

    time: int = Field(default=120, ge=1, le=86_400)
    """Seconds for the whole exam."""
    test_time: int = Field(default=10, ge=1, le=86_400)
    """Seconds for one test; `@pytest.mark.timeout(n)` overrides it."""
    memory: Annotated[Size, Field(ge=32 * 1024**2)] = 1024**3
    cpus: float = Field(default=1.0, gt=0, le=64)
    disk: Annotated[Size, Field(ge=1024**2)] = 256 * 1024**2
    processes: int = Field(default=128, ge=8, le=4096)
    output: Annotated[Size, Field(ge=1024)] = 1024**2
    gpus: Annotated[int, AfterValidator(_no_gpu)] = 0


class NotebookSpec(Model):
    """The notebook that is executed from its first cell to its last before any test looks at it."""

    path: Annotated[SafePath, AfterValidator(_notebook)] | None = None
    """Where it lies in an archive or repository; without it, the only notebook there is. An upload of one .ipynb file
    is that file whatever its name."""
    on_error: Literal["stop", "continue"] = "stop"
    """Whether the cells after one that failed are executed. A cell tagged `raises-exception` may fail."""
    timeout: int = Field(default=30, ge=1, le=86_400)
    """Seconds for one cell. All of them together have three quarters of `limits.time`."""


class Submission(Model):
    """What a student hands in. `requires` holds paths inside the submission."""

    accepts: list[Literal["repository", "notebook"]] = Field(default=["repository"], min_length=1)
    requires: list[SafePath] = []
    notebook: Annotated[NotebookSpec, BeforeValidator(_as_notebook)] | None = None
    """A path, or `{path, on_error, timeout}`."""
    max_size: Size = 50 * 1024**2


class Skill(Model):
    """A skill that criteria prove. `levels` maps a level's name to the percent of the mapped points it takes."""

    id: Slug
    name: Text
    uri: Annotated[str, StringConstraints(pattern=r"^(https?://|urn:)\S+$", max_length=500)] | None = None
    levels: dict[Slug, Percent] = Field(
        default={"foundation": 50.0, "proficient": 70.0, "advanced": 90.0}, min_length=1, max_length=20
    )


class Attempts(Model):
    """How many graded runs a student has; `ever` is for the whole assignment."""

    count: int = Field(default=10, ge=1, le=10_000)
    per: Literal["hour", "day", "week", "ever"] = "day"


class Band(Model):
    """`points` for a metric that reaches `at`."""

    at: float
    points: Points


class MetricSpec(Model):
    """A number that one test records with `metric(name, value)`; the best band it reaches gives the points."""

    test: NodeId
    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_.@-]*$", max_length=64)]
    goal: Literal["lower", "higher"]
    bands: list[Band] = Field(min_length=1, max_length=100)


class Quality(Model):
    """Lint issues of the submission's Python files, `per_issue` points off for each; `select` holds ruff's codes."""

    tool: Literal["ruff"] = "ruff"
    select: list[Selector] = Field(default=["E", "F"], min_length=1, max_length=100)
    per_issue: float = Field(default=1.0, ge=0.001, le=1_000_000)


class ReviewLevel(Model):
    """One row of a human reviewer's scale."""

    name: Text
    points: Points


class Review(Model):
    """A criterion that a person marks by picking a level."""

    levels: list[ReviewLevel] = Field(min_length=1, max_length=100)
    cell: Tag | None = None
    """Tag of the notebook's cells that the reviewer reads."""


class CellsSpec(Model):
    """What the notebook's cells with a tag must be. At least one is there, none is empty, and none failed."""

    tag: Tag
    type: Literal["code", "markdown"] | None = None
    output: Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(_pattern)] | None = None
    """A regular expression that is found in what the cells print or show as text."""
    figure: bool = False
    """The cells show at least one picture."""
    min_words: int = Field(default=0, ge=0, le=100_000)
    """Words that the cells' source holds at least, comments and Markdown alike."""


class Criterion(Model):
    """A title, points, and exactly one of `tests`, `metric`, `quality`, `review`, `cells`."""

    id: Slug
    title: Text
    points: float = Field(gt=0, le=1_000_000)
    visibility: Visibility = "visible"
    skills: list[str] = []
    hint: Annotated[str, StringConstraints(max_length=2000)] | None = None
    fresh: bool = False
    """Run this criterion's tests in a candidate container of their own."""
    all_or_nothing: bool = False
    """One test that does not pass costs all of the points."""
    tests: Annotated[list[TestId], BeforeValidator(_listed), Field(min_length=1)] | None = None
    metric: MetricSpec | None = None
    quality: Quality | None = None
    review: Review | None = None
    cells: CellsSpec | None = None

    @property
    def selectors(self) -> list[str]:
        """Files and node ids of the tests that judge this criterion; none where no test does."""
        if self.metric:
            return [self.metric.test]
        if self.cells:
            return [f"{CELLS_FILE}::test_{self.id.replace('-', '_')}"]
        return list(self.tests or ())

    @property
    def tag(self) -> str | None:
        """The tag of the notebook's cells that this criterion is about, if it names one."""
        return self.cells.tag if self.cells else self.review.cell if self.review else None

    @property
    def kind(self) -> Kind:
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @model_validator(mode="wrap")
    @classmethod
    def _one_kind(cls, data: Any, handler: ModelWrapValidatorHandler[Criterion]) -> Criterion:
        """Adds the problem with the kind to the others, where a plain validator would hide one behind the other."""
        problem = _kind_problem(data) if isinstance(data, dict) else None
        if problem is None:
            return handler(data)
        lines: list[InitErrorDetails] = [{"type": problem, "loc": (), "input": data}]
        try:
            handler(data)
        except ValidationError as error:
            for line in error.errors(include_url=False, include_context=False):
                kept = PydanticCustomError(line["type"], line["msg"])
                lines.append({"type": kept, "loc": line["loc"], "input": line["input"]})
        raise ValidationError.from_exception_data(cls.__name__, lines)


def _kind_problem(data: dict[Any, Any]) -> PydanticCustomError | None:
    kinds = [kind for kind in KINDS if data.get(kind) is not None]
    if len(kinds) == 1:
        return None
    if kinds:
        return PydanticCustomError("kind", f"has {_names(kinds, 'and')}; a criterion has exactly one of them")
    return PydanticCustomError("kind", f"has no kind; give it one of {_names(KINDS, 'or')}")


def _names(words: list[Kind] | tuple[Kind, ...], joint: str) -> str:
    quoted = [f"`{word}`" for word in words]
    return f"{', '.join(quoted[:-1])} {joint} {quoted[-1]}"


class Rubric(Model):
    """A whole rubric.yaml."""

    rubric: Literal[1]
    id: Slug
    version: int = Field(ge=1, le=1_000_000)
    title: Text
    summary: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""
    sandbox: Word
    submission: Submission
    limits: Limits = Limits()
    attempts: Attempts = Attempts()
    pass_mark: Percent = 60.0
    skills: list[Skill] = []
    criteria: list[Criterion] = Field(min_length=1, max_length=200)
    trust: list[Literal["equality", "arithmetic", "bound_methods", "objects"]] = []
    """What tests may believe of a remote object: see the SDK."""

    @property
    def max_points(self) -> float:
        """The sum of the criteria's points."""
        return round(sum(criterion.points for criterion in self.criteria), 4)

    def criterion(self, id: str) -> Criterion:
        """The criterion of that id.

        Raises:
            KeyError: there is none.
        """
        for criterion in self.criteria:
            if criterion.id == id:
                return criterion
        raise KeyError(id)
