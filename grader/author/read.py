"""Reads an instructor's notebook, whichever of the formats its cells are in."""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import Any

from grader.author import nbgrader, otter, regions
from grader.author.questions import Assignment, Cell, SourceCell, headline, refuse
from grader.errors import BadInput, SubmissionRejected
from grader.intake.notebook import clean


def read_assignment(content: bytes, name: str) -> Assignment:
    """What the notebook asks, tests and gives to the student. `name` is the file's name.

    Raises:
        BadInput: it is no notebook of Python, or its marks make no sense; the message names cell and line.
    """
    cells = _source_cells(content, name)
    found = [*otter.unfenced(cells)]
    is_otter = any(otter.is_otter(cell) for cell in cells)
    is_nbgrader = any(nbgrader.is_nbgrader(cell) for cell in found if not _in_otter(cell, otter_notebook=is_otter))
    formats = tuple(word for word, is_it in (("nbgrader", is_nbgrader), ("Otter Assign", is_otter)) if is_it)
    if not formats:
        fix = "Mark solutions with `### BEGIN SOLUTION` and `### END SOLUTION`, or questions with `# BEGIN QUESTION`."
        raise BadInput("it has no marks of nbgrader or of Otter Assign", where=name, fix=fix)
    stem = PurePosixPath(name).stem
    assignment = Assignment(stem, "", formats)
    reader = otter.Reader(assignment) if is_otter else None
    for cell in found:
        if reader and reader.take(cell):
            continue
        if reader and not nbgrader.is_nbgrader(cell):
            reader.given(cell)
        else:
            nbgrader.read_cell(assignment, cell)
    if reader:
        reader.end()
    assignment.title = _title(assignment.cells, stem)
    for made in assignment.cells:
        if made.kind == "code" and made.starter:
            regions.check_nothing_is_left(made.number, made.starter)
    return assignment


def _in_otter(cell: SourceCell, *, otter_notebook: bool) -> bool:
    """Whether marks that both formats share are to be read as Otter's."""
    return otter_notebook and "nbgrader" not in cell.metadata


def _title(cells: list[Cell], stem: str) -> str:
    """The first heading that the student sees."""
    for cell in cells:
        for line in (cell.starter or "").split("\n") if cell.kind == "markdown" else ():
            if line.startswith("# "):
                return headline(line, stem)
    return headline(stem.replace("_", " ").replace("-", " "), "Notebook")


def _source_cells(content: bytes, name: str) -> list[SourceCell]:
    try:
        clean(content, name)
    except SubmissionRejected as error:
        raise BadInput(error.message, where=name, fix=error.fix) from error
    notebook = json.loads(content)
    metadata = notebook.get("metadata")
    language = _language(metadata if isinstance(metadata, dict) else {})
    if language != "python":
        raise BadInput(f"its language is {language}", where=name, fix="Only notebooks of Python can be converted.")
    return [_source_cell(number, cell) for number, cell in enumerate(notebook["cells"], 1)]


def _language(metadata: dict[str, Any]) -> str:
    for key, word in (("kernelspec", "language"), ("language_info", "name")):
        found = metadata.get(key)
        if isinstance(found, dict) and isinstance(found.get(word), str):
            return str(found[word]).lower()
    return "python"


def _source_cell(number: int, cell: dict[str, Any]) -> SourceCell:
    kind = cell["cell_type"]
    if kind not in ("code", "markdown", "raw"):
        refuse(f"it is of the unknown type {kind}", "Save the notebook again in Jupyter.", number)
    source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
    return SourceCell(
        number=number,
        kind=kind,
        source=source.replace("\r\n", "\n"),
        metadata=cell["metadata"],
        outputs=tuple(output for output in cell.get("outputs", ()) if isinstance(output, dict)),
        executed=cell.get("execution_count") is not None,
        attachments=cell.get("attachments") or {},
    )
