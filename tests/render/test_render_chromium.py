"""A real browser opens what a hostile notebook became, without any header to help."""

from __future__ import annotations

from pathlib import Path

import hostile
import pytest
from browser import Canary, Chromium

from grader.render import Mark, render, with_marks


@pytest.mark.parametrize("number", [0, 3, 10])
def test_the_payloads_work_where_nothing_stops_them(
    chromium: Chromium, canary: Canary, tmp_path: Path, number: int
) -> None:
    page = tmp_path / "page.html"
    page.write_text(f"<!doctype html><title>mine</title>{hostile.payloads(canary.url)[number]}")

    seen = chromium.open(page.as_uri())

    assert canary.calls
    assert number == 10 or seen.title == hostile.SENTINEL


def test_no_script_runs_and_nothing_is_loaded_even_without_a_policy(
    chromium: Chromium, canary: Canary, tmp_path: Path
) -> None:
    html = render(hostile.encoded(hostile.notebook, canary.url), title="mine")
    page = tmp_path / "page.html"
    page.write_bytes(with_marks(html, [Mark(0, *hostile.payloads(canary.url)[:3])]))

    seen = chromium.open(page.as_uri())

    assert seen.title == "mine"
    assert canary.calls == []
    assert 'aria-label="Mark"' in seen.dom
    assert "forged mark" in seen.dom
    assert seen.dom.count("<aside") == 1
    assert '<div class="mark' not in seen.dom
