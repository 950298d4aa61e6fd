"""Countries by their codes of ISO 3166-1, with the names that people use."""

from __future__ import annotations

from functools import lru_cache

import iso3166

_FIRST = ("US", "FR", "GB")
_SHORT = {
    "BO": "Bolivia", "CD": "Congo (Kinshasa)", "CG": "Congo (Brazzaville)", "FM": "Micronesia", "GB": "United Kingdom",
    "IR": "Iran", "KP": "North Korea", "KR": "South Korea", "LA": "Laos", "MD": "Moldova", "NL": "Netherlands",
    "RU": "Russia", "SY": "Syria", "TZ": "Tanzania", "US": "United States", "VE": "Venezuela", "VN": "Vietnam",
}  # fmt: skip


@lru_cache(maxsize=1)
def countries() -> dict[str, str]:
    """Names by code, alphabetical after the first three."""
    names = {one.alpha2: _SHORT.get(one.alpha2, one.apolitical_name) for one in iso3166.countries}
    rest = sorted((code for code in names if code not in _FIRST and code.isalpha()), key=names.__getitem__)
    return {code: names[code] for code in (*_FIRST, *rest)}


def country(code: str | None) -> str:
    """A country's name; empty without one."""
    return countries().get(code or "", code or "")
