"""Finds contact data in a line that is meant to be anonymous: addresses, numbers, links, names. Pure."""

from __future__ import annotations

import re
import unicodedata

from grader.errors import BadInput

LENGTH = 120
_MAIL = re.compile(r"\S\s*@\s*\S|\(at\)|\[at\]|\{at\}|\bat\s+[\w-]+\s+dot\b", re.IGNORECASE)
_HANDLE = re.compile(r"(?<!\w)@\w")
_ENDINGS = (
    "com|org|net|io|dev|me|ai|app|co|info|biz|edu|eu|fr|de|uk|us|ch|at|be|nl|es|it|pl|in|ca|au|jp|cn|br|se|no|dk|fi|"
    "pt|ie|link|page|site|online|tech|xyz|cv|gg|tv|ly|to"
)
_LINK = re.compile(rf"https?:|www\.|\w://|\b[\w-]+\s?\.\s?(?:{_ENDINGS})\b|\bdot\s+(?:com|org|net|io)\b", re.IGNORECASE)
_PRODUCTS = re.compile(r"\b(?:asp|ado|ml|vb)\.net\b|\bsocket\.io\b|\.net\b(?<!\w\.net)", re.IGNORECASE)
_YEARS = re.compile(r"\b(?:19|20)\d\d\s?[-/\u2013\u2014]\s?(?:19|20)\d\d\b")
_PHONE = re.compile(r"\d(?:[\s().\-/]{0,3}\d){6,}")
_PLATFORMS = re.compile(
    r"\b(?:linkedin|github|gitlab|whatsapp|telegram|instagram|discord|skype)\b\s*[:/]", re.IGNORECASE
)
_FIX = "Organisations can write to you through a contact request, which you accept or decline."


def headline(text: str, name: str) -> str:
    """The line as it is kept, without contact data and without the name of who wrote it; it may be empty.

    Raises:
        BadInput: it is too long, or has something in it by which its author could be reached or known.
    """
    line = " ".join(unicodedata.normalize("NFKC", text).split())
    line = "".join(char for char in line if unicodedata.category(char) not in ("Cc", "Cf", "Co", "Cs", "Cn"))
    if len(line) > LENGTH:
        raise BadInput(f"The headline is longer than {LENGTH} characters.", where="headline", fix="Shorten it.")
    found = _contact(line)
    if found is not None:
        raise BadInput(f"The headline has {found} in it.", where="headline", fix=_FIX)
    if word := _own_name(line, name):
        raise BadInput(f"The headline has your name, “{word}”, in it.", where="headline", fix="Leave it out.")
    return line


def _contact(line: str) -> str | None:
    plain = _PRODUCTS.sub(" ", line)
    if _MAIL.search(plain):
        return "an e-mail address"
    if _HANDLE.search(plain) or _PLATFORMS.search(plain):
        return "the name of an account"
    if _LINK.search(plain):
        return "a link"
    if _PHONE.search(_YEARS.sub(" ", plain)):
        return "a telephone number"
    return None


def _own_name(line: str, name: str) -> str | None:
    """A word of the name, at least three letters long, that is a word of the line."""
    words = {_plain(word) for word in re.findall(r"\w+", line)}
    return next((part for part in re.findall(r"\w+", name) if len(part) >= 3 and _plain(part) in words), None)


def _plain(word: str) -> str:
    """Without accents and case."""
    split = unicodedata.normalize("NFKD", word)
    return "".join(char for char in split if not unicodedata.combining(char)).casefold()
