"""What is found by an id of its own and belongs to a course: whoever may not see the course does not find it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from grader.db.school import PublishedSuite
from grader.errors import BadInput

T = TypeVar("T")


def or_nothing(access: Callable[[], T]) -> T | None:
    """What an access function of `identity` gives, or None where it would end the request with 404."""
    try:
        return access()
    except NotFound:
        return None


def suite_of(session: Session, course_id: str, suite_id: str) -> PublishedSuite:
    """A suite that is published in this course, named in a body. Raises BadInput when there is none."""
    row = session.get(PublishedSuite, suite_id)
    if row is None or row.course_id != course_id:
        raise BadInput("The course has no such suite.", where="suite_id", fix="Publish it in this course first.")
    return row
