"""What requests and answers are made of: a strict model, texts and times that every database takes, pages of a list."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Generic, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

MAX_LIMIT = 100
_NO_CONTROLS = r"^[^\x00-\x1f\x7f]*$"
_NO_CONTROLS_BUT_LINES = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"


def _in_reach(value: datetime) -> datetime:
    value = value.astimezone(UTC) if 1 < value.year < 9999 else value
    if not 2000 <= value.year < 2200:
        raise ValueError("a time between the years 2000 and 2200")
    return value


Line = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_NO_CONTROLS)]
"""One line of text."""
Prose = Annotated[str, StringConstraints(max_length=2000, pattern=_NO_CONTROLS_BUT_LINES)]
"""Text of several lines; it may be empty."""
Reason = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=_NO_CONTROLS_BUT_LINES)]
Address = Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=_NO_CONTROLS)]
"""A URL."""
Mail = Annotated[
    str, StringConstraints(min_length=3, max_length=254, pattern=r"^[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+$")
]
Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
When = Annotated[AwareDatetime, AfterValidator(_in_reach)]
"""With its offset from UTC: `2027-03-01T22:00:00Z`."""


class Model(BaseModel):
    """Knows its fields and no other, converts nothing, and can be read from a row."""

    model_config = ConfigDict(
        extra="forbid", strict=True, from_attributes=True, use_attribute_docstrings=True, allow_inf_nan=False
    )


class Query(BaseModel):
    """Parameters of an address, which are text."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class Paging(Query):
    """Which part of a list to send."""

    limit: int = Field(default=50, ge=1, le=MAX_LIMIT)
    """How many at most."""
    after: str | None = Field(default=None, max_length=500, pattern=r"^[A-Za-z0-9_-]+$")
    """Go on after this; take it from `next`, do not make it."""


T = TypeVar("T", bound=Model)


class Page(Model, Generic[T]):
    """A part of a list."""

    items: list[T]
    next: str | None
    """Address of the part that follows; null at the end. It is also in the `Link` header."""


class Wrong(Model):
    """One thing that is wrong with a request."""

    where: str
    """The field, such as `criteria.0.points`."""
    detail: str


class Problem(Model):
    """Every error (RFC 9457)."""

    type: str
    title: str
    status: int = Field(ge=400, le=599)
    detail: str
    fix: str | None = None
    """How to mend it."""
    where: str | None = None
    """What it is about: a field, a file, an address."""
    errors: list[Wrong] | None = None
    """All that is wrong, when it is more than one thing."""
