"""Draws a badge as SVG and PNG, and a QR code: bold shapes that still read at 64 pixels.

Letters are outlines (Inter Bold, `font/`), so a badge looks the same wherever it is opened, and needs no font. Letters
that the outlines lack are left to the viewer's own fonts.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from xml.sax.saxutils import escape

import resvg_py
import segno

SIZE = 512

_SVG = "http://www.w3.org/2000/svg"
_X, _Y = 256, 254
_EM = 1000
_WIDE = 1000  # of a letter without outline, such as a Chinese one
_PALETTE = (
    ("#0b3a6e", "#1f74c4", "#ffd166"),
    ("#0a4a4a", "#119388", "#ffe08a"),
    ("#3b1d6e", "#7a45d1", "#ffd166"),
    ("#6b1538", "#c7365f", "#ffd9a0"),
    ("#7a2e0c", "#d9652b", "#ffe9a8"),
    ("#144d26", "#2f9a4d", "#fff0a3"),
    ("#1c2b4a", "#4a6690", "#ffb454"),
    ("#5b1a63", "#b04bb8", "#ffe08a"),
    ("#0d4566", "#1e96b8", "#ffdf80"),
    ("#4d3a05", "#a9820f", "#fff3c4"),
    ("#1f2a7a", "#4d63e0", "#ffcf70"),
    ("#3a3f14", "#7d8b22", "#fff0a3"),
)
"""Dark, light and accent; white letters are legible on both of the first two."""


@dataclass(frozen=True)
class Face:
    """What is to be seen on a badge. `percent` is 0 to 100; the colours come from `rubric`."""

    title: str
    percent: float
    issuer: str
    year: int
    rubric: str


def draw(face: Face) -> str:
    """The badge as SVG text, 512 units wide and high: a rosette, a ring as long as the mark, and a ribbon."""
    dark, light, accent = _PALETTE[hashlib.sha256(face.rubric.encode()).digest()[0] % len(_PALETTE)]
    shown = str(math.floor(face.percent))  # never more than was reached
    label = escape(f"{face.title}: {shown} %, {face.issuer}, {face.year}")
    parts = [
        f'<svg xmlns="{_SVG}" viewBox="0 0 {SIZE} {SIZE}" width="{SIZE}" height="{SIZE}" role="img">',
        f"<title>{label}</title>",
        '<defs><linearGradient id="g" x1="0.2" y1="0" x2="0.8" y2="1">',
        f'<stop offset="0" stop-color="{light}"/><stop offset="1" stop-color="{dark}"/></linearGradient></defs>',
        f'<path d="{_rosette(24, 250, 236)}" fill="{dark}"/>',
        *_ring(face.percent, accent),
        f'<circle cx="{_X}" cy="{_Y}" r="180" fill="url(#g)"/>',
        f'<circle cx="{_X}" cy="{_Y}" r="171" fill="none" stroke="#fff" stroke-opacity="0.25" stroke-width="3"/>',
        *_percent(shown, accent),
        *_title(face.title),
        *_ribbon(face, dark, accent),
        "</svg>",
    ]
    return "".join(parts)


def _rosette(petals: int, outer: float, inner: float) -> str:
    """A circle with a wavy edge."""
    parts = []
    for number in range(petals):
        points = []
        for step, radius in ((0.0, inner), (0.5, outer + (outer - inner)), (1.0, inner)):
            angle = 2 * math.pi * (number + step) / petals
            points.append(f"{_X + radius * math.sin(angle):.1f} {_Y - radius * math.cos(angle):.1f}")
        parts.append(f"{'M' + points[0] if number == 0 else ''}Q{points[1]} {points[2]}")
    return "".join(parts) + "Z"


def _ring(percent: float, accent: str) -> list[str]:
    radius, width = 207, 32
    place = f'cx="{_X}" cy="{_Y}" r="{radius}" stroke-width="{width}"'
    track = f'<circle {place} fill="none" stroke="#fff" stroke-opacity="0.2"/>'
    if percent <= 0:
        return [track]
    angle = 2 * math.pi * min(percent, 99.999) / 100
    end = f"{_X + radius * math.sin(angle):.2f} {_Y - radius * math.cos(angle):.2f}"
    arc = f"M{_X} {_Y - radius}A{radius} {radius} 0 {int(percent > 50)} 1 {end}"
    cap = "round" if percent < 97 else "butt"
    return [track, f'<path d="{arc}" fill="none" stroke="{accent}" stroke-width="{width}" stroke-linecap="{cap}"/>']


def _percent(shown: str, accent: str) -> list[str]:
    size = 152 if len(shown) < 3 else 118
    sign = size * 0.46
    whole = _width(shown, size) + 6 + _width("%", sign)
    left = _X - whole / 2
    baseline = 192 + size * 0.364
    return [
        *_letters(shown, size, left, baseline, "#fff"),
        *_letters("%", sign, left + whole - _width("%", sign), baseline, accent),
    ]


def _title(title: str) -> list[str]:
    size, lines = _fit(title, 308, (38, 34, 31, 28, 25, 22), 2)
    first = 313 + size * 0.364 - (len(lines) - 1) * size * 0.58
    return [part for n, line in enumerate(lines) for part in _centred(line, size, first + n * size * 1.16, "#fff")]


def _ribbon(face: Face, dark: str, accent: str) -> list[str]:
    size, (name,) = _fit(face.issuer, 316, (26, 24, 22, 20, 18, 16), 1)
    return [
        f'<path d="M46 394H6L28 424L6 454H96V394Z M466 394H506L484 424L506 454H416V394Z" fill="{accent}"/>',
        f'<path d="M46 440V454L96 440Z M466 440V454L416 440Z" fill="{dark}"/>',
        '<rect x="46" y="378" width="420" height="62" rx="6" fill="#fff"/>',
        *_centred(f"{name} · {face.year}", size, 409 + size * 0.364, dark),
    ]


def _fit(text: str, room: float, sizes: Sequence[int], most: int) -> tuple[int, list[str]]:
    """The largest size at which the text fits on so many lines; at the smallest it is cut."""
    lines: list[str] = []
    for size in sizes:
        lines = _wrap(text, size, room)
        if len(lines) <= (1 if size == sizes[0] else most) and all(_width(line, size) <= room for line in lines):
            return size, lines
    kept = lines[:most]
    if len(lines) > most or _width(kept[-1], sizes[-1]) > room:
        last = kept[-1]
        while last and _width(last + "…", sizes[-1]) > room:
            last = last[:-1]
        kept[-1] = last.rstrip() + "…"
    return sizes[-1], kept


def _wrap(text: str, size: float, room: float) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and _width(longer, size) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _centred(text: str, size: float, baseline: float, colour: str) -> list[str]:
    return _letters(text, size, _X - _width(text, size) / 2, baseline, colour)


def _letters(text: str, size: float, left: float, baseline: float, colour: str) -> list[str]:
    """One path for each letter, or the text itself where an outline is missing."""
    known = _outlines()
    if any(letter not in known for letter in text):
        said = escape(text)
        family = "Inter, 'Segoe UI', 'Helvetica Neue', Arial, 'Noto Sans', 'Noto Sans CJK JP', sans-serif"
        middle = left + _width(text, size) / 2
        place = f'x="{middle:.1f}" y="{baseline:.1f}" text-anchor="middle" fill="{colour}"'
        return [f'<text {place} font-family="{family}" font-weight="700" font-size="{size:g}">{said}</text>']
    scale = size / _EM
    parts = [f'<g transform="translate({left:.2f} {baseline:.2f}) scale({scale:.4f})" fill="{colour}">']
    at = 0
    for letter in text:
        advance, outline = known[letter]
        if outline:
            parts.append(f'<path transform="translate({at} 0)" d="{outline}"/>')
        at += advance
    return [*parts, "</g>"]


def _width(text: str, size: float) -> float:
    known = _outlines()
    return sum(known[letter][0] if letter in known else _WIDE for letter in text) * size / _EM


@cache
def _outlines() -> dict[str, tuple[int, str]]:
    """For each letter its advance and its outline, in thousandths of the size, the y axis pointing down."""
    text = (files("grader.records") / "font" / "inter-bold.json").read_text("utf-8")
    return {letter: (advance, outline) for letter, (advance, outline) in json.loads(text).items()}


@lru_cache(maxsize=256)
def render(face: Face, size: int = SIZE) -> bytes:
    """The badge as PNG, `size` pixels wide and high."""
    drawn = draw(face)
    plain = "<text" not in drawn  # looking for fonts takes longer than drawing
    return bytes(resvg_py.svg_to_bytes(svg_string=drawn, width=size, height=size, skip_system_fonts=plain))


def qr_svg(address: str) -> str:
    """A QR code of an address as an SVG element as large as its place in a page, black on white with its quiet zone."""
    return segno.make(address, error="m", micro=False).svg_inline(border=4, dark="#000", light="#fff", omitsize=True)
