"""Stand-ins in the examiner for the student's modules and generators."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from types import ModuleType
from typing import Any

from grader.exam.proxies import Reference, Space, hidden, link

__tracebackhide__ = True  # pytest leaves out these frames: a test author sees the test


class RemoteModule(ModuleType):
    """A module of the submission."""

    @property
    def __dict__(self) -> Any:  # type: ignore[override]
        return Space(self, vars(ModuleType)["__dict__"].__get__(self), remote=True)

    @property
    def __doc__(self) -> str | None:  # type: ignore[override]
        text = link().module_get(self.__name__, "__doc__")
        return text if isinstance(text, str) else None

    def __getattr__(self, name: str) -> Any:
        if hidden(name) or name in ("__path__", "__file__", "__all__"):
            if name == "__all__":
                return link().names(self.__name__)
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return link().module_get(self.__name__, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("__") or isinstance(value, RemoteModule):
            super().__setattr__(name, value)
        else:
            link().set(self, name, value)

    def __delattr__(self, name: str) -> None:
        link().delete(self, name)

    def __dir__(self) -> list[str]:
        return list(link().special(self, "__dir__"))


def generator(ref: Reference, name: str, step: Callable[[Reference, str, Any], Any]) -> Any:
    """A real local generator whose every step happens in the candidate."""

    def pull() -> Any:
        verb, sent = "send", None
        while True:
            try:
                item = step(ref, verb, sent)
            except StopIteration as stop:
                return stop.value
            try:
                verb, sent = "send", (yield item)
            except GeneratorExit:
                if itself() is not None:  # closed by the test; a collected one is closed there when it is freed
                    step(ref, "close", None)
                raise
            except BaseException as error:
                verb, sent = "throw", error

    pull.__name__ = name
    made = pull()
    itself = weakref.ref(made)  # dead before the generator is finalised: no request may start in a collection
    return made
