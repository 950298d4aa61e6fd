"""Words and numbers for templates."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from markdown_it import MarkdownIt
from markupsafe import Markup

STATES = {
    "received": "Waiting",
    "queued": "Waiting",
    "running": "Being graded",
    "graded": "Graded",
    "rejected": "Not graded",
    "failed": "Failed on our side",
    "cancelled": "Cancelled",
}
KINDS = {
    "running": "busy", "graded": "good", "rejected": "bad", "failed": "bad",
    "passed": "good", "partial": "part", "timeout": "bad", "crashed": "bad", "out_of_memory": "bad",
}  # fmt: skip
"""The colour of a badge by what it says; a criterion that is `failed` and a submission that is are both bad."""
STAGES = {
    "intake": "Reading your files",
    "starting": "Starting a sandbox",
    "collecting": "Collecting the tests",
    "testing": "Running the tests",
    "scoring": "Adding up the points",
    "done": "Writing the report",
    "waiting": "Waiting for another try",
    "finished": "Finished",
}
CRITERIA = {
    "passed": "All points",
    "partial": "Some points",
    "failed": "No points",
    "pending": "Marked by a person later",
}
TESTS = {
    "passed": "Passed",
    "failed": "Failed",
    "timeout": "Took too long",
    "crashed": "Crashed",
    "out_of_memory": "Out of memory",
    "not_run": "Did not run",
}

NONE = "\N{EN DASH}"
_JOINERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"
"""Unseen, but part of the spelling of Persian, of Indian languages and of some emoji."""
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_UNITS = ((86_400, "day"), (3600, "hour"), (60, "minute"))

# A brief is the teacher's, but HTML in it would still be one more way in: only Markdown, no raw HTML, no pictures.
_markdown = MarkdownIt("js-default").disable("image")


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        number=number,
        time=time,
        date=date,
        in_words=in_words,
        size=size,
        markdown=markdown,
        test_name=test_name,
        short=short,
        to_win=to_win,
        cells=cells,
        plain=plain,
        visible=visible,
        visible_name=visible_name,
        initials=initials,
        count=count,
        about=about,
        sentence=sentence,
    )
    app.jinja_env.globals.update(STATES=STATES, STAGES=STAGES, CRITERIA=CRITERIA, TESTS=TESTS, KINDS=KINDS, NONE=NONE)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def number(value: float | None) -> str:
    """Points without needless zeros: 60, 12.5, 33.33."""
    return NONE if value is None else f"{round(value, 2):.2f}".rstrip("0").rstrip(".")


def time(value: datetime) -> Markup:
    """A moment, in UTC; the page's script turns it into the reader's own time."""
    return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), value.strftime("%d %b %Y, %H:%M UTC"))


def date(value: datetime) -> str:
    """A day: `5 Nov 2026`."""
    return f"{value.day} {value:%b %Y}"


def in_words(value: datetime, now: datetime | None = None) -> str:
    """How far a moment is: `in 3 days`, `in 1 hour`, `just now`, `20 minutes ago`. Never rounded up."""
    away = value - (now or datetime.now(UTC))
    seconds = abs(away) // timedelta(seconds=1)
    for length, unit in _UNITS:
        if seconds >= length:
            words = count(seconds // length, unit)
            return f"in {words}" if away > timedelta(0) else f"{words} ago"
    return "in less than a minute" if away > timedelta(0) else "just now"


def about(seconds: int) -> str:
    """How long something takes, as far as anybody can tell: `in a few seconds`, `in about 3 minutes`."""
    if seconds < 20:
        return "in a few seconds"
    if seconds < 90:
        return "in about a minute"
    minutes = round(seconds / 60)
    return f"in about {count(minutes, 'minute')}" if minutes < 90 else f"in about {count(round(minutes / 60), 'hour')}"


def sentence(text: str) -> str:
    """With a capital at the beginning and a full stop at the end."""
    text = visible(text).strip()
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""


def count(amount: float, one: str, many: str | None = None) -> str:
    """`1 day`, `2 days`, `3 tries` when told the plural."""
    return f"{number(amount)} {one if amount == 1 else many or one + 's'}"


def size(value: int | None) -> str:
    if value is None:
        return ""
    amount = float(value)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if amount < 1024 or unit == "GiB":
            break
        amount /= 1024
    return f"{amount:.0f} {unit}" if amount >= 100 else f"{amount:.3g} {unit}"


def markdown(text: str) -> Markup:
    return Markup(_markdown.render(visible(text)))  # noqa: S704 - `_markdown` lets no HTML through


def test_name(test_id: str) -> str:
    """`tests/test_a.py::TestX::test_y[1]` as `TestX::test_y[1]`: the student knows no files of the suite."""
    return visible_name(test_id.partition("::")[2] or test_id)


test_name.__test__ = False  # type: ignore[attr-defined]


def short(digest: str | None) -> str:
    return digest.removeprefix("sha256:")[:12] if digest else NONE


def cells(places: Sequence[int]) -> str:
    """Places from 0 as a reader counts them: `cell 5`, `cells 5, 6 and 9`; many of them only as how many."""
    if len(places) > 8:
        return f"{len(places)} cells"
    *most, last = [str(place + 1) for place in sorted(places)]
    return f"cells {', '.join(most)} and {last}" if most else f"cell {last}"


def plain(text: str) -> str:
    """Without a terminal's colours, which tracebacks have; what else a terminal would obey is made visible."""
    return visible(_COLOURS.sub("", text))


def visible(text: str) -> str:
    r"""Text of several lines whose unseen characters are escapes that a reader sees: `\x1b[2J`, `\u202e`, `\r`.

    What somebody printed can thereby neither overwrite nor turn around what stands beside it. Line ends and tabs stay.
    """
    return "".join(_shown(char, "\n\t") for char in text.replace("\r\n", "\n"))


def visible_name(text: str) -> str:
    """The same for text of one line, such as a name or a file's name: line ends and tabs are escapes, too."""
    return "".join(_shown(char, "") for char in text)


def _shown(char: str, kept: str) -> str:
    if char in kept or char in _JOINERS or unicodedata.category(char) not in _UNSEEN:
        return char
    if char in "\n\r\t":
        return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}[char]
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def initials(name: str) -> str:
    """Two letters for a name: `AL` for Ada Lovelace."""
    words = [word for word in visible_name(name).split() if word[0].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


def to_win(criterion: Mapping[str, Any]) -> float:
    """Points that a better submission could still get here."""
    return max(0.0, float(criterion["max_points"]) - float(criterion["points"]))
