from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import browser
import pytest


@pytest.fixture
def chromium(tmp_path: Path) -> browser.Chromium:
    return browser.find_chromium(tmp_path / "profile")


@pytest.fixture
def canary() -> Iterator[browser.Canary]:
    with browser.canary() as found:
        yield found
