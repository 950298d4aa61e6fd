"""Docker: containers with every lock on, and what `images.py` needs. The only module that imports `docker`."""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import random
import socket
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import docker
from docker.errors import APIError, DockerException, ImageNotFound, NotFound

from grader.errors import SandboxError
from grader.sandbox.base import ContainerSpec, Exit, close_socket
from grader.sandbox.locks import Daemon, create_request
from grader.sandbox.recipe import BASE_TAG, find_recipe

log = logging.getLogger(__name__)

SETUP_HINT = (
    "Start the Docker service, or run scripts/setup-docker.sh as root; the user must be allowed to use its socket."
)
_UIDS = range(60706, 61184)
"""Free on Debian, and below what systemd gives to services. The container's name holds the uid, so Docker itself
refuses a second container with the same one, whoever asks."""
_STALE = 120.0
"""Seconds an ended container may wait for its owner to ask how it ended."""
_PROGRAM = ("-P", "-u", "-X", "utf8", "/opt/grader/run.py")


@contextlib.contextmanager
def _told(what: str) -> Iterator[None]:
    """Turn every failure of the client into a SandboxError that says what was being done."""
    try:
        yield
    except APIError as error:
        raise SandboxError(f"{what}: {error.explanation or error}") from error
    except (DockerException, OSError) as error:
        raise SandboxError(f"{what}: Docker does not answer ({error}). {SETUP_HINT}") from error


