"""A notebook's kernel inside the candidate: the process that runs the cells is the one that answers the tests.

`Kernel` makes an ipykernel ready before the submission comes. nbclient, in a process of its own (`executor`), then
sends it the cells; what they leave behind is the name space that the tests read. Needs ipykernel and IPython, which
are imported here only.
"""

from __future__ import annotations

import builtins
import importlib
import importlib.metadata
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

MAX_REPLY = 32 * 1024 * 1024
"""Most bytes that the executor may say."""
NO_INPUT = "a notebook has no keyboard while it is graded: input() cannot be answered"
_ROOT = Path(__file__).resolve().parents[2]
_PROGRAM = "import sys; sys.path.insert(0, sys.argv[1]); from grader.exam.executor import main; main(sys.argv[2])"
_INSTALLERS = re.compile(
    r"\s*(?:\S*/)?(?:python3?\s+-m\s+)?(pip3?|conda|mamba|uv\s+pip|uv)\s+(?:install|add)\s+(.*)", re.DOTALL
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class Kernel:
    """One kernel in this process, and the executor that waits beside it."""

    def __init__(self) -> None:
        """Take a second to make both ready. Raises ImportError where the image has no ipykernel."""
        os.environ.pop("MPLBACKEND", None)  # ipykernel chooses the one that shows figures in the notebook
        os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
        folder = tempfile.mkdtemp(prefix="kernel-")
        os.environ["IPYTHONDIR"] = folder
        connection = f"{folder}/connection.json"
        self._app = _make_app(connection)
        self._executor = subprocess.Popen(
            [sys.executable, "-P", "-X", "utf8", "-c", _PROGRAM, str(_ROOT), connection],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd="/",
            start_new_session=True,
        )
        self._answer = b""
        self._over = threading.Event()
        _guard_installers(self._app.shell)
        self._app.kernel.raw_input = self._app.kernel.getpass = _no_input
        self._app.kernel.start()

    @property
    def names(self) -> dict[str, Any]:
        """The notebook's name space."""
        found: dict[str, Any] = self._app.shell.user_ns
        return found

    def run(self, job: dict[str, Any]) -> bytes:
        """Execute a notebook; returns the executor's JSON (see `executor.main`). May be called once."""
        assert self._executor.stdin is not None
        self._executor.stdin.write(json.dumps(job).encode())
        self._executor.stdin.close()
        loop = _current_loop()
        with self._notebook_streams():
            threading.Thread(target=self._read, args=(loop,), daemon=True).start()
            while not self._over.is_set():  # a cell's `exit` stops the loop, and other cells follow it
                loop.start()
        self._executor.wait()
        return self._answer

    def _read(self, loop: Any) -> None:
        assert self._executor.stdout is not None
        self._answer = self._executor.stdout.read(MAX_REPLY + 1)
        self._executor.kill()
        self._over.set()
        loop.add_callback(loop.stop)

    @contextmanager
    def _notebook_streams(self) -> Iterator[None]:
        """Standard streams, `input` and warnings as a notebook has them; afterwards they are the test's again."""
        from ipykernel.kernelapp import IPKernelApp

        before = sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__, sys.stdin, builtins.input
        showing, filters = warnings.showwarning, warnings.filters[:]
        sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115 (it stays open as long as the notebook reads)
        builtins.input = _no_input
        warnings.showwarning = _SHOW_WARNING
        warnings.resetwarnings()
        warnings.simplefilter("default")
        for category in (PendingDeprecationWarning, ImportWarning, ResourceWarning):
            warnings.simplefilter("ignore", category)
        IPKernelApp.init_io(self._app)
        streams = sys.stdout, sys.stderr
        try:
            yield
        finally:
            for stream in streams:
                stream.close()
            sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__, sys.stdin, builtins.input = before  # type: ignore[misc]
            sys.displayhook = sys.__displayhook__
            warnings.showwarning = showing
            warnings.filters[:] = filters  # type: ignore[index]
            signal.signal(signal.SIGINT, signal.default_int_handler)


_SHOW_WARNING = warnings.showwarning


def _no_input(prompt: object = "", *_: object, **__: object) -> str:
    raise EOFError(NO_INPUT)


def _current_loop() -> Any:
    from tornado.ioloop import IOLoop

    return IOLoop.current()


def _make_app(connection: str) -> Any:
    """An initialised IPKernelApp on Unix sockets beside the connection file, silent, without history or profile."""
    from ipykernel.kernelapp import IPKernelApp
    from traitlets.config import Config

    class App(IPKernelApp):  # type: ignore[misc]
        """Leaves the standard streams alone until a notebook runs."""

        def init_io(self) -> None:
            from ipykernel.displayhook import ZMQDisplayHook

            self.displayhook = ZMQDisplayHook(self.session, self.iopub_socket)

        def init_crash_handler(self) -> None:
            """A crash is the broker's to see."""

        def patch_io(self) -> None:
            """Nothing of the standard library is changed: the process lives on when the notebook is over."""

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.IPKernelApp.transport = "ipc"
    config.IPKernelApp.ip = str(Path(connection).with_name("s"))
    config.IPKernelApp.connection_file = connection
    config.IPKernelApp.log_level = 50
    app = App.instance(config=config)
    app.initialize([])
    return app


# installing packages


def _guard_installers(shell: Any) -> None:
    """Answer `%pip install` and `!pip install`: content when all is there already, and an error that says why not."""

    def install(arguments: str) -> None:
        print(refuse_install(arguments))  # noqa: T201 (the cell's output)

    def magic(line: str) -> None:
        words = line.split(None, 1)
        if words and words[0] in ("install", "add"):
            install(words[1] if len(words) > 1 else "")
        else:
            raise RuntimeError("packages cannot be managed while a notebook is graded")

    for name in ("pip", "conda", "mamba", "micromamba", "uv"):
        shell.register_magic_function(magic, "line", name)
    shell.system = _guarded(shell.system, install)
    shell.getoutput = _guarded(shell.getoutput, install)


def _guarded(run: Callable[..., Any], install: Callable[[str], None]) -> Callable[..., Any]:
    def system(command: str, *args: Any, **kwargs: Any) -> Any:
        found = _INSTALLERS.match(command)
        return install(found[2]) if found else run(command, *args, **kwargs)

    return system


def refuse_install(arguments: str) -> str:
    """What to print when every package named is in the image. Raises RuntimeError otherwise."""
    try:
        words = shlex.split(arguments, comments=True)
    except ValueError:
        words = arguments.split()
    wanted = [m[0] for word in words if not word.startswith("-") and (m := _NAME.match(word))]
    missing = [name for name in wanted if not _installed(name)]
    if missing or not wanted:
        raise RuntimeError(
            f"packages cannot be installed while a notebook is graded (missing: {', '.join(missing) or 'unknown'}). "
            "There is no network here: use what the assignment's sandbox has, and ask your teacher for more."
        )
    return f"already there: {', '.join(wanted)}"


def _installed(name: str) -> bool:
    try:
        importlib.metadata.version(name)
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return False
    return True
