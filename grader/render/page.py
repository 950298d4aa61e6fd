"""From notebook to page: nbconvert with our template, in a process of its own when a worker asks for it."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

from grader.errors import RenderError
from grader.render.marks import first_line

TEMPLATES = Path(__file__).parent
SECONDS = 30
MEMORY = 2 * 1024**3


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


def render(executed: bytes, *, title: str, seconds: float = SECONDS) -> bytes:
    """`notebook_html` in another process, which hostile text may keep busy or fill up without harm. Raises RenderError.

    `seconds` is the wall time it gets; its memory is bounded, too.
    """
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH") if name in os.environ}
    command = [sys.executable, "-m", "grader.render", title]
    try:
        done = subprocess.run(command, input=executed, capture_output=True, timeout=seconds, env=kept, check=False)
    except subprocess.TimeoutExpired as error:
        raise RenderError(f"the notebook could not be shown within {seconds:g} seconds") from error
    if done.returncode != 0:
        last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise RenderError(last or f"the renderer ended with status {done.returncode}")
    return done.stdout


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


def main() -> int:
    """Read a notebook from stdin, write its page to stdout; 1 and a line on stderr when that fails."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        page = notebook_html(sys.stdin.buffer.read(), title=sys.argv[1])
    except (RenderError, MemoryError) as error:
        sys.stderr.write(f"{str(error) or type(error).__name__}\n")
        return 1
    sys.stdout.buffer.write(page)
    return 0
