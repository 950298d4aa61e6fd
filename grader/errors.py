"""Every exception Grader raises on purpose.

    GraderError
    ├── BadInput                what a person gave us cannot be used; says what, where and how to mend it
    │   ├── RubricError         the suite's folder or rubric.yaml
    │   ├── SubmissionRejected  the upload: outcome `rejected`, costs no attempt
    │   ├── Unreadable          bytes in which there is no credential
    │   └── Refused             a credential that must not be believed
    └── InfrastructureError     our failure: outcome `failed`, retried, never a student's zero
        ├── SandboxError        Docker, an image or the launcher
        ├── ExamError           the examiner broke or spoke nonsense
        ├── StoreError          a blob is missing or does not match its digest
        ├── RenderError         a notebook could not be made a page; its grade stands
        └── RecordsError        a credential cannot be made: keys, package data, or what we made does not verify

A student's failure is a value (a test's status), never an exception.
"""

from __future__ import annotations

from collections.abc import Sequence


class GraderError(Exception):
    """Base of all of them."""


class BadInput(GraderError):
    """Raised when input from outside cannot be used; nothing has been changed.

    `message` says what is wrong, `where` names the place (a file, `file:line:column`, a URL), `fix` is how to mend it.
    """

    def __init__(self, message: str, *, where: str = "", fix: str = "") -> None:
        self.message = message
        self.where = where
        self.fix = fix
        super().__init__(message)

    def __str__(self) -> str:
        text = f"{self.where}: {self.message}" if self.where else self.message
        return f"{text}\n  {self.fix}" if self.fix else text


class RubricError(BadInput):
    """Raised when a suite's folder or its rubric.yaml is wrong. `problems` has them all: `file:line:column: text`."""

    def __init__(self, message: str, *, where: str = "", fix: str = "", problems: Sequence[str] = ()) -> None:
        super().__init__(message, where=where, fix=fix)
        self.problems = list(problems)

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *self.problems]) if self.problems else super().__str__()


class SubmissionRejected(BadInput):
    """Raised when an upload cannot be graded at all, before any of it runs."""


class Unreadable(BadInput):
    """Raised when bytes hold no credential: neither JSON, nor a JWT, nor an image with one in it."""


class Refused(BadInput):
    """Raised when a credential can be read and must not be believed."""


class InfrastructureError(GraderError):
    """Raised when we failed, not the student."""


class SandboxError(InfrastructureError):
    """Raised when a container cannot be made, started, attached or removed."""


class ExamError(InfrastructureError):
    """Raised when the examiner ends early or breaks the protocol."""


class StoreError(InfrastructureError):
    """Raised when a stored blob is missing or is not what its digest says."""


class RenderError(InfrastructureError):
    """Raised when a notebook cannot be made a page, or not a safe one."""


class RecordsError(InfrastructureError):
    """Raised when a credential cannot be made: the keys, this package's data, or the credential itself is wrong."""
