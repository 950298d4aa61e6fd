"""Schemathesis against a real server: whatever the document allows or forbids, the server keeps to the document."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from world import World

EXAMPLES = int(os.environ.get("GRADER_API_EXAMPLES", "8"))
"""For each operation and person."""
SPARE = {
    "delete_webhook": {"webhook_id": "spare_webhook_id"},
    "remove_enrolment": {"person_id": "spare_person_id"},
    "change_person": {"person_id": "spare_person_id"},
    "delete_shortlist": {"shortlist_id": "spare_shortlist_id"},
    "withdraw_contact_request": {"request_id": "spare_request_id"},
    **{key: {"assignment_id": "pairs_id"} for key in ("show_group", "enter_group", "leave_group")},
}
"""What deletes or shuts somebody out does it to these."""
ENDLESS = {"follow_submission"}
"""Its answer goes on until the grading ends."""
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)


@pytest.mark.parametrize("settings", [os.environ.get("GRADER_API_DATABASE", "sqlite")], indirect=True)
@pytest.mark.parametrize("who", ["student", "teacher", "employer", "admin"])
def test_no_request_breaks_the_server_or_the_document(
    server: str, world: World, who: str, capsys: pytest.CaptureFixture[str], record_property: Any
) -> None:
    schema = schemathesis.openapi.from_url(f"{server}/api/v1/openapi.json")
    counts: Counter[int] = Counter()
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {world.tokens[who]}"
        for found in schema.get_all_operations():
            operation = found.ok()
            if operation.definition.raw["operationId"] not in ENDLESS:
                _try(operation, GenerationMode.POSITIVE, session, world, counts)
                if operation.query or operation.body:
                    _try(operation, GenerationMode.NEGATIVE, session, world, counts)
    record_property("cases", counts.total())
    with capsys.disabled():
        print(f"\n{who}: {counts.total()} cases, statuses {dict(sorted(counts.items()))}")
    assert counts.total() > 30 * EXAMPLES
    assert {200, 404, 422} <= counts.keys()
    assert not any(status >= 500 for status in counts)


def _try(operation: Any, mode: GenerationMode, session: requests.Session, world: World, counts: Counter[int]) -> None:
    """Every answer must be one that the document has for the operation; what breaks the schema must be refused."""
    name = operation.definition.raw["operationId"]
    ids = {parameter.name: _id(name, parameter.name, world) for parameter in operation.path_parameters}
    checks = [*CHECKS, negative_data_rejection] if mode is GenerationMode.NEGATIVE else list(CHECKS)

    @given(case=operation.as_strategy(generation_mode=mode, path_parameters=ids))
    @hypothesis_settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )  # fmt: skip
    def send(case: schemathesis.Case) -> None:
        if isinstance(case.body, dict):
            for key, known in (("suite_id", "suite_id"), ("assignment", "assignment_id")):
                if isinstance(case.body.get(key), str) and len(case.body[key]) == 32:
                    case.body[key] = world.ids[known]
        response = case.call(session=session, timeout=30)
        counts[response.status_code] += 1
        case.validate_response(response, checks=checks)

    try:
        send()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE, f"nothing can be sent to {name}"


def _id(operation_id: str, parameter: str, world: World) -> str:
    return world.ids.get(SPARE.get(operation_id, {}).get(parameter, parameter), "notebook.ipynb")