class Engine:
    """One Docker daemon, over its Unix socket. Safe to use from several threads."""

    def __init__(self, *, timeout: float = 60) -> None:
        """Connect. Raises SandboxError with what to do when no daemon answers."""
        self._timeout = timeout
        host = os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"
        self._path = host.removeprefix("unix://")
        if self._path == host:
            raise SandboxError(f"DOCKER_HOST is {host}, but Grader needs Docker's Unix socket to hand streams on.")
        with _told("Cannot reach Docker"):
            with socket.socket(socket.AF_UNIX) as knock:
                knock.settimeout(timeout)
                knock.connect(self._path)
            self.api: Any = self._client(timeout)
            try:
                self.info: dict[str, Any] = self.api.info()
            except BaseException:
                self.api.close()
                raise

    def _client(self, timeout: float) -> Any:
        return docker.APIClient(f"unix://{self._path}", version="auto", timeout=int(timeout), max_pool_size=64)

    def close(self) -> None:
        """Drop the idle connections; attached streams stay."""
        self.api.close()

    def image_id(self, tag: str) -> str | None:
        """`sha256:…` of a tag or id, or None when there is no such image."""
        with _told(f"Cannot look up image {tag}"):
            try:
                return str(self.api.inspect_image(tag)["Id"])
            except ImageNotFound:
                return None

    def build(self, context: IO[bytes], tag: str, arguments: Mapping[str, str], *, network: bool = False) -> str:
        """Build from a tar with a Dockerfile, by default without a network; returns the id. Raises SandboxError."""
        lines: list[str] = []
        with _told(f"Cannot build {tag}"):
            events = self.api.build(
                fileobj=context,
                custom_context=True,
                tag=tag,
                buildargs=dict(arguments),
                network_mode="default" if network else "none",
                rm=True,
                forcerm=True,
                decode=True,
                timeout=1800,
                use_config_proxy=network,
            )
            for event in events:
                lines.append(str(event.get("error") or event.get("stream") or "").rstrip())
                if "error" in event:
                    raise SandboxError(f"Cannot build {tag}:\n  " + "\n  ".join(line for line in lines[-15:] if line))
        return self._must_have(tag)

    def tag(self, image: str, name: str) -> None:
        """Give an image a second name."""
        repository, _, version = name.rpartition(":")
        with _told(f"Cannot name {image} {name}"):
            self.api.tag(image, repository, version)

    def import_root(self, tar: IO[bytes], tag: str) -> str:
        """Make an image of one layer from a tar of a root folder; returns its id."""
        repository, _, version = tag.rpartition(":")
        with _told(f"Cannot import {tag}"):
            self.api.import_image_from_stream(tar, repository=repository, tag=version)
        return self._must_have(tag)

    def pull(self, tag: str, *, timeout: float = 20) -> bool:
        """Whether a registry gave us the image; each step may take `timeout` seconds."""
        repository, _, version = tag.rpartition(":")
        try:
            with contextlib.closing(self._client(timeout)) as puller:
                puller.pull(repository, tag=version)
        except (DockerException, OSError) as error:
            log.info("cannot pull %s: %s", tag, error)
            return False
        return self.image_id(tag) is not None

    def attach(self, container: str) -> socket.socket:
        """The raw stream of a container not yet started, so that nothing of it is lost. Raises SandboxError.

        Spoken here and not through docker-py, whose objects own the descriptor and close it when they are collected.
        """
        path = f"/v{self.api.api_version}/containers/{container}/attach?stream=1&stdin=1&stdout=1&stderr=1"
        request = f"POST {path} HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
        sock = socket.socket(socket.AF_UNIX)
        try:
            sock.settimeout(self._timeout)
            sock.connect(self._path)
            sock.sendall(request.encode())
            answer = b""
            while not answer.endswith(b"\r\n\r\n") and (byte := sock.recv(1)):
                answer += byte
            if not answer.startswith(b"HTTP/1.1 101"):
                raise SandboxError(f"Cannot attach to a container: {answer[:200]!r}")
            sock.setblocking(True)
        except BaseException as error:
            sock.close()
            if isinstance(error, OSError):
                raise SandboxError(f"Cannot attach to a container: Docker does not answer ({error}).") from error
            raise
        return sock

    def finish(self, container: str) -> Exit:
        """Kill, wait, ask how it ended, remove. Never raises: what is left over is the reaper's."""
        ended = Exit(None, out_of_memory=False)
        try:
            with contextlib.suppress(APIError):
                self.api.kill(container)
            self.api.wait(container, timeout=30)
            state = self.api.inspect_container(container)["State"]
            ended = Exit(int(state["ExitCode"]), out_of_memory=bool(state["OOMKilled"]))
        except NotFound:
            pass
        except (DockerException, OSError) as error:
            log.warning("container %.12s ended unexplained: %s", container, error)
        self.remove(container)
        return ended

    def remove(self, container: str) -> bool:
        """Remove by force; whether it is gone. Never raises."""
        try:
            self.api.remove_container(container, force=True, v=True)
        except NotFound:
            pass
        except (DockerException, OSError) as error:
            if "already in progress" not in str(error):
                log.warning("cannot remove container %.12s: %s", container, error)
                return False
        return True

    def _must_have(self, tag: str) -> str:
        image = self.image_id(tag)
        if image is None:
            raise SandboxError(f"Docker says that it made {tag}, but has no such image")
        return image


class DockerContainer:
    """A started container of ours."""

    def __init__(self, engine: Engine, container: str, sock: socket.socket, image_id: str) -> None:
        self.id = container
        self.socket = sock
        self.image_id = image_id
        self._engine = engine
        self._lock = threading.Lock()
        self._exit: Exit | None = None

    def end(self) -> Exit:
        """Shut the stream, kill, wait, ask how it ended, remove."""
        with self._lock:
            if self._exit is None:
                # First, since the daemon cannot end a container while it waits for somebody to read its output.
                close_socket(self.socket)
                self._exit = self._engine.finish(self.id)
            return self._exit


