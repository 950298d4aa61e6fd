"""The documentation is true: keys, settings, links, commands, targets and examples are checked against the code."""

from __future__ import annotations

import argparse
import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from grader.cli.main import parser
from grader.config import Settings
from grader.rubric import load_suite
from grader.rubric.model import (
    Attempts,
    Band,
    CellsSpec,
    Criterion,
    Limits,
    MetricSpec,
    NotebookSpec,
    Quality,
    Review,
    ReviewLevel,
    Rubric,
    Skill,
    Submission,
)
from grader.sandbox.launcher import Ceiling

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
MODELS: list[type[BaseModel]] = [
    Rubric,
    Submission,
    Limits,
    Attempts,
    Skill,
    Criterion,
    MetricSpec,
    Band,
    Quality,
    Review,
    ReviewLevel,
    NotebookSpec,
    CellsSpec,
]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
COMMAND = re.compile(r"(?:`|^|bin/)grader ([a-z]+(?: check| new| verify)?)", re.MULTILINE)
TARGET = re.compile(r"(?:`|^|also: )make ([a-z]+)", re.MULTILINE)


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def blocks(language: str) -> Iterator[tuple[str, str]]:
    """Every code block of a language: `page:number` and its text."""
    for page in PAGES:
        found = [text for kind, text in BLOCK.findall(page.read_text("utf-8")) if kind == language]
        yield from ((f"{named(page)}:{number}", text) for number, text in enumerate(found, 1))


def commands_of(top: argparse.ArgumentParser, before: str = "") -> set[str]:
    """The names of all sub-commands, `rubric check` among them."""
    found: set[str] = set()
    for action in top._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action.choices.items():
                found |= {f"{before}{name}"} | commands_of(below, f"{before}{name} ")
    return found


def anchors(page: Path) -> set[str]:
    """The fragments of a page's headings, as hosts of repositories make them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_rubric_key_is_in_the_reference(model: type[BaseModel]) -> None:
    text = "".join((ROOT / "docs" / page).read_text("utf-8") for page in ("rubrics.md", "notebooks.md"))
    assert [key for key in model.model_fields if f"`{key}`" not in text] == []


def test_the_reference_tells_every_models_keys() -> None:
    used = {
        inner
        for model in MODELS
        for field in model.model_fields.values()
        for inner in re.findall(r"grader\.rubric\.model\.(\w+)", str(field.annotation))
    }
    assert used <= {model.__name__ for model in MODELS}


@pytest.mark.parametrize(
    ("model", "key", "shown"),
    [
        (Rubric, "pass_mark", "60"),
        (Limits, "time", "120"),
        (Limits, "test_time", "10"),
        (Limits, "memory", "1g"),
        (Limits, "cpus", "1"),
        (Limits, "disk", "256m"),
        (Limits, "processes", "128"),
        (Limits, "output", "1m"),
        (Submission, "max_size", "50m"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_defaults_are_those_of_the_model(model: type[BaseModel], key: str, shown: str) -> None:
    text = (ROOT / "docs/rubrics.md").read_text("utf-8")
    assert f"| `{key}` | {shown} |" in text
    units = {"k": 1024, "m": 1024**2, "g": 1024**3}
    number = float(shown.rstrip("kmg")) * units.get(shown[-1], 1)
    assert model.model_fields[key].default == number


@pytest.mark.parametrize("settings", [Settings, Ceiling], ids=lambda settings: settings.__name__)
def test_every_setting_is_in_the_operators_page(settings: type[Settings | Ceiling]) -> None:
    text = (ROOT / "docs/operating.md").read_text("utf-8")
    names = [str(settings.model_config["env_prefix"]) + field.upper() for field in settings.model_fields]
    assert [name for name in names if f"| `{name}` |" not in text] == []


def test_no_setting_is_invented() -> None:
    real = {
        str(settings.model_config["env_prefix"]) + field.upper()
        for settings in (Settings, Ceiling)
        for field in settings.model_fields
    }
    real |= set(re.findall(r'environ\.get\("(GRADER_[A-Z_]+)"', (ROOT / "grader/cli/submit.py").read_text("utf-8")))
    real |= set(re.findall(r'environ\.get\("(GRADER_[A-Z_]+)"', (ROOT / "grader/cli/main.py").read_text("utf-8")))
    for name in ("docker-compose.yml", "scripts/compose.sh"):
        real |= set(re.findall(r"\bGRADER_[A-Z_]+", (ROOT / name).read_text("utf-8")))
    for page in PAGES:
        told = set(re.findall(r"GRADER_[A-Z_]*[A-Z]", page.read_text("utf-8")))
        assert told <= real, named(page)


RUBRICS = [(name, text) for name, text in blocks("yaml") if text.startswith("rubric:")]


def test_the_readme_and_the_reference_show_a_rubric() -> None:
    assert {name.split(":")[0] for name, _ in RUBRICS} >= {"README.md", "docs/rubrics.md"}


@pytest.mark.parametrize("text", [text for _, text in RUBRICS], ids=[name for name, _ in RUBRICS])
def test_every_rubric_shown_loads(text: str, tmp_path: Path) -> None:
    (tmp_path / "rubric.yaml").write_text(text, "utf-8")
    (tmp_path / "tests").mkdir()
    for path, name in re.findall(r"(tests/[\w/]+\.py)(?:::(\w+))?", text):
        with (tmp_path / path).open("a") as file:
            file.write(f"def {name or 'test_stub'}():\n    pass\n")
    rubric = load_suite(tmp_path).rubric
    assert rubric.max_points == 100
    assert len(text.splitlines()) <= 21


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text("utf-8")):
        if "://" in link or link.startswith("mailto:"):
            continue
        path, _, fragment = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        if fragment:
            assert fragment in anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_command_named_exists(page: Path) -> None:
    known = commands_of(parser())
    assert set(COMMAND.findall(page.read_text("utf-8"))) <= known


def test_every_command_is_told_somewhere() -> None:
    told = {name for page in PAGES for name in COMMAND.findall(page.read_text("utf-8"))}
    assert commands_of(parser()) - {"badge", "rubric"} <= told


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_make_target_named_exists(page: Path) -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert set(TARGET.findall(page.read_text("utf-8"))) <= set(targets)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_service_named_to_compose_exists(page: Path) -> None:
    services = set(re.findall(r"^  ([a-z]+):$", (ROOT / "docker-compose.yml").read_text("utf-8"), re.MULTILINE))
    told = re.findall(r"scripts/compose\.sh (?:exec|run|logs)(?: -+\S+)* ([a-z]+)", page.read_text("utf-8"))
    assert set(told) <= services


@pytest.mark.parametrize("text", [t for _, t in blocks("python")], ids=[name for name, _ in blocks("python")])
def test_every_python_block_parses(text: str) -> None:
    ast.parse(text)


@pytest.mark.parametrize(
    "path", re.findall(r"^    (\S+/|\S+\.py)(?:,| )", (ROOT / "README.md").read_text(), re.MULTILINE)
)
def test_the_tree_in_the_readme_is_there(path: str) -> None:
    assert (ROOT / path).exists()


def test_no_page_is_long() -> None:
    assert [named(page) for page in PAGES if len(page.read_text("utf-8").splitlines()) > 260] == []
