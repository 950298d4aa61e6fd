"""From notebook to page: nbconvert with our template."""

from __future__ import annotations

import secrets
from functools import partial
from pathlib import Path
from typing import Any

from grader.errors import RenderError
from grader.render.marks import first_line

TEMPLATES = Path(__file__).parent


def notebook_html(executed: bytes, *, title: str) -> bytes:
    """The page of an executed notebook, with places for `with_marks`.

    It shows cells and outputs, cut where they are too long, without script, link or outside address. Raises RenderError
    when the notebook is none, or when anything is found in the page that may not be there.
    """
    from grader.render.html import flaw
    from grader.render.prepare import prepare

    nonce = secrets.token_hex(16)
    try:
        body = _export(prepare(executed), title, nonce)
    except (ValueError, RecursionError) as error:
        raise RenderError(f"the notebook cannot be shown: {error}") from error
    if found := flaw(body, nonce):
        raise RenderError(f"the page of the notebook would not be safe: {found!r}")
    return (first_line(nonce) + body).encode()


def _export(notebook: dict[str, Any], title: str, nonce: str) -> str:
    from nbconvert import HTMLExporter
    from nbformat import from_dict

    from grader.render.html import clean_html

    exporter = HTMLExporter(
        template_name="notebook",
        extra_template_basedirs=[str(TEMPLATES)],
        default_preprocessors=[],
        sanitize_html=True,
        embed_images=False,
        exclude_anchor_links=True,
        filters={"clean_html": clean_html, "grader_markdown": partial(_markdown, clean_html)},
    )
    resources = {"title": title, "nonce": nonce, "css": (TEMPLATES / "notebook" / "page.css").read_text()}
    return str(exporter.from_notebook_node(from_dict(notebook), resources)[0])


def _markdown(clean: Any, source: str, attachments: dict[str, dict[str, str]] | None = None) -> str:
    from nbconvert.filters.markdown_mistune import InvalidNotebook, IPythonRenderer, MarkdownWithMath

    def convert(text: str) -> Any:
        renderer = IPythonRenderer(
            escape=False, attachments=attachments or {}, embed_images=False, exclude_anchor_links=True
        )
        return MarkdownWithMath(renderer=renderer).render(text)

    try:
        return str(clean(convert(source)))
    except InvalidNotebook:  # it names an attachment that is not there
        return str(clean(convert(source.replace("attachment:", "missing:"))))
