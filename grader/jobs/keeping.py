"""What is kept of an exam beside its points: texts that every database takes, and the page of a notebook."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from grader.errors import RenderError
from grader.render import render
from grader.rubric.report import Report

log = logging.getLogger(__name__)


def with_page(report: Report, kept: Mapping[str, bytes]) -> dict[str, bytes]:
    """What an exam left, with the page of its notebook. A page that cannot be made is missed, never a grade."""
    notebook = kept.get("notebook.ipynb")
    if notebook is None or report.notebook is None:
        return dict(kept)
    try:
        return {**kept, "notebook.html": render(notebook, title=report.notebook.path)}
    except RenderError as error:
        log.error("no page of the notebook: %s", error)
        return dict(kept)


def storable(value: Any) -> Any:
    """The same JSON with text that every database takes: no NUL, no lone surrogates (a candidate can print both)."""
    if isinstance(value, str):
        return value.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {key: storable(item) for key, item in value.items()}
    return value
