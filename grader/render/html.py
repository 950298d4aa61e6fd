"""HTML of a notebook, made harmless, and the check of a whole page.

Kept are tags that lay out text and pictures that are in the notebook itself. Links become text: a page that goes
nowhere cannot be used to lead its reader somewhere.
"""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

import bleach
from bleach.css_sanitizer import CSSSanitizer

VOID = frozenset({"br", "hr", "img", "col"})
TAGS = VOID | frozenset([
    "b", "blockquote", "caption", "center", "cite", "code", "colgroup", "dd", "del", "details", "div", "dl",
    "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "i", "ins", "kbd", "li", "mark",
    "ol", "p", "pre", "q", "s", "samp", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody",
    "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var",
])  # fmt: skip
_DROPPED = frozenset([
    "applet", "audio", "button", "canvas", "datalist", "frameset", "head", "iframe", "map", "math", "noembed",
    "noframes", "noscript", "object", "option", "select", "script", "style", "svg", "template", "textarea",
    "title", "video", "xmp",
])  # fmt: skip
"""Elements that go with everything inside."""
MAX_DEPTH = 50
_SMALL, _SIZE = r"[0-9]{1,3}", r"[0-9]{1,4}"
_PICTURE = r"data:image/(?:png|jpeg|gif);base64,[A-Za-z0-9+/]+={0,2}"
_ALIGN = r"text-align: ?(?:left|right|center);?"
_COLOR = r"(?:background-)?color: rgb\([0-9]{1,3},[0-9]{1,3},[0-9]{1,3}\)"
ATTRIBUTES: dict[tuple[str, str], str] = {
    ("img", "src"): _PICTURE,
    ("img", "alt"): r"[^\0]*",
    ("img", "width"): _SIZE,
    ("img", "height"): _SIZE,
    ("ol", "start"): _SIZE,
    ("div", "class"): "highlight",
    ("span", "class"): r"[a-z]{1,2}[0-9a-z]?",
    ("table", "class"): "dataframe",
    **{(tag, "style"): _ALIGN for tag in ("td", "th", "p", "div")},
    **{(tag, name): _SMALL for tag in ("td", "th") for name in ("colspan", "rowspan")},
    **{(tag, "align"): "left|right|center" for tag in ("td", "th", "tr", "p", "div")},
}
_PAGE_TAGS = TAGS | frozenset({"html", "head", "meta", "title", "style", "body", "main", "section", "header"})
_PAGE_ATTRIBUTES = {
    **ATTRIBUTES,
    ("img", "src"): rf"{_PICTURE}|data:image/svg\+xml;base64,[A-Za-z0-9+/]+={{0,2}}",
    ("html", "lang"): "en",
    ("meta", "charset"): "utf-8",
    ("meta", "name"): "viewport|color-scheme",
    ("meta", "content"): "width=device-width, initial-scale=1|light dark",
    ("section", "class"): "cell (?:code|markdown|raw)",
    ("section", "id"): r"cell-[0-9]{1,4}",
    ("section", "aria-label"): r"Cell [0-9]{1,4}",
    ("div", "class"): r"(?:highlight(?: hl-python)?|input|prose|number|output(?: error)?|note)",
    ("span", "class"): r"[a-z]{1,2}[0-9a-z]?|ansi-[a-z-]+(?: ansi-[a-z-]+)*",
    ("span", "style"): f"{_COLOR}(?:; {_COLOR})?",
    ("pre", "class"): "stdout|stderr|error|plain|latex",
}
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)((?: [a-z-]+=(?:\"[^\"<>]*\"|'[^'<>]*'))*)/?>")
_ATTRIBUTE = re.compile(r" ([a-z-]+)=(?:\"([^\"]*)\"|'([^']*)')")


def clean_html(html: object) -> str:
    """Balanced HTML of `TAGS` and `ATTRIBUTES` only, whatever was given; may be empty. Raises RecursionError."""
    tidy = _Tidy()
    tidy.feed(str(html))
    tidy.close()
    return str(
        bleach.clean(
            "".join(tidy.out),
            tags=TAGS,
            attributes=_allowed,
            protocols={"data"},
            strip=True,
            strip_comments=True,
            css_sanitizer=CSSSanitizer(allowed_css_properties=["text-align"]),
        )
    )


def shows_something(html: str) -> bool:
    return "<img" in html or bool(re.sub(r"<[^>]*>|&nbsp;|\s", "", html))


def flaw(page: str, nonce: str) -> str | None:
    """The first thing in a page that must not be in one, or None.

    Each `<` must begin a tag of the lists above, written plainly, or be ours: so no parser can see another one there.
    """
    ours = re.compile(rf"(?i:<!doctype html>)|<!--(?:marks {nonce}|{nonce} (?:top|[0-9]{{1,4}}))-->")
    at = page.find("<")
    while at >= 0:
        if (found := _TAG.match(page, at)) is None:
            if ours.match(page, at) is None:
                return page[at : at + 80]
        elif not _known(found[2], found[3]):
            return found[0][:200]
        at = page.find("<", at + 1)
    heads = {tag: page.count(f"<{tag}") for tag in ("html", "style", "title", "body")}
    return None if set(heads.values()) == {1} else f"{heads}"


def _known(tag: str, attributes: str) -> bool:
    if tag not in _PAGE_TAGS:
        return False
    for name, double, single in _ATTRIBUTE.findall(attributes):
        pattern = _PAGE_ATTRIBUTES.get((tag, name))
        if pattern is None or re.fullmatch(pattern, double or single) is None:
            return False
    return True


def _allowed(tag: str, name: str, value: str) -> bool:
    pattern = ATTRIBUTES.get((tag, name))
    return pattern is not None and re.fullmatch(pattern, value) is not None


class _Tidy(HTMLParser):
    """Writes anew what may stay, so that nothing is left over of what may not: no style sheet's text, no script's."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self._inside: list[str] = []
        self._links: list[tuple[str, int]] = []
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED:
            self._inside.append(tag)
        elif self._inside:
            return
        elif tag == "a":
            self._links.append((dict(attrs).get("href") or "", len(self.out)))
        elif tag == "img":
            self.out.append(_picture(dict(attrs)))
        elif tag in TAGS and (tag in VOID or self._depth < MAX_DEPTH):
            self._depth += tag not in VOID
            kept = "".join(f' {n}="{escape(v)}"' for n, v in attrs if v is not None and _allowed(tag, n, v))
            self.out.append(f"<{tag}{kept}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _DROPPED:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self._inside:
            if tag in self._inside:
                del self._inside[self._inside.index(tag) :]
        elif tag == "a" and self._links:
            address, begun = self._links.pop()
            text = "".join(self.out[begun:])
            if re.match(r"https?://", address) and escape(address) not in text:
                self.out.append(escape(f" ({address[:500]})"))
        elif tag in TAGS and tag not in VOID and self._depth:
            self._depth -= 1
            self.out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.out.append(escape(data))


def _picture(attributes: dict[str, str | None]) -> str:
    source, alt = attributes.get("src") or "", attributes.get("alt") or ""
    if re.fullmatch(_PICTURE, source) is None:
        return escape(f"[picture not shown{': ' if alt else ''}{alt}]")
    sizes = "".join(
        f' {name}="{value}"'
        for name in ("width", "height")
        if (value := attributes.get(name)) is not None and re.fullmatch(_SIZE, value)
    )
    return f'<img src="{source}" alt="{escape(alt)}"{sizes}>'