class DockerSandbox:
    """Starts containers on this machine's Docker. One object serves many threads."""

    def __init__(
        self,
        sandboxes: Path,
        *,
        runtime: str = "runc",
        owner: str = "",
        engine: Engine | None = None,
        images: Mapping[str, str] | None = None,
    ) -> None:
        """Connect and check what the daemon can do. Raises SandboxError.

        `owner` names a role that one process at a time has on this machine: its next holder removes what the last left.
        `images` are ids by sandbox, as `build_all` returns them; others are looked up when they are first used.
        """
        self.engine = engine or Engine()
        self.owner = owner
        self.boot = uuid.uuid4().hex
        self._sandboxes = sandboxes
        self._uids = itertools.cycle(random.sample(_UIDS, len(_UIDS)))
        self._ids = dict(images or {})
        options = [str(option) for option in self.engine.info.get("SecurityOptions") or []]
        apparmor = any(option.startswith("name=apparmor") for option in options)
        self._daemon = Daemon(float(self.engine.info.get("NCPU") or 1), apparmor, runtime)
        if not any(option.startswith("name=seccomp") for option in options):
            raise SandboxError("This Docker has no seccomp, so it cannot hold student code; use a kernel that has it.")
        if runtime not in self.engine.info.get("Runtimes", {}):
            raise SandboxError(f"Docker has no runtime {runtime!r}; install it or set GRADER_DOCKER_RUNTIME=runc.")

    def start(self, spec: ContainerSpec) -> DockerContainer:
        """Start the program of the spec's role in a new container. Raises SandboxError."""
        return self._start(spec, [*_PROGRAM, spec.role])

    def _start(self, spec: ContainerSpec, arguments: Sequence[str]) -> DockerContainer:
        """Run `python3` with other arguments, for the tests of the sandboxes and the doctor's probe."""
        image = self._image(spec.image)
        container = self._create(spec, image, arguments)
        sock: socket.socket | None = None
        try:
            sock = self.engine.attach(container)
            with _told("Cannot start a container"):
                self.engine.api.start(container)
        except BaseException:
            self.engine.remove(container)
            if sock is not None:
                sock.close()
            raise
        return DockerContainer(self.engine, container, sock, image)

    def _create(self, spec: ContainerSpec, image: str, arguments: Sequence[str]) -> str:
        labels = {
            "grader.job": spec.job,
            "grader.role": spec.role,
            "grader.owner": self.owner,
            "grader.boot": self.boot,
            "grader.deadline": str(int(time.time() + spec.lifetime) + 1),
        }
        for uid in itertools.islice(self._uids, len(_UIDS)):
            request = create_request(spec, self._daemon, image=image, uid=uid, arguments=arguments, labels=labels)
            with _told("Cannot create a container"):
                try:
                    return str(self.engine.api.create_container_from_config(request, name=f"grader-{uid}")["Id"])
                except APIError as error:
                    if error.status_code == 404:
                        self._ids.pop(spec.image, None)
                    if error.status_code != 409:
                        raise
        raise SandboxError(f"All {len(_UIDS)} user ids for containers are in use on this machine")

    def _image(self, name: str) -> str:
        """The id of the image that was up to date when it was first used. Raises SandboxError when there was none."""
        if name not in self._ids:
            recipe = find_recipe(self._sandboxes, name)
            base = self.engine.image_id(BASE_TAG)
            image = self.engine.image_id(recipe.tag(base)) if base else None
            if image is None:
                raise SandboxError(f"The image of sandbox {name!r} is missing or out of date: run `make images`.")
            self._ids[name] = image
        return self._ids[name]

    def reap(self) -> int:
        """Remove what is past its deadline, what our role's last holder left, and what ended long ago; how many."""
        with _told("Cannot list containers"):
            ours = self.engine.api.containers(all=True, filters={"label": "grader.deadline"})
        doomed = [found["Id"] for found in ours if self._is_left_over(found)]
        return sum(self.engine.remove(container) for container in doomed)

    def _is_left_over(self, found: Mapping[str, Any]) -> bool:
        labels = found["Labels"]
        now = time.time()
        if not labels["grader.deadline"].isdecimal() or now > int(labels["grader.deadline"]):
            return True
        if self.owner and labels.get("grader.owner") == self.owner and labels.get("grader.boot") != self.boot:
            return True
        return (
            found["State"] in ("exited", "dead")
            and now > found["Created"] + _STALE
            and self._ended_long_ago(found["Id"])
        )

    def _ended_long_ago(self, container: str) -> bool:
        try:
            finished = str(self.engine.api.inspect_container(container)["State"]["FinishedAt"])
            return time.time() > datetime.fromisoformat(finished[:19] + "+00:00").timestamp() + _STALE
        except (DockerException, OSError, ValueError):
            return False
