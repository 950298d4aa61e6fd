"""Errors that only the API answers in its own way; all others are grader/web/problems.py's."""

from __future__ import annotations

import json

from flask import Response

from grader.db.reviews import Overtaken
from grader.errors import RubricError
from grader.web import problems
from grader.web.api.operation import api
from grader.web.api.reading import Invalid


@api.errorhandler(Invalid)
def show_invalid(error: Invalid) -> Response:
    """422 with every field that is wrong."""
    fix = "Change what `errors` names; the schema is in /api/docs."
    first = error.errors[0]["where"] if error.errors else ""
    return _with(problems.answer(422, "Unprocessable Entity", error.description or "", fix, where=first), error.errors)


@api.errorhandler(Overtaken)
def show_overtaken(error: Overtaken) -> Response:
    """409: somebody else was faster."""
    return problems.answer(409, "Conflict", error.message, error.fix, where=error.where)


@api.errorhandler(RubricError)
def show_rubric(error: RubricError) -> Response:
    """422 with every problem of a suite."""
    answer = problems.answer(422, "Unprocessable Entity", error.message, error.fix, where=error.where)
    return _with(answer, [{"where": error.where, "detail": problem} for problem in error.problems])


def _with(answer: Response, errors: list[dict[str, str]]) -> Response:
    problem = json.loads(answer.get_data())
    answer.set_data(json.dumps(problem | {"errors": errors} if errors else problem))
    return answer
