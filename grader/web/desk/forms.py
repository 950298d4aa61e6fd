"""What forms send, as values: nothing that a form does not have is taken, and what cannot be read is refused."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from flask import request

from grader.errors import BadInput

ZONE_COOKIE = "zone"
DAYS_ZONE_IS_KEPT = 365
_ID = re.compile("[0-9a-f]{32}")
_REGIONS = (
    "Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/",
)  # fmt: skip
_RELOAD = "Load the page again and use its form."


def fields(*names: str, many: Sequence[str] = ()) -> Mapping[str, str]:
    """The form's fields by name, missing ones as empty text; those of `many` are read with `chosen`.

    Raises:
        BadInput: a field that the form does not have, or one that is there twice.
    """
    unknown = sorted(set(request.form) - {*names, *many})
    if unknown:
        raise BadInput("The form has no such field.", where=unknown[0][:60], fix=_RELOAD)
    twice = [name for name in names if len(request.form.getlist(name)) > 1]
    if twice:
        raise BadInput("This field was sent twice.", where=twice[0], fix=_RELOAD)
    return {name: request.form.get(name, "").strip() for name in names}


def chosen(name: str) -> list[str]:
    """The ids that were ticked. Raises BadInput for what is no id."""
    ids = list(dict.fromkeys(request.form.getlist(name)))
    if not all(_ID.fullmatch(each) for each in ids):
        raise BadInput("This is no id.", where=name, fix=_RELOAD)
    return ids


def whole(text: str, name: str) -> int:
    """A whole number. Raises BadInput."""
    if not re.fullmatch(r"[+-]?[0-9]{1,9}", text):
        raise BadInput(f"“{text[:40]}” is no whole number.", where=name, fix="Write digits only.")
    return int(text)


def decimal(text: str, name: str) -> float:
    """A finite number, with a point or a comma. Raises BadInput."""
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or len(text) > 20:
        raise BadInput(f"“{text[:40]}” is no number.", where=name, fix="Write a number such as 10 or 2.5.")
    return number


def zone(name: str) -> ZoneInfo:
    """A time zone by its name. Raises BadInput."""
    if name not in zones():
        raise BadInput(f"There is no time zone “{name[:60]}”.", where="zone", fix="Choose one from the list.")
    return ZoneInfo(name)


def own_zone() -> ZoneInfo:
    """The zone that this browser used last or its script told us; UTC until then."""
    name = request.cookies.get(ZONE_COOKIE, "").replace("%2F", "/")
    return ZoneInfo(name) if name in zones() else ZoneInfo("UTC")


@lru_cache(maxsize=1)
def zones() -> Sequence[str]:
    """Names such as `Europe/Berlin`, sorted, UTC first."""
    return ("UTC", *sorted(name for name in available_timezones() if name.startswith(_REGIONS)))


def moment(text: str, where: ZoneInfo, name: str) -> datetime | None:
    """A moment in UTC from a browser's `2026-12-01T23:59`, which a clock in that zone shows; None for empty text.

    Of an hour that comes twice when clocks go back, the first is meant.

    Raises:
        BadInput: it is no date and time, or clocks there never show it.
    """
    if not text:
        return None
    try:
        local = datetime.strptime(text[:16], "%Y-%m-%dT%H:%M") if len(text) in (16, 19) else None  # noqa: DTZ007
    except ValueError:
        local = None
    if local is None or not 1970 <= local.year <= 2199:
        raise BadInput(f"“{text[:40]}” is no date and time.", where=name, fix="Write one such as 2026-12-01T23:59.")
    there = local.replace(tzinfo=where)
    back = there.astimezone(UTC).astimezone(where).replace(tzinfo=None)
    if back != local:
        raise BadInput(
            f"Clocks in {where.key} never show {local:%H:%M} on that day.", where=name, fix="Choose an hour later."
        )
    return there.astimezone(UTC)


def local(value: datetime | None, where: ZoneInfo) -> str:
    """A moment as a browser's field wants it."""
    return value.astimezone(where).strftime("%Y-%m-%dT%H:%M") if value is not None else ""
