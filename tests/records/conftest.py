from __future__ import annotations

import judge
import made
import pytest

from grader.records import Issued


@pytest.fixture(scope="session")
def school() -> made.School:
    return made.School.create()


@pytest.fixture(scope="session")
def badge(school: made.School) -> Issued:
    return school.issuer.issue(made.given())


@pytest.fixture(scope="session")
def second() -> judge.Judge:
    """A verifier that shares nothing with ours."""
    return judge.find_judge()
