"""The local twin: the same programs and framing in a child process. It isolates nothing and is for unit tests only."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from grader.errors import SandboxError
from grader.sandbox.base import FRAME, STDERR, STDOUT, ContainerSpec, Exit, close_socket

_CHUNK = 64 * 1024


class LocalContainer:
    """A child process whose output is framed as Docker frames it."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.image_id = "sha256:" + hashlib.sha256(f"local twin {sys.version}".encode()).hexdigest()
        self.socket, self._peer = socket.socketpair()
        self._work = Path(tempfile.mkdtemp(prefix="grader-local-"))
        self._lock = threading.Lock()
        self._exit: Exit | None = None
        environment = {**environment, "GRADER_WORK": str(self._work), "HOME": str(self._work)}
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                cwd=self._work,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            self._clean()
            raise SandboxError(f"the local twin cannot start {command[0]}: {error}") from error
        self._threads = [
            threading.Thread(target=self._pump_input, name="local-stdin", daemon=True),
            threading.Thread(target=self._pump_output, name="local-output", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def end(self) -> Exit:
        """Kill the process group, wait, and remove the work folder."""
        if self._exit is None:
            self._kill_group()
            self._clean()
            for thread in self._threads:
                thread.join()
            code = self._process.wait()
            self._exit = Exit(code if code >= 0 else 128 - code, out_of_memory=False)
        return self._exit

    def _clean(self) -> None:
        close_socket(self.socket)
        close_socket(self._peer)
        shutil.rmtree(self._work, ignore_errors=True)

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _pump_input(self) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        with contextlib.suppress(OSError):
            while data := self._peer.recv(_CHUNK):
                view = memoryview(data)
                while view:
                    view = view[stdin.write(view) :]
        with contextlib.suppress(OSError):
            stdin.close()

    def _pump_output(self) -> None:
        """Frame both streams until the process ends, end its children as a container would, then give end of file."""
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        streams = [(STDOUT, self._process.stdout), (STDERR, self._process.stderr)]
        pumps = [threading.Thread(target=self._frame, args=stream, daemon=True) for stream in streams]
        for pump in pumps:
            pump.start()
        os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)
        self._kill_group()
        for pump in pumps:
            pump.join()
        with contextlib.suppress(OSError):
            self._peer.shutdown(socket.SHUT_WR)

    def _frame(self, number: int, stream: IO[bytes]) -> None:
        with stream, contextlib.suppress(OSError):
            while data := stream.read(_CHUNK):
                with self._lock:
                    self._peer.sendall(FRAME.pack(number, len(data)) + data)


class LocalSandbox:
    """Runs the container programs as child processes of this one."""

    def __init__(self, preload: Sequence[str] = ()) -> None:
        self._preload = ",".join(preload)

    def start(self, spec: ContainerSpec) -> LocalContainer:
        """Start the program of the spec's role; limits are ignored. Raises SandboxError."""
        program = f"import sys; from grader.exam.{spec.role} import main; main()"
        return self._start(spec, ["-P", "-u", "-X", "utf8", "-c", program])

    def _start(self, spec: ContainerSpec, command: Sequence[str]) -> LocalContainer:
        """Run `python` with other arguments, for the tests of the sandboxes themselves."""
        environment = {
            "PATH": os.defpath,
            "LANG": "C.UTF-8",
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
            "GRADER_PRELOAD": self._preload if spec.role == "candidate" else "",
            **({"GRADER_KERNEL": "1"} if spec.kernel else {}),
        }
        return LocalContainer([sys.executable, *command], environment)
