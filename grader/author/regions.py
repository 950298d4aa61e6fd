"""Marked regions of a cell: where they begin and end, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from grader.author.questions import SourceCell, refuse

SOLUTION, HIDDEN, SCHEME = "SOLUTION", "HIDDEN TESTS", "MARK SCHEME"
_NEARLY = re.compile(r"\s*#+\s*(?:begin|end)[ _-]*(?:solutions?|hidden[ _-]*tests?|mark[ _-]*scheme)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """One line, the region it lies in, and whether it only opens or closes that."""

    number: int
    text: str
    region: str = ""
    opens: bool = False
    closes: bool = False


def split(cell: SourceCell, names: Sequence[str] = (SOLUTION, HIDDEN, SCHEME)) -> list[Line]:
    """The cell's lines with their regions, `BEGIN name` to `END name`.

    Raises:
        BadInput: a region is not closed, not opened, or lies in another; it names cell and line.
    """
    found: list[Line] = []
    region, since = "", 0
    for number, text in enumerate(cell.lines, 1):
        begin = next((name for name in names if f"BEGIN {name}" in text), "")
        end = next((name for name in names if f"END {name}" in text), "")
        if begin and region:
            message = f"BEGIN {begin} stands inside the {region} region that line {since} opens"
            refuse(message, f"Close it before with a line `### END {region}`.", cell.number, number)
        if end and end != region:
            inside = f"the {region} region that line {since} opens" if region else "no region"
            refuse(
                f"END {end} stands in {inside}", f"Write `### BEGIN {end}` above it, or delete it.", cell.number, number
            )
        if begin:
            region, since = begin, number
        found.append(Line(number, text, region, bool(begin), bool(end)))
        region = "" if end else region
    if region:
        refuse(f"the {region} region is never closed", f"Add a line `### END {region}`.", cell.number, since)
    return found


def regions_of(lines: Sequence[Line]) -> set[str]:
    """The names of the regions that occur."""
    return {line.region for line in lines if line.region}


def without(lines: Sequence[Line], *regions: str) -> str:
    """The text without these regions, and without the marks of the others."""
    return "\n".join(line.text for line in lines if line.region not in regions and not (line.opens or line.closes))


def content(lines: Sequence[Line], region: str) -> str:
    """The text of a region, without its marks."""
    return "\n".join(line.text for line in lines if line.region == region and not (line.opens or line.closes))


def check_nothing_is_left(number: int, starter: str) -> None:
    """Raises BadInput for a line that was meant as a mark and is none: what it hides would reach the student."""
    for line, text in enumerate(starter.split("\n"), 1):
        if _NEARLY.match(text):
            refuse(
                f"{text.strip()!r} looks like the mark of a region and is not read as one",
                "Write it as `### BEGIN SOLUTION`, `### BEGIN HIDDEN TESTS` and so on, in a cell where it belongs.",
                number,
                line,
            )
